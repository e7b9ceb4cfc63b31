"""Loading CSV files: what is kept, what is refused and why, and how much is written."""

from __future__ import annotations

import datetime
import json
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from companies.models import Company
from records.csv_import import Listener, Refusal, Result, import_folder
from records.models import (
    Bill,
    CreditMemo,
    Customer,
    Invoice,
    InvoiceLine,
    Item,
    Payment,
    PaymentMethod,
    Status,
)
from syncqueue.models import SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db

SHOP = Path(__file__).parent / "data" / "shop"
INVOICES = "number,customer_ref,date,status,line,item_ref,description,quantity,unit_price\n"


@pytest.fixture
def company() -> Company:
    return factories.company(name="Shop", currency="GBP")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shop's files, to be changed."""
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    return tmp_path


Load = Callable[[Path], tuple[Result, list[Refusal]]]


@pytest.fixture
def load(company: Company) -> Load:
    def run(folder: Path) -> tuple[Result, list[Refusal]]:
        refusals: list[Refusal] = []
        listener = Listener(refusal=refusals.append)
        return import_folder(company=company, folder=folder, listener=listener), refusals

    return run


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def counts(result: Result, file: str) -> tuple[int, int, int, int]:
    found = result.files[file]
    return found.created, found.updated, found.unchanged, found.refused


# -- what is loaded ------------------------------------------------------------------------------


def test_a_folder_is_loaded(load: Load, company: Company) -> None:
    result, refusals = load(SHOP)
    assert refusals == []
    assert result.refused == 0
    created = {file: found.created for file, found in result.files.items()}
    assert created == {
        "customers.csv": 3,
        "vendors.csv": 1,
        "items.csv": 3,
        "invoices.csv": 4,
        "credit_memos.csv": 1,
        "bills.csv": 1,
        "payments.csv": 2,
    }
    customer = Customer.objects.get(external_ref="K2")
    assert (customer.name, customer.contact_name) == ("O’Hara, Ltd.", "Síle O’Hara")
    assert (customer.city, customer.currency, customer.is_active) == ("Galway", "EUR", True)
    item = Item.objects.get(external_ref="A1")
    assert (item.kind, item.unit_price, item.unit_cost) == ("inventory", Decimal("21.125"), 14.5)
    assert item.preferred_vendor is not None
    assert item.preferred_vendor.external_ref == "L1"


def test_documents_are_loaded_with_their_lines_and_amounts(load: Load) -> None:
    load(SHOP)
    invoice = Invoice.objects.get(number="100")
    assert (invoice.external_ref, invoice.status) == ("100", Status.ISSUED)
    assert invoice.due_date == datetime.date(2026, 3, 3)
    lines = invoice.lines.order_by("position")
    # 3 × 21.125 is 63.375, and a half is rounded up.
    assert [line.amount for line in lines] == [Decimal("63.38"), Decimal("30.00")]
    assert invoice.total == Decimal("93.38")
    assert Invoice.objects.get(number="101").lines.get().description == 'Course, "beginners"'
    assert Invoice.objects.get(number="102").status == Status.VOIDED
    assert CreditMemo.objects.get().total == Decimal(12)
    assert Bill.objects.get().vendor.external_ref == "L1"


def test_an_empty_currency_is_the_companys(load: Load) -> None:
    load(SHOP)
    assert Customer.objects.get(external_ref="K3").currency == "GBP"
    assert Invoice.objects.get(number="103").currency == "GBP"
    assert Invoice.objects.get(number="103").total == Decimal("0.01")


def test_payments_are_issued_applied_and_make_their_method(load: Load) -> None:
    load(SHOP)
    payment = Payment.objects.get(reference="Z1")
    assert (payment.status, payment.amount) == (Status.ISSUED, Decimal("93.38"))
    assert payment.method == PaymentMethod.objects.get(name="Bank transfer")
    application = payment.applications.get()
    assert (application.invoice.number, application.amount) == ("100", Decimal("93.38"))
    unapplied = Payment.objects.get(reference="Z2")
    assert (unapplied.method, unapplied.applications.count()) == (None, 0)


