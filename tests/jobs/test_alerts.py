"""Alerts: one notice per problem, one message for what arises together, sent until it arrives."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import AuditEntry, Company, Membership, Role
from connectors.models import Connection, ConnectionState
from jobs.alerts import choosing, sending, telling
from jobs.errors import fingerprint
from jobs.models import (
    Alert,
    AlertMessage,
    AlertNotice,
    ErrorPhase,
    JobOutcome,
    JobState,
    SyncError,
    SyncJob,
)
from tests import factories

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)
# Before the clock of the database, which says when a message is due at first.
NOW = datetime.datetime(2026, 1, 5, 12, tzinfo=datetime.UTC)


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def nancy(company: Company) -> User:
    return factories.member(
        company=company, role=Role.ADMINISTRATOR, email="nancy@northwind.example"
    )


@pytest.fixture
def books(company: Company) -> Connection:
    made = factories.connection(company=company, name="Northwind Ltd")
    Connection.objects.update(created_at=NOW)
    return made


@pytest.fixture
def alert(nancy: User, company: Company) -> Alert:
    return Alert.objects.create(user=nancy, company=company, by_email=True)


@dataclass
class Receiver:
    """A real server that keeps what it is sent; `answers` are its next statuses."""

    address: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((dict(self.headers), body))
            self.send_response(kept.answers.pop(0) if kept.answers else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.address = f"http://127.0.0.1:{server.server_port}/hook"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join(5)


def job(books: Connection, **fields: object) -> SyncJob:
    done = {"state": JobState.FINISHED, "outcome": JobOutcome.WITH_ERRORS, "completed_at": NOW}
    return SyncJob.objects.create(
        connection=books, company=books.company, **done | {"created_at": NOW} | fields
    )


def error(books: Connection, cause: str = "closed", **fields: object) -> SyncError:
    values: dict = {
        "phase": ErrorPhase.EXPORT,
        "reason": "validation",
        "message": f"INV-1: {cause}",
        "advice": "Correct it.",
        "fingerprint": fingerprint(cause),
    }
    return SyncError.objects.create(
        job=job(books), connection=books, company=books.company, **values | fields
    )


def minute(number: int) -> datetime.datetime:
    return NOW + number * MINUTE


def tick(number: int) -> None:
    """What beat does each minute."""
    telling.tell_all(now=minute(number))
    sending.deliver(now=max(minute(number), timezone.now()))


def subjects() -> list[str]:
    return [one.subject for one in mail.outbox]


# -- one per problem -----------------------------------------------------------------------------


def test_a_problem_is_told_once_and_its_end_once(alert: Alert, books: Connection) -> None:
    one = error(books)
    for number in range(4):
        tick(number)
    assert subjects() == ["[Northwind] INV-1: closed"]
    assert "Correct it." in mail.outbox[0].body
    assert f"/errors/?cause={one.fingerprint}" in mail.outbox[0].body

    SyncError.objects.update(resolved_at=minute(4))
    for number in range(4, 8):
        tick(number)
    assert subjects()[1:] == ["[Northwind] Over: INV-1: closed"]
    assert AlertNotice.objects.get().over_at is not None


def test_many_records_of_one_cause_are_one_problem(alert: Alert, books: Connection) -> None:
    for _number in range(37):
        error(books)
    tick(0)
    tick(1)
    assert len(mail.outbox) == 1
    assert "37" in subjects()[0]


def test_what_arises_within_a_minute_comes_together(alert: Alert, books: Connection) -> None:
    error(books, "one")
    telling.tell_all(now=NOW)
    error(books, "two")
    telling.tell_all(now=NOW + datetime.timedelta(seconds=40))
    assert mail.outbox == []
    tick(1)
    assert subjects() == ["[Northwind] 2 new problems"]
    assert "one" in mail.outbox[0].body
    assert "two" in mail.outbox[0].body


def test_what_is_over_within_the_minute_is_not_told(alert: Alert, books: Connection) -> None:
    error(books)
    tick(0)
    SyncError.objects.update(resolved_at=NOW)
    for number in range(1, 5):
        tick(number)
    assert mail.outbox == []
    assert not AlertNotice.objects.exists()


def test_what_is_told_anew_by_the_next_job_was_never_over(alert: Alert, books: Connection) -> None:
    error(books)
    tick(0)
    tick(1)
    SyncError.objects.update(resolved_at=minute(2))
    telling.tell_all(now=minute(2))
    error(books)  # The next job is refused for the same cause.
    for number in range(3, 7):
        tick(number)
    assert len(mail.outbox) == 1
    assert AlertNotice.objects.get().over_at is None


def test_a_reconnection_that_is_needed_hides_the_silence(alert: Alert, books: Connection) -> None:
    Alert.objects.update(hours_without_success=1)
    Connection.objects.update(state=ConnectionState.RECONNECT)
    error(books, phase=ErrorPhase.JOB, reason="auth")
    tick(120)
    tick(121)
    assert subjects() == ["[Northwind] Northwind Ltd no longer lets us in"]
    assert "/connections/" in mail.outbox[0].body


def test_an_outage_is_told_when_the_job_gives_up(alert: Alert, books: Connection) -> None:
    Connection.objects.update(outages_in_a_row=4)
    tick(0)
    tick(1)
    assert mail.outbox == []
    Connection.objects.update(outages_in_a_row=5)
    tick(2)
    tick(3)
    Connection.objects.update(outages_in_a_row=0)
    tick(4)
    tick(5)
    assert subjects() == [
        "[Northwind] Northwind Ltd does not answer",
        "[Northwind] Over: Northwind Ltd does not answer",
    ]


def test_what_heals_by_itself_is_not_told(alert: Alert, books: Connection) -> None:
    error(books, reason="transient")
    tick(0)
    tick(1)
    assert mail.outbox == []


def test_silence_counts_from_the_last_success_and_a_pause_is_none(
    alert: Alert, books: Connection
) -> None:
    Alert.objects.update(hours_without_success=2)
    job(books, outcome=JobOutcome.SUCCEEDED, completed_at=minute(30))
    tick(149)
    assert not AlertNotice.objects.exists()

    Connection.objects.update(paused_at=minute(140), paused_until=None)
    tick(200)
    assert not AlertNotice.objects.exists()
    Connection.objects.update(paused_at=None, paused_until=minute(210))  # Resumed.
    tick(329)
    assert not AlertNotice.objects.exists()

    tick(330)
    tick(331)
    assert subjects() == [
        "[Northwind] No Sync Job with Northwind Ltd has finished without errors for 2 hours"
    ]
    job(books, outcome=JobOutcome.SUCCEEDED, completed_at=minute(340))
    tick(341)
    tick(342)
    assert subjects()[1].startswith("[Northwind] Over: No Sync Job")


# -- who hears -----------------------------------------------------------------------------------


def test_who_may_no_longer_see_the_company_hears_nothing(
    alert: Alert, books: Connection, nancy: User
) -> None:
    error(books)
    telling.tell_all(now=NOW)
    telling.tell_all(now=minute(1))
    assert AlertMessage.objects.count() == 1  # Written, not sent yet.
    Membership.objects.filter(user=nancy).delete()
    sending.deliver(now=timezone.now())
    error(books, "later")
    tick(5)
    tick(6)
    assert mail.outbox == []
    [message] = AlertMessage.objects.all()
    assert message.given_up_at is not None
    assert "no longer" in message.failure


def test_problems_of_other_companies_are_theirs(alert: Alert, books: Connection) -> None:
    theirs = factories.connection(company=factories.company(name="Elsewhere"))
    error(theirs, "SECRET")
    tick(0)
    tick(1)
    assert mail.outbox == []


def test_each_person_chooses_what_to_hear(alert: Alert, books: Connection) -> None:
    Alert.objects.update(about_errors=False)
    error(books)
    Connection.objects.update(outages_in_a_row=5)
    tick(0)
    tick(1)
    assert subjects() == ["[Northwind] Northwind Ltd does not answer"]


def test_who_hears_no_more_of_a_kind_is_not_told_its_end(alert: Alert, books: Connection) -> None:
    error(books)
    tick(0)
    tick(1)
    alert.about_errors = False
    choosing.set_up(alert=alert)
    SyncError.objects.update(resolved_at=NOW)
    tick(2)
    tick(3)
    assert len(mail.outbox) == 1


# -- webhooks ------------------------------------------------------------------------------------


@pytest.fixture
def secret(alert: Alert, receiver: Receiver) -> str:
    alert.by_email, alert.webhook_url = False, receiver.address
    return choosing.set_up(alert=alert)


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As docs/alerts.md tells the receiver."""
    parts = dict(part.split("=", 1) for part in headers["Syncapp-Signature"].split(","))
    wanted = hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256)
    return hmac.compare_digest(parts["v1"], wanted.hexdigest())


