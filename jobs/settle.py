"""Unknown outcomes: looks up what became of a request without an answer, then links or resends.

Every exchange without a decisive answer is settled as a whole: if one of its records is found, the
request was carried out, and those that are not found go into a new exchange.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from connectors import documents
from connectors.documents import Document, RecordType
from connectors.interface import (
    Accepted,
    LinkState,
    Operation,
    Outage,
    Partly,
    Push,
    PushId,
    Reason,
    Rejected,
    Remote,
    Response,
)
from connectors.models import Link
from jobs import outages, outcomes
from jobs.lease import fenced
from jobs.merge import changed_fields
from jobs.models import Attempt, Exchange
from jobs.outcomes import NotSent, Result
from jobs.plan import link_state, marker
from jobs.receive import receive
from jobs.sender import Sender, request_of
from jobs.steps import reach
from jobs.work import Stop, Work
from syncqueue import transitions


def settle(work: Work, sender: Sender) -> None:
    """Settle every exchange of the connection that can be settled now. Raises Stop with the
    seconds until the next one can, when there is one: a job does not go on over open questions."""
    soonest: float | None = None
    for exchange in list(_unsettled(work)):
        work.breathe()
        left = _seconds_until_decided(work, exchange, timezone.now())
        if left > 0:
            soonest = left if soonest is None else min(soonest, left)
        else:
            _settle_one(work, sender, exchange)
    if soonest is not None and not _others_wait(work):
        raise Stop(delay=soonest + 0.1)


def is_settled(work: Work) -> bool:
    return not _unsettled(work).exists()


def _unsettled(work: Work) -> QuerySet[Exchange]:
    open_ones = Exchange.objects.filter(connection=work.connection, is_write=True, settled_at=None)
    return open_ones.select_related("body").order_by("pk")


def _others_wait(work: Work) -> bool:
    return bool(transitions.ranks_due(connection=work.connection, item_ids=work.item_ids))


def _seconds_until_decided(work: Work, exchange: Exchange, now: datetime.datetime) -> float:
    """A request is over when its response came, or when the provider has certainly ended it."""
    if exchange.status is not None or exchange.sent_at is None:
        return 0
    over = exchange.sent_at + datetime.timedelta(seconds=work.timeout)
    return (over - now).total_seconds()


def _settle_one(work: Work, sender: Sender, exchange: Exchange) -> None:
    attempts = outcomes.attempts_of(exchange.pk)
    if exchange.status is not None and _apply_stored_answer(work, exchange, attempts):
        return
    pushes = _pushes(work, attempts)
    found = sender.read(work.connector.find(list(pushes.values())))
    reach("settle.looked_up")
    results = judge(work, exchange, attempts, pushes, found, now=timezone.now())
    if results is None:
        _resend(work, sender, exchange, attempts)
        return
    with fenced(work.lease):
        settled = outcomes.store(
            work, outcomes.results(attempts, results, NotSent("Looked up: it is not there"))
        )
    reach("settle.stored")
    outages.repeated(work, lambda: outcomes.apply(work, exchange.pk, settled))


def _apply_stored_answer(work: Work, exchange: Exchange, attempts: Sequence[Attempt]) -> bool:
    """An answer that was stored before a crash is applied as if it had just come; False when it
    decides nothing (a server error)."""
    request = request_of(exchange, [attempt.push_id for attempt in attempts])
    response = Response(
        exchange.status or 0, exchange.body.response_headers, bytes(exchange.body.response or b"")
    )
    try:
        read = dict(work.connector.read(request, response))
    except Outage as outage:
        if not outage.is_decided:
            return False
        results: Mapping[PushId, Result] = {}
    else:
        results = read
        if len(read) < len(attempts):
            return False
    with fenced(work.lease):
        settled = outcomes.store(
            work, outcomes.results(attempts, results, NotSent("It was not carried out"))
        )
    outages.repeated(work, lambda: outcomes.apply(work, exchange.pk, settled))
    return True


def judge(
    work: Work,
    exchange: Exchange,
    attempts: Sequence[Attempt],
    pushes: Mapping[PushId, Push],
    found: Mapping[PushId, Sequence[Remote]],
    *,
    now: datetime.datetime,
) -> Mapping[PushId, Result] | None:
    """The outcome of each push by what was found; None: send the same exchange again."""
    results: dict[PushId, Result] = {}
    for attempt in attempts:
        result = _what_became(work, attempt, pushes[attempt.push_id], found[attempt.push_id])
        if result is not None:
            results[attempt.push_id] = result
    if results or not _may_resend(work, exchange, now):
        return results
    return None


def _may_resend(work: Work, exchange: Exchange, now: datetime.datetime) -> bool:
    """No response ever came, and the provider still remembers the key: a late copy of the request
    is absorbed by it."""
    memory = work.connector.limits.key_memory
    if exchange.status is not None or not exchange.key or memory is None:
        return False
    return now < exchange.created_at + datetime.timedelta(seconds=memory)


def _what_became(
    work: Work, attempt: Attempt, push: Push, found: Sequence[Remote]
) -> Result | None:
    """None when it is not there."""
    if push.operation is Operation.DELETE:
        return _what_became_of_delete(push, found)
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
    return Accepted(remote.external_id, remote.version, remote)


def _what_became_of_delete(push: Push, found: Sequence[Remote]) -> Result | None:
    link = push.link
    if link is None:
        return None
    mine = [remote for remote in found if remote.external_id == link.external_id]
    if not mine:
        return Accepted(link.external_id, link.version)
    if getattr(mine[0].content, "is_active", True):
        return None
    return Accepted(mine[0].external_id, mine[0].version, mine[0])


def _is_it(work: Work, attempt: Attempt, push: Push, remote: Remote) -> bool:
    """Whether their object is what this push wrote: a new one by marker, else by content."""
    if push.link is not None and push.link.is_finished:
        return remote.external_id == push.link.external_id and _same(work, attempt, remote)
    if remote.marker:
        return remote.marker == push.marker
    return _same(work, attempt, remote)


def _same(work: Work, attempt: Attempt, remote: Remote) -> bool:
    record_type = RecordType(attempt.record_type)
    sent = documents.from_json(record_type, attempt.content)
    normalize = work.connector.normalize
    ours = documents.to_json(normalize(record_type, sent))
    theirs = documents.to_json(normalize(record_type, remote.content))
    return not changed_fields(theirs, ours)


def _pushes(work: Work, attempts: Sequence[Attempt]) -> dict[PushId, Push]:
    links = {
        (link.record_type, link.record_id): link_state(link)
        for link in Link.objects.filter(
            connection=work.connection, record_id__in=[a.record_id for a in attempts]
        )
    }
    return {
        attempt.push_id: _push(work, attempt, links.get((attempt.record_type, attempt.record_id)))
        for attempt in attempts
    }


def _push(work: Work, attempt: Attempt, link: LinkState | None) -> Push:
    record_type = RecordType(attempt.record_type)
    content: Document | None = None
    if attempt.content:
        content = documents.from_json(record_type, attempt.content)
    return Push(
        id=attempt.push_id,
        record_type=record_type,
        operation=Operation(attempt.operation),
        marker=marker(work.connection, record_type, attempt.record_id),
        label=attempt.item.label,
        content=content,
        link=link,
    )


def _resend(work: Work, sender: Sender, exchange: Exchange, attempts: Sequence[Attempt]) -> None:
    """The same bytes with the same key."""
    sender.get_ready(to_write=True)
    with fenced(work.lease):
        Exchange.objects.filter(pk=exchange.pk).update(sent_at=timezone.now(), failure="")
    reach("settle.resending")
    request = request_of(exchange, [attempt.push_id for attempt in attempts])
    receive(work, sender, sender.submit(exchange.pk, request).result())
