"""What the triggers put into the Sync Queue, whichever way a record is written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import OperationalError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from psycopg2.sql import SQL, Identifier

from companies.models import Company
from connectors.models import Connection, ConnectionState
from records.models import (
    Account,
    Customer,
    Invoice,
    InvoiceLine,
    PaymentApplication,
    Status,
)
from syncqueue.capture import acting, muted
from syncqueue.middleware import acting_user
from syncqueue.models import State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


@pytest.fixture
def draft(company: Company, books: Connection) -> Invoice:
    """A draft with two lines; its customer is synchronized, so the queue is empty."""
    made = factories.invoice(
        company=company,
        status=Status.DRAFT,
        lines=[{"unit_price": Decimal(10)}, {"unit_price": Decimal(15)}],
    )
    settle()
    return made


@pytest.fixture
def invoice(draft: Invoice) -> Invoice:
    """The same, issued and synchronized."""
    Invoice.objects.filter(pk=draft.pk).update(status=Status.ISSUED)
    settle()
    draft.refresh_from_db()
    return draft


def settle() -> None:
    SyncQueueItem.objects.open().update(state=State.SYNCED, finished_at=timezone.now())


def queued() -> list[tuple[str, str, list[str]]]:
    return [
        (f"{item.record_type} {item.label}", item.operation, sorted(item.changed_fields))
        for item in SyncQueueItem.objects.open().order_by("rank", "record_id")
    ]


def the_item() -> SyncQueueItem:
    return SyncQueueItem.objects.open().get()


def raw(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


# -- every way of writing ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_single_save_in_autocommit_is_queued_with_the_right_user(
    company: Company, books: Connection
) -> None:
    person = factories.user()
    with acting(user=person, origin="web"):
        customer = factories.customer(company=company, name="Alfreds Futterkiste")
    item = the_item()
    assert (item.connection, item.company) == (books, company)
    assert (item.record_type, item.record_id) == ("customer", customer.pk)
    assert (item.label, item.amount, item.rank) == ("Alfreds Futterkiste", None, 20)
    assert (item.first_operation, item.operation) == ("create", "create")
    assert (item.state, item.generation, item.attempts) == (State.WAITING, 1, 0)
    assert (item.changed_by, item.origin) == (person, "web")
    assert SyncQueueItem.objects.due().get() == item


def test_bulk_create_is_queued(company: Company, books: Connection) -> None:
    Customer.objects.bulk_create([Customer(company=company, name=name) for name in ("A", "B")])
    assert queued() == [("customer A", "create", []), ("customer B", "create", [])]


def test_bulk_create_that_updates_is_queued_where_something_changed(
    company: Company, books: Connection
) -> None:
    factories.customer(company=company, external_ref="1", name="Same")
    factories.customer(company=company, external_ref="2", name="Before")
    settle()
    Customer.objects.bulk_create(
        [
            Customer(company=company, external_ref="1", name="Same"),
            Customer(company=company, external_ref="2", name="After"),
            Customer(company=company, external_ref="3", name="New"),
        ],
        update_conflicts=True,
        unique_fields=["company", "external_ref"],
        update_fields=["name"],
    )
    assert queued() == [("customer After", "update", ["name"]), ("customer New", "create", [])]


def test_a_queryset_update_is_queued_with_the_fields_that_differ(
    company: Company, books: Connection
) -> None:
    factories.customer(company=company, name="A", city="Berlin")
    factories.customer(company=company, name="B", city="Paris")
    settle()
    Customer.objects.update(city="Paris", notes="moved")
    assert queued() == [("customer A", "update", ["city"])]


def test_bulk_update_is_queued(company: Company, books: Connection) -> None:
    customer = factories.customer(company=company, name="A")
    settle()
    customer.email, customer.phone = "a@example.com", "1"
    Customer.objects.bulk_update([customer], ["email", "phone"])
    assert queued() == [("customer A", "update", ["email", "phone"])]


def test_raw_sql_is_queued_as_done_in_the_database(company: Company, books: Connection) -> None:
    customer = factories.customer(company=company, name="A")
    settle()
    raw("UPDATE records_customer SET name = 'Z' WHERE id = %s", customer.pk)
    assert queued() == [("customer Z", "update", ["name"])]
    assert (the_item().changed_by, the_item().origin) == (None, "database")


def test_a_merge_statement_is_queued(company: Company, books: Connection) -> None:
    factories.customer(company=company, name="A")
    settle()
    raw(
        "MERGE INTO records_customer c USING (VALUES ('A')) AS source (name)"
        " ON c.name = source.name WHEN MATCHED THEN UPDATE SET phone = '1'"
    )
    assert queued() == [("customer A", "update", ["phone"])]


def test_a_delete_is_queued_in_reverse_rank(company: Company, books: Connection) -> None:
    customer = factories.customer(company=company, name="A")
    settle()
    customer.delete()
    assert queued() == [("customer A", "delete", [])]
    assert the_item().rank == 70


def test_a_record_that_is_marked_as_deleted_is_queued_and_so_is_its_return(
    company: Company, books: Connection
) -> None:
    customer = factories.customer(company=company, name="A")
    settle()
    customer.mark_deleted()
    assert queued() == [("customer A", "delete", ["deleted_at"])]
    Customer.objects.update(deleted_at=None)
    assert queued() == [("customer A", "create", ["deleted_at"])]
    assert the_item().rank == 20
    assert the_item().first_operation == "delete"


def test_what_happens_to_a_deleted_record_is_not_queued(
    company: Company, books: Connection
) -> None:
    customer = factories.customer(company=company, deleted_at=timezone.now())
    customer.name = "Other"
    customer.save()
    customer.delete()
    assert queued() == []


def test_a_cascade_deletes_the_lines_and_queues_one_delete(invoice: Invoice) -> None:
    pk, number = invoice.pk, invoice.number
    invoice.delete()
    item = the_item()
    assert (item.record_type, item.record_id, item.label) == ("invoice", pk, number)
    assert (item.operation, item.rank) == ("delete", 60)


# -- documents and their lines -------------------------------------------------------------------


def test_a_changed_line_counts_for_its_document(invoice: Invoice) -> None:
    line = invoice.lines.get(position=2)
    line.unit_price = Decimal(20)
    line.save()
    assert queued() == [(f"invoice {invoice.number}", "update", ["lines"])]
    assert the_item().amount == Decimal(30)


@pytest.mark.parametrize(
    "write",
    [
        lambda invoice: InvoiceLine.objects.create(invoice=invoice, position=3),
        lambda invoice: invoice.lines.get(position=2).delete(),
        lambda invoice: invoice.lines.update(description="Other"),
        lambda invoice: InvoiceLine.objects.bulk_create(
            [InvoiceLine(invoice=invoice, company=invoice.company, position=n) for n in (3, 4)]
        ),
    ],
    ids=["added", "removed", "updated", "added in bulk"],
)
def test_lines_that_come_change_or_go_count_once_for_their_document(
    invoice: Invoice, write: Callable[[Invoice], object]
) -> None:
    write(invoice)
    assert queued() == [(f"invoice {invoice.number}", "update", ["lines"])]
    assert the_item().generation == 1


def test_a_moved_line_counts_for_both_documents(invoice: Invoice) -> None:
    other = factories.invoice(company=invoice.company, customer=invoice.customer, lines=[])
    settle()
    invoice.lines.filter(position=2).update(invoice=other)
    assert queued() == [
        (f"invoice {invoice.number}", "update", ["lines"]),
        (f"invoice {other.number}", "update", ["lines"]),
    ]
    amounts = SyncQueueItem.objects.open().order_by("record_id").values_list("amount", flat=True)
    assert list(amounts) == [Decimal(10), Decimal(15)]


def test_an_issued_draft_is_queued_as_new(draft: Invoice) -> None:
    draft.status = Status.ISSUED
    draft.save()
    assert queued() == [(f"invoice {draft.number}", "create", ["status"])]
    assert (the_item().amount, the_item().rank) == (Decimal(25), 30)


def test_a_voided_document_is_queued(invoice: Invoice) -> None:
    invoice.status = Status.VOIDED
    invoice.save(update_fields=["status"])
    assert queued() == [(f"invoice {invoice.number}", "void", ["status"])]
    assert the_item().rank == 60


def test_a_voided_document_that_is_edited_queues_nothing(invoice: Invoice) -> None:
    Invoice.objects.update(status=Status.VOIDED)
    settle()
    Invoice.objects.update(memo="for the files")
    invoice.lines.update(description="for the files")
    assert queued() == []


def test_a_draft_queues_nothing(draft: Invoice) -> None:
    draft.memo = "not yet"
    draft.save()
    draft.lines.update(quantity=7)
    InvoiceLine.objects.create(invoice=draft, position=3)
    draft.lines.get(position=2).delete()
    draft.mark_deleted()
    draft.delete()
    assert queued() == []


def test_a_draft_that_is_voided_queues_nothing(draft: Invoice) -> None:
    Invoice.objects.update(status=Status.VOIDED)
    assert queued() == []


def test_what_a_payment_is_applied_to_counts_for_the_payment(invoice: Invoice) -> None:
    payment = factories.payment(company=invoice.company, applications=[(invoice, Decimal(10))])
    settle()
    PaymentApplication.objects.update(amount=Decimal(12))
    assert queued() == [(f"payment {payment.reference}", "update", ["applications"])]
    assert (the_item().amount, the_item().rank) == (Decimal(10), 40)


def test_a_payment_is_queued_under_its_number_with_its_amount(
    company: Company, books: Connection
) -> None:
    customer = factories.customer(company=company)
    settle()
    factories.payment(company=company, customer=customer, reference="P7", amount=Decimal("7.50"))
    assert queued() == [("payment P7", "create", [])]
    assert the_item().amount == Decimal("7.5")


# -- what is not queued --------------------------------------------------------------------------


def test_a_save_that_changes_nothing_queues_nothing(invoice: Invoice) -> None:
    invoice.save()
    invoice.customer.save()
    for line in invoice.lines.all():
        line.save()
    assert queued() == []


def test_what_accounting_does_not_hear_of_queues_nothing(invoice: Invoice) -> None:
    Invoice.objects.update(balance=3, total=4, notes="paid in part", external_ref="X")
    Customer.objects.update(balance=3, notes="good customer")
    assert queued() == []


def test_import_only_types_queue_nothing(company: Company, books: Connection) -> None:
    factories.account(company=company)
    factories.tax_code(company=company)
    factories.payment_term(company=company)
    factories.payment_method(company=company)
    Account.objects.update(name="Other")
    Account.objects.all().delete()
    assert queued() == []


@pytest.mark.django_db(transaction=True)
def test_what_an_import_wrote_does_not_echo(company: Company, books: Connection) -> None:
    with muted(books):
        factories.customer(company=company, name="From there")
    assert queued() == []
    factories.customer(company=company, name="From here")
    assert queued() == [("customer From here", "create", [])]


@pytest.mark.django_db(transaction=True)
def test_muting_one_connection_leaves_the_others_their_changes(
    company: Company, books: Connection
) -> None:
    elsewhere = factories.company()
    factories.connection(company=elsewhere)
    with muted(books):
        factories.customer(company=company, name="Muted")
        factories.customer(company=elsewhere, name="Heard")
    assert queued() == [("customer Heard", "create", [])]


@pytest.mark.django_db(transaction=True)
def test_muting_refuses_to_run_inside_a_transaction(books: Connection) -> None:
    with (
        transaction.atomic(),
        pytest.raises(RuntimeError, match=r"Move the call out of transaction\.atomic"),
        muted(books),
    ):
        pass


@pytest.mark.parametrize("state", ConnectionState)
def test_capture_runs_from_connecting_until_the_connection_is_closed(
    company: Company, state: ConnectionState
) -> None:
    factories.connection(company=company, state=state)
    factories.customer(company=company, name="A")
    is_closed = state == ConnectionState.CLOSED
    assert queued() == ([] if is_closed else [("customer A", "create", [])])


def test_capture_runs_while_paused_and_only_for_the_own_company(company: Company) -> None:
    factories.connection(company=factories.company(), name="Others")
    factories.connection(company=company, paused_at=timezone.now())
    factories.customer(company=company, name="A")
    assert the_item().company == company


# -- one item per record -------------------------------------------------------------------------


def test_ten_edits_are_one_item_of_ten_generations(company: Company, books: Connection) -> None:
    customer = factories.customer(company=company, name="A")
    settle()
    for n in range(10):
        customer.phone = str(n)
        customer.city = "Berlin" if n == 4 else customer.city
        customer.save()
    item = the_item()
    assert (item.generation, item.operation) == (10, "update")
    assert sorted(item.changed_fields) == ["city", "phone"]


def test_an_edit_while_the_item_is_being_sent_raises_only_the_generation(
    company: Company, books: Connection
) -> None:
    customer = factories.customer(company=company, name="A")
    SyncQueueItem.objects.update(state=State.SENDING, sent_generation=1, attempts=2)
    due = the_item().next_attempt_at
    customer.name = "B"
    customer.save()
    item = the_item()
    assert (item.state, item.generation, item.sent_generation) == (State.SENDING, 2, 1)
    assert (item.attempts, item.next_attempt_at, item.label) == (2, due, "B")


@pytest.mark.parametrize("state", [State.FAILED, State.BLOCKED, State.CONFLICT])
def test_an_edit_is_a_retry(company: Company, books: Connection, state: State) -> None:
    customer = factories.customer(company=company, name="A")
    SyncQueueItem.objects.update(
        state=state,
        attempts=5,
        next_attempt_at=timezone.now() + timezone.timedelta(hours=1),
        blocked_by_type="item",
        blocked_by_id=4,
        blocked_by_need="mapping:income_account",
        reason="validation",
        refusal="Too long",
    )
    customer.name = "B"
    customer.save()
    item = SyncQueueItem.objects.due().get()
    assert (item.state, item.attempts, item.generation) == (State.WAITING, 0, 2)
    assert (item.blocked_by_type, item.blocked_by_id, item.blocked_by_need) == ("", None, "")
    assert (item.reason, item.refusal) == ("", "")


def test_a_held_item_stays_held(company: Company, books: Connection) -> None:
    customer = factories.customer(company=company, name="A")
    SyncQueueItem.objects.update(held_at=timezone.now(), hold_reason="wait for the audit")
    customer.name = "B"
    customer.save()
    assert SyncQueueItem.objects.held().get().hold_reason == "wait for the audit"
    assert not SyncQueueItem.objects.due().exists()


# -- by whom -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_transaction", [False, True])
def test_inside_another_the_inner_actor_counts(
    company: Company, books: Connection, in_transaction: bool
) -> None:
    outer, inner = factories.user(), factories.user()
    with transaction.atomic() if in_transaction else nullcontext():
        with acting(user=outer, origin="web"):
            factories.customer(company=company, name="1")
            with acting(user=inner, origin="api"):
                factories.customer(company=company, name="2")
            factories.customer(company=company, name="3")
        factories.customer(company=company, name="4")
    items = SyncQueueItem.objects.open().order_by("label")
    assert [(item.changed_by, item.origin) for item in items] == [
        (outer, "web"),
        (inner, "api"),
        (outer, "web"),
        (None, "database"),
    ]


@transaction.atomic
def write_and_fail(company: Company) -> None:
    factories.customer(company=company, name="1")
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_is_rolled_back_takes_nobody_along(
    company: Company, books: Connection
) -> None:
    person = factories.user()
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), acting(user=person, origin="web"):
            write_and_fail(company)
        factories.customer(company=company, name="2")
    assert (the_item().label, the_item().changed_by) == ("2", None)


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("UPDATE records_customer SET phone = '100%'", None),
        ("UPDATE records_customer SET phone = %s", ["1"]),
        ("UPDATE records_customer SET phone = %s", ("1",)),
        ("UPDATE records_customer SET phone = %(phone)s", {"phone": "1"}),
        ("-- a remark\n /* and one */ uPdAtE records_customer SET phone = '1'", []),
        ("WITH it AS (SELECT 1) UPDATE records_customer SET phone = '1'", None),
        ("WITH it AS (UPDATE records_customer SET phone = '1' RETURNING id) TABLE it", None),
        (SQL("UPDATE {} SET phone = %s").format(Identifier("records_customer")), ["1"]),
    ],
)
def test_every_form_of_statement_carries_its_actor(
    company: Company, books: Connection, sql: str, params: object
) -> None:
    factories.customer(company=company, name="A")
    settle()
    person = factories.user()
    with acting(user=person, origin="script"), connection.cursor() as cursor:
        cursor.execute(sql, params)
    assert (the_item().changed_by, the_item().origin) == (person, "script")


def test_executemany_carries_its_actor(company: Company, books: Connection) -> None:
    people = [factories.customer(company=company) for _ in range(2)]
    settle()
    with acting(origin="script"), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE records_customer SET phone = %s WHERE id = %s",
            [("1", customer.pk) for customer in people],
        )
    assert [item.origin for item in SyncQueueItem.objects.open()] == ["script", "script"]


def test_reading_through_a_server_side_cursor_still_works(
    company: Company, books: Connection
) -> None:
    factories.customer(company=company, name="A")
    sql = "WITH it AS (SELECT name FROM records_customer) SELECT name FROM it -- no UPDATE"
    with acting(origin="script"):
        assert [c.name for c in Customer.objects.iterator()] == ["A"]
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql)
            assert cursor.fetchall() == [("A",)]


def test_a_user_who_is_gone_does_not_stop_the_write(company: Company, books: Connection) -> None:
    with acting(user=User(pk=987654321), origin="web"):
        factories.customer(company=company, name="A")
    assert (the_item().changed_by, the_item().origin) == (None, "web")


@pytest.mark.parametrize("origin", ["", "two words", "it's", "100%", "x" * 21])
def test_an_origin_that_would_need_quoting_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="letters a-z"), acting(origin=origin):
        pass


def test_a_request_acts_for_its_user(company: Company, books: Connection) -> None:
    person = factories.user()

    def view(request: HttpRequest) -> HttpResponse:
        factories.customer(company=company)
        return HttpResponse()

    for who in (person, AnonymousUser()):
        request = RequestFactory().get("/")
        request.user = who
        acting_user(view)(request)
    items = SyncQueueItem.objects.open().order_by("id")
    assert [(item.changed_by, item.origin) for item in items] == [
        (person, "web"),
        (None, "database"),
    ]


# -- several at once -----------------------------------------------------------------------------


def at_once(*functions: Callable[[], None]) -> None:
    """Runs each in a thread, with a connection of its own, and raises what they raise."""

    def run(function: Callable[[], None]) -> None:
        try:
            function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as pool:
        for future in [pool.submit(run, function) for function in functions]:
            future.result(timeout=60)


@pytest.mark.django_db(transaction=True)
def test_two_bulk_writers_at_once_lose_nothing_and_do_not_lock_each_other_out(
    company: Company, books: Connection
) -> None:
    Customer.objects.bulk_create([Customer(company=company, name=str(n)) for n in range(300)])
    settle()
    people = list(Customer.objects.order_by("id"))
    rounds = 8
    ready = threading.Barrier(2)

    def write(field: str, order: list[Customer]) -> Callable[[], None]:
        def run() -> None:
            for n in range(rounds):
                ready.wait(timeout=30)
                # Opposite orders of ids, and overlapping thirds: only the middle is shared.
                with transaction.atomic():
                    lock = Customer.objects.filter(pk__in=[c.pk for c in order])
                    list(lock.order_by("pk").select_for_update())
                    Customer.objects.bulk_update(
                        [Customer(pk=c.pk, **{field: f"{field}{n}"}) for c in order], [field]
                    )

        return run

    at_once(write("phone", people[:200]), write("city", people[:99:-1]))
    generations = list(
        SyncQueueItem.objects.open().order_by("record_id").values_list("generation", flat=True)
    )
    assert generations == [rounds] * 100 + [2 * rounds] * 100 + [rounds] * 100
    assert Customer.objects.filter(phone=f"phone{rounds - 1}").count() == 200
    assert Customer.objects.filter(city=f"city{rounds - 1}").count() == 200


@pytest.mark.django_db(transaction=True)
def test_writers_of_different_lines_of_the_same_documents_do_not_lock_each_other_out(
    company: Company, books: Connection
) -> None:
    customer = factories.customer(company=company)
    lines = [{"unit_price": Decimal(1)}, {"unit_price": Decimal(2)}]
    for _ in range(40):
        factories.invoice(company=company, customer=customer, lines=lines)
    settle()
    ready = threading.Barrier(2)

    def write(position: int, order: str) -> Callable[[], None]:
        def run() -> None:
            ids = list(
                InvoiceLine.objects.filter(position=position)
                .order_by(order)
                .values_list("pk", flat=True)
            )
            for n in range(8):
                ready.wait(timeout=30)
                raw(
                    "UPDATE records_invoiceline SET description = %s WHERE id = ANY(%s)",
                    str(n),
                    ids,
                )

        return run

    at_once(write(1, "pk"), write(2, "-pk"))
    generations = SyncQueueItem.objects.open().values_list("generation", flat=True)
    assert list(generations) == [16] * 40


@pytest.mark.django_db(transaction=True)
def test_an_edit_waits_for_the_exporter_that_has_locked_its_item(
    company: Company, books: Connection
) -> None:
    customer = factories.customer(company=company, name="A")
    refused: list[OperationalError] = []

    def edit() -> None:
        try:
            with transaction.atomic():
                raw("SET LOCAL lock_timeout = '200ms'")
                Customer.objects.filter(pk=customer.pk).update(name="B")
        except OperationalError as error:
            refused.append(error)

    with transaction.atomic():
        SyncQueueItem.objects.select_for_update().get()
        at_once(edit)
        assert Customer.objects.get().name == "A"
    assert "lock timeout" in str(refused[0])