def test_a_webhook_is_signed_and_says_what_to_do(
    alert: Alert, books: Connection, receiver: Receiver, secret: str
) -> None:
    error(books)
    tick(0)
    tick(1)
    [(headers, body)] = receiver.got
    assert is_signed(headers, body, secret)
    assert not is_signed(headers, body + b" ", secret)
    content = json.loads(body)
    assert content["id"] == headers["Syncapp-Message"]
    assert (content["type"], content["company"]["name"]) == ("problems", "Northwind")
    [problem] = content["problems"]
    assert (problem["state"], problem["kind"]) == ("open", "error")
    assert problem["title"] == "INV-1: closed"
    assert problem["url"].startswith("http://127.0.0.1:8000/errors/?cause=")


def test_a_receiver_that_fails_gets_the_same_message_later(
    alert: Alert, books: Connection, receiver: Receiver, secret: str
) -> None:
    receiver.answers = [500, 302]
    error(books)
    tick(0)
    start = timezone.now()
    telling.tell_all(now=minute(1))
    for after in (0, 0.5, 1, 5, 6, 30):  # Minutes: only the first, the third and the fifth are due.
        sending.deliver(now=start + after * MINUTE)
    assert len(receiver.got) == 3
    assert len({body for _headers, body in receiver.got}) == 1
    assert len({headers["Syncapp-Message"] for headers, _body in receiver.got}) == 1
    message = AlertMessage.objects.get()
    assert (message.attempts, message.failure) == (3, "")
    assert message.sent_at is not None


