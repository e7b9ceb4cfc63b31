"""Payments received from customers."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import COMMON
from simulators.quickbooks_online.rules.payments import prepare_payment
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    anything,
    blocks,
    boolean,
    choice,
    computed,
    date,
    number,
    reference,
    text,
)

LINKED = Fields(
    text("TxnId", 30),
    choice("TxnType", "Invoice", "CreditMemo"),
    *anything("TxnLineId"),
)

PAYMENT_LINE = Fields(
    number("Amount"),
    blocks("LinkedTxn", LINKED),
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
        blocks("Line", PAYMENT_LINE),
        *computed("UnappliedAmt", "LinkedTxn", "TxnStatus", "TxnSource"),
        *anything("CreditCardPayment", "TransactionLocationType", "ProjectRef"),
    ),
    required=("CustomerRef",),
    number_field="PaymentRefNum",
    party_field="CustomerRef",
    party="Customer",
    sign=-1,
    is_transaction=True,
    can_void=True,
    void_is_update=True,
    prepare=prepare_payment,
)
