"""What every record has: a company, the order system's key, times and notes."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from records.triggers import GUARDED, NAMED

MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3}


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half-up to the currency's minor unit (two decimals unless ISO 4217 says otherwise)."""
    return amount.quantize(Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2)), ROUND_HALF_UP)


def searchable(label: str) -> models.Index:
    """Finds what begins with some letters, in either case: what `istartswith` asks."""
    by_letters = OpClass(Upper(label), name="text_pattern_ops")
    return models.Index(F("company"), by_letters, name="%(class)s_search")


# What lists of documents are sorted and filtered by.
BY_DATE = models.Index(fields=["company", "date", "id"], name="%(class)s_date")


class Record(models.Model):
    """What can be synchronized. `external_ref` is the order system's own key."""

    record_type: ClassVar[str]
    # The columns that accounting hears about; the capture triggers are made from this list.
    synced_fields: ClassVar[tuple[str, ...]] = ()
    # The column that names a record to a person.
    label_field: ClassVar[str] = "name"

    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    external_ref = models.CharField(_("reference"), max_length=100, null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "external_ref"],
                name="%(app_label)s_%(class)s_reference_once_per_company",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["company", "-id"], name="%(class)s_company")]
        triggers: ClassVar = GUARDED

    def __str__(self) -> str:
        return str(getattr(self, self.label_field)) or str(self.external_ref or self.pk)

    def mark_deleted(self) -> None:
        """Delete as a person means it: the row stays, accounting hears of it."""
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at", "updated_at"])


class Named(Record):
    """A record that is looked for by its name, however that is written (records/names.py)."""

    # Null: not folded yet.
    folded_name = models.CharField(max_length=200, null=True, editable=False)

    class Meta(Record.Meta):
        abstract = True
        indexes: ClassVar = [
            *Record.Meta.indexes,
            models.Index(fields=["company", "folded_name"], name="%(class)s_folded_name"),
        ]
        triggers: ClassVar = [*GUARDED, *NAMED]
