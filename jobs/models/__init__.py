"""Sync Jobs, what they sent and received, and what went wrong."""

from jobs.models.alerts import Alert, AlertMessage, AlertNotice, Channel
from jobs.models.errors import (
    ErrorComment,
    ErrorGroup,
    ErrorPhase,
    SyncError,
    SyncErrorQuerySet,
)
from jobs.models.job import JobOutcome, JobState, SyncJob, SyncJobQuerySet, Trigger
from jobs.models.journal import Applied, Attempt, AttemptOutcome, Exchange, ExchangeBody
from jobs.models.schedule import Schedule

__all__ = [
    "Alert",
    "AlertMessage",
    "AlertNotice",
    "Applied",
    "Attempt",
    "AttemptOutcome",
    "Channel",
    "ErrorComment",
    "ErrorGroup",
    "ErrorPhase",
    "Exchange",
    "ExchangeBody",
    "JobOutcome",
    "JobState",
    "Schedule",
    "SyncError",
    "SyncErrorQuerySet",
    "SyncJob",
    "SyncJobQuerySet",
    "Trigger",
]
