"""The mapping: which accounts and codes stand for what, and what waits until one is chosen.

A role (`income_account`, ...) stands in for what a record does not say itself. Accounts, tax codes,
terms and payment methods come from accounting; one that exists only here gets a counterpart: the
record of ours whose object is used in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.audit import audit
from connectors.documents import RecordType
from connectors.interface import Reason
from connectors.models import Connection, Link
from connectors.registry import ROLES
from jobs.models import SyncError
from records.models import RECORD_MODELS, Account, Item
from syncqueue import control
from syncqueue.models import State, SyncQueueItem

# The kinds of account that fit a role.
FITTING = {
    "income_account": {"income", "other_income"},
    "expense_account": {"cost_of_goods_sold", "expense", "other_expense"},
    "asset_account": {"other_asset"},
    "deposit_account": {"bank", "other_asset"},
}
LABELS = {
    "income_account": _("Income account"),
    "expense_account": _("Expense account"),
    "asset_account": _("Inventory account"),
    "deposit_account": _("Deposit account"),
    "taxable_code": _("Tax code of taxed lines"),
    "untaxed_code": _("Tax code of untaxed lines"),
}
HELP = {
    "income_account": _("For items and lines that name no account of their own, when sold."),
    "expense_account": _("For items and lines that name no account of their own, when bought."),
    "asset_account": _("Only used when inventory is valued in accounting."),
    "deposit_account": _("Where payments go that name no account."),
    "taxable_code": _("For taxed lines that name no tax code."),
    "untaxed_code": _("For lines that name no tax code. Outside the US it is needed."),
}
LISTS = (
    RecordType.ACCOUNT,
    RecordType.TAX_CODE,
    RecordType.PAYMENT_METHOD,
    RecordType.PAYMENT_TERM,
)


@dataclass(frozen=True, slots=True)
class Need:
    """What waits for one choice: how many records, and in which words the queue says so."""

    count: int = 0
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `key` is a role, or the type and id of a record of ours."""

    key: str
    label: Any
    help: Any
    chosen: int | None
    # The groups of what may be chosen: heading and (id, name).
    groups: Sequence[tuple[Any, Sequence[tuple[int, str]]]]
    need: Need
    is_needed: bool = True

    @property
    def is_open(self) -> bool:
        """Nothing valid is chosen."""
        known = {pk for _heading, rows in self.groups for pk, _name in rows}
        return self.is_needed and self.chosen not in known


@dataclass(frozen=True, slots=True)
class Saved:
    """What a person changed, and how many records wait no more."""

    changed: Sequence[str]
    woken: int


def key_of(need: str) -> str:
    """ "default:income_account" and "mapping:income_account" are about the role."""
    role = need.rpartition(":")[2]
    return role if role in ROLES else need


def needs(connection: Connection) -> dict[str, Need]:
    """By key: what waits for a choice. One query."""
    blocked = SyncQueueItem.objects.open().filter(connection=connection, state=State.BLOCKED)
    grouped = (
        blocked.exclude(blocked_by_need="")
        .order_by()
        .values("blocked_by_need")
        .annotate(count=Count("pk"), said=Min("refusal"))
    )
    return {
        key_of(row["blocked_by_need"]): Need(row["count"], row["said"] or "") for row in grouped
    }


def choices(connection: Connection) -> dict[RecordType, list[Choice]]:
    """All that can be chosen, by the list it is chosen from. Nine queries at most."""
    waiting = needs(connection)
    found: dict[RecordType, list[Choice]] = {}
    for kind in LISTS:
        linked, alone = _both(connection, kind)
        roles = [role for role, of_kind in ROLES.items() if of_kind == kind]
        found[kind] = [_of_role(connection, role, linked, waiting) for role in roles]
        found[kind] += [_of_record(connection, kind, one, linked, waiting) for one in alone]
    return found


def linked_records(connection: Connection, record_type: RecordType) -> list[Any]:
    """Our copies of what is active there, by name."""
    return _both(connection, record_type)[0]


