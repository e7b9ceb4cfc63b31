"""The first lines of the overview: is everything in step, and what needs a person, in order."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.interface import Reason
from connectors.models import Connection, ConnectionState, Decision, Match
from jobs import causes, marks
from jobs.errors import EXPLANATIONS
from jobs.health import Health, bounded, is_paused, system_name
from jobs.models import JobOutcome, SyncError, SyncJob
from syncqueue.models import State, SyncQueueItem
from ui import moments
from ui.templatetags.ui import bounded as in_words

CAUSES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for a person."""

    title: str
    # How much depends on it: records that wait, money.
    stakes: Sequence[str]
    icon: str
    tone: str
    url: str
    button: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`tone` is ok, warn, bad or idle; `url` leads to the next step, if there is one."""

    tone: str
    icon: str
    title: str
    text: str
    url: str = ""
    button: str = ""


def needs_of(connection: Connection) -> list[Need]:
    """What needs a person: first what stops everything, then what stops most."""
    return [*_stopped(connection), *_conflicts(connection), *_causes(connection)]


def needing_person(connection: Connection) -> int:
    """Records that go on only after somebody has decided; at most one more than the limit."""
    items = SyncQueueItem.objects.open().filter(connection=connection, held_at=None)
    return bounded(items.filter(state__in=[State.FAILED, State.CONFLICT]))


def verdict_of(
    health: Health | None, *, needing: int, needs: Sequence[Need], last: SyncJob | None
) -> Verdict:
    """One sentence, and what follows from it. `last` is the latest finished job."""
    if health is None:
        return _not_connected()
    connection, now = health.connection, timezone.now()
    if connection.state == ConnectionState.RECONNECT:
        return _locked_out(health)
    if is_paused(connection, now):
        return _paused(connection, now)
    if needing or needs:
        return _needs_you(health, needing, needs, last)
    if last is None:
        return _first_job(health)
    if last.outcome == JobOutcome.FAILED:
        return _failed(last)
    return _agrees(health, last)


def _stopped(connection: Connection) -> list[Need]:
    system, found = system_name(connection.kind), []
    if connection.state == ConnectionState.RECONNECT:
        title = _("%s no longer lets us in") % system
        url = reverse("connections")
        found.append(Need(title, [_("Nothing is sent")], "link_off", "bad", url, _("Reconnect")))
    proposals = Match.objects.filter(connection=connection, decision=Decision.PENDING)
    if count := bounded(proposals):
        said = ngettext(
            "%s record may be in accounting already",
            "%s records may be in accounting already",
            count,
        )
        url = reverse("matching", args=[connection.pk])
        found.append(Need(said % in_words(count), [], "join_inner", "warn", url, _("Decide")))
    return found


def _conflicts(connection: Connection) -> list[Need]:
    items = SyncQueueItem.objects.open().filter(connection=connection, state=State.CONFLICT)
    count = bounded(items)
    if not count:
        return []
    said = ngettext(
        "%s record was changed on both sides", "%s records were changed on both sides", count
    )
    url = reverse("conflicts")
    return [Need(said % in_words(count), [], "call_split", "warn", url, _("Decide"))]


def _causes(connection: Connection) -> list[Need]:
    """The causes of open errors that do not mend themselves, and are not named above."""
    healing = [reason for reason, one in EXPLANATIONS.items() if one.is_self_healing]
    own = SyncError.objects.unresolved().filter(company=connection.company_id)
    errors = own.filter(connection=connection).exclude(reason__in=[*healing, Reason.AUTH])
    looked_at = causes.newest(errors)
    return [
        Need(
            title=cause.title,
            stakes=[said for said in (cause.stakes_in_words, cause.money_in_words) if said],
            icon=cause.explanation.icon,
            tone=marks.cause_tone(cause.newest, is_self_healing=False),
            url=reverse("sync-errors-cause", args=[cause.fingerprint]),
            button=_("See what to do"),
        )
        for cause in causes.described(looked_at, causes.groups(looked_at)[:CAUSES_SHOWN])
    ]


def _not_connected() -> Verdict:
    return Verdict(
        "idle",
        "cable",
        _("No accounting system is connected yet"),
        _(
            "Connect one: Syncapp reads its accounts and tax codes and proposes which records "
            "belong together."
        ),
        reverse("connections"),
        _("Go to Connections"),
    )


def _locked_out(health: Health) -> Verdict:
    return Verdict(
        "bad",
        "link_off",
        _("%s no longer lets us in") % health.system,
        _("Nothing is lost: %s until you reconnect.") % _they_wait(health.waiting),
        reverse("connections"),
        _("Reconnect"),
    )


def _paused(connection: Connection, now: datetime.datetime) -> Verdict:
    title = _("Synchronization is paused")
    if connection.paused_until:
        until = moments.words(connection.paused_until, now=now)
        title = _("Synchronization is paused until %s") % until
    text = connection.pause_reason or _("What changes meanwhile waits in the Sync Queue.")
    url = reverse("connections")
    return Verdict("idle", "pause_circle", title, text, url, _("Go to Connections"))


def _needs_you(
    health: Health, needing: int, needs: Sequence[Need], last: SyncJob | None
) -> Verdict:
    if needing:
        said = ngettext("%s record needs you", "%s records need you", needing)
        title = said % in_words(needing)
    elif health.errors:
        said = ngettext("%s error needs you", "%s errors need you", health.errors)
        title = said % in_words(health.errors)
    else:
        title = needs[0].title
    others = max(health.waiting - needing, 0)
    text = _("Everything else agrees%(checked)s.") % {"checked": _checked(last)}
    if others:
        text = _others_wait(others) + " " + text
    url = needs[0].url if len(needs) == 1 else reverse("sync-errors")
    return Verdict("warn", "warning", title, text, url, _("See what to do"))


def _first_job(health: Health) -> Verdict:
    title = _("Connected, and nothing was exchanged yet")
    return Verdict("idle", "sync", title, _they_wait(health.waiting).capitalize() + ".")


def _failed(last: SyncJob) -> Verdict:
    url = reverse("sync-job", args=[last.pk])
    title = _("The last Sync Job failed")
    return Verdict("bad", "cancel", title, last.explanation, url, _("Show Sync Job %d") % last.pk)


def _agrees(health: Health, last: SyncJob) -> Verdict:
    checked = _checked(last)
    said = [_others_wait(health.waiting)] if health.waiting else []
    if health.errors:
        said.append(_they_mend(health.errors))
    if said:
        said.append(_("Everything else agrees%(checked)s.") % {"checked": checked})
        return Verdict("ok", "check_circle", _("Nothing needs you"), " ".join(said))
    title = _("Everything is in agreement")
    return Verdict("ok", "check_circle", title, _("Both sides say the same%s.") % checked)


def _checked(last: SyncJob | None) -> str:
    if last is None or last.completed_at is None:
        return ""
    at = moments.words(last.completed_at, now=timezone.now())
    return _(", last checked %s") % at


def _others_wait(count: int) -> str:
    said = ngettext(
        "%s more record waits in the Sync Queue.",
        "%s more records wait in the Sync Queue.",
        count,
    )
    return said % in_words(count)


def _they_mend(count: int) -> str:
    said = ngettext(
        "%s error mends itself: it is tried again.",
        "%s errors mend themselves: they are tried again.",
        count,
    )
    return said % in_words(count)


def _they_wait(count: int) -> str:
    if not count:
        return _("no record waits")
    said = ngettext("%s record waits", "%s records wait", count)
    return said % number_format(count, force_grouping=True)
