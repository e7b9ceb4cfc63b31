"""The user that an accountant makes for Syncapp: with the groups of docs/tryton.md, and without."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from connectors.documents import Party, RecordType
from connectors.interface import Cursor, Outage, Rejected
from connectors.sessions import open_tryton
from connectors.tryton import session
from connectors.tryton.config import Config
from connectors.tryton.connector import Tryton
from syncapp.tryton_server import TrytonServer
from syncapp.tryton_server.rpc import Client
from tests.connectors.contract import DOCUMENTS, NAMES, Subject, create, line
from tests.connectors.tryton.conftest import sender

GROUPS = ("Accounting", "Product Administration", "Account Product Administration")
PASSWORD = "a long one, of 2026"
AsUser = Callable[..., Subject]


@pytest.fixture
def as_user(server: TrytonServer, client: Client, subject: Subject, config: Config) -> AsUser:
    """The same books, seen by a new user of these groups."""

    def make(*groups: str) -> Subject:
        login = f"syncapp-{next(subject._numbers)}"
        known = {row["name"]: row["id"] for row in client.find("res.group", [], "name")}
        company = client.context["company"]
        client.create(
            "res.user",
            name=login,
            login=login,
            password=PASSWORD,
            groups=[["add", [known[group] for group in groups]]],
            companies=[["add", [company]]],
            company=company,
        )
        access = open_tryton(
            url=server.address, database=server.database, user=login, password=PASSWORD
        )
        given = access.credentials
        header = session.header(login, given["user_id"], given["token"])
        connector = Tryton(dataclasses.replace(config, user=given["user_id"]))
        return dataclasses.replace(subject, connector=connector, send=sender(header), shared=None)

    return make


def test_the_groups_of_the_manual_are_enough(as_user: AsUser, client: Client):
    ours = as_user(*GROUPS)
    codes = [caution.code for caution in ours.run(ours.connector.check()).cautions]
    assert "no_rights" not in codes
    for record_type in (*NAMES, *DOCUMENTS):
        ours.add(record_type, ours.document(record_type))
        assert ours.run(ours.connector.pull(record_type, Cursor())).records
    tax = client.id_of("account.tax", ["name", "like", "State tax%"])
    taxed = dataclasses.replace(line("1", ours.id_of(RecordType.ITEM), "1", "5"), tax_code=str(tax))
    ours.add(RecordType.INVOICE, ours.document(RecordType.INVOICE, lines=(taxed,)))


def test_the_check_up_names_what_the_user_may_not_do(as_user: AsUser):
    ours = as_user("Accounting")
    cautions = {each.code: each for each in ours.run(ours.connector.check()).cautions}
    assert "product.template" in cautions["no_rights"].message
    assert "Product Administration" in cautions["no_rights"].advice


def test_the_check_up_names_a_field_that_the_user_may_not_write(as_user: AsUser):
    ours = as_user("Accounting", "Product Administration")
    cautions = {each.code: each for each in ours.run(ours.connector.check()).cautions}
    assert cautions["no_rights"].message.endswith("write product.template.account_category.")


def test_a_call_that_the_user_may_not_make_is_an_error_that_says_who_can_help(as_user: AsUser):
    ours = as_user("Accounting")
    outcome = ours.push(create(RecordType.ITEM, ours.document(RecordType.ITEM)))["0"]
    assert isinstance(outcome, Rejected)
    assert outcome.code == "no_access"
    assert "Product Administration" in outcome.message


def test_a_list_that_the_user_may_not_read_is_an_outage_that_says_who_can_help(as_user: AsUser):
    ours = as_user()
    ours.add(RecordType.CUSTOMER, Party(name="Anybody may make a party"))
    with pytest.raises(Outage, match="the groups Accounting"):
        ours.run(ours.connector.pull(RecordType.INVOICE, Cursor()))
