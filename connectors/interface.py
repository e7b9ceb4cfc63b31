"""What every accounting system looks like to the engine: the protocol, the outcomes, one exception.

A connector is plain Python. Writing is two pure functions, `push` (makes requests) and `read`
(reads a response): either half can run in another process or after a crash. Reading is a
generator that yields requests and receives responses.
"""

from __future__ import annotations

import datetime
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from connectors.documents import Document, RecordType

PushId = str


class Operation(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    VOID = "void"
    DELETE = "delete"


class Direction(StrEnum):
    """What goes which way."""

    IMPORT = "import"
    EXPORT = "export"
    BOTH = "both"
    NONE = "none"

    @property
    def exports(self) -> bool:
        return self in {Direction.EXPORT, Direction.BOTH}

    @property
    def imports(self) -> bool:
        return self in {Direction.IMPORT, Direction.BOTH}


class Reason(StrEnum):
    """Why a record was refused. jobs/errors.py says what each means to a person."""

    AUTH = "auth"
    MAPPING = "mapping"
    VALIDATION = "validation"
    DUPLICATE = "duplicate"
    STALE_VERSION = "stale_version"
    MISSING_REFERENCE = "missing_reference"
    CLOSED_PERIOD = "closed_period"
    RATE_LIMIT = "rate_limit"
    TRANSIENT = "transient"
    GONE = "gone"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the provider allows. Times in seconds, rates in requests per minute."""

    batch_size: int
    timeout: float
    requests_per_minute: int
    # Of these, how many may write.
    writes_per_minute: int
    # How many requests of one rank may be under way at once.
    concurrency: Mapping[int, int]
    # How long the provider surely remembers a request key; None: it has no keys.
    key_memory: float | None
    # The change feed reaches back this far; None: without limit.
    feed_memory: datetime.timedelta | None = None
    is_polled: bool = False
    # Types that the provider numbers in the order of their dates: sent the oldest first.
    oldest_first: frozenset[RecordType] = frozenset()


@dataclass(frozen=True, slots=True)
class LinkState:
    """What we know of their object: its id, its version, and its content as last seen."""

    external_id: str
    version: str
    is_finished: bool = True
    theirs: Document | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """One record to be written. `changed` names the fields of `content` to send; empty: all (of an
    object that is not finished: none)."""

    id: PushId
    record_type: RecordType
    operation: Operation
    marker: str
    label: str
    content: Document | None = None  # None for a delete
    link: LinkState | None = None
    changed: frozenset[str] = frozenset()
    # What the outcome `Again` of its last request said, if the record was not edited since.
    note: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Frozen bytes. `url` is absolute; the authorization header is added when it is sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    # The provider's idempotency key; "" when there is none.
    key: str = ""
    # The pushes it covers, in order; empty: the request only reads.
    pushes: tuple[PushId, ...] = ()
    # For people: "30 invoices", "changed customers".
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Remote:
    """Their object, read. `is_finished` is False where it exists there but is not booked yet."""

    record_type: RecordType
    external_id: str
    version: str
    content: Document
    label: str
    is_finished: bool = True
    marker: str = ""
    balance: Decimal | None = None
    total: Decimal | None = None
    # By the provider's clock, where it says so. No part of what it is.
    changed_at: datetime.datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is there. `remote` is what they made of it; None after a delete."""

    external_id: str
    version: str
    remote: Remote | None = None


@dataclass(frozen=True, slots=True)
class Partly:
    """It exists there but is not finished; the item is pushed again. `version` may say how far it
    has come. With `remote`, its total is compared before anything is booked."""

    external_id: str
    version: str
    remote: Remote | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """It is certain that nothing was written; the item is pushed again, with this note: the
    connector's own words (what it had to look up first, or that a record must go alone)."""

    note: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """It is certain that nothing was written. `code` and `message` are the provider's words;
    `field` names what is wrong; `external_id` an object of theirs that is in the way (duplicate)
    or missing (missing reference), where they name it."""

    reason: Reason
    code: str
    message: str
    field: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether it was written; it must be looked up."""

    why: str


Outcome = Accepted | Partly | Again | Rejected | Unknown


class Outage(Exception):
    """The accounting system could not do its work; no record is to blame."""

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        code: str = "",
        retry_after: float | None = None,
        is_decided: bool = False,
    ) -> None:
        """`is_decided`: it is certain that the request was not carried out (401, 429)."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.code = code
        self.retry_after = retry_after
        self.is_decided = is_decided


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a type has been imported: the connector's own JSON; {} means from the start."""

    position: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what changed. `deleted` are external ids. After the last page `cursor` is where
    the next import starts; `is_complete_scan` says that the pages together were *all* objects."""

    records: Sequence[Remote]
    deleted: Sequence[str]
    cursor: Cursor
    is_last: bool
    is_complete_scan: bool = False


@dataclass(frozen=True, slots=True)
class Caution:
    """A setting in accounting that will bite: what it is, and what to do."""

    code: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Health:
    """The check-up of the accounting company."""

    company_name: str
    country: str = ""
    currency: str = ""
    closing_date: datetime.date | None = None
    cautions: Sequence[Caution] = ()
    # What the connector must know later, JSON: kept on the connection, given to the constructor.
    preferences: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A provider's webhook says that an object changed, by the provider's clock. None of our types:
    something that changes others."""

    account_id: str
    record_type: RecordType | None
    external_id: str
    at: datetime.datetime | None = None


T = TypeVar("T")
Steps = Generator[Request, Response, T]


class Connector(Protocol):
    """The code for one kind of accounting system."""

    kind: str
    label: str
    limits: Limits
    directions: Mapping[RecordType, Direction]

    def push(self, batch: Sequence[Push], keys: Iterator[str]) -> Sequence[Request]:
        """Requests that write the batch, at most `limits.batch_size` of one rank. Pure."""
        ...

    def read(self, request: Request, response: Response) -> Mapping[PushId, Outcome]:
        """What became of each push of the request; one that is left out is `Unknown`. Pure.
        Raises Outage."""
        ...

    def refuse(self, push: Push) -> Rejected | None:
        """What the provider would surely refuse, refused here, in the same words. Pure."""
        ...

    def normalize(self, record_type: RecordType, content: Document) -> Document:
        """The content as the provider would give it back (cut, trimmed, rounded). Pure."""
        ...

    def find(self, batch: Sequence[Push]) -> Steps[Mapping[PushId, Sequence[Remote]]]:
        """What became of these, by link, marker, number or name. Every push has an entry."""
        ...

    def fetch(
        self, record_type: RecordType, external_ids: Sequence[str]
    ) -> Steps[Mapping[str, Remote]]:
        """Their objects, inactive ones too; an id that does not exist there is left out."""
        ...

    def pull(self, record_type: RecordType, cursor: Cursor) -> Steps[Page]:
        """One page of what changed since the cursor; call again with the page's cursor."""
        ...

    def check(self) -> Steps[Health]:
        """The company's name and the settings that will bite."""
        ...
