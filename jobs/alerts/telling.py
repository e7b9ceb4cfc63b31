"""Notices what began and what is over, and writes it down as messages: one for all that arises
within a minute. The alert's row is locked meanwhile, so that two schedulers tell nothing twice."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from companies.models import Membership, Role
from companies.roles import may
from jobs.alerts import problems
from jobs.alerts.problems import Problem
from jobs.alerts.writing import write
from jobs.models import Alert, AlertMessage, AlertNotice, Channel

log = logging.getLogger(__name__)
TOGETHER = datetime.timedelta(minutes=1)


def heard() -> QuerySet[Alert]:
    """The alerts of those who may still see their company, as far as they lead anywhere."""
    member = Membership.objects.filter(user=OuterRef("user"), company=OuterRef("company"))
    return Alert.objects.filter(
        Q(user__is_superuser=True) | Exists(member),
        Q(by_email=True) | ~Q(webhook_url=""),
        user__is_active=True,
    )


def channels(alert: Alert) -> list[Channel]:
    """A webhook makes our server call an address: only administrators may have one."""
    found = [Channel.EMAIL] if alert.by_email and alert.user.email else []
    if alert.webhook_url and may(alert.user, alert.company, Role.ADMINISTRATOR):
        found.append(Channel.WEBHOOK)
    return found


def tell_all(*, now: datetime.datetime) -> int:
    """Returns how many messages were written."""
    ids = list(heard().order_by("pk").values_list("pk", flat=True))
    return sum(_told(pk, now) for pk in ids)


def _told(pk: int, now: datetime.datetime) -> int:
    """A mistake with one company's problems keeps nobody else from hearing of theirs."""
    try:
        return _tell(pk, now)
    except Exception:  # The edge of one alert.
        log.exception("What to tell for alert %s could not be found out.", pk)
        return 0


@transaction.atomic
def _tell(pk: int, now: datetime.datetime) -> int:
    locked = heard().select_for_update(skip_locked=True, of=("self",))
    alert = locked.select_related("user", "company").filter(pk=pk).first()
    if alert is None:
        return 0
    note(alert=alert, present=problems.present(alert, now=now), now=now)
    return len(compose(alert=alert, now=now))


def note(*, alert: Alert, present: Sequence[Problem], now: datetime.datetime) -> None:
    """Open a notice for each problem that is new, and end those of problems that are over."""
    known = {(one.connection_id, one.problem): one for one in _unfinished(alert)}
    now_there = {(one.connection.pk, one.key): one for one in present}
    for where, problem in now_there.items():
        notice = known.get(where)
        if notice is None:
            if problems.is_wanted(alert, problem.kind):
                _begin(alert, problem, now)
        elif notice.over_at:  # It is back before its end was told.
            AlertNotice.objects.filter(pk=notice.pk).update(over_at=None)
    over = [one for where, one in known.items() if where not in now_there and not one.over_at]
    # What nobody has heard of needs no end.
    AlertNotice.objects.filter(pk__in=[one.pk for one in over if not one.told_at]).delete()
    told = [one.pk for one in over if one.told_at]
    AlertNotice.objects.filter(pk__in=told).update(over_at=now)


def compose(*, alert: Alert, now: datetime.datetime) -> list[AlertMessage]:
    """Write a message for each channel when something has waited for a minute."""
    began = list(alert.notices.filter(told_at=None, over_at=None).order_by("pk"))
    over = list(alert.notices.filter(over_at__isnull=False, told_over_at=None).order_by("pk"))
    since = [one.noticed_at for one in began] + [one.over_at for one in over if one.over_at]
    if not since or min(since) > now - TOGETHER:
        return []
    messages = [write(alert, channel, began, over) for channel in channels(alert)]
    AlertMessage.objects.bulk_create(messages)
    alert.notices.filter(pk__in=[one.pk for one in began]).update(told_at=now)
    alert.notices.filter(pk__in=[one.pk for one in over]).update(told_over_at=now)
    return messages


def _unfinished(alert: Alert) -> QuerySet[AlertNotice]:
    return alert.notices.filter(Q(over_at=None) | Q(told_over_at=None))


def _begin(alert: Alert, problem: Problem, now: datetime.datetime) -> None:
    AlertNotice.objects.create(
        alert=alert,
        connection=problem.connection,
        problem=problem.key,
        title=problem.title[:300],
        body=problem.text,
        noticed_at=now,
    )
