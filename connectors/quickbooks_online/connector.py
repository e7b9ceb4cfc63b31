"""The QuickBooks Online connector: the engine's interface, put together from its parts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

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
from connectors.quickbooks_online import batch as batches
from connectors.quickbooks_online import finding, health, normal, reading, refusals
from connectors.quickbooks_online.config import Config

_HOUR = 3600.0


class QuickBooksOnline:
    """Plain values in, plain values out; the bytes are moved by others."""

    kind: str = "quickbooks_online"
    label: str = "QuickBooks Online"
    limits: Limits = Limits(
        batch_size=batches.MOST_ITEMS,
        # Intuit gives up after 120 s; only then nothing can be written any more.
        timeout=130.0,
        # "500 requests per minute", of which "40 batch calls".
        requests_per_minute=500,
        writes_per_minute=40,
        # Payments and credits one request after another: two that settle one invoice at once
        # meet a stale or an already paid one.
        concurrency={10: 1, 20: 4, 30: 4, 40: 1},
        # How long a requestid is remembered is documented nowhere. A day is well within what the
        # SDKs rely on; what is older is looked up and sent under a new key.
        key_memory=24 * _HOUR,
        feed_memory=datetime.timedelta(days=30),
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
        if config.rate_factor != 1:
            self.limits = replace(
                self.limits,
                requests_per_minute=round(self.limits.requests_per_minute * config.rate_factor),
                writes_per_minute=round(self.limits.writes_per_minute * config.rate_factor),
            )

    def push(self, batch: Sequence[Push], keys: Iterator[str]) -> Sequence[Request]:
        return batches.requests(batch, keys, self.config)

    def read(self, request: Request, response: Response) -> Mapping[PushId, Outcome]:
        return batches.outcomes(request, response, self.config)

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
        return reading.pull(record_type, cursor, self.config)

    def check(self) -> Steps[Health]:
        return health.check(self.config)
