"""The export phase: sends what waits in the Sync Queue, rank by rank, batch by batch.

Nothing is lost and nothing is sent twice because of the order of steps: lock the items and only
then read the records; write exchange and attempts down; send outside any transaction; store the
answer; apply it.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from itertools import groupby

from django.utils.translation import gettext as _

from connectors.documents import RANKS, RecordType
from connectors.interface import Push, Reason, Rejected, Request
from jobs import errors, faults, mapping, settle, words
from jobs.lease import fenced
from jobs.mapping import Key
from jobs.models import Attempt, ErrorPhase, JobState
from jobs.plan import Nothing, Plan, Planner, Send, WaitFor
from jobs.receive import receive
from jobs.sender import Answer, Sender, write_down
from jobs.work import Work
from records.models import RECORD_MODELS, Record
from syncqueue import transitions
from syncqueue.models import State, SyncQueueItem
from syncqueue.transitions import Entry, Verdict

ONE_PER_PARTY_RANK = 40
InFlight = dict[Future[Answer], int]


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

    def run(self) -> None:
        """Until nothing is due. Raises Stop, Canceled, Halt, Outage."""
        self._begin()
        while True:
            settle.settle(self._work, self._sender)
            while ranks := self._ranks_due():
                self._send_rank(ranks[0])
            if settle.is_settled(self._work):
                break
        with fenced(self._work.lease):
            faults.resolve_needs(self._work)

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

    def _send_rank(self, rank: int) -> None:
        """Keep as many requests under way as the provider allows, until the rank is empty."""
        in_flight: InFlight = {}
        width = self._work.connector.limits.concurrency.get(min(rank, 90 - rank), 1)
        is_empty = False
        try:
            while True:
                self._work.breathe()
                while not is_empty and len(in_flight) < width:
                    is_empty = not self._claim(rank, in_flight)
                if not in_flight:
                    break
                self._receive_some(in_flight)
                is_empty = False
        finally:
            while in_flight:
                self._receive_some(in_flight)
        with fenced(self._work.lease):
            transitions.hasten(connection=self._work.connection, rank=rank, reason=Reason.DUPLICATE)

    def _claim(self, rank: int, in_flight: InFlight) -> bool:
        """Prepare and send one batch; False when nothing was due."""
        self._sender.get_ready()
        prepared = self._prepare(rank)
        if prepared is None:
            return False
        for exchange_id, request in prepared:
            in_flight[self._sender.submit(exchange_id, request)] = exchange_id
        return True

    def _prepare(self, rank: int) -> list[tuple[int, Request]] | None:
        """Step 1, one transaction: lock, read, decide, write down. None when nothing was due."""
        work = self._work
        limit = work.connector.limits.batch_size
        window = limit * 8 if rank == ONE_PER_PARTY_RANK else limit
        with fenced(work.lease):
            items = transitions.claim(
                connection=work.connection, rank=rank, limit=window, item_ids=work.item_ids
            )
            if not items:
                return None
            plans = self._plans(items)
            sends = [(item, one) for item, one in plans if isinstance(one, Send)]
            if rank == ONE_PER_PARTY_RANK:
                sends = one_per_party(sends)
            prepared = self._write_down(sends[:limit])
            self._put_aside([(item, one) for item, one in plans if not isinstance(one, Send)])
            self._say(items[0])
        return prepared

    def _plans(self, items: Sequence[SyncQueueItem]) -> list[tuple[SyncQueueItem, Plan]]:
        by_type: dict[RecordType, list[SyncQueueItem]] = defaultdict(list)
        for item in items:
            by_type[RecordType(item.record_type)].append(item)
        return [
            planned
            for record_type, group in by_type.items()
            for planned in self._planner.plan(record_type, group)
        ]

    def _write_down(self, sends: Sequence[tuple[SyncQueueItem, Send]]) -> list[tuple[int, Request]]:
        """Exchanges and attempts, before anything is sent."""
        if not sends:
            return []
        work = self._work
        pushes = [_numbered(send.push, number) for number, (_item, send) in enumerate(sends)]
        requests = work.connector.push(pushes, self._keys)
        exchange_ids = write_down(work, requests)
        of_push = {push.id: sent for push, sent in zip(pushes, sends, strict=True)}
        Attempt.objects.bulk_create(
            _attempt(work, exchange_id, push_id, *of_push[push_id])
            for exchange_id, request in zip(exchange_ids, requests, strict=True)
            for push_id in request.pushes
        )
        transitions.mark_sending(item_ids=[item.pk for item, _send in sends])
        return list(zip(exchange_ids, requests, strict=True))

    def _put_aside(self, plans: Sequence[tuple[SyncQueueItem, Plan]]) -> None:
        """What needs no request: finished, blocked, or refused before it was sent."""
        finished = [(item, one) for item, one in plans if isinstance(one, Nothing)]
        transitions.apply(
            [
                Verdict(
                    item.pk,
                    item.generation,
                    State.UNCHANGED if one.is_unchanged else State.SUPERSEDED,
                )
                for item, one in finished
            ]
        )
        unchanged = sum(one.is_unchanged for _item, one in finished)
        self._work.count(unchanged=unchanged, progress=len(finished))
        faults.resolve(self._work, [item for item, _one in finished])
        self._block([(item, one) for item, one in plans if isinstance(one, WaitFor)])
        self._refuse([(item, one) for item, one in plans if isinstance(one, Rejected)])

    def _block(self, blocked: Sequence[tuple[SyncQueueItem, WaitFor]]) -> None:
        """Let items wait for what they refer to, which is queued if it is not."""
        if not blocked:
            return
        keys = {(one.record_type, one.record_id) for _item, one in blocked}
        blockers = mapping.labels(keys)
        hopeless = {key for key in keys if not _can_follow(blockers.get(key))}
        verdicts: list[Verdict] = []
        for item, one in blocked:
            key = (one.record_type, one.record_id)
            if self._is_reference_data(one.record_type):
                verdicts.append(self._needs_mapping(item, key, blockers.get(key)))
            elif key in hopeless:
                self._refuse([(item, words.lost_reference(key, blockers.get(key)))])
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
        transitions.apply(verdicts)
        self._work.count(blocked=len(verdicts))
        self._enqueue_blockers(keys - hopeless, blockers)

    def _enqueue_blockers(self, keys: set[Key], blockers: dict[Key, Record]) -> None:
        wanted = [key for key in sorted(keys) if not self._is_reference_data(key[0])]
        for record_type, group in groupby(wanted, key=lambda key: key[0]):
            transitions.enqueue(
                connection=self._work.connection,
                record_type=record_type,
                rank=RANKS[record_type],
                entries=[Entry(key[1], str(blockers[key])) for key in group],
            )

    def _needs_mapping(self, item: SyncQueueItem, key: Key, blocker: Record | None) -> Verdict:
        """One error for all that wait for one counterpart."""
        need = f"{key[0]}:{key[1]}"
        name = str(blocker) if blocker else str(key[1])
        message = _("%(what)s “%(name)s” has no counterpart in accounting.") % {
            "what": RECORD_MODELS[key[0]]._meta.verbose_name,
            "name": name,
        }
        faults.record_once(
            self._work,
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
        return Verdict(
            item.pk,
            item.generation,
            State.BLOCKED,
            reason=Reason.MAPPING,
            refusal=message,
            blocked_by_need=need,
        )

    def _is_reference_data(self, record_type: RecordType) -> bool:
        return not self._work.connector.directions[record_type].exports

    def _refuse(self, refused: Sequence[tuple[SyncQueueItem, Rejected]]) -> None:
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
        faults.resolve(self._work, [item for item, _one in refused])
        faults.record(self._work, made)

    def _say(self, item: SyncQueueItem) -> None:
        self._work.update_job(phase=words.exporting(RecordType(item.record_type)))

    def _receive_some(self, in_flight: InFlight) -> None:
        done, _pending = wait(in_flight, return_when=FIRST_COMPLETED)
        for future in done:
            del in_flight[future]
            receive(self._work, self._sender, future.result())


def one_per_party(sends: Sequence[tuple[SyncQueueItem, Send]]) -> list[tuple[SyncQueueItem, Send]]:
    """The first of each customer: the rest waits for the next batch, so that payments of one
    customer reach the books in their order."""
    first: dict[str, tuple[SyncQueueItem, Send]] = {}
    for item, send in sends:
        first.setdefault(send.party or str(item.pk), (item, send))
    return list(first.values())


def _numbered(push: Push, number: int) -> Push:
    return replace(push, id=str(number))


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


def _can_follow(record: Record | None) -> bool:
    """Whether a blocker can ever be exported."""
    return record is not None and mapping.Loaded(record).is_exportable
