"""The Tryton connector: the engine's interface, put together from its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.documents import Document, RecordType
from connectors.interface import (
    Cursor,
    Direction,
    Health,
    Limits,
    Outcome,
    Page,
    Push,
    PushId,
    Rejected,
    Remote,
    Request,
    Response,
    Steps,
)
from connectors.tryton import changes, finding, health, normal, outcomes, reading, refusals, writing
from connectors.tryton.config import Config


class Tryton:
    """Plain values in, plain values out; the bytes are moved by others."""

    kind: str = "tryton"
    label: str = "Tryton"
    limits: Limits = Limits(
        batch_size=writing.MOST_PUSHES,
        # A call is one transaction, and a long one posts many documents.
        timeout=120.0,
        requests_per_minute=6000,
        writes_per_minute=6000,
        # One writer: invoice numbers without gaps are one lock per company on PostgreSQL (HTTP
        # 503), and are given out twice on SQLite.
        concurrency={10: 1, 20: 1, 30: 1, 40: 1},
        # There are no request keys: what is unknown is looked up by marker.
        key_memory=None,
        # Refused once a later one has a number of the same sequence ("number_order").
        oldest_first=frozenset({RecordType.INVOICE, RecordType.CREDIT_MEMO}),
    )
    directions: Mapping[RecordType, Direction] = {
        RecordType.ACCOUNT: Direction.IMPORT,
        RecordType.TAX_CODE: Direction.IMPORT,
        RecordType.PAYMENT_TERM: Direction.IMPORT,
        RecordType.PAYMENT_METHOD: Direction.IMPORT,
        RecordType.CUSTOMER: Direction.BOTH,
        RecordType.VENDOR: Direction.BOTH,
        RecordType.ITEM: Direction.BOTH,
        RecordType.INVOICE: Direction.EXPORT,
        RecordType.CREDIT_MEMO: Direction.EXPORT,
        RecordType.BILL: Direction.EXPORT,
        RecordType.VENDOR_CREDIT: Direction.EXPORT,
        RecordType.PAYMENT: Direction.BOTH,
    }

    def __init__(self, config: Config) -> None:
        self.config = config

    def push(self, batch: Sequence[Push], keys: Iterator[str]) -> Sequence[Request]:
        return writing.requests(batch, self.config)

    def read(self, request: Request, response: Response) -> Mapping[PushId, Outcome]:
        return outcomes.outcomes(request, response, self.config)

    def refuse(self, push: Push) -> Rejected | None:
        return refusals.refuse(push, self.config)

    def normalize(self, record_type: RecordType, content: Document) -> Document:
        return normal.normal(record_type, content, self.config)

    def find(self, batch: Sequence[Push]) -> Steps[Mapping[PushId, Sequence[Remote]]]:
        return finding.find(batch, self.config)

    def fetch(
        self, record_type: RecordType, external_ids: Sequence[str]
    ) -> Steps[Mapping[str, Remote]]:
        return reading.fetch(record_type, external_ids, self.config)

    def pull(self, record_type: RecordType, cursor: Cursor) -> Steps[Page]:
        return changes.pull(record_type, cursor, self.config)

    def check(self) -> Steps[Health]:
        return health.check(self.config)
