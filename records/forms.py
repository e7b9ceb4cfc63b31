"""Forms of records that never overwrite what somebody else has changed meanwhile."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.utils import display_for_field
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from companies.walled_admin import WalledForm


class VersionField(forms.CharField):
    """What the person saw when the form was opened, as JSON: name -> value."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, label="")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class RecordForm(WalledForm):
    """Saves the columns that were changed in it, and no others.

    When a field changed in the database after the form was opened, the form is shown once more:
    what this person wrote stays in its field with the other value beside it, and fields that only
    the other one changed show the new value. Columns the form does not show, such as the balance
    that each import brings up to date, make no form stale.
    """

    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["version"] = self._version()

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Numbers without the zeros that only the column has: 9, 12.50, 0.0125."""
        value = super().get_initial_for_field(field, field_name)
        if not isinstance(value, Decimal):
            return value
        short = value.normalize()
        places = -int(short.as_tuple().exponent)
        least = 0 if field_name in self.whole_numbers else 2
        return short.quantize(Decimal(1).scaleb(-max(places, least)))

    whole_numbers: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._compare()
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Inside a formset; the admin saves the form itself in two steps."""
        if not commit or self.instance.pk is None:
            return super().save(commit)
        self.instance.save(update_fields=changed_columns(self))
        return self.instance

    def _compare(self) -> None:
        seen = self._seen()
        now = json.loads(self.initial.get("version", "{}"))
        theirs = [
            name
            for name in now
            if name in seen and seen[name] != now[name] and self._differs(name, now[name])
        ]
        if not theirs:
            return
        shown = dict(self.data.items())
        shown[self.add_prefix("version")] = self.initial["version"]
        for name in theirs:
            self._mark(name, seen[name], shown)
        self.data = shown
        self.add_error(
            None,
            _(
                "Somebody else has changed this while you had it open. Where both of you changed"
                " a field, yours is kept and theirs stands beside it. Check the marked fields and"
                " save again."
            ),
        )

    def _mark(self, name: str, seen: Any, shown: dict[str, Any]) -> None:
        if self._differs(name, seen):
            message = _("Meanwhile somebody changed this to “%(value)s”.") % {
                "value": self._words(name)
            }
        else:
            shown[self.add_prefix(name)] = self._value(name)
            message = _("Somebody changed this to what it shows now.")
        self.add_error(name, message)

    def _differs(self, name: str, before: Any) -> bool:
        """Whether the posted value is another, as the field itself compares: 9.5 is 9.500."""
        field = self.fields[name]
        posted = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        try:
            if not isinstance(field, forms.ModelChoiceField):
                before = field.to_python(before)
            return field.has_changed(before, posted)
        except ValidationError:
            return True

    def _version(self) -> str:
        names = [name for name in self.fields if name != "version"]
        return json.dumps({name: self._plain(name) for name in names})

    def _value(self, name: str) -> Any:
        field = self.fields[name]
        return field.prepare_value(self.get_initial_for_field(field, name))

    def _plain(self, name: str) -> Any:
        value = self._value(name)
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return value if isinstance(value, bool | int | None) else str(value)

    def _seen(self) -> dict[str, Any]:
        """Anybody can send anything; nonsense is as good as nothing."""
        try:
            seen = json.loads(self.data.get(self.add_prefix("version")) or "{}")
        except ValueError:
            return {}
        return seen if isinstance(seen, dict) else {}

    def _words(self, name: str) -> str:
        field = self.instance._meta.get_field(name)
        return str(display_for_field(getattr(self.instance, name), field, _("nothing")))


class LineForm(RecordForm):
    """What is left out of a line is taken from its item."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_price"].required = False
        self.fields["quantity"].required = False
        if self.instance.pk is None:
            self.initial["unit_price"] = None  # Empty: the item's.

    def clean_quantity(self) -> Decimal:
        value: Decimal | None = self.cleaned_data["quantity"]
        return Decimal(1) if value is None else value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        item = cleaned.get("item")
        if cleaned.get("unit_price") is None and "unit_price" not in self.errors:
            price = getattr(item, self.price_of_item, None)
            cleaned["unit_price"] = Decimal(0) if price is None else price
        if item and not cleaned.get("description"):
            cleaned["description"] = item.description or item.name
        return cleaned

    price_of_item = "unit_price"
    whole_numbers = ("quantity",)


class PurchaseLineForm(LineForm):
    price_of_item = "unit_cost"


def changed_columns(form: forms.ModelForm) -> list[str]:  # type: ignore[type-arg]  # see WalledForm
    """For `update_fields`: the model's columns among what was changed, and the time."""
    columns = {field.name for field in form.instance._meta.concrete_fields}
    changed = columns & {*form.changed_data}
    return sorted(changed | ({"updated_at"} & columns))
