"""The rows inside a record's form: lines, and what a payment settles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold.forms import PaginationInlineFormSet

from records.models import Payment


class RecordFormSet(PaginationInlineFormSet):
    """Rows that somebody removed while the form was open come back as new ones, to be decided on.

    Django would refuse them and not show them, and the form could never be saved.
    """

    removed = 0
    data: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self._move_removed()

    def clean(self) -> None:
        super().clean()
        if self.removed:
            raise ValidationError(
                ngettext(
                    "Somebody has removed this line meanwhile. It is the last one now: remove it"
                    " here too, or save again to add it anew.",
                    "Somebody has removed %(count)d lines meanwhile. They are the last ones now:"
                    " remove them here too, or save again to add them anew.",
                    self.removed,
                )
                % {"count": self.removed}
            )

    def _move_removed(self) -> None:
        """Behind the rows that are there, without their ids."""
        known = {str(row.pk) for row in self.get_queryset()}
        rows = [self._posted(n) for n in range(self.total_form_count())]
        before = rows[: self.initial_form_count()]
        kept = [row for row in before if row.get("id") in known]
        gone = [{**row, "id": "", "version": ""} for row in before if row.get("id") not in known]
        self.removed = sum(not row.get("DELETE") for row in gone)
        if gone:
            ordered = [*kept, *gone, *rows[len(before) :]]
            heads = {name: self.data[name] for name in self.data if not self._is_row(name)}
            self.data = heads | {
                f"{self.prefix}-{n}-{name}": value
                for n, row in enumerate(ordered)
                for name, value in row.items()
            }
            self.data[f"{self.prefix}-INITIAL_FORMS"] = str(len(kept))
            del self.management_form

    def _posted(self, number: int) -> dict[str, str]:
        prefix = f"{self.prefix}-{number}-"
        return {
            name.removeprefix(prefix): self.data[name]
            for name in self.data
            if name.startswith(prefix)
        }

    def _is_row(self, name: str) -> bool:
        number = name.removeprefix(f"{self.prefix}-").partition("-")[0]
        return name.startswith(f"{self.prefix}-") and number.isdecimal()


class ApplicationFormSet(RecordFormSet):
    """A payment settles invoices of its own customer, and no more than its amount."""

    def clean(self) -> None:
        super().clean()
        payment: Payment = self.instance
        rows = [form.cleaned_data for form in self.forms if self._counts(form)]
        applied = sum((row["amount"] for row in rows), Decimal(0))
        if payment.amount is not None and applied > payment.amount:
            raise ValidationError(
                _("%(applied)s are applied, but the payment is only %(amount)s. Lower one amount.")
                % {"applied": applied, "amount": payment.amount}
            )
        for row in rows:
            if row["invoice"].customer_id != payment.customer_id:
                raise ValidationError(
                    _("Invoice %(number)s is another customer’s. Choose one of this customer.")
                    % {"number": row["invoice"]}
                )

    def _counts(self, form: Any) -> bool:
        data = getattr(form, "cleaned_data", {})
        return bool(data.get("invoice") and data.get("amount") and not data.get("DELETE"))
