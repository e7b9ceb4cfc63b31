"""What can be done to one document by its address: send it by e-mail, print it."""

from __future__ import annotations

from simulators.quickbooks_online import writing
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import Reply
from simulators.quickbooks_online.refusal import not_found, operation_unsupported
from simulators.quickbooks_online.rows import DELETED, Rows, shown
from simulators.quickbooks_online.schema import Entity, Json


def send(rows: Rows, entity: Entity, id_: str, address: str, request_id: str) -> Json:
    """POST /invoice/{id}/send: no mail leaves, but the document says that it did."""
    if "EmailStatus" not in entity.fields:
        raise operation_unsupported(f"send of {entity.name}")
    before = rows.find(entity.name, id_)
    if before is None or before.state == DELETED:
        raise not_found()
    sent: Json = {
        "Id": id_,
        "SyncToken": str(before.token),
        "sparse": True,
        "EmailStatus": "EmailSent",
    }
    if address:
        sent["BillEmail"] = {"Address": address}
    stored = writing.save(writing.Change(rows, request_id=request_id), entity, sent)
    return {entity.name: shown(entity.name, stored.open_cents, stored.text)}


def pdf(company: Company, entity: Entity, id_: str) -> Reply:
    """GET /invoice/{id}/pdf: one empty page."""
    if "PrintStatus" not in entity.fields:
        raise operation_unsupported(f"pdf of {entity.name}")
    with company.store.reading() as rows:
        found = rows.glance(entity.name, id_)
    if found is None or found.state == DELETED:
        raise not_found()
    return Reply(200, _EMPTY_PAGE, "application/pdf")


_EMPTY_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
