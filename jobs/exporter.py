"""The export phase: sends what waits in the Sync Queue, rank by rank, batch by batch.

Nothing is lost and nothing is sent twice because of the order of steps: lock the items and only
then read the records; write exchange and attempts down; send outside any transaction; store the
answer; apply it.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace

from connectors.documents import RecordType
from connectors.interface import Reason, Request
from jobs import aside, faults, outcomes, settle, strikes, words
from jobs.lease import fenced
from jobs.models import Attempt, JobState
from jobs.outcomes import AGAIN
from jobs.plan import Plan, Planner, Send
from jobs.receive import receive
from jobs.sender import Answer, Sender, write_down
from jobs.steps import reach
from jobs.work import Halt, Stop, Work
from syncqueue import transitions
from syncqueue.models import SyncQueueItem

ONE_PER_PARTY_RANK = 40
InFlight = dict[Future[Answer], list[Attempt]]


@dataclass(frozen=True, slots=True)
class Written:
    """An exchange in the journal, not sent yet."""

    exchange_id: int
    request: Request
    attempts: list[Attempt]


def request_keys() -> Iterator[str]:
    """Random keys of 20 lower-case base-32 characters: they fit every provider."""
    while True:
        yield "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(20))


class Exporter:
    """Sends what waits, in one slice of one job."""

    def __init__(self, work: Work, sender: Sender) -> None:
        self._work = work
        self._sender = sender
        self._planner = Planner(connection=work.connection, connector=work.connector)
        self._keys = request_keys()
        self._said = ""

    def run(self) -> None:
        """Until nothing is due. Raises Stop, Canceled, Halt, Outage."""
        self._begin()
        while True:
            settle.settle(self._work, self._sender)
            has_sent_all = self._send_due()
            if settle.is_settled(self._work):
                break
            if not has_sent_all:
                time.sleep(0.5)
        with fenced(self._work.lease):
            faults.resolve_needs(self._work)

    def _send_due(self) -> bool:
        """All that is due, rank by rank; False when some of it is being edited just now. That
        goes with the next job, however long the edit takes."""
        passed: set[int] = set()
        while ranks := [rank for rank in self._ranks_due() if rank not in passed]:
            if self._send_rank(ranks[0]):
                passed.clear()
            else:
                passed.add(ranks[0])
        return not passed

    def _begin(self) -> None:
        work = self._work
        with fenced(work.lease):
            transitions.wake_needs(connection=work.connection)
            transitions.wake(connection=work.connection)
            waiting = SyncQueueItem.objects.open().filter(connection=work.connection).count()
            done = work.job.progress
            work.update_job(state=JobState.EXPORTING, progress_total=done + waiting)

    def _ranks_due(self) -> list[int]:
        work = self._work
        with fenced(work.lease):
            transitions.wake(connection=work.connection)
            return transitions.ranks_due(connection=work.connection, item_ids=work.item_ids)

    def _send_rank(self, rank: int) -> bool:
        """Keep as many requests under way as the provider allows, until the rank is empty; False
        when it had nothing that could be claimed."""
        in_flight: InFlight = {}
        has_claimed = False
        width = self._work.connector.limits.concurrency.get(min(rank, 90 - rank), 1)
        is_empty = False
        try:
            while True:
                self._work.breathe()
                while not is_empty and len(in_flight) < width:
                    if in_flight and self._sender.must_wait(to_write=True):
                        break  # Meanwhile the answers are taken in.
                    is_empty = not self._claim(rank, in_flight)
                    has_claimed = has_claimed or not is_empty
                if not in_flight:
                    break
                self._receive_one(in_flight)
                is_empty = False
        finally:
            self._drain(in_flight)
        with fenced(self._work.lease):
            transitions.hasten(connection=self._work.connection, rank=rank, reason=Reason.DUPLICATE)
        return has_claimed

    def _drain(self, in_flight: InFlight) -> None:
        """Take in what is still under way; why the rank ends is known already."""
        while in_flight:
            with contextlib.suppress(Stop, Halt):
                self._receive_one(in_flight)

    def _claim(self, rank: int, in_flight: InFlight) -> bool:
        """Prepare and send one batch; False when nothing was due."""
        self._sender.get_ready(to_write=True)
        prepared = self._prepare(rank)
        if prepared is None:
            return False
        reach("export.written")
        for one in prepared:
            in_flight[self._sender.submit(one.exchange_id, one.request)] = one.attempts
        return True

    def _prepare(self, rank: int) -> list[Written] | None:
        """Step 1, one transaction: lock, read, decide, write down. None when nothing was due."""
        work = self._work
        limit = work.connector.limits.batch_size
        window = limit * 8 if rank == ONE_PER_PARTY_RANK else limit
        if work.is_careful:
            window = self._note_next(rank)
        with fenced(work.lease):
            items = transitions.claim(
                connection=work.connection,
                rank=rank,
                limit=window,
                item_ids=work.item_ids,
                oldest_first=work.connector.limits.oldest_first,
            )
            if not items:
                return None
            if items[0].reason == Reason.INTERNAL:
                items = items[:1]  # It spoiled a whole batch: it goes alone.
            reach("export.claimed")
            plans = self._plans(items)
            sends = [(item, one) for item, one in plans if isinstance(one, Send)]
            if rank == ONE_PER_PARTY_RANK:
                sends = one_per_party(sends, in_order=work.connector.limits.oldest_first)
            prepared = self._write_down(sends[:limit])
            aside.put_aside(work, [(item, one) for item, one in plans if not isinstance(one, Send)])
            self._say(items[0])
        return prepared

    def _note_next(self, rank: int) -> int:
        """Write down which single record is looked at next, in case it ends this process."""
        work = self._work
        with fenced(work.lease):
            items = transitions.claim(
                connection=work.connection,
                rank=rank,
                limit=1,
                item_ids=work.item_ids,
                oldest_first=work.connector.limits.oldest_first,
            )
        if items:
            strikes.note_suspect(work, items[0])
        return 1

    def _plans(self, items: Sequence[SyncQueueItem]) -> list[tuple[SyncQueueItem, Plan]]:
        by_type: dict[RecordType, list[SyncQueueItem]] = defaultdict(list)
        for item in items:
            by_type[RecordType(item.record_type)].append(item)
        return [
            planned
            for record_type, group in by_type.items()
            for planned in self._planner.plan(record_type, group)
        ]

    def _write_down(self, sends: Sequence[tuple[SyncQueueItem, Send]]) -> list[Written]:
        """Exchanges and attempts, before anything is sent."""
        if not sends:
            return []
        work = self._work
        notes = _notes(work, [item for item, _send in sends])
        pushes = [
            replace(send.push, id=str(number), note=notes.get(item.pk, ""))
            for number, (item, send) in enumerate(sends)
        ]
        requests = work.connector.push(pushes, self._keys)
        exchange_ids = write_down(work, requests)
        of_push = {push.id: sent for push, sent in zip(pushes, sends, strict=True)}
        written = [
            Written(
                exchange_id,
                request,
                [
                    _attempt(work, exchange_id, push_id, *of_push[push_id])
                    for push_id in request.pushes
                ],
            )
            for exchange_id, request in zip(exchange_ids, requests, strict=True)
        ]
        outcomes.write_down([attempt for one in written for attempt in one.attempts])
        transitions.mark_sending(item_ids=[item.pk for item, _send in sends])
        return written

    def _say(self, item: SyncQueueItem) -> None:
        """What the job does now, in words, when it is something else than before."""
        phase = words.exporting(RecordType(item.record_type))
        if phase != self._said:
            self._said = phase
            self._work.update_job(phase=phase)

    def _receive_one(self, in_flight: InFlight) -> None:
        done, _pending = wait(in_flight, return_when=FIRST_COMPLETED)
        future = done.pop()
        attempts = in_flight.pop(future)
        receive(self._work, self._sender, future.result(), attempts)


def one_per_party(
    sends: Sequence[tuple[SyncQueueItem, Send]], *, in_order: Collection[RecordType] = ()
) -> list[tuple[SyncQueueItem, Send]]:
    """The first of each customer: the rest waits for the next batch, so that payments of one
    customer reach the books in their order. Of the types in `in_order` nothing overtakes what
    waits."""
    first: dict[str, tuple[SyncQueueItem, Send]] = {}
    has_to_wait: set[RecordType] = set()
    for item, send in sends:
        party, record_type = send.party or str(item.pk), send.push.record_type
        if party in first:
            has_to_wait.add(record_type)
        elif record_type not in in_order or record_type not in has_to_wait:
            first[party] = (item, send)
    return list(first.values())


def _notes(work: Work, items: Sequence[SyncQueueItem]) -> dict[int, str]:
    """What the last attempt of each item learned in this job (see `Again`); an edit outdates it."""
    sent_before = [item.pk for item in items if item.sent_generation == item.generation]
    if not sent_before:
        return {}
    latest = (
        Attempt.objects.filter(item__in=sent_before)
        .order_by("item_id", "-pk")
        .distinct("item_id")
        .values_list("item_id", "sent_generation", "code", "message", "exchange__job_id")
    )
    known = {(item.pk, item.generation, AGAIN, work.job.pk) for item in items}
    return {
        item_id: message
        for item_id, generation, code, message, job_id in latest
        if (item_id, generation, code, job_id) in known
    }


def _attempt(
    work: Work, exchange_id: int, push_id: str, item: SyncQueueItem, send: Send
) -> Attempt:
    return Attempt(
        exchange_id=exchange_id,
        company_id=work.connection.company_id,
        item=item,
        record_type=item.record_type,
        record_id=item.record_id,
        push_id=push_id,
        operation=send.push.operation,
        sent_generation=item.generation,
        content=send.content,
    )
