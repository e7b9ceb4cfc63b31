"""An SDK that others wrote, with its own operations, against the simulator."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from quickbooks import QuickBooks, exceptions
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.objects import (
    Account,
    Bill,
    BillPayment,
    Class,
    CompanyInfo,
    CreditMemo,
    Customer,
    Department,
    Employee,
    Estimate,
    Invoice,
    Item,
    Payment,
    PaymentMethod,
    Preferences,
    Purchase,
    PurchaseOrder,
    SalesReceipt,
    TaxCode,
    TaxRate,
    TaxService,
    Term,
    Vendor,
    VendorCredit,
)
from quickbooks.objects.base import Address, CustomerMemo, EmailAddress, PhoneNumber, Ref
from quickbooks.objects.billpayment import BillPaymentLine, CheckPayment
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    DiscountLine,
    DiscountLineDetail,
    ItemBasedExpenseLine,
    ItemBasedExpenseLineDetail,
    SalesItemLine,
    SalesItemLineDetail,
)
from quickbooks.objects.payment import PaymentLine
from quickbooks.objects.taxservice import TaxRateDetails

from tests.simulators.quickbooks_online.driver import CALLBACK, Simulator, redirected


@pytest.fixture(scope="module")
def insecure() -> Iterator[None]:
    """The library refuses http, which is all that a server on this machine speaks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        yield


@pytest.fixture(scope="module")
def auth(running: Simulator, insecure: None) -> Iterator[AuthClient]:
    """Authorized by the library's own way: discovery, consent, code, tokens."""
    discovery = f"{running.address}/.well-known/openid_sandbox_configuration"
    client = AuthClient("app", "secret", CALLBACK, environment=discovery)
    address = client.get_authorization_url([Scopes.ACCOUNTING], state_token="some state")
    answer = redirected(running.get(address.removeprefix(running.address)))
    client.get_bearer_token(answer["code"], realm_id=answer["realmId"])
    yield client
    client.close()


@pytest.fixture(scope="module")
def session(running: Simulator, auth: AuthClient) -> Iterator[QuickBooks]:
    class Simulated(QuickBooks):
        api_url_v3 = f"{running.address}/v3"

    client = Simulated(
        auth_client=auth, company_id=auth.realm_id, minorversion=75, use_decimal=True
    )
    yield client
    client.session.close()


@pytest.fixture
def qb(simulator: Simulator, session: QuickBooks) -> QuickBooks:
    return session


def ref(value: str | int) -> Ref:
    reference = Ref()
    reference.value = str(value)
    return reference


def new_customer(qb: QuickBooks, name: str = "Acme") -> Customer:
    customer = Customer()
    customer.DisplayName = name
    return customer.save(qb=qb)


def new_vendor(qb: QuickBooks, name: str = "Bolt Supply") -> Vendor:
    vendor = Vendor()
    vendor.DisplayName = name
    return vendor.save(qb=qb)


def new_item(qb: QuickBooks, name: str = "Widget") -> Item:
    item = Item()
    item.Name = name
    item.Type = "NonInventory"
    item.Sku = f"SKU-{name}"
    item.UnitPrice = 12.5
    item.IncomeAccountRef = ref(79)
    item.ExpenseAccountRef = ref(80)
    return item.save(qb=qb)


def sale_line(item: Item, amount: float) -> SalesItemLine:
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = item.to_ref()
    return line


def new_sale(
    kind: type, qb: QuickBooks, customer: Customer, item: Item, amount: float = 20, **options
):
    sale = kind()
    sale.CustomerRef = customer.to_ref()
    sale.Line = [sale_line(item, amount)]
    for name, value in options.items():
        setattr(sale, name, value)
    return sale.save(qb=qb)


def account_line(amount: float) -> AccountBasedExpenseLine:
    line = AccountBasedExpenseLine()
    line.Amount = amount
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = ref(7)
    return line


def new_payment(qb: QuickBooks, customer: Customer, *invoices: Invoice) -> Payment:
    payment = Payment()
    payment.CustomerRef = customer.to_ref()
    payment.TotalAmt = sum(invoice.TotalAmt for invoice in invoices)
    for invoice in invoices:
        line = PaymentLine()
        line.Amount = invoice.TotalAmt
        line.LinkedTxn.append(invoice.to_linked_txn())
        payment.Line.append(line)
    return payment.save(qb=qb)


def test_the_library_refreshes_and_revokes_its_tokens(running: Simulator, insecure: None):
    client = AuthClient(
        "app", "secret", CALLBACK, f"{running.address}/.well-known/openid_configuration"
    )
    address = client.get_authorization_url([Scopes.ACCOUNTING])
    client.get_bearer_token(redirected(running.get(address.removeprefix(running.address)))["code"])
    first = client.access_token, client.refresh_token
    client.refresh()
    assert client.access_token not in first
    assert client.x_refresh_token_expires_in > 24 * 3600
    assert client.revoke()
    client.close()


