"""What the templates of jobs call."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.models import User
from django.utils.safestring import SafeString

from companies.models import Role
from companies.roles import may
from companies.walls import CompanyRequest
from jobs import marks
from jobs.causes import Cause
from jobs.models import Attempt, Exchange, SyncError, SyncJob
from syncqueue.words import person_name, record_url, type_name

register = template.Library()


@register.filter
def is_finished_mark(job: SyncJob) -> SafeString:
    return marks.is_finished(job)


@register.filter
def error_count_mark(job: SyncJob) -> SafeString:
    return marks.error_count(job)


@register.filter
def errors_url(job: SyncJob) -> str:
    return marks.errors_url(job)


@register.filter
def answer_mark(exchange: Exchange) -> SafeString:
    return marks.answer(exchange)


@register.filter
def short_address(exchange: Exchange) -> str:
    return marks.short_address(exchange)


@register.filter
def tone(cause: Cause) -> str:
    return marks.cause_tone(cause.newest, is_self_healing=cause.explanation.is_self_healing)


@register.filter
def admin_url(about: SyncError | Attempt) -> str:
    return record_url(about.record_type, about.record_id)


@register.simple_tag(takes_context=True)
def allowed(context: dict[str, Any], role: str) -> bool:
    """Whether the person who looks has this role, or a higher one, in the company."""
    request: CompanyRequest = context["request"]
    return may(request.user, request.company, Role(role))


@register.filter
def person(user: User | None) -> str:
    return person_name(user)


@register.filter
def exchange_url(attempt: Attempt) -> str:
    return marks.exchange_url(attempt)


@register.filter
def type_word(record_type: str) -> str:
    return type_name(record_type)


@register.filter
def attempt_mark(attempt: Attempt) -> SafeString:
    return marks.attempt(attempt)
