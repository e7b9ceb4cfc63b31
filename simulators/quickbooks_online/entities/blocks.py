"""Blocks that several entities share: addresses, phones, e-mails, common fields."""

from __future__ import annotations

from simulators.quickbooks_online.schema import (
    Field,
    Fields,
    anything,
    block,
    boolean,
    computed,
    date,
    email,
    number,
    reference,
    text,
)

# What each object has besides its own: set by the books, never by a caller.
COMMON: tuple[Field, ...] = (
    *computed("Id", "SyncToken", "MetaData", "domain", "sparse", "status"),
    *anything("AttachableRef"),
)

ADDRESS = Fields(
    *(text(f"Line{line}", 500) for line in range(1, 6)),
    text("City", 255),
    text("Country", 255),
    text("CountryCode", 255),
    text("County", 255),
    text("CountrySubDivisionCode", 255),
    text("PostalCode", 31),
    text("PostalCodeSuffix", 31),
    text("Note", 500),
    text("Tag", 500),
    *computed("Id", "Lat", "Long"),
)

PHONE = Fields(text("FreeFormNumber", 30), *anything("CountryCode", "AreaCode"))
EMAIL = Fields(email("Address"))
WEBSITE = Fields(text("URI", 1000))
MEMO = Fields(text("value", 1000))
CUSTOM_FIELD = Fields(
    text("DefinitionId", 30),
    text("Name", 31),
    text("Type", 30),
    text("StringValue", 31),
    boolean("BooleanValue"),
    date("DateValue"),
    number("NumberValue", places=7),
)

TAX_LINE = Fields(
    number("Amount"),
    text("DetailType", 50),
    block(
        "TaxLineDetail",
        Fields(
            reference("TaxRateRef", "TaxRate"),
            boolean("PercentBased"),
            number("TaxPercent", places=7),
            number("NetAmountTaxable"),
        ),
    ),
)


def address(name: str) -> Field:
    return block(name, ADDRESS)


def phone(name: str) -> Field:
    return block(name, PHONE)


def mail(name: str) -> Field:
    """An e-mail block; a query names the block and means its address."""
    return Field(name, kind=block(name, EMAIL).kind, parts=EMAIL)
