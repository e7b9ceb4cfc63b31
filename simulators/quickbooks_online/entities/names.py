"""Customers and vendors: the names that share one namespace."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import (
    COMMON,
    WEBSITE,
    address,
    mail,
    phone,
)
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.names import prepare_customer, prepare_vendor
from simulators.quickbooks_online.schema import (
    Entity,
    Field,
    Fields,
    anything,
    block,
    boolean,
    choice,
    computed,
    date,
    number,
    reference,
    text,
)

# "No colon, tab or newline in any name part or PrintOnCheckName" (fault 2040).
FORBIDDEN = ":\t\n"
SHARED_NAMES = ("Customer", "Vendor", "Employee")

NAME_FIELDS: tuple[Field, ...] = (
    text("DisplayName", 500, forbidden=FORBIDDEN),
    text("Title", 16, forbidden=FORBIDDEN),
    text("GivenName", 100, forbidden=FORBIDDEN),
    text("MiddleName", 100, forbidden=FORBIDDEN),
    text("FamilyName", 100, forbidden=FORBIDDEN),
    text("Suffix", 16, forbidden=FORBIDDEN),
    text("CompanyName", 100),
    text("PrintOnCheckName", 110, forbidden=FORBIDDEN),
    boolean("Active"),
    phone("PrimaryPhone"),
    phone("AlternatePhone"),
    phone("Mobile"),
    phone("Fax"),
    mail("PrimaryEmailAddr"),
    block("WebAddr", WEBSITE),
    address("BillAddr"),
    text("AcctNum", 100),
    text("Notes", 4000, is_queryable=False),
    reference("CurrencyRef"),
    date("OpenBalanceDate"),
    text("BusinessNumber", 20),
    text("Source", 100),
    *computed("Balance", "FullyQualifiedName", "V4IDPseudonym", "IntuitId", "UserId"),
    *anything("OtherContactInfo", "Organization", "GSTIN", "GSTRegistrationType"),
)

CUSTOMER = Entity(
    name="Customer",
    family="Names",
    fields=Fields(
        *COMMON,
        *NAME_FIELDS,
        address("ShipAddr"),
        boolean("Taxable"),
        boolean("Job"),
        boolean("BillWithParent"),
        boolean("IsProject"),
        reference("ParentRef", "Customer"),
        reference("SalesTermRef", "Term"),
        reference("PaymentMethodRef", "PaymentMethod"),
        reference("DefaultTaxCodeRef", "TaxCode"),
        reference("ARAccountRef", "Account", "Accounts Receivable"),
        choice("PreferredDeliveryMethod", "Print", "Email", "None"),
        text("PrimaryTaxIdentifier", 20),
        text("SecondaryTaxIdentifier", 20),
        text("ResaleNum", 16),
        number("CreditLimit"),
        *computed("BalanceWithJobs", "Level", "RootCustomerRef", "ClientEntityId"),
        *anything("CustomerTypeRef", "TaxExemptionReasonId"),
        *unmodelled("Customer"),
    ),
    name_field="DisplayName",
    name_shared_with=SHARED_NAMES,
    has_live_balance=True,
    prepare=prepare_customer,
)

VENDOR = Entity(
    name="Vendor",
    family="Names",
    fields=Fields(
        *COMMON,
        *NAME_FIELDS,
        text("TaxIdentifier", 20),
        boolean("Vendor1099"),
        reference("TermRef", "Term"),
        reference("APAccountRef", "Account", "Accounts Payable"),
        number("BillRate"),
        number("CostRate"),
        *anything("TaxReportingBasis", "VendorPaymentBankDetail", "T4AEligible"),
        *anything("T5018Eligible", "HasTPAR", "VendorTypeRef"),
        *unmodelled("Vendor"),
    ),
    name_field="DisplayName",
    name_shared_with=SHARED_NAMES,
    has_live_balance=True,
    prepare=prepare_vendor,
)
