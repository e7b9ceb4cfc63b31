"""The company's own card and its preferences: read by the API, edited by the page."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import COMMON
from simulators.quickbooks_online.schema import Entity, Fields, anything, text

COMPANY_INFO = Entity(
    name="CompanyInfo",
    family="CompanyInfo",
    fields=Fields(
        *COMMON,
        text("CompanyName", 1024),
        text("LegalName", 1024),
        text("Country", 10),
        *anything("CompanyAddr", "LegalAddr", "CustomerCommunicationAddr", "Email"),
        *anything("CompanyStartDate", "FiscalYearStartMonth", "NameValue"),
        *anything("SupportedLanguages", "DefaultTimeZone", "PrimaryPhone", "WebAddr"),
    ),
    is_writable=False,
    is_in_feed=False,
)

PREFERENCES = Entity(
    name="Preferences",
    family="Preferences",
    fields=Fields(
        *COMMON,
        *anything("AccountingInfoPrefs", "SalesFormsPrefs", "CurrencyPrefs"),
        *anything("TaxPrefs", "ProductAndServicesPrefs", "VendorAndPurchasesPrefs"),
        *anything("EmailMessagesPrefs", "TimeTrackingPrefs", "ReportPrefs"),
        *anything("OtherPrefs"),
    ),
    is_writable=False,
    is_in_feed=False,
)
