"""The audit log: a sentence for everything that people do, found by person, action and day."""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.audit import audit
from companies.models import AuditEntry, Company, Role
from companies.sentences import SENTENCES, sentence, title
from tests import factories

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("companies", "records", "queue/syncqueue", "connectors", "jobs", "ui", "syncapp")
# What an action looks like; "connect" is the one without a dot.
ACTION = re.compile(r"[a-z_]+\.[a-z_*]+|connect")


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind", time_zone="Asia/Tokyo")


@pytest.fixture
def nancy(company: Company) -> User:
    return factories.member(company=company, role=Role.ACCOUNTANT, first_name="Nancy")


@pytest.fixture
def browser(client: Client, nancy: User) -> Client:
    client.force_login(nancy)
    return client


# -- sentences -----------------------------------------------------------------------------------


def actions_in_code() -> Iterator[tuple[str, str]]:
    """(where, action) of every call that writes to the audit log; "gone.*" for a joined text."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    yield from actions_of(node, f"{path.relative_to(ROOT)}:{node.name}")


def actions_of(function: ast.FunctionDef, where: str) -> Iterator[tuple[str, str]]:
    own = {argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]}
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        if called(call).endswith("note"):
            found = (text for one in call.args for text in texts(one))
            yield from ((where, text) for text in found if ACTION.fullmatch(text))
        for keyword in call.keywords:
            value: ast.AST = keyword.value
            if keyword.arg != "action":
                continue
            if isinstance(value, ast.Name):
                if value.id in own:  # Handed on: whoever calls this names it.
                    continue
                value = assigned(function, value.id)
            yield from ((where, text) for text in texts(value) if ACTION.fullmatch(text))


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def assigned(function: ast.FunctionDef, name: str) -> ast.AST:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return node.value
    raise AssertionError(f"{function.name} takes its action from nowhere")


def texts(value: ast.AST) -> Iterator[str]:
    if isinstance(value, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "*" for part in value.values]
        yield "".join(str(part) for part in parts)
    elif isinstance(value, ast.IfExp):
        yield from texts(value.body)
        yield from texts(value.orelse)
    elif isinstance(value, ast.Constant):
        yield str(value.value)


def test_every_action_that_the_code_writes_has_a_sentence() -> None:
    found = list(actions_in_code())
    assert len(found) > 15
    without = {
        (where, action)
        for where, action in found
        if action not in SENTENCES
        and not (action.endswith("*") and any(one.startswith(action[:-1]) for one in SENTENCES))
    }
    assert without == set()


def test_every_sentence_belongs_to_an_action() -> None:
    used = [action for _where, action in actions_in_code()]
    begun = tuple(action[:-1] for action in used if action.endswith("*"))
    idle = [one for one in SENTENCES if one not in used and not one.startswith(begun or ("-",))]
    assert idle == []


@pytest.mark.parametrize(
    ("action", "detail", "said"),
    [
        ("membership.change", {"role": "accountant"}, "Made Nora accountant"),
        ("connection.pause", {"reason": "Year end"}, "Paused Nora: Year end"),
        ("connection.pause", {"reason": ""}, "Paused Nora"),
        ("connection.pause", {}, "Paused Nora"),
        ("long.gone", {"x": 1}, "long.gone: Nora"),
    ],
)
def test_an_entry_reads_as_a_sentence(
    company: Company, action: str, detail: dict, said: str
) -> None:
    assert sentence(audit(company=company, user=None, action=action, target="Nora", **detail)) == (
        said
    )


@pytest.mark.parametrize("action", SENTENCES)
def test_every_sentence_can_be_said_without_its_details(company: Company, action: str) -> None:
    said = sentence(audit(company=company, user=None, action=action, target="100 % wool"))
    assert "100 % wool" in said
    assert "%(" not in title(action)


# -- the page ------------------------------------------------------------------------------------


def entry(company: Company, user: User | None, target: str, **fields: object) -> AuditEntry:
    made = audit(company=company, user=user, action="connection.resume", target=target)
    AuditEntry.objects.filter(pk=made.pk).update(**fields or {"action": made.action})
    return made


def rows(browser: Client, **query: object) -> str:
    return browser.get(reverse("audit"), query, headers={"HX-Request": "true"}).content.decode()


def test_entries_are_found_by_person_action_text_and_day(
    browser: Client, company: Company, nancy: User
) -> None:
    other = factories.member(company=company, first_name="Otto")
    # Midnight in Tokyo is 15:00 UTC of the day before.
    late = datetime.datetime(2026, 5, 1, 15, 30, tzinfo=datetime.UTC)
    entry(company, nancy, "ALPHA")
    entry(company, other, "BETA", action="connection.close")
    entry(company, None, "GAMMA", at=late)

    def shown(**query: object) -> list[str]:
        page = rows(browser, **query)
        return [name for name in ("ALPHA", "BETA", "GAMMA") if name in page]

    assert shown() == ["ALPHA", "BETA", "GAMMA"]
    assert shown(who=nancy.pk) == ["ALPHA"]
    assert shown(who="nobody") == ["GAMMA"]
    assert shown(action="connection.close") == ["BETA"]
    assert shown(q="alp") == ["ALPHA"]
    assert shown(since="2026-05-02", until="2026-05-02") == ["GAMMA"]
    assert shown(since="2026-05-01", until="2026-05-01") == []
    assert shown(until="2026-05-02") == ["GAMMA"]


def test_the_log_is_a_file_of_sentences(browser: Client, company: Company, nancy: User) -> None:
    entry(company, nancy, "=cmd()")
    answer = browser.get(reverse("audit"), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Nancy" in text
    assert "Resumed =cmd()" in text


def test_another_companys_log_is_not_shown(browser: Client) -> None:
    foreign = factories.company()
    entry(foreign, factories.member(company=foreign, first_name="Stranger"), "SECRET")
    shown = browser.get(reverse("audit")).content.decode()
    assert "SECRET" not in shown
    assert "Stranger" not in shown


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_the_log_is_for_who_answers_for_it(client: Client, company: Company, role: Role) -> None:
    client.force_login(factories.member(company=company, role=role))
    assert client.get(reverse("audit")).status_code == 403


def test_many_entries_cost_no_more_queries(browser: Client, company: Company) -> None:
    def count() -> int:
        with CaptureQueriesContext(database) as queries:
            browser.get(reverse("audit"))
        return len(queries)

    entry(company, factories.member(company=company), "one")
    few = count()
    for _number in range(30):
        entry(company, factories.member(company=company), "more")
    assert count() == few


def test_a_long_target_is_cut(company: Company) -> None:
    assert audit(company=company, user=None, action="connect", target="x" * 300).target == "x" * 200
