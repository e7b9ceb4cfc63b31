"""How a job's state and its exchanges look: the words, shapes and colours of each outcome."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import (
    Attempt,
    AttemptOutcome,
    Exchange,
    JobOutcome,
    JobState,
    SyncError,
    SyncJob,
    Trigger,
)
from ui import marks

OUTCOMES = {
    JobOutcome.SUCCEEDED: ("ok", "check_circle", gettext_lazy("Yes")),
    JobOutcome.WITH_ERRORS: ("warn", "warning", gettext_lazy("Yes, with errors")),
    JobOutcome.FAILED: ("bad", "cancel", gettext_lazy("Yes, failed")),
    JobOutcome.CANCELED: ("idle", "block", gettext_lazy("Yes, canceled")),
}

STARTED = {
    Trigger.MANUAL: gettext_lazy("Started by hand"),
    Trigger.SCHEDULE: gettext_lazy("Started by schedule"),
    Trigger.WEBHOOK: gettext_lazy("Started by accounting"),
    Trigger.RETRY: gettext_lazy("Started by retry"),
}


def tone(job: SyncJob) -> str:
    return OUTCOMES[JobOutcome(job.outcome)][0] if job.outcome else "live"


def is_finished_words(job: SyncJob) -> str:
    """What the column *Is finished* says, in one or two words."""
    if job.outcome:
        return str(OUTCOMES[JobOutcome(job.outcome)][2])
    if job.cancel_requested_at:
        return _("Canceling")
    return _("Waiting") if job.state == JobState.WAITING else _("Running")


def is_finished(job: SyncJob) -> SafeString:
    """A pill; while the job is open, also how far it is."""
    if job.outcome:
        mark, shape, word = OUTCOMES[JobOutcome(job.outcome)]
        return marks.state(mark, word, shape)
    pill = marks.state("live", is_finished_words(job))
    phase = job.phase or _("Starts in a moment")
    if not job.progress_total:
        return format_html('<div class="live">{}<span class="phase">{}</span></div>', pill, phase)
    done = min(job.progress, job.progress_total)
    of = _("%(done)d of %(total)d") % {"done": done, "total": job.progress_total}
    return format_html(
        '<div class="live">{}<span class="of">{}</span>'
        '<progress max="{}" value="{}" aria-label="{}"></progress>'
        '<span class="phase">{}</span></div>',
        pill,
        of,
        job.progress_total,
        done,
        _("Progress of Sync Job %d") % job.pk,
        phase,
    )


def errors_url(job: SyncJob) -> str:
    return f"{reverse('sync-errors')}?job={job.pk}"


def error_count(job: SyncJob) -> SafeString:
    return marks.error_count(job.error_count, url=errors_url(job), of=job)


def answer(exchange: Exchange) -> SafeString:
    """The status of a response, or why there is none."""
    if exchange.status is not None:
        mark = "ok" if exchange.status < 400 else "bad"
        return format_html('<span class="state state-{}">{}</span>', mark, exchange.status)
    if exchange.failure:
        return marks.state("bad", _("No answer"))
    return marks.state("live", _("Waiting"))


def attempt(one: Attempt) -> SafeString:
    """What became of one record in an exchange."""
    tones = {AttemptOutcome.ACCEPTED: "ok", AttemptOutcome.REJECTED: "bad", "": "live"}
    word = one.get_outcome_display() or _("Waiting")
    return marks.state(tones.get(one.outcome, "warn"), word)


def exchange_url(one: Attempt) -> str:
    """Where it is shown what exactly was sent of this record, and what came back."""
    address = reverse("exchange", args=[one.exchange.job_id, one.exchange_id])
    return f"{address}?attempt={one.pk}"


def short_address(exchange: Exchange) -> str:
    """The path, without the long numbers that are the same in every request."""
    path = urlsplit(exchange.url).path or exchange.url
    return f"{exchange.method} {re.sub(r'/[0-9]{6,}(?=/|$)', '/…', path)}"


def end_in_words(job: SyncJob) -> str:
    """Said once to those who listen to the page, when a job has ended."""
    words = {
        JobOutcome.SUCCEEDED: _("%s has finished without errors."),
        JobOutcome.WITH_ERRORS: _("%s has finished with errors."),
        JobOutcome.FAILED: _("%s has failed."),
        JobOutcome.CANCELED: _("%s was canceled."),
    }
    return words[JobOutcome(job.outcome)] % job


def cause_tone(error: SyncError, *, is_self_healing: bool) -> str:
    if is_self_healing:
        return "info"
    return "warn" if error.reason in {"duplicate", "stale_version", "gone"} else "bad"
