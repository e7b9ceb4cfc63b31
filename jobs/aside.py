"""What an export needs no request for: unchanged, superseded, blocked, or refused beforehand.

Every function is called inside the job's fenced transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.utils.translation import gettext as _

from connectors.documents import RANKS, RecordType
from connectors.interface import Reason, Rejected
from connectors.registry import ROLES
from jobs import errors, faults, mapping, words
from jobs.mapping import Key
from jobs.models import ErrorPhase
from jobs.plan import Nothing, Plan, WaitFor, is_too_early
from jobs.work import Work
from records.models import RECORD_MODELS, Record
from syncqueue import transitions
from syncqueue.models import State, SyncQueueItem
from syncqueue.transitions import Entry, Verdict

# The reason on items that were skipped because of the connection's date.
BEFORE_DATE = "before_date"


def put_aside(work: Work, plans: Sequence[tuple[SyncQueueItem, Plan]]) -> None:
    """What needs no request: finished, blocked, or refused before it was sent."""
    finished = [(item, one) for item, one in plans if isinstance(one, Nothing)]
    transitions.apply(
        [
            Verdict(
                item.pk,
                item.generation,
                _final_state(one),
                reason=BEFORE_DATE if one.skipped else "",
                refusal=one.skipped,
            )
            for item, one in finished
        ]
    )
    unchanged = sum(one.is_unchanged for _item, one in finished)
    skipped = sum(bool(one.skipped) for _item, one in finished)
    work.count(unchanged=unchanged, skipped=skipped, progress=len(finished))
    faults.resolve(work, [item for item, _one in finished])
    _block(work, [(item, one) for item, one in plans if isinstance(one, WaitFor)])
    refused = [(item, one) for item, one in plans if isinstance(one, Rejected)]
    _refuse(work, [(item, one) for item, one in refused if not _is_need(one)])
    _need(work, [(item, one) for item, one in refused if _is_need(one)])


def _need(work: Work, needing: Sequence[tuple[SyncQueueItem, Rejected]]) -> None:
    """A default of the connection is not chosen: one error for all that wait for it."""
    verdicts = []
    for item, one in needing:
        need = f"default:{one.field}"
        fault = faults.Fault(
            reason=Reason.MAPPING,
            message=one.message,
            phase=ErrorPhase.EXPORT,
            code=one.code,
            field=need,
            cause=("default", one.field),
        )
        faults.record_once(work, fault)
        verdicts.append(_waits_for_need(item, need, one.message))
    _stay(work, verdicts)


def _stay(work: Work, verdicts: Sequence[Verdict]) -> None:
    transitions.apply(verdicts)
    work.count(blocked=len(verdicts))


def _block(work: Work, blocked: Sequence[tuple[SyncQueueItem, WaitFor]]) -> None:
    """Let items wait for what they refer to, which is queued if it is not."""
    if not blocked:
        return
    keys = {(one.record_type, one.record_id) for _item, one in blocked}
    blockers = mapping.labels(keys)
    hopeless = {key for key in keys if not _can_follow(work, blockers.get(key))}
    verdicts: list[Verdict] = []
    for item, one in blocked:
        key = (one.record_type, one.record_id)
        if _is_reference_data(work, one.record_type):
            verdicts.append(_needs_mapping(work, item, key, blockers.get(key)))
        elif key in hopeless:
            _refuse(work, [(item, _why_hopeless(work, key, blockers.get(key)))])
        else:
            verdicts.append(
                Verdict(
                    item.pk,
                    item.generation,
                    State.BLOCKED,
                    blocked_by_type=one.record_type,
                    blocked_by_id=one.record_id,
                )
            )
    _stay(work, verdicts)
    _enqueue_blockers(work, keys - hopeless, blockers)


def _enqueue_blockers(work: Work, keys: set[Key], blockers: dict[Key, Record]) -> None:
    wanted = [key for key in sorted(keys) if not _is_reference_data(work, key[0])]
    for record_type, group in groupby(wanted, key=lambda key: key[0]):
        transitions.enqueue(
            connection=work.connection,
            record_type=record_type,
            rank=RANKS[record_type],
            entries=[Entry(key[1], str(blockers[key])) for key in group],
        )


def _needs_mapping(work: Work, item: SyncQueueItem, key: Key, blocker: Record | None) -> Verdict:
    """One error for all that wait for one counterpart."""
    need = f"{key[0]}:{key[1]}"
    name = str(blocker) if blocker else str(key[1])
    message = _("%(what)s “%(name)s” has no counterpart in accounting.") % {
        "what": RECORD_MODELS[key[0]]._meta.verbose_name,
        "name": name,
    }
    faults.record_once(
        work,
        faults.Fault(
            reason=Reason.MAPPING,
            message=message[:1].upper() + message[1:],
            phase=ErrorPhase.EXPORT,
            code="unmapped",
            field=need,
            record_type=key[0],
            record_id=key[1],
            label=name,
            cause=("unmapped", need),
        ),
    )
    return _waits_for_need(item, need, message)


def _is_reference_data(work: Work, record_type: RecordType) -> bool:
    return not work.connector.directions[record_type].exports


def _refuse(work: Work, refused: Sequence[tuple[SyncQueueItem, Rejected]]) -> None:
    """Refused before it was sent, in the same words as the provider would use."""
    if not refused:
        return
    made = [faults.refused(item, None, one) for item, one in refused]
    transitions.apply(
        [
            Verdict(
                item.pk,
                item.generation,
                State.CONFLICT if one.code in {"conflict", "gone"} else State.FAILED,
                reason=one.reason,
                refusal=fault.message,
                counts_as_attempt=errors.explain(one.reason).counts_as_attempt,
            )
            for (item, one), fault in zip(refused, made, strict=True)
        ]
    )
    faults.resolve(work, [item for item, _one in refused])
    faults.record(work, made)


def _is_need(rejected: Rejected) -> bool:
    return rejected.reason is Reason.MAPPING and rejected.field in ROLES


def _waits_for_need(item: SyncQueueItem, need: str, message: str) -> Verdict:
    return Verdict(
        item.pk,
        item.generation,
        State.BLOCKED,
        reason=Reason.MAPPING,
        refusal=message,
        blocked_by_need=need,
    )


def _can_follow(work: Work, record: Record | None) -> bool:
    """Whether a blocker can ever be exported."""
    is_there = record is not None and mapping.Loaded(record).is_exportable
    return is_there and not is_too_early(work.connection, record)


def _why_hopeless(work: Work, key: Key, record: Record | None) -> Rejected:
    if record is not None and mapping.Loaded(record).is_exportable:
        return words.refers_to_too_early(work.connection, record)
    return words.lost_reference(key, record)


def _final_state(nothing: Nothing) -> State:
    if nothing.skipped:
        return State.SKIPPED
    return State.UNCHANGED if nothing.is_unchanged else State.SUPERSEDED
