"""The queue in people's words: types, fields, ways of change, and why an item is where it is."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.models import RECORD_MODELS
from syncqueue.models import Operation, State, SyncQueueItem
from ui import moments

# How a change came, after the name of the person.
ORIGINS = {
    "web": gettext_lazy("in Syncapp"),
    "import": gettext_lazy("by CSV import"),
    "api": gettext_lazy("by the API"),
    "job": gettext_lazy("by a Sync Job"),
    "command": gettext_lazy("by a command"),
    "load": gettext_lazy("by the initial load"),
    "reconcile": gettext_lazy("found by reconciliation"),
    "database": gettext_lazy("directly in the database"),
}


def record_url(record_type: str, record_id: int | None) -> str:
    """The form of a record; "" for what has none."""
    model = RECORD_MODELS.get(record_type)
    if model is None or record_id is None:
        return ""
    try:
        return reverse(f"admin:records_{model._meta.model_name}_change", args=[record_id])
    except NoReverseMatch:
        return ""


def type_name(record_type: str) -> str:
    model = RECORD_MODELS.get(record_type)
    return capfirst(str(model._meta.verbose_name)) if model else record_type


def type_choices() -> list[tuple[str, str]]:
    return [(name, type_name(name)) for name in RECORD_MODELS]


def origin_name(origin: str) -> str:
    return str(ORIGINS.get(origin, origin.replace("_", " ")))


def person_name(person: User | None) -> str:
    return (person.get_full_name() or person.username) if person else ""


def fields_in_words(record_type: str, names: Sequence[str]) -> str:
    """ "lines, due date and 2 more": what changed, as the record's form calls it."""
    model = RECORD_MODELS.get(record_type)
    known = {field.attname: field.verbose_name for field in model._meta.fields} if model else {}
    said = [str(known.get(name, name.removesuffix("_id").replace("_", " "))) for name in names]
    if len(said) > 3:
        more = _("and %d more") % (len(said) - 2)
        return f"{', '.join(said[:2])} {more}"
    return ", ".join(said)


def reason(item: SyncQueueItem) -> str:
    """Why an item is here when no difference can be shown: what happened to the record."""
    if item.operation == Operation.CREATE:
        return _("Accounting does not have it yet")
    if item.operation == Operation.DELETE:
        return _("It was deleted here")
    if item.operation == Operation.VOID:
        return _("It was voided here")
    return capfirst(fields_in_words(item.record_type, item.changed_fields))


def next_step(item: SyncQueueItem) -> str | SafeString:
    """Why an item is where it is, and what happens next."""
    if item.is_held:
        by = person_name(item.held_by)
        said = _("Held by %s") % by if by else _("Held")
        return f"{said}: {item.hold_reason}" if item.hold_reason else said
    if item.state == State.BLOCKED:
        return _blocked(item)
    if item.state == State.CONFLICT:
        page = _page("conflict", item.record_type, item.record_id)
        said = item.refusal or _("Changed on both sides")
        return _link(page, said) if page else said
    if item.state == State.WAITING and item.next_attempt_at > timezone.now():
        again = moments.words(item.next_attempt_at, now=timezone.now())
        said = _("Tries again: %s") % again
        return f"{item.refusal} {said}" if item.refusal else said
    said = {
        State.WAITING: _("Goes with the next Sync Job"),
        State.SENDING: _("On its way to accounting"),
        State.UNKNOWN: _("Sent, but no answer came. The next Sync Job looks what became of it."),
        State.SYNCED: _("Accounting has it"),
        State.UNCHANGED: _("Accounting had it already"),
        State.SUPERSEDED: _("There is nothing to send any more"),
    }.get(State(item.state), "")
    if item.state in {State.FAILED, State.SKIPPED}:
        return item.refusal or said
    return said


def _blocked(item: SyncQueueItem) -> str | SafeString:
    if not item.blocked_by_type:
        return _waits_for_mapping(item)
    label = getattr(item, "blocker_label", "") or str(item.blocked_by_id)
    words = _("Waits for %(type)s “%(name)s”") % {
        "type": type_name(item.blocked_by_type).lower(),
        "name": label,
    }
    url = record_url(item.blocked_by_type, item.blocked_by_id)
    return _link(url, words) if url else words


def _waits_for_mapping(item: SyncQueueItem) -> str | SafeString:
    """ "income_account" of "default:income_account", or the type of "payment_term:17"."""
    kind, _colon, rest = item.blocked_by_need.rpartition(":")
    need = kind if rest.isdecimal() else rest
    if not need:
        return _("Waits for another record")
    words = _("Waits for the mapping of its %s") % need.replace("_", " ")
    url = _page("mapping", item.connection_id)
    return _link(f"{url}?need={item.blocked_by_need}", words) if url else words


def _page(name: str, *about: object) -> str:
    """A page of a layer above; "" where there is none."""
    try:
        return reverse(name, args=about)
    except NoReverseMatch:
        return ""


def _link(url: str, words: str) -> SafeString:
    return format_html('<a class="plain-link" href="{}">{}</a>', url, words)
