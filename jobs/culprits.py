"""What a refused record refers to and accounting has no more: the one thing to be mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.documents import RecordType
from connectors.interface import Reason
from connectors.models import Link
from connectors.registry import ROLES
from jobs import mapping
from jobs.mapping import Key
from jobs.models import SyncError
from records.models import Record

# Their id of something: (type, external id).
Reference = tuple[RecordType, str]


@dataclass(frozen=True, slots=True)
class Culprit:
    """A record of ours that is inactive or gone in accounting, and that others refer to."""

    record_type: RecordType
    record: Record
    is_gone: bool

    @property
    def key(self) -> Key:
        return (self.record_type, self.record.pk)


def of_errors(errors: Sequence[SyncError]) -> dict[int, Culprit]:
    """By the id of the error, where one can be named. `connection` and `attempt` should be read
    already. A constant number of queries: the links, and the records of each type."""
    refused = [error for error in errors if error.reason == Reason.MISSING_REFERENCE]
    if not refused:
        return {}
    links = _links(refused)
    found = {error.pk: link for error in refused if (link := _culprit(error, links))}
    keys = {(RecordType(link.record_type), link.record_id) for link in found.values()}
    records = mapping.labels(keys)
    culprits = {}
    for pk, link in found.items():
        key = (RecordType(link.record_type), link.record_id)
        if key in records:
            culprits[pk] = Culprit(key[0], records[key], link.gone_at is not None)
    return culprits


def references_in(record_type: str, content: Mapping[str, Any]) -> Iterator[Reference]:
    """Everything a neutral document refers to, by their ids."""
    if record_type:
        yield from _of_columns(mapping.COLUMNS[RecordType(record_type)], content)
    for line in content.get("lines", ()):
        yield from _of_columns(mapping.LINE_COLUMNS, line)


def _of_columns(columns: Mapping[str, str], values: Mapping[str, Any]) -> Iterator[Reference]:
    for column, field in columns.items():
        target = mapping.REFERENCES.get(column)
        if target is not None and values.get(field):
            yield target, str(values[field])


def _links(errors: Iterable[SyncError]) -> list[Link]:
    """Of all that these errors could be about, what accounting said is not to be used."""
    external, own, connections = set(), set(), set()
    for error in errors:
        connections.add(error.connection_id)
        external |= {theirs for _type, theirs in _referred(error)}
        own |= set(error.connection.defaults.values())
    links = Link.objects.filter(connection__in=connections)
    rows = links.filter(external_id__in=external) | links.filter(
        record_type__in=set(ROLES.values()), record_id__in=own
    )
    return list(rows.order_by("pk"))


def _referred(error: SyncError) -> set[Reference]:
    content = error.attempt.content if error.attempt else {}
    return set(references_in(error.record_type, content))


def _culprit(error: SyncError, links: Iterable[Link]) -> Link | None:
    """The one the provider named; else the first that is inactive: of those the record refers to,
    then of the connection's defaults."""
    of_connection = [link for link in links if link.connection_id == error.connection_id]
    referred = _referred(error)
    own = [
        one for one in of_connection if (RecordType(one.record_type), one.external_id) in referred
    ]
    for link in own:
        if error.external_id and link.external_id == error.external_id:
            return link
    chosen = set(error.connection.defaults.values())
    defaults = [one for one in of_connection if one.record_id in chosen and one not in own]
    return next((one for one in [*own, *defaults] if _is_unusable(one)), None)


def _is_unusable(link: Link) -> bool:
    return link.gone_at is not None or link.theirs.get("is_active") is False
