"""The chart of accounts."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import COMMON
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.accounts import ACCOUNT_TYPES, prepare_account
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    anything,
    boolean,
    choice,
    computed,
    reference,
    text,
)

ACCOUNT = Entity(
    name="Account",
    family="Accounts",
    fields=Fields(
        *COMMON,
        text("Name", 100, forbidden='":'),
        choice("AccountType", *ACCOUNT_TYPES),
        text("AccountSubType", 100),
        text("AcctNum", 20),
        text("Description", 100),
        boolean("Active"),
        boolean("SubAccount"),
        reference("ParentRef", "Account"),
        reference("CurrencyRef"),
        reference("TaxCodeRef", "TaxCode"),
        *computed("FullyQualifiedName", "Classification", "CurrentBalance"),
        *computed("CurrentBalanceWithSubAccounts"),
        *anything("TxnLocationType", "AccountAlias"),
        *unmodelled("Account"),
    ),
    required=("Name",),
    name_field="Name",
    name_shared_with=("Account",),
    number_field="AcctNum",
    party_field="ParentRef",
    kind_field="AccountType",
    prepare=prepare_account,
)