@transaction.atomic
def save(*, connection: Connection, chosen: Mapping[str, int | None], user: User) -> Saved:
    """Keep what was chosen, by key; what waited for it waits for the next job instead."""
    row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    counterparts = dict(row.settings.get("counterparts", {}))
    changed: dict[str, tuple[int | None, int | None]] = {}
    for key, value in chosen.items():
        kept = row.defaults if key in ROLES else counterparts
        if kept.get(key) != value:
            changed[key] = (kept.get(key), value)
            kept[key] = value
    if not changed:
        return Saved((), 0)
    row.settings["counterparts"] = {key: pk for key, pk in counterparts.items() if pk}
    row.save(update_fields=["defaults", "settings"])
    connection.defaults, connection.settings = row.defaults, row.settings
    audit(
        company=row.company,
        user=user,
        action="mapping.change",
        target=row,
        changes={key: list(values) for key, values in changed.items()},
    )
    return Saved(
        tuple(changed), _wake(row, [key for key, (_old, new) in changed.items() if new], user)
    )


@transaction.atomic
def give_accounts(
    *, connection: Connection, items: Any, accounts: Mapping[str, int], user: User
) -> int:
    """Set `income_account_id` and `expense_account_id` of items; returns how many changed. Like
    every edit it queues them."""
    rows = list(items.select_for_update(no_key=True).order_by("pk"))
    differing = [
        row.pk
        for row in rows
        if any(getattr(row, column) != value for column, value in accounts.items())
    ]
    Item.objects.filter(pk__in=differing).update(**accounts, updated_at=Now())
    if differing:
        audit(
            company=connection.company,
            user=user,
            action="mapping.items",
            target=str(rows[0]) if len(rows) == 1 else f"{len(rows)} items",
            count=len(differing),
            **accounts,
        )
    return len(differing)


def _both(connection: Connection, record_type: RecordType) -> tuple[list[Any], list[Any]]:
    """Records that have an object there and may be chosen; and those that exist only here."""
    model: Any = RECORD_MODELS[record_type]
    links = Link.objects.filter(connection=connection, record_type=record_type, gone_at=None)
    linked = set(links.values_list("record_id", flat=True))
    rows = model._default_manager.filter(company_id=connection.company_id, deleted_at=None)
    known = list(rows.order_by("name", "pk"))
    return (
        [row for row in known if row.pk in linked and row.is_active],
        [row for row in known if row.pk not in linked],
    )


def _of_role(
    connection: Connection, role: str, linked: Sequence[Any], waiting: Mapping[str, Need]
) -> Choice:
    need = waiting.get(role, Need())
    is_needed = role != "asset_account" or bool(connection.settings.get("values_inventory"))
    return Choice(
        key=role,
        label=LABELS[role],
        help=HELP[role],
        chosen=connection.defaults.get(role),
        groups=_groups(role, linked),
        need=need,
        is_needed=is_needed or need.count > 0,
    )


def _of_record(
    connection: Connection,
    record_type: RecordType,
    record: Any,
    linked: Sequence[Any],
    waiting: Mapping[str, Need],
) -> Choice:
    key = f"{record_type}:{record.pk}"
    return Choice(
        key=key,
        label=str(record),
        help=_("It exists only here. Choose what stands for it in accounting."),
        chosen=connection.settings.get("counterparts", {}).get(key),
        groups=[("", [(row.pk, _name(row)) for row in linked])],
        need=waiting.get(key, Need()),
    )


def _groups(role: str, linked: Sequence[Any]) -> list[tuple[Any, list[tuple[int, str]]]]:
    fitting = FITTING.get(role)
    if fitting is None:
        return [("", [(row.pk, _name(row)) for row in linked])]
    parts: list[tuple[Any, list[tuple[int, str]]]] = [
        (_("Accounts that fit"), [(r.pk, _name(r)) for r in linked if r.kind in fitting]),
        (_("Other accounts"), [(r.pk, _name(r)) for r in linked if r.kind not in fitting]),
    ]
    return [part for part in parts if part[1]]


def _name(record: Any) -> str:
    number = record.number if isinstance(record, Account) else ""
    return f"{number} {record}" if number else str(record)


def _wake(connection: Connection, keys: Sequence[str], user: User) -> int:
    wanted = {*keys, *(f"{prefix}:{key}" for prefix in ("default", "mapping") for key in keys)}
    SyncError.objects.unresolved().filter(
        connection=connection, reason=Reason.MAPPING, item=None, field__in=wanted
    ).update(resolved_at=Now(), resolved_by=user)
    items = SyncQueueItem.objects.open().filter(connection=connection, blocked_by_need__in=wanted)
    return control.requeue(items=items)