def test_a_customer_is_created_read_changed_and_deactivated(qb: QuickBooks):
    customer = Customer()
    customer.DisplayName = "Rose's Café"
    customer.GivenName, customer.FamilyName = "Rosa", "Müller"
    customer.BillAddr = Address()
    customer.BillAddr.Line1, customer.BillAddr.City = "1 Main St", "Tucson"
    customer.PrimaryPhone = PhoneNumber()
    customer.PrimaryPhone.FreeFormNumber = "555-0100"
    customer.PrimaryEmailAddr = EmailAddress()
    customer.PrimaryEmailAddr.Address = "rosa@cafe.example"
    made = customer.save(qb=qb)
    read = Customer.get(made.Id, qb=qb)
    assert (read.DisplayName, read.FamilyName, read.BillAddr.City) == (
        "Rose's Café",
        "Müller",
        "Tucson",
    )
    read.CompanyName = "Café Ltd"
    changed = read.save(qb=qb)
    assert (changed.SyncToken, changed.CompanyName, changed.GivenName) == ("1", "Café Ltd", "Rosa")
    changed.Active = False
    changed.save(qb=qb)
    assert Customer.filter(DisplayName="Rose's Café", qb=qb) == []
    assert Customer.where("Active = False", qb=qb)[0].DisplayName == "Rose's Café (deleted)"


def test_lists_are_filtered_chosen_ordered_and_paged(qb: QuickBooks):
    made = [new_customer(qb, f"Customer {number:02}") for number in range(25)]
    assert Customer.count(qb=qb) == 25
    assert Customer.count("DisplayName LIKE 'Customer 1%'", qb=qb) == 10
    assert len(Customer.all(qb=qb)) == 25
    assert len(Customer.all(max_results=7, qb=qb)) == 7
    last = Customer.filter(Active=True, start_position=21, max_results=10, order_by="Id", qb=qb)
    assert [each.Id for each in last] == [each.Id for each in made[20:]]
    chosen = Customer.choose([made[3].Id, made[5].Id], qb=qb)
    assert {each.DisplayName for each in chosen} == {"Customer 03", "Customer 05"}
    named = Customer.choose(["Customer 01", "nobody"], field="DisplayName", qb=qb)
    assert [each.Id for each in named] == [made[1].Id]
    descending = Customer.where("", order_by="DisplayName DESC", max_results=1, qb=qb)
    assert descending[0].DisplayName == "Customer 24"
    assert (
        Customer.query("SELECT Id, DisplayName FROM Customer MAXRESULTS 1", qb=qb)[0].Id
        == made[0].Id
    )


def test_items_come_with_their_sku(qb: QuickBooks):
    """The library asks for "SELECT *, Sku FROM Item"."""
    item = new_item(qb)
    assert [(each.Name, each.Sku) for each in Item.all(qb=qb)] == [("Widget", "SKU-Widget")]
    item.UnitPrice = 13
    assert item.save(qb=qb).UnitPrice == 13


def test_an_invoice_lives_from_creation_to_deletion(qb: QuickBooks):
    customer, item = new_customer(qb), new_item(qb)
    memo = CustomerMemo()
    memo.value = "Thank you"
    discount = DiscountLine()
    discount.Amount = 5
    discount.DiscountLineDetail = DiscountLineDetail()
    invoice = Invoice()
    invoice.CustomerRef, invoice.CustomerMemo = customer.to_ref(), memo
    invoice.DocNumber = "SO-1"
    invoice.Line = [sale_line(item, 20), sale_line(item, 10), discount]
    made = invoice.save(qb=qb)
    assert (made.TotalAmt, made.Balance, made.DocNumber) == (25, 25, "SO-1")
    made.PrivateNote = "changed"
    changed = made.save(qb=qb)
    assert (changed.SyncToken, changed.TotalAmt, len(changed.Line)) == ("1", 25, 4)
    assert changed.void(qb=qb)["Invoice"]["TotalAmt"] == 0
    again = Invoice.get(changed.Id, qb=qb)
    assert again.PrivateNote.startswith("Voided")
    assert again.delete(qb=qb)["Invoice"]["status"] == "Deleted"
    with pytest.raises(exceptions.ObjectNotFoundException):
        Invoice.get(again.Id, qb=qb)


