"""What became of a push without an answer: judged from what accounting has. Reads nothing, writes
nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from connectors import documents
from connectors.documents import Document, RecordType
from connectors.interface import Accepted, Operation, Partly, Push, PushId, Reason, Rejected, Remote
from jobs.merge import changed_fields
from jobs.models import Attempt
from jobs.outcomes import Result
from jobs.work import Work

# Edited or voided there, its total is no longer that of what we sent.
BEARS_ON_TOTAL = frozenset({"lines", "amount", "is_voided"})


def judge(
    work: Work,
    attempts: Sequence[Attempt],
    pushes: Mapping[PushId, Push],
    found: Mapping[PushId, Sequence[Remote]],
) -> Mapping[PushId, Result]:
    """The outcome of each push by what was found; those that are not there are left out."""
    results: dict[PushId, Result] = {}
    for attempt in attempts:
        result = _what_became(work, attempt, pushes[attempt.push_id], found[attempt.push_id])
        if result is not None:
            results[attempt.push_id] = result
    return results


def _what_became(
    work: Work, attempt: Attempt, push: Push, found: Sequence[Remote]
) -> Result | None:
    """None when it is not there."""
    if push.operation is Operation.DELETE:
        return _what_became_of_delete(attempt, push, found)
    there = [remote for remote in found if _is_it(work, attempt, push, remote)]
    if len(there) > 1:
        ids = ", ".join(remote.external_id for remote in there)
        return Rejected(
            Reason.GONE,
            "two_found",
            f"Accounting has it more than once: {ids}. Delete the copies there, then retry.",
        )
    if not there:
        return None
    remote = there[0]
    if push.link is not None and not push.link.is_finished and not _same(work, attempt, remote):
        return None  # It is there as it was before this request.
    if not remote.is_finished:
        return Partly(remote.external_id, remote.version)
    return Accepted(remote.external_id, remote.version, _as_sent(work, attempt, remote))


def _as_sent(work: Work, attempt: Attempt, remote: Remote) -> Remote:
    """What was agreed is what we sent. Where theirs differs by now, they edited it meanwhile: taken
    for agreed, their edit would never come to us."""
    sent, theirs = _normal(work, attempt), _normal(work, attempt, remote)
    edited = {
        field.name: getattr(sent, field.name)
        for field in dataclasses.fields(sent)
        if getattr(sent, field.name) != getattr(theirs, field.name)
    }
    content = dataclasses.replace(remote.content, **edited)
    total = None if BEARS_ON_TOTAL & edited.keys() else remote.total
    return dataclasses.replace(remote, content=content, total=total)


def _what_became_of_delete(attempt: Attempt, push: Push, found: Sequence[Remote]) -> Result | None:
    link = push.link
    if link is None:  # Whoever looked it up before found it deleted, and removed the link.
        return Accepted(attempt.external_id, "")
    mine = [remote for remote in found if remote.external_id == link.external_id]
    if not mine:
        return Accepted(link.external_id, link.version)
    if getattr(mine[0].content, "is_active", True):
        return None
    return Accepted(mine[0].external_id, mine[0].version, mine[0])


def _is_it(work: Work, attempt: Attempt, push: Push, remote: Remote) -> bool:
    """Whether their object is what this push wrote: a new one by marker, else by content."""
    if push.link is not None and push.link.is_finished:
        if remote.external_id != push.link.external_id:
            return False
        # A new one that was linked since, by its marker, may have been edited there since.
        return push.operation is Operation.CREATE or _same(work, attempt, remote)
    if remote.marker:
        return remote.marker == push.marker
    # Where nothing carries a marker, `find` has gone by the name, of which there is only one.
    return push.record_type is RecordType.ITEM or _same(work, attempt, remote)


def _same(work: Work, attempt: Attempt, remote: Remote) -> bool:
    ours = documents.to_json(_normal(work, attempt))
    theirs = documents.to_json(_normal(work, attempt, remote))
    return not changed_fields(theirs, ours)


def _normal(work: Work, attempt: Attempt, remote: Remote | None = None) -> Document:
    """What was sent, or what is there, as the provider gives it back."""
    record_type = RecordType(attempt.record_type)
    content = remote.content if remote else documents.from_json(record_type, attempt.content)
    return work.connector.normalize(record_type, content)
