"""Looking up what became of pushes: by link, marker, number or name, with few questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from connectors.documents import Document, Item, Party, Payment, RecordType, Trade
from connectors.interface import Push, PushId, Remote, Steps
from connectors.quickbooks_online import query, reading
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.contents import parse
from connectors.quickbooks_online.entities import ENTITIES, SALES

Found = dict[PushId, Sequence[Remote]]
Fits = Callable[[Push, Remote], bool]


def find(batch: Sequence[Push], config: Config) -> Steps[Mapping[PushId, Sequence[Remote]]]:
    found: Found = {push.id: () for push in batch}
    for record_type in dict.fromkeys(push.record_type for push in batch):
        pushes = [push for push in batch if push.record_type is record_type]
        linked = [push for push in pushes if push.link]
        unlinked = [push for push in pushes if not push.link and push.content]
        if linked:
            found |= yield from _by_link(record_type, linked, config)
        if unlinked:
            found |= yield from _created(record_type, unlinked, config)
    return found


def _by_link(record_type: RecordType, pushes: Sequence[Push], config: Config) -> Steps[Found]:
    ids = {push.id: push.link.external_id for push in pushes if push.link}
    remotes = yield from reading.fetch(record_type, list(ids.values()), config)
    return {
        push_id: (remotes[external_id],) if external_id in remotes else ()
        for push_id, external_id in ids.items()
    }


def _created(record_type: RecordType, pushes: Sequence[Push], config: Config) -> Steps[Found]:
    """What bears our marker is ours. Only without any: same number, party and total; or same name
    (or SKU), for which no marker can be looked up."""
    entity = ENTITIES[record_type]
    if entity.name_field:
        candidates = yield from _named(record_type, pushes, config)
        return {push.id: _ours(push, candidates, _is_same_name) for push in pushes}
    candidates = yield from _numbered(record_type, pushes, config)
    return {push.id: _ours(push, candidates, _is_same_document) for push in pushes}


def _ours(push: Push, candidates: Iterable[Remote], fits: Fits) -> Sequence[Remote]:
    near = list(candidates)
    marked = [remote for remote in near if push.marker and remote.marker == push.marker]
    if marked:
        return marked
    # Another record's marker says that it is not this one.
    return [remote for remote in near if not remote.marker and fits(push, remote)]


def _named(
    record_type: RecordType, pushes: Sequence[Push], config: Config
) -> Steps[Sequence[Remote]]:
    """By name, inactive ones (which QuickBooks renamed) included; items by SKU too."""
    entity = ENTITIES[record_type]
    names = {_name(push.content) for push in pushes}
    names |= {f"{name} (deleted)" for name in names}
    questions = [query.is_in(entity.name_field, names)]
    skus = {push.content.sku for push in pushes if isinstance(push.content, Item)} - {""}
    if skus:
        questions.append(query.is_in("Sku", skus))
    found: dict[str, Remote] = {}
    for question in questions:
        where = [question, *query.active_or_not(entity)]
        found |= yield from _asked(record_type, where, f"{len(pushes)} by name", config)
    return list(found.values())


def _numbered(
    record_type: RecordType, pushes: Sequence[Push], config: Config
) -> Steps[Sequence[Remote]]:
    """By number; those whose number QuickBooks does not have from us by date."""
    entity = ENTITIES[record_type]
    by_number = {_number(push) for push in pushes if _has_number(push, config)}
    dates = {_date(push) for push in pushes if not _has_number(push, config)}
    found: dict[str, Remote] = {}
    if by_number:
        where = [query.is_in(entity.number, by_number)]
        found |= yield from _asked(record_type, where, f"{len(by_number)} by number", config)
    if dates:
        where = [query.is_in("TxnDate", dates)]
        found |= yield from _asked(record_type, where, f"{len(dates)} days", config)
    return list(found.values())


def _asked(
    record_type: RecordType, where: Sequence[str], words: str, config: Config
) -> Steps[dict[str, Remote]]:
    entity = ENTITIES[record_type].name
    rows = yield from query.ask_all(entity, config, where=where, summary=f"{entity}: {words}")
    remotes = (parse(record_type, row, config) for row in rows)
    return {remote.external_id: remote for remote in remotes}


def _has_number(push: Push, config: Config) -> bool:
    is_theirs = push.record_type in SALES and not config.custom_numbers
    return bool(_number(push)) and not is_theirs


def _number(push: Push) -> str:
    return str(getattr(push.content, "number", "")).strip()


def _date(push: Push) -> str:
    content = push.content
    return content.date.isoformat() if isinstance(content, Trade | Payment) else ""


def _name(content: Document | None) -> str:
    return content.name.strip() if isinstance(content, Party | Item) else ""


def _is_same_name(push: Push, remote: Remote) -> bool:
    """QuickBooks does not tell upper from lower case in names."""
    ours, theirs = push.content, remote.content
    if _name(ours).casefold() == _name(theirs).casefold():
        return True
    skus = (ours.sku, theirs.sku) if isinstance(ours, Item) and isinstance(theirs, Item) else ("",)
    return bool(skus[0]) and len({sku.strip().casefold() for sku in skus}) == 1


def _is_same_document(push: Push, remote: Remote) -> bool:
    ours, theirs = push.content, remote.content
    if isinstance(ours, Trade) and isinstance(theirs, Trade):
        has_total = remote.total == ours.total
    elif isinstance(ours, Payment) and isinstance(theirs, Payment):
        has_total = theirs.amount == ours.amount
    else:
        return False
    return has_total and ours.party == theirs.party and _number(push) == theirs.number