def test_a_payment_settles_an_invoice_until_it_is_voided(qb: QuickBooks):
    customer, item = new_customer(qb), new_item(qb)
    invoice = new_sale(Invoice, qb, customer, item)
    payment = new_payment(qb, customer, invoice)
    assert Invoice.get(invoice.Id, qb=qb).Balance == 0
    assert Customer.get(customer.Id, qb=qb).Balance == 0
    payment.void(qb=qb)
    assert Payment.get(payment.Id, qb=qb).TotalAmt == 0
    assert Invoice.get(invoice.Id, qb=qb).Balance == 20


def test_the_other_sales_forms_work(qb: QuickBooks):
    customer, item = new_customer(qb), new_item(qb)
    credit = new_sale(CreditMemo, qb, customer, item)
    assert credit.RemainingCredit == 20
    assert credit.delete(qb=qb)["CreditMemo"]["status"] == "Deleted"
    receipt = new_sale(SalesReceipt, qb, customer, item, PaymentMethodRef=ref(2))
    assert (receipt.TotalAmt, receipt.Balance) == (20, 0)
    assert receipt.DepositToAccountRef.name == "Undeposited Funds"
    receipt.void(qb=qb)
    assert SalesReceipt.get(receipt.Id, qb=qb).TotalAmt == 0


def test_a_bill_is_paid(qb: QuickBooks):
    vendor, item = new_vendor(qb), new_item(qb)
    by_item = ItemBasedExpenseLine()
    by_item.Amount = 25
    by_item.ItemBasedExpenseLineDetail = ItemBasedExpenseLineDetail()
    by_item.ItemBasedExpenseLineDetail.ItemRef = item.to_ref()
    bill = Bill()
    bill.VendorRef = vendor.to_ref()
    bill.Line = [account_line(10), by_item]
    made = bill.save(qb=qb)
    assert (made.TotalAmt, made.Balance) == (35, 35)
    paid = BillPayment()
    paid.VendorRef, paid.PayType, paid.TotalAmt = vendor.to_ref(), "Check", 35
    paid.CheckPayment = CheckPayment()
    paid.CheckPayment.BankAccountRef = ref(35)
    line = BillPaymentLine()
    line.Amount = 35
    line.LinkedTxn.append(made.to_linked_txn())
    paid.Line.append(line)
    done = paid.save(qb=qb)
    assert Bill.get(made.Id, qb=qb).Balance == 0
    assert Vendor.get(vendor.Id, qb=qb).Balance == 0
    done.void(qb=qb)
    assert Bill.get(made.Id, qb=qb).Balance == 35
    again = BillPayment.get(done.Id, qb=qb)
    assert again.delete(qb=qb)["BillPayment"]["status"] == "Deleted"


def test_a_vendor_credit_is_created_and_deleted(qb: QuickBooks):
    credit = VendorCredit()
    credit.VendorRef = new_vendor(qb).to_ref()
    credit.Line = [account_line(10)]
    made = credit.save(qb=qb)
    assert made.TotalAmt == 10
    assert made.delete(qb=qb)["VendorCredit"]["status"] == "Deleted"


def test_an_employee_shares_the_names_of_customers(qb: QuickBooks):
    employee = Employee()
    employee.GivenName, employee.FamilyName = "Ada", "Byron"
    assert employee.save(qb=qb).DisplayName == "Ada Byron"
    with pytest.raises(exceptions.QuickbooksException) as caught:
        new_customer(qb, "ada byron")
    assert caught.value.error_code == 6240


def test_lists_and_settings_are_read(qb: QuickBooks):
    assert Preferences.get(qb=qb).SalesFormsPrefs.CustomTxnNumbers is True
    info = CompanyInfo.all(qb=qb)[0]
    assert info.CompanyName == CompanyInfo.get(info.Id, qb=qb).CompanyName
    assert {"TAX", "NON"} <= {each.Name for each in TaxCode.all(qb=qb)}
    for kind in (Account, Term, PaymentMethod, TaxRate):
        assert kind.all(qb=qb)[0].Id


def test_an_offer_an_order_and_an_expense(qb: QuickBooks):
    customer, vendor = new_customer(qb), new_vendor(qb)
    offer = new_sale(Estimate, qb, customer, new_item(qb), 12)
    assert (offer.TotalAmt, offer.TxnStatus) == (12, "Pending")
    order = PurchaseOrder()
    order.VendorRef, order.APAccountRef, order.Line = vendor.to_ref(), ref(33), [account_line(8)]
    order = order.save(qb=qb)
    assert (order.TotalAmt, order.POStatus) == (8, "Open")
    spent = Purchase()
    spent.PaymentType, spent.AccountRef, spent.Line = "Cash", ref(35), [account_line(3)]
    spent = spent.save(qb=qb)
    assert spent.TotalAmt == 3
    assert Customer.get(customer.Id, qb=qb).Balance == 0
    assert Vendor.get(vendor.Id, qb=qb).Balance == 0
    for made in (offer, order, spent):
        found = type(made).filter(Id=made.Id, qb=qb)
        assert [each.Id for each in found] == [made.Id]
        assert made.delete(qb=qb)[type(made).qbo_object_name]["status"] == "Deleted"


