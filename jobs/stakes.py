"""What depends on errors: how much money they concern, and how many records wait for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.utils.translation import gettext as _

from jobs.models import SyncError
from records.models import RECORD_MODELS
from syncqueue.models import State, SyncQueueItem
from ui.templatetags.ui import money

# Amounts by currency.
Money = dict[str, Decimal]


@dataclass(slots=True)
class Waiting:
    """Records that are blocked by one record, or by what it needs."""

    count: int = 0
    money: Money = field(default_factory=dict)


def in_words(amounts: Mapping[str, Decimal]) -> str:
    """ "12,480.00 USD and 300.00 EUR"; "" for nothing."""
    said = [money(amount, currency) for currency, amount in sorted(amounts.items()) if amount]
    return _(" and ").join(said)


def by_cause(errors: QuerySet[SyncError], fingerprints: Iterable[str]) -> dict[str, Money]:
    """The money of these errors, by fingerprint. One query."""
    rows = (
        errors.filter(fingerprint__in=list(fingerprints), amount__isnull=False)
        .order_by()
        .values_list("fingerprint", "currency", "company__currency")
        .annotate(total=Sum("amount"))
    )
    found: dict[str, Money] = defaultdict(dict)
    for fingerprint, currency, home, total in rows:
        _add(found[fingerprint], currency or home, total)
    return found


def waiting_for(errors: Sequence[SyncError]) -> dict[int, Waiting]:
    """By the id of the error: what waits for its record, or for its mapping. One query."""
    about = Q(pk__in=[])
    for error in errors:
        about |= _waits_for(error)
    found: dict[Any, Waiting] = defaultdict(Waiting)
    for row in _blocked(about):
        waits = found[tuple(row[key] for key in _KEYS)]
        waits.count += row["n"]
        _add(waits.money, row["currency"] or row["company__currency"], row["total"])
    return {error.pk: _of(error, found) for error in errors}


_KEYS = ("connection_id", "blocked_by_type", "blocked_by_id", "blocked_by_need")


def _blocked(about: Q) -> Iterable[Any]:
    rows = SyncQueueItem.objects.open().filter(about, state=State.BLOCKED)
    found: Any = rows.order_by().annotate(currency=_currency())
    grouped: Iterable[Any] = found.values(*_KEYS, "currency", "company__currency").annotate(
        n=Count("pk"), total=Sum("amount")
    )
    return grouped


def _currency() -> Case:
    """Of the record behind an item, where it has one."""
    cases = []
    for record_type, model in RECORD_MODELS.items():
        if hasattr(model, "currency") and (hasattr(model, "total") or hasattr(model, "amount")):
            manager: Any = model._default_manager
            rows = manager.filter(pk=OuterRef("record_id"))
            currency = Subquery(rows.values("currency")[:1])
            cases.append(When(record_type=record_type, then=currency))
    return Case(*cases, default=Value(""), output_field=CharField())


def _waits_for(error: SyncError) -> Q:
    same = Q(connection_id=error.connection_id)
    if error.record_type and error.record_id:
        by_record = Q(blocked_by_type=error.record_type, blocked_by_id=error.record_id)
        return same & (by_record | _by_need(error))
    return same & _by_need(error)


def _by_need(error: SyncError) -> Q:
    return Q(blocked_by_need=error.field) if error.field else Q(pk__in=[])


def _of(error: SyncError, found: Mapping[Any, Waiting]) -> Waiting:
    keys = {(error.connection_id, error.record_type, error.record_id, "")}
    if error.field:
        keys.add((error.connection_id, "", None, error.field))
    waits = Waiting()
    for key in keys & set(found):
        waits.count += found[key].count
        for currency, amount in found[key].money.items():
            _add(waits.money, currency, amount)
    return waits


def _add(amounts: Money, currency: str, amount: Decimal | None) -> None:
    if amount:
        amounts[currency] = amounts.get(currency, Decimal(0)) + amount
