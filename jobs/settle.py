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
    Push,
    PushId,
    Remote,
    Response,
    Unknown,
)
from connectors.interface import Cursor as Position
from connectors.models import Cursor, Link
from jobs import became, outages, outcomes
from jobs.importer import Importer
from jobs.lease import fenced
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
    found = dict(sender.read(work.connector.find(list(pushes.values()))))
    may_resend = _may_resend(work, exchange, timezone.now())
    if any(found.values()) or not may_resend:
        found |= _by_marker(work, sender, [p for p in pushes.values() if not found[p.id]])
    reach("settle.looked_up")
    results = became.judge(work, attempts, pushes, found)
    if not results and may_resend:
        _resend(work, sender, exchange, attempts)
        return
    settled = outages.repeated(
        work,
        lambda: outcomes.store(
            work,
            outcomes.results(attempts, results, NotSent("Looked up: it is not there")),
        ),
    )
    reach("settle.stored")
    present = [remote for remotes in found.values() for remote in remotes]
    outages.repeated(work, lambda: _agree(work, sender, exchange, settled, present))


def _agree(
    work: Work,
    sender: Sender,
    exchange: Exchange,
    settled: Sequence[tuple[Attempt, Result]],
    present: Sequence[Remote],
) -> None:
    """3b for what was looked up, with what was edited there since it was sent: in one transaction,
    or our next update would take their edit for agreed."""
    outcomes.apply(work, exchange.pk, settled)
    agreed = [
        result.remote for _, result in settled if isinstance(result, Accepted) and result.remote
    ]
    edited = [remote for remote in present for one in agreed if _is_edited(one, remote)]
    Importer(work, sender).merge(edited)


def _is_edited(agreed: Remote, present: Remote) -> bool:
    is_same = (agreed.record_type, agreed.external_id) == (present.record_type, present.external_id)
    return is_same and agreed.content != present.content


def _by_marker(work: Work, sender: Sender, pushes: Sequence[Push]) -> dict[PushId, list[Remote]]:
    """New ones that got another name or number over there before we looked: among all that was
    changed since the last import."""
    found: dict[PushId, list[Remote]] = {}
    new = [push for push in pushes if push.operation is Operation.CREATE and push.link is None]
    for record_type in dict.fromkeys(push.record_type for push in new):
        wanted = {push.marker: push.id for push in new if push.record_type is record_type}
        cursor = Cursor.objects.filter(connection=work.connection, record_type=record_type).first()
        position = Position(cursor.position if cursor else {})
        while True:
            work.breathe()
            page = sender.read(work.connector.pull(record_type, position))
            for remote in page.records:
                if remote.marker in wanted:
                    found.setdefault(wanted[remote.marker], []).append(remote)
            if page.is_last:
                break
            position = page.cursor
    return found


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
        results = {key: one for key, one in read.items() if not isinstance(one, Unknown)}
        if any(attempt.push_id not in results for attempt in attempts):
            return False
    with fenced(work.lease):
        settled = outcomes.store(
            work, outcomes.results(attempts, results, NotSent("It was not carried out"))
        )
    outages.repeated(work, lambda: outcomes.apply(work, exchange.pk, settled))
    return True


def _may_resend(work: Work, exchange: Exchange, now: datetime.datetime) -> bool:
    """No response ever came, and the provider still remembers the key: a late copy of the request
    is absorbed by it."""
    memory = work.connector.limits.key_memory
    if exchange.status is not None or not exchange.key or memory is None:
        return False
    return now < exchange.created_at + datetime.timedelta(seconds=memory)


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