def test_a_payment_for_several_invoices_says_how_much_for_each(load: Load, folder: Path) -> None:
    (folder / "payments.csv").write_text(
        "reference,customer_ref,date,amount,invoice_number,applied\n"
        "Z9,K2,2026-02-20,100,101,60\n"
        "Z9,K2,2026-02-20,100,102,3\n"
    )
    _, refusals = load(folder)
    assert refusals == []
    applied = Payment.objects.get().applications.order_by("pk").values_list("amount", flat=True)
    assert list(applied) == [Decimal(60), Decimal(3)]


def test_issued_documents_are_queued_once_and_drafts_are_not(load: Load, company: Company) -> None:
    factories.connection(company=company)
    load(SHOP)
    queued = SyncQueueItem.objects.filter(record_type="invoice").order_by("label")
    assert [(item.label, item.operation, item.generation) for item in queued] == [
        ("100", "create", 1),
        ("103", "create", 1),
    ]
    assert queued[0].amount == Decimal("93.38")


# -- loading again -------------------------------------------------------------------------------


def test_loading_the_same_again_writes_and_queues_nothing(load: Load, company: Company) -> None:
    load(SHOP)
    factories.connection(company=company)
    with CaptureQueriesContext(connection) as queries:
        result, _ = load(SHOP)
    assert all(n.created == n.updated == n.refused == 0 for n in result.files.values())
    writes = [q["sql"] for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert writes == []
    assert not SyncQueueItem.objects.exists()


def test_what_is_there_already_is_updated(load: Load, company: Company, folder: Path) -> None:
    load(folder)
    factories.connection(company=company)
    edit(folder / "customers.csv", "Corner Shop", "The Corner Shop")
    edit(folder / "invoices.csv", "issued,2,A2,Yeast,10", "issued,2,A2,Fresh yeast,12")
    result, refusals = load(folder)
    assert refusals == []
    assert counts(result, "customers.csv") == (0, 1, 2, 0)
    assert counts(result, "invoices.csv") == (0, 1, 3, 0)
    assert Customer.objects.get(external_ref="K3").name == "The Corner Shop"
    invoice = Invoice.objects.get(number="100")
    assert invoice.total == Decimal("99.38")
    assert invoice.lines.get(position=2).description == "Fresh yeast"
    queued = SyncQueueItem.objects.order_by("rank")
    assert [(item.record_type, item.changed_fields) for item in queued] == [
        ("customer", ["name"]),
        ("invoice", ["lines"]),
    ]


def test_lines_that_are_new_or_gone_in_the_file_are_so_here(load: Load, folder: Path) -> None:
    load(folder)
    edit(folder / "invoices.csv", "issued,2,A2,Yeast,10,3,\n", "issued,3,A3,Course,1,79,\n")
    load(folder)
    lines = Invoice.objects.get(number="100").lines.order_by("position")
    assert [(line.position, line.description) for line in lines] == [
        (1, "Rye flour"),
        (3, "Course"),
    ]


def test_columns_that_are_not_in_the_file_stay_as_they_are(load: Load, folder: Path) -> None:
    load(folder)
    (folder / "customers.csv").write_text("external_ref,name\nK1,Ährenfeld\n")
    load(folder)
    customer = Customer.objects.get(external_ref="K1")
    assert (customer.name, customer.city, customer.currency) == ("Ährenfeld", "Berlin", "EUR")


def test_a_deleted_record_comes_back(load: Load) -> None:
    load(SHOP)
    customer = Customer.objects.get(external_ref="K3")
    customer.mark_deleted()
    result, _ = load(SHOP)
    assert counts(result, "customers.csv") == (0, 1, 2, 0)
    assert Customer.objects.get(pk=customer.pk).deleted_at is None


def test_a_draft_is_issued_and_an_issued_one_voided_by_the_file(load: Load, folder: Path) -> None:
    load(folder)
    edit(folder / "invoices.csv", "draft", "issued")
    edit(folder / "invoices.csv", "2026-02-04,,,issued", "2026-02-04,,,voided")
    load(folder)
    assert Invoice.objects.get(number="101").status == Status.ISSUED
    assert Invoice.objects.get(number="103").status == Status.VOIDED


def test_an_issued_document_cannot_become_a_draft(load: Load, folder: Path) -> None:
    load(folder)
    edit(folder / "invoices.csv", "2026-02-04,,,issued", "2026-02-04,,,draft")
    result, refusals = load(folder)
    assert counts(result, "invoices.csv") == (0, 0, 3, 1)
    assert [str(refusal) for refusal in refusals] == [
        "invoices.csv, line 7, column status: It is issued here and cannot become draft again."
        " Write issued, or leave it out."
    ]


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "message"),
    [
        ("customers.csv", "K3,Corner Shop", "K3,", 4, "name", "This cell is empty. Fill it in."),
        ("customers.csv", "K3,", ",", 4, "external_ref", "This cell is empty. Fill it in."),
        ("customers.csv", "K3,", "K1,", 4, "external_ref", "“K1” is at line 2 already."),
        ("customers.csv", "H91 X2,Ireland,EUR", "H91 X2,Ireland,€", 3, "currency", "such as USD"),
        ("customers.csv", "030-55501", "0" * 61, 2, "phone", "Shorten it to 60."),
        ("customers.csv", ",Germany,EUR", ",Germany", 2, "", "has 10 cells and the first line 11"),
        ("items.csv", "inventory,21", "stock,21", 2, "kind", "Write one of: inventory, non_inv"),
        ("items.csv", "21.125", "21,125", 2, "", "has 8 cells"),
        ("items.csv", "21.125", "21.1234567", 2, "unit_price", "more than 6 decimals"),
        ("items.csv", "21.125", "1e5", 2, "unit_price", "“1e5” is not a number"),
        ("items.csv", "21.125", "9" * 14, 2, "unit_price", "may have 13 digits"),
        ("items.csv", "14.50,L1", "14.50,L7", 2, "preferred_vendor_ref", "no vendor “L7”"),
        ("invoices.csv", "103,K3", "103,K9", 7, "customer_ref", "no customer “K9” in this comp"),
        ("invoices.csv", "103,K3", "103,", 7, "customer_ref", "This cell is empty."),
        ("invoices.csv", "2026-02-04", "4.2.2026", 7, "date", "Write it like 2026-11-23."),
        ("invoices.csv", "2026-02-04", "2026-02-30", 7, "date", "is not a date"),
        ("invoices.csv", "03-03,EUR,issued,2", "03-03,EUR,issued,1", 3, "line", "at line 2"),
        ("invoices.csv", "03-03,EUR,issued,2", "03-03,EUR,issued,x", 3, "line", "Number the lines"),
        ("invoices.csv", "03-03,EUR,issued,2", "03-04,EUR,issued,2", 3, "due_date", "from line 2"),
        ("invoices.csv", ",0.5,", ",,", 7, "quantity", "This cell is empty."),
        ("invoices.csv", "0.5,0.01,", "0.5,0.01,VAT", 7, "tax_code", "no tax code “VAT”"),
        ("invoices.csv", "By hand", "By \x00 hand", 7, "", "zero byte"),
    ],
)
def test_a_bad_row_is_reported_with_file_line_column_and_what_to_do(
    load: Load, folder: Path, file: str, old: str, new: str, line: int, column: str, message: str
) -> None:
    edit(folder / file, old, new)
    result, refusals = load(folder)
    refusal = next(refusal for refusal in refusals if refusal.file == file)
    assert (refusal.line, refusal.column) == (line, column)
    assert message in refusal.message
    assert result.refused > 0