def test_a_process_that_dies_after_sending_sends_the_same_once_more(
    alert: Alert, books: Connection, receiver: Receiver, secret: str
) -> None:
    error(books)
    tick(0)
    telling.tell_all(now=minute(1))
    now = timezone.now()
    message = sending._claimed(AlertMessage.objects.get().pk, now)
    assert message
    assert sending.send(message) == ""  # Here it dies: nothing is marked.

    error(books, "another")  # What arises meanwhile is another message.
    for number in range(2, 5):
        telling.tell_all(now=minute(number))
        sending.deliver(now=now + number * MINUTE)

    first, again, other = receiver.got
    assert first[1] == again[1]
    assert first[0]["Syncapp-Message"] == again[0]["Syncapp-Message"]
    assert other[0]["Syncapp-Message"] != first[0]["Syncapp-Message"]


def test_a_receiver_that_never_answers_is_given_up(
    alert: Alert, books: Connection, receiver: Receiver, secret: str
) -> None:
    receiver.answers = [503] * 20
    error(books)
    tick(0)
    telling.tell_all(now=minute(1))
    for day in range(12):
        sending.deliver(now=timezone.now() + datetime.timedelta(days=day))
    assert len(receiver.got) == 1 + len(sending.MINUTES)
    message = AlertMessage.objects.get()
    assert message.given_up_at is not None
    assert message.failure == "The receiver answered 503."


def test_two_schedulers_send_a_message_once(
    alert: Alert, books: Connection, receiver: Receiver, secret: str
) -> None:
    error(books)
    tick(0)
    telling.tell_all(now=minute(1))
    assert telling.tell_all(now=minute(1)) == 0
    now = timezone.now()
    assert sending.deliver(now=now) == 1
    assert sending.deliver(now=now) == 0
    assert len(receiver.got) == 1


def test_a_mail_server_that_is_down_does_not_repeat_the_webhook(
    alert: Alert, books: Connection, receiver: Receiver, secret: str, settings
) -> None:
    Alert.objects.update(by_email=True)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    error(books)
    tick(0)
    tick(1)
    assert len(receiver.got) == 1
    assert "did not take it" in AlertMessage.objects.get(channel="email").failure
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sending.deliver(now=timezone.now() + 2 * MINUTE)
    assert len(receiver.got) == 1
    assert len(mail.outbox) == 1


