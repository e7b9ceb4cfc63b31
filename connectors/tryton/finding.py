"""Looking up what became of pushes: by link, by marker, or by number, party and total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.documents import Payment, RecordType, Trade
from connectors.interface import Push, PushId, Remote, Steps
from connectors.tryton import reading, rpc, stages
from connectors.tryton.config import Config
from connectors.tryton.contents import parse
from connectors.tryton.models import MODELS, PARTIES

Found = dict[PushId, Sequence[Remote]]


def find(batch: Sequence[Push], config: Config) -> Steps[Mapping[PushId, Sequence[Remote]]]:
    found: Found = {push.id: () for push in batch}
    for record_type in dict.fromkeys(push.record_type for push in batch):
        pushes = [push for push in batch if push.record_type is record_type]
        linked = [push for push in pushes if not _is_new(push)]
        unlinked = [push for push in pushes if _is_new(push) and push.content]
        if linked:
            found |= yield from _by_link(record_type, linked, config)
        if unlinked:
            found |= yield from _created(record_type, unlinked, config)
    return found


def _is_new(push: Push) -> bool:
    """Not there yet, or about to be made anew: only its marker can tell."""
    return push.link is None or push.link.version == stages.RENEWED


def _by_link(record_type: RecordType, pushes: Sequence[Push], config: Config) -> Steps[Found]:
    ids = {push.id: push.link.external_id for push in pushes if push.link}
    remotes = yield from reading.fetch(record_type, list(ids.values()), config)
    return {
        push_id: (remotes[external_id],) if external_id in remotes else ()
        for push_id, external_id in ids.items()
    }


def _created(record_type: RecordType, pushes: Sequence[Push], config: Config) -> Steps[Found]:
    """What bears our marker is ours; without any, an unmarked one that says the same."""
    remotes = yield from _candidates(record_type, pushes, config)
    found: Found = {}
    for push in pushes:
        marked = [remote for remote in remotes if push.marker and remote.marker == push.marker]
        alive = [remote for remote in marked if not getattr(remote.content, "is_voided", False)]
        same = [remote for remote in remotes if not remote.marker and _is_same(push, remote)]
        found[push.id] = tuple(alive or marked or same)
    return found


def _candidates(
    record_type: RecordType, pushes: Sequence[Push], config: Config
) -> Steps[list[Remote]]:
    model = MODELS[record_type]
    questions = [["OR", *_questions(record_type, pushes)]]
    domain: list[Any] = [*questions, *model.domain, *model.active_or_not]
    rows = yield from rpc.rows(
        config, model.name, domain, *model.fields, summary=f"{record_type}: look up"
    )
    remotes = [parse(record_type, row, config) for row in rows]
    return [remote for remote in remotes if remote]


def _questions(record_type: RecordType, pushes: Sequence[Push]) -> list[list[Any]]:
    markers = sorted({push.marker for push in pushes if push.marker})
    contents = [push.content for push in pushes]
    if record_type in PARTIES:
        names = sorted({str(getattr(content, "name", "")) for content in contents})
        return [["code", "in", markers], ["name", "in", names]]
    if record_type is RecordType.ITEM:
        names = sorted({str(getattr(content, "name", "")) for content in contents})
        return [["identifiers.code", "in", markers], ["template.name", "in", names]]
    numbers = sorted({str(getattr(content, "number", "")) for content in contents})
    if record_type is RecordType.PAYMENT:
        return [["description", "in", markers], ["lines.description", "in", numbers]]
    return [["description", "in", markers], ["reference", "in", numbers]]


def _is_same(push: Push, remote: Remote) -> bool:
    """A name alone may be another's; a document is known by number, party and total."""
    ours, theirs = push.content, remote.content
    if isinstance(ours, Trade) and isinstance(theirs, Trade):
        return (ours.number, ours.party, ours.total) == (
            theirs.number,
            theirs.party,
            remote.total,
        )
    if isinstance(ours, Payment) and isinstance(theirs, Payment):
        return (ours.number, ours.party, ours.amount) == (
            theirs.number,
            theirs.party,
            theirs.amount,
        )
    name = str(getattr(ours, "name", "")).strip()
    return bool(name) and name == str(getattr(theirs, "name", ""))
