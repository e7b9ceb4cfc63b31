"""Payments received from customers, and payments of bills."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import COMMON
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.payments import prepare_bill_payment, prepare_payment
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    anything,
    block,
    blocks,
    boolean,
    choice,
    computed,
    date,
    number,
    reference,
    text,
)

RECEIVED = ("Invoice", "CreditMemo")
PAID = ("Bill", "VendorCredit")


def line_that_settles(types: tuple[str, ...]) -> Fields:
    linked = Fields(text("TxnId", 30), choice("TxnType", *types), *anything("TxnLineId"))
    return Fields(
        number("Amount"),
        blocks("LinkedTxn", linked),
        *computed("Id", "LineNum", "LineEx"),
        *anything("Description"),
    )


PAYMENT = Entity(
    name="Payment",
    family="Transactions",
    title="Payment",
    fields=Fields(
        *COMMON,
        date("TxnDate"),
        reference("CustomerRef", "Customer"),
        number("TotalAmt"),
        text("PaymentRefNum", 21),
        reference("PaymentMethodRef", "PaymentMethod"),
        reference("DepositToAccountRef", "Account", "Bank", "Other Current Asset"),
        reference("ARAccountRef", "Account", "Accounts Receivable"),
        text("PrivateNote", 4000, is_queryable=False),
        reference("CurrencyRef"),
        number("ExchangeRate", places=7),
        boolean("ProcessPayment"),
        blocks("Line", line_that_settles(RECEIVED)),
        *computed("UnappliedAmt", "LinkedTxn", "TxnStatus", "TxnSource"),
        *anything("CreditCardPayment", "TransactionLocationType", "ProjectRef"),
        *unmodelled("Payment"),
    ),
    required=("CustomerRef",),
    number_field="PaymentRefNum",
    party_field="CustomerRef",
    party="Customer",
    sign=-1,
    settles=RECEIVED,
    is_transaction=True,
    can_void=True,
    void_is_update=True,
    prepare=prepare_payment,
)

BILL_PAYMENT = Entity(
    name="BillPayment",
    family="Transactions",
    title="Bill Payment",
    fields=Fields(
        *COMMON,
        date("TxnDate"),
        reference("VendorRef", "Vendor"),
        number("TotalAmt"),
        text("DocNumber", 21),
        choice("PayType", "Check", "CreditCard"),
        block(
            "CheckPayment",
            Fields(
                reference("BankAccountRef", "Account", "Bank"),
                choice("PrintStatus", "NotSet", "NeedToPrint", "PrintComplete"),
                *anything("CheckDetail", "PayeeAddr", "BillPaymentCheckEx"),
            ),
        ),
        block(
            "CreditCardPayment",
            Fields(
                reference("CCAccountRef", "Account", "Credit Card"),
                *anything("CCDetail", "BillPaymentCreditCardEx"),
            ),
        ),
        reference("APAccountRef", "Account", "Accounts Payable"),
        text("PrivateNote", 4000, is_queryable=False),
        reference("CurrencyRef"),
        number("ExchangeRate", places=7),
        blocks("Line", line_that_settles(PAID)),
        *computed("TxnStatus", "TxnSource"),
        *anything("TransactionLocationType"),
        *unmodelled("BillPayment"),
    ),
    required=("VendorRef", "PayType", "Line"),
    number_field="DocNumber",
    party_field="VendorRef",
    party="Vendor",
    sign=-1,
    settles=PAID,
    is_transaction=True,
    can_void=True,
    void_is_update=True,
    prepare=prepare_bill_payment,
)