def test_the_old_secret_signs_nothing_after_a_new_one(
    alert: Alert, books: Connection, receiver: Receiver, secret: str
) -> None:
    fresh = choosing.renew_secret(alert=alert)
    error(books)
    tick(0)
    tick(1)
    [(headers, body)] = receiver.got
    assert is_signed(headers, body, fresh)
    assert not is_signed(headers, body, secret)
    assert secret not in alert.sealed_webhook_secret


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://169.254.169.254/latest/meta-data", "does not call"),
        ("http://[fe80::1]/", "does not call"),
        ("http://0.0.0.0/", "does not call"),
        ("ftp://files.example.com/", "must begin with"),
        ("file:///etc/passwd", "must begin with"),
        ("http://nowhere.invalid/", "could not be found"),
    ],
)
def test_some_addresses_are_never_called(url: str, why: str) -> None:
    assert why in sending.refused_address(url)


def test_addresses_of_the_own_network_are_called() -> None:
    assert sending.refused_address("http://127.0.0.1:8080/hook") == ""
    assert sending.refused_address("https://10.0.0.5/hook") == ""


# -- the page ------------------------------------------------------------------------------------


@pytest.fixture
def browser(client: Client, nancy: User) -> Client:
    client.force_login(nancy)
    return client


def test_the_secret_is_shown_once(browser: Client, receiver: Receiver, books: Connection) -> None:
    values = {"by_email": "on", "about_errors": "on", "webhook_url": receiver.address}
    answer = browser.post(reverse("alerts"), values).content.decode()
    shown = "whsec_" + answer.partition("whsec_")[2][:43]
    assert sending.webhook_secret(Alert.objects.get()) == shown
    assert "whsec_" not in browser.get(reverse("alerts")).content.decode()

    answer = browser.post(reverse("alerts-secret")).content.decode()
    assert "whsec_" in answer
    assert shown not in answer
    entries = AuditEntry.objects.order_by("pk")
    assert [one.action for one in entries] == ["alert.change", "alert.secret"]
    assert entries[0].detail == {"by_email": True, "webhook": "127.0.0.1"}


def test_a_test_goes_through_every_channel_and_says_how_it_went(
    browser: Client, receiver: Receiver, alert: Alert
) -> None:
    alert.webhook_url = receiver.address
    choosing.set_up(alert=alert)
    said = browser.post(reverse("alerts-test"), follow=True).content.decode()
    assert "A test went to nancy@northwind.example." in said
    assert "The webhook was received." in said
    assert json.loads(receiver.got[0][1])["type"] == "test"
    receiver.answers = [404]
    said = browser.post(reverse("alerts-test"), follow=True).content.decode()
    assert "The receiver answered 404." in said


def test_only_an_administrator_may_have_a_webhook(
    client: Client, company: Company, books: Connection, receiver: Receiver
) -> None:
    viewer = factories.member(company=company, role=Role.VIEWER, email="v@example.com")
    client.force_login(viewer)
    assert "webhook_url" not in client.get(reverse("alerts")).content.decode()
    client.post(reverse("alerts"), {"by_email": "on", "webhook_url": receiver.address})
    alert = Alert.objects.get(user=viewer)
    assert (alert.by_email, alert.webhook_url) == (True, "")
    assert client.post(reverse("alerts-secret")).status_code == 403

    # Who was one and is not any more.
    Alert.objects.update(webhook_url=receiver.address, by_email=False, about_errors=True)
    error(books)
    tick(0)
    tick(1)
    assert receiver.got == []


def test_without_an_address_there_is_no_e_mail(client: Client, company: Company) -> None:
    client.force_login(factories.member(company=company))
    answer = client.post(reverse("alerts"), {"by_email": "on"}).content.decode()
    assert "has no e-mail address" in answer
    assert not Alert.objects.exists()


def test_the_page_lists_what_was_told(browser: Client, alert: Alert, books: Connection) -> None:
    error(books)
    tick(0)
    tick(1)
    shown = browser.get(reverse("alerts")).content.decode()
    assert "INV-1: closed" in shown
    assert "Open" in shown


def test_a_message_that_cannot_be_sent_keeps_no_other_from_being_sent(
    alert: Alert, books: Connection, receiver: Receiver, secret: str
) -> None:
    other = factories.member(company=books.company, email="otto@northwind.example")
    Alert.objects.create(user=other, company=books.company, by_email=True)
    Alert.objects.filter(pk=alert.pk).update(sealed_webhook_secret="of another installation")
    error(books)
    tick(0)
    tick(1)
    assert len(mail.outbox) == 1
    assert "could not be sent" in AlertMessage.objects.get(channel="webhook").failure
