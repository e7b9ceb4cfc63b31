"""What is bought and sold."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.parties import Vendor
from records.models.record import Named, searchable
from records.models.reference import Account
from records.triggers import CAPTURED, NAMED


class Item(Named):
    """A product or a service."""

    record_type = "item"
    synced_fields = (
        "name",
        "sku",
        "description",
        "kind",
        "unit_price",
        "unit_cost",
        "income_account_id",
        "expense_account_id",
        "is_active",
    )

    class Kind(models.TextChoices):
        INVENTORY = "inventory", _("Inventory")
        NON_INVENTORY = "non_inventory", _("Non-inventory")
        SERVICE = "service", _("Service")

    name = models.CharField(_("name"), max_length=200)
    sku = models.CharField(_("SKU"), max_length=100, blank=True)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.NON_INVENTORY)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=19, decimal_places=6, null=True, blank=True
    )
    unit_cost = models.DecimalField(
        _("unit cost"), max_digits=19, decimal_places=6, null=True, blank=True
    )
    preferred_vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Empty: the connection's default account.
    income_account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+"
    )
    expense_account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Named.Meta):
        verbose_name = _("item")
        verbose_name_plural = _("items")
        indexes: ClassVar = [*Named.Meta.indexes, searchable("name")]
        triggers: ClassVar = [*CAPTURED, *NAMED]
