"""Who the company deals with: customers and vendors."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.record import Named, searchable
from records.models.reference import PaymentTerm
from records.triggers import CAPTURED, NAMED


class Party(Named):
    """What customers and vendors have in common."""

    synced_fields = (
        "name",
        "contact_name",
        "email",
        "phone",
        "address_line1",
        "city",
        "region",
        "postal_code",
        "country",
        "currency",
        "tax_number",
        "payment_term_id",
        "is_active",
    )

    name = models.CharField(_("name"), max_length=500)
    contact_name = models.CharField(_("contact"), max_length=200, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    address_line1 = models.CharField(_("address"), max_length=500, blank=True)
    city = models.CharField(_("city"), max_length=255, blank=True)
    region = models.CharField(_("region"), max_length=255, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=255, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    payment_term = models.ForeignKey(
        PaymentTerm, models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True)
    # What accounting says is open. Never sent.
    balance = models.DecimalField(
        _("open balance"), max_digits=19, decimal_places=4, null=True, blank=True, editable=False
    )

    class Meta(Named.Meta):
        abstract = True
        indexes: ClassVar = [*Named.Meta.indexes, searchable("name")]
        triggers: ClassVar = [*CAPTURED, *NAMED]


class Customer(Party):
    """Somebody who buys from the company."""

    record_type = "customer"

    class Meta(Party.Meta):
        abstract = False
        verbose_name = _("customer")
        verbose_name_plural = _("customers")


class Vendor(Party):
    """Somebody the company buys from."""

    record_type = "vendor"

    class Meta(Party.Meta):
        abstract = False
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
