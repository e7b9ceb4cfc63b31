"""Takes one answer in: store it (3a), apply it (3b), and do what the refusals ask for."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.interface import Outage, PushId, Reason, Unknown
from jobs import outages, outcomes
from jobs.importer import Importer
from jobs.lease import fenced
from jobs.models import Attempt
from jobs.outcomes import NotSent, Result
from jobs.sender import Answer, Sender, store_answer
from jobs.steps import reach
from jobs.work import Work


def receive(
    work: Work, sender: Sender, answer: Answer, attempts: Sequence[Attempt] | None = None
) -> None:
    """`attempts`: those of the exchange, from who has just written them down; None: read them.
    Raises Stop or Halt when the accounting system cannot do its work."""
    reach("export.sent")
    results, missing, outage = _outcomes(work, answer)
    with fenced(work.lease):
        store_answer(work, answer)
        if attempts is None:
            attempts = outcomes.attempts_of(answer.exchange_id)
        settled = outcomes.store(work, outcomes.results(attempts, results, missing))
    reach("export.stored")
    applied = outages.repeated(work, lambda: outcomes.apply(work, answer.exchange_id, settled))
    reach("export.applied")
    if outage:
        outages.handle(work, outage)
        return
    outages.over(work)
    if applied.stale:
        Importer(work, sender).refresh(applied.stale)


def _outcomes(work: Work, answer: Answer) -> tuple[dict[PushId, Result], Result, Outage | None]:
    """Outcomes by push, the outcome of those that are left out, and the outage there was."""
    if answer.response is None:
        outage = Outage(Reason.TRANSIENT, answer.failure, is_decided=not answer.was_sent)
    else:
        try:
            read = work.connector.read(answer.request, answer.response)
        except Outage as raised:
            outage = raised
        else:
            return dict(read), Unknown("The answer did not mention it"), None
    if outage.is_decided:
        return {}, NotSent(outage.message), outage
    return {}, Unknown(outage.message), outage
