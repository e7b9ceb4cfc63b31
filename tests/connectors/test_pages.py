"""Where a person looks at an object in the accounting system itself."""

from __future__ import annotations

import pytest

from connectors.documents import RecordType
from connectors.quickbooks_online import pages as quickbooks
from connectors.tryton import pages as tryton

PRODUCTION = "https://quickbooks.api.intuit.com"
SANDBOX = "https://sandbox-quickbooks.api.intuit.com"


@pytest.mark.parametrize(
    ("api_url", "record_type", "page"),
    [
        (PRODUCTION, RecordType.INVOICE, "https://app.qbo.intuit.com/app/invoice?txnId=145"),
        (PRODUCTION, RecordType.PAYMENT, "https://app.qbo.intuit.com/app/recvpayment?txnId=145"),
        (
            PRODUCTION,
            RecordType.CUSTOMER,
            "https://app.qbo.intuit.com/app/customerdetail?nameId=145",
        ),
        (SANDBOX, RecordType.BILL, "https://app.sandbox.qbo.intuit.com/app/bill?txnId=145"),
        (PRODUCTION, RecordType.ITEM, ""),
        (PRODUCTION, RecordType.TAX_CODE, ""),
        (
            "http://127.0.0.1:8100/",
            RecordType.VENDOR_CREDIT,
            "http://127.0.0.1:8100/books/vendorcredit/145",
        ),
    ],
)
def test_quickbooks_shows_what_has_a_page(api_url: str, record_type: RecordType, page: str) -> None:
    found = quickbooks.page_of(api_url=api_url, record_type=record_type, external_id="145")
    assert found == page


@pytest.mark.parametrize(
    ("record_type", "external_id", "model"),
    [
        (RecordType.INVOICE, "7", "account.invoice/7"),
        (RecordType.CUSTOMER, "7", "party.party/7"),
        (RecordType.PAYMENT, "7", "account.move/7"),
        (RecordType.ITEM, "7", "product.product/7"),
        (RecordType.ITEM, "t7", "product.template/7"),
    ],
)
def test_trytons_web_client_opens_the_form(
    record_type: RecordType, external_id: str, model: str
) -> None:
    page = tryton.page_of(
        url="https://books.example/",
        database="shop",
        record_type=record_type,
        external_id=external_id,
    )
    assert page == f"https://books.example/#shop/model/{model}"
