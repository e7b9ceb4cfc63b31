"""Where a person looks at an object in QuickBooks Online."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from connectors.documents import RecordType
from connectors.quickbooks_online.entities import ENTITIES

# Pages of the web application, and the parameter that takes the id. Intuit publishes only some of
# them; the others are what its own lists link to. Items, terms and the like have none.
PAGES: Mapping[RecordType, tuple[str, str]] = {
    RecordType.CUSTOMER: ("customerdetail", "nameId"),
    RecordType.VENDOR: ("vendordetail", "nameId"),
    RecordType.ACCOUNT: ("register", "accountId"),
    RecordType.INVOICE: ("invoice", "txnId"),
    RecordType.CREDIT_MEMO: ("creditmemo", "txnId"),
    RecordType.PAYMENT: ("recvpayment", "txnId"),
    RecordType.BILL: ("bill", "txnId"),
    RecordType.VENDOR_CREDIT: ("vendorcredit", "txnId"),
}
APPS = {
    "quickbooks.api.intuit.com": "https://app.qbo.intuit.com/app",
    "sandbox-quickbooks.api.intuit.com": "https://app.sandbox.qbo.intuit.com/app",
}


def page_of(*, api_url: str, record_type: RecordType, external_id: str) -> str:
    """ "" where there is no such page. A stand-in server shows its books below its own address."""
    app = APPS.get(urlsplit(api_url).hostname or "")
    if app is None:
        entity = ENTITIES[record_type].name.lower()
        return f"{api_url.rstrip('/')}/books/{entity}/{external_id}"
    if record_type not in PAGES:
        return ""
    name, parameter = PAGES[record_type]
    return f"{app}/{name}?{urlencode({parameter: external_id})}"