def test_good_rows_are_kept_when_others_are_refused(load: Load, folder: Path) -> None:
    edit(folder / "customers.csv", "Galway,,H91 X2,Ireland,EUR", "Galway,,H91 X2,Ireland,punt")
    result, _ = load(folder)
    assert counts(result, "customers.csv") == (2, 0, 0, 1)
    # The two invoices of that customer are refused, each by its own line.
    assert counts(result, "invoices.csv") == (2, 0, 0, 2)


def test_a_document_with_one_bad_line_is_refused_as_a_whole(load: Load, folder: Path) -> None:
    edit(folder / "invoices.csv", "issued,2,A2", "issued,2,A9")
    result, refusals = load(folder)
    assert counts(result, "invoices.csv") == (3, 0, 0, 1)
    assert not Invoice.objects.filter(number="100").exists()
    # What depends on it says what is missing.
    assert [(r.file, r.line, r.column) for r in refusals] == [
        ("invoices.csv", 3, "item_ref"),
        ("payments.csv", 2, "invoice_number"),
    ]


def test_an_unreadable_line_spoils_the_documents_beside_it(load: Load, folder: Path) -> None:
    edit(folder / "invoices.csv", "issued,2,A2,Yeast,10,3,", "issued,2,A2,Yeast,10")
    result, refusals = load(folder)
    assert counts(result, "invoices.csv") == (2, 0, 0, 3)
    lines = [(refusal.line, refusal.message[:20]) for refusal in refusals[:3]]
    assert lines[0] == (3, "This line has 10 cel")
    assert {line for line, _ in lines[1:]} == {2, 4}


