"""The short lists: terms, payment methods and taxes."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import COMMON
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.lists import (
    prepare_payment_method,
    prepare_term,
)
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    anything,
    boolean,
    choice,
    computed,
    integer,
    number,
    reference,
    text,
)

TERM = Entity(
    name="Term",
    family="Terms",
    fields=Fields(
        *COMMON,
        text("Name", 31),
        boolean("Active"),
        integer("DueDays", lowest=0, highest=999),
        integer("DiscountDays", lowest=0, highest=999),
        integer("DayOfMonthDue", lowest=1, highest=31),
        integer("DueNextMonthDays", lowest=0, highest=999),
        integer("DiscountDayOfMonth", lowest=1, highest=31),
        number("DiscountPercent", places=7),
        *computed("Type"),
        *unmodelled("Term"),
    ),
    required=("Name",),
    name_field="Name",
    name_shared_with=("Term",),
    prepare=prepare_term,
)

PAYMENT_METHOD = Entity(
    name="PaymentMethod",
    family="PaymentMethods",
    fields=Fields(
        *COMMON,
        text("Name", 31),
        boolean("Active"),
        choice("Type", "CREDIT_CARD", "NON_CREDIT_CARD"),
        *unmodelled("PaymentMethod"),
    ),
    required=("Name",),
    name_field="Name",
    name_shared_with=("PaymentMethod",),
    prepare=prepare_payment_method,
)

TAX_CODE = Entity(
    name="TaxCode",
    family="TaxCodes",
    fields=Fields(
        *COMMON,
        text("Name", 100),
        text("Description", 100),
        *(boolean(name) for name in ("Active", "Hidden", "Taxable", "TaxGroup")),
        *anything("SalesTaxRateList", "PurchaseTaxRateList", "TaxCodeConfigType"),
    ),
    name_field="Name",
    is_writable=False,
    is_in_feed=False,
)

TAX_RATE = Entity(
    name="TaxRate",
    family="TaxRates",
    fields=Fields(
        *COMMON,
        text("Name", 100),
        text("Description", 100),
        boolean("Active"),
        number("RateValue", places=7),
        reference("AgencyRef", "TaxAgency"),
        *anything("SpecialTaxType", "DisplayType", "EffectiveTaxRate"),
    ),
    name_field="Name",
    is_writable=False,
    is_in_feed=False,
)

TAX_AGENCY = Entity(
    name="TaxAgency",
    family="TaxAgencies",
    fields=Fields(
        *COMMON,
        text("DisplayName", 100),
        boolean("TaxTrackedOnSales"),
        boolean("TaxTrackedOnPurchases"),
        *anything("TaxAgencyConfig", "TaxRegistrationNumber"),
    ),
    name_field="DisplayName",
    is_writable=False,
    is_in_feed=False,
)

COMPANY_CURRENCY = Entity(
    name="CompanyCurrency",
    family="CompanyCurrencies",
    fields=Fields(
        *COMMON,
        text("Code", 3),
        text("Name", 100),
        boolean("Active"),
    ),
    name_field="Name",
    number_field="Code",
    is_writable=False,
    is_in_feed=False,
)