def test_classes_and_departments_nest(qb: QuickBooks):
    for kind in (Class, Department):
        upper = kind()
        upper.Name = "North"
        upper = upper.save(qb=qb)
        lower = kind()
        lower.Name, lower.ParentRef = "Shop", upper.to_ref()
        lower = lower.save(qb=qb)
        assert lower.FullyQualifiedName == "North:Shop"
        lower.Active = False
        assert lower.save(qb=qb).Active is False


def test_a_tax_code_is_made_by_its_own_service(qb: QuickBooks):
    rate = TaxRateDetails()
    rate.TaxRateName, rate.RateValue, rate.TaxAgencyId = "City tax", 3.5, 1
    service = TaxService()
    service.TaxCode = "City"
    service.TaxRateDetails = [rate]
    made = service.save(qb=qb)
    code = TaxCode.get(made.TaxCodeId, qb=qb)
    assert code.Name == "City"
    rate_id = code.SalesTaxRateList.TaxRateDetail[0].TaxRateRef.value
    assert TaxRate.get(rate_id, qb=qb).RateValue == 3.5


def test_batches_create_change_and_delete(qb: QuickBooks):
    customers = []
    for number in range(35):
        customer = Customer()
        customer.DisplayName = f"Customer {number % 34}"
        customers.append(customer)
    made = batch_create(customers, qb=qb)
    assert (len(made.successes), len(made.faults)) == (34, 1)
    assert made.faults[0].Error[0].code == "6240"
    for customer in made.successes:
        customer.Notes = "changed"
    changed = batch_update(made.successes, qb=qb)
    assert {each.SyncToken for each in changed.successes} == {"1"}
    item = new_item(qb)
    invoices = [new_sale(Invoice, qb, made.successes[0], item) for _ in range(3)]
    gone = batch_delete(invoices, qb=qb)
    assert len(gone.batch_responses) == 3
    assert Invoice.count(qb=qb) == 0


def test_changes_are_captured_with_what_was_deleted(qb: QuickBooks):
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=1)
    customer, item = new_customer(qb), new_item(qb)
    kept, gone = (new_sale(Invoice, qb, customer, item) for _ in range(2))
    gone.delete(qb=qb)
    changes = change_data_capture([Invoice, Customer, Bill], since.isoformat(), qb=qb)
    assert [each.Id for each in changes.Invoice] == [kept.Id, gone.Id]
    assert changes.Invoice[1].status == "Deleted"
    assert [each.DisplayName for each in changes.Customer] == ["Acme"]
    assert not hasattr(changes, "Bill")


def test_a_request_id_creates_once(qb: QuickBooks):
    key = str(uuid.uuid4())
    customer = Customer()
    customer.DisplayName = "Once"
    first = customer.save(qb=qb, request_id=key)
    customer.Id = None
    second = customer.save(qb=qb, request_id=key)
    assert (first.Id, first.MetaData) == (second.Id, second.MetaData)
    assert Customer.count(qb=qb) == 1


def test_the_librarys_exceptions_know_the_faults(qb: QuickBooks):
    customer = new_customer(qb)
    stale = Customer.get(customer.Id, qb=qb)
    customer.save(qb=qb)
    with pytest.raises(exceptions.QuickbooksException) as caught:
        stale.save(qb=qb)
    assert caught.value.error_code == 5010
    with pytest.raises(exceptions.ObjectNotFoundException):
        Customer.get("99999", qb=qb)
    with pytest.raises(exceptions.ValidationException) as caught:
        new_sale(Invoice, qb, customer, new_item(qb), DocNumber="x" * 22)
    assert caught.value.error_code == 2050
    with pytest.raises(exceptions.ValidationException):
        Customer.query("SELECT * FROM Customer WHERE a OR b", qb=qb)


def test_a_token_that_is_not_known_is_no_authorization(qb: QuickBooks):
    token = qb.session.token
    qb.session.token = {**token, "access_token": "gone"}
    try:
        with pytest.raises(exceptions.AuthorizationException):
            Customer.all(qb=qb)
    finally:
        qb.session.token = token


def test_an_invoice_can_be_sent_and_printed(qb: QuickBooks):
    invoice = new_sale(Invoice, qb, new_customer(qb), new_item(qb))
    qb.misc_operation(f"invoice/{invoice.Id}/send?sendTo=ap%40acme.example", None)
    assert Invoice.get(invoice.Id, qb=qb).email_sent
    assert invoice.download_pdf(qb=qb).startswith(b"%PDF")