def test_rows_of_a_document_must_stand_together(load: Load, folder: Path) -> None:
    with (folder / "invoices.csv").open("a") as file:
        file.write("100,K1,2026-02-01,2026-03-03,EUR,issued,3,A2,Late,1,3,\n")
    result, refusals = load(folder)
    assert counts(result, "invoices.csv") == (4, 0, 0, 1)
    assert "Put all its rows together" in refusals[0].message
    assert Invoice.objects.get(number="100").lines.count() == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Z1,K1,2026-02-20,5,100,6\n", "6 are applied, but the payment is only 5"),
        ("Z1,K1,2026-02-20,5,100,\nZ1,K1,2026-02-20,5,103,1\n", "Say how much of the payment"),
        ("Z1,K1,2026-02-20,5,100,1\nZ1,K1,2026-02-20,5,100,1\n", "at line 2 already"),
        ("Z1,K1,2026-02-20,5,999,1\n", "There is no invoice “999” in this company."),
    ],
)
def test_applications_that_do_not_fit_are_refused(
    load: Load, folder: Path, rows: str, message: str
) -> None:
    heading = "reference,customer_ref,date,amount,invoice_number,applied\n"
    (folder / "payments.csv").write_text(heading + rows)
    result, refusals = load(folder)
    assert counts(result, "payments.csv") == (0, 0, 0, 1)
    assert message in refusals[0].message


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"", 0, "", "The file is empty. Its first line must name the columns."),
        (b"external_ref,name,colour\n", 1, "colour", "There is no column of this name. Known"),
        (b"external_ref\n", 1, "name", "This column is missing."),
        (b"external_ref,name,name\n", 1, "name", "This column is there twice."),
        (b"external_ref;name\nK1;A\n", 1, "", "Save the file with commas."),
        (
            "external_ref,name\nK1,B\nK2,Ä\n".encode("latin-1"),
            3,
            "",
            "Save the file as “CSV UTF-8”",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_the_others_are_loaded(
    load: Load, folder: Path, content: bytes, line: int, column: str, message: str
) -> None:
    (folder / "customers.csv").write_bytes(content)
    result, refusals = load(folder)
    refusal = refusals[0]
    assert (refusal.file, refusal.line, refusal.column) == ("customers.csv", line, column)
    assert message in refusal.message
    assert counts(result, "vendors.csv") == (1, 0, 0, 0)
    assert result.refused >= 1


def test_a_byte_order_mark_and_windows_line_ends_are_fine(load: Load, tmp_path: Path) -> None:
    text = "external_ref,name\r\nK1,Ährenfeld\r\n"
    (tmp_path / "customers.csv").write_bytes(text.encode("utf-8-sig"))
    _, refusals = load(tmp_path)
    assert refusals == []
    assert Customer.objects.get().name == "Ährenfeld"


def test_text_may_hold_line_ends_and_the_lines_are_still_counted_right(
    load: Load, tmp_path: Path
) -> None:
    (tmp_path / "customers.csv").write_text(
        'external_ref,name,notes\nK1,A,"one\ntwo"\nK2,B,\n,C,\n'
    )
    _, refusals = load(tmp_path)
    assert Customer.objects.get(external_ref="K1").notes == "one\ntwo"
    assert [refusal.line for refusal in refusals] == [5]


def test_records_of_other_companies_are_neither_found_nor_touched(
    load: Load, company: Company
) -> None:
    other = factories.company()
    factories.customer(company=other, external_ref="K1", name="Theirs")
    load(SHOP)
    assert Customer.objects.get(company=other).name == "Theirs"
    assert Customer.objects.get(company=company, external_ref="K1").name == "Bäckerei Ährenfeld"


# -- much, and at once ---------------------------------------------------------------------------


def many(folder: Path, documents: int, price: str = "9.99") -> None:
    (folder / "customers.csv").write_text("external_ref,name\nK1,Ährenfeld\n")
    rows = (
        f"{n},K1,2026-02-01,issued,{line},,Thing,1,{price}\n"
        for n in range(documents)
        for line in (1, 2, 3)
    )
    with (folder / "invoices.csv").open("w") as file:
        file.write(INVOICES)
        file.writelines(rows)


def test_thousands_of_lines_take_few_statements(load: Load, tmp_path: Path) -> None:
    many(tmp_path, 3000)
    with CaptureQueriesContext(connection) as queries:
        load(tmp_path)
    assert InvoiceLine.objects.count() == 9000
    assert Invoice.objects.count() == 3000
    assert len(queries) < 60


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_lose_nothing(company: Company, tmp_path: Path) -> None:
    factories.connection(company=company)
    ready = threading.Barrier(2)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, price in zip(folders, ("9.99", "8.88"), strict=True):
        folder.mkdir()
        many(folder, 400, price)
    # The same documents in opposite order: without sorting and repeating they would deadlock.
    lines = (folders[1] / "invoices.csv").read_text().splitlines(keepends=True)
    groups = [lines[n : n + 3] for n in range(1, len(lines), 3)]
    backwards = [line for group in reversed(groups) for line in group]
    (folders[1] / "invoices.csv").write_text(lines[0] + "".join(backwards))

    def run(folder: Path) -> Result:
        try:
            ready.wait(timeout=30)
            return import_folder(company=company, folder=folder)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        results = [future.result(timeout=60) for future in [pool.submit(run, f) for f in folders]]
    assert [result.refused for result in results] == [0, 0]
    assert Invoice.objects.count() == 400
    assert InvoiceLine.objects.count() == 1200
    totals = set(Invoice.objects.values_list("total", flat=True))
    assert totals in ({Decimal("29.97")}, {Decimal("26.64")})
    assert SyncQueueItem.objects.filter(record_type="invoice").count() == 400


# -- the command ---------------------------------------------------------------------------------


def command(folder: Path, *options: str) -> str:
    out = StringIO()
    call_command("importrecords", str(folder), "--company", "Shop", *options, stdout=out)
    return out.getvalue()


def test_the_command_prints_counts_and_records_where_changes_came_from(company: Company) -> None:
    factories.connection(company=company)
    printed = command(SHOP)
    assert "customers.csv" in printed
    assert "Created" in printed
    assert {item.origin for item in SyncQueueItem.objects.all()} == {"import"}


def test_the_command_fails_when_anything_was_refused_but_keeps_the_rest(
    company: Company, folder: Path
) -> None:
    edit(folder / "items.csv", "21.125", "much")
    out = StringIO()
    with pytest.raises(CommandError, match="Correct them in the files and repeat") as failure:
        call_command("importrecords", str(folder), "--company", "Shop", stdout=out)
    assert failure.value.returncode == 1
    assert "items.csv, line 2, column unit_price: “much” is not a number." in out.getvalue()
    assert Item.objects.count() == 2


def test_the_command_prints_json(company: Company, folder: Path) -> None:
    result = json.loads(command(folder, "--json"))
    assert result["files"]["invoices.csv"] == {
        "created": 4,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
    }
    assert result["refusals"] == []


@pytest.mark.django_db
def test_the_command_creates_a_company_that_is_not_there(folder: Path) -> None:
    command(folder)
    assert Company.objects.get().name == "Shop"


def test_a_name_that_is_almost_one_that_is_there_is_asked_about(folder: Path) -> None:
    factories.company(name="shops")
    with pytest.raises(CommandError, match="Did you mean “shops”"):
        command(folder)
    command(folder, "--create-company")
    assert Company.objects.filter(name="Shop").exists()


def test_nothing_to_import_creates_no_company(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        command(tmp_path)
    assert not Company.objects.exists()


def test_a_folder_without_files_is_an_error(company: Company, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"has none of the files customers\.csv"):
        command(tmp_path)
