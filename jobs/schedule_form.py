"""What a person fills in about a schedule."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from jobs.models import Schedule

INTERVAL, DAILY = "interval", "daily"
# A week: whoever wants less often wants it by hand.
MOST_MINUTES = 7 * 24 * 60


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "control"}, format="%H:%M")


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """An interval or a time of day; the other one's fields are left aside."""

    kind = forms.ChoiceField(
        label=_("How often"),
        choices=[(INTERVAL, _("Again and again")), (DAILY, _("Once a day"))],
        widget=forms.RadioSelect,
    )
    interval_minutes = forms.IntegerField(
        label=_("Every … minutes"),
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        help_text=_("60 is every hour. A job that finds nothing new costs a dozen requests."),
        widget=forms.NumberInput(attrs={"class": "control"}),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        help_text=_("None chosen: every day."),
        widget=forms.CheckboxSelectMultiple,
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name) for name in sorted(available_timezones())],
        widget=forms.Select(attrs={"class": "control"}),
    )

    class Meta:
        model = Schedule
        fields = (
            "is_enabled",
            "interval_minutes",
            "time_of_day",
            "weekdays",
            "quiet_from",
            "quiet_until",
            "time_zone",
        )
        widgets: ClassVar = {
            "time_of_day": TimeInput(),
            "quiet_from": TimeInput(),
            "quiet_until": TimeInput(),
        }
        labels: ClassVar = {
            "is_enabled": _("Start Sync Jobs by itself"),
            "time_of_day": _("At"),
            "quiet_from": _("Quiet from"),
            "quiet_until": _("Quiet until"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = DAILY if self.instance.time_of_day else INTERVAL
        self.fields["kind"].initial = kind

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        kind = given.get("kind")
        if kind == INTERVAL:
            given["time_of_day"] = None
            self._need("interval_minutes", given, _("Say every how many minutes."))
        elif kind == DAILY:
            given["interval_minutes"] = given["quiet_from"] = given["quiet_until"] = None
            self._need("time_of_day", given, _("Say at what time."))
        self._check_quiet(given)
        return given

    def _need(self, name: str, given: dict[str, Any], why: Any) -> None:
        if given.get(name) is None and name not in self.errors:
            self.add_error(name, why)

    def _check_quiet(self, given: dict[str, Any]) -> None:
        start, end = given.get("quiet_from"), given.get("quiet_until")
        if (start is None) != (end is None):
            missing = "quiet_from" if start is None else "quiet_until"
            if missing not in self.errors:
                self.add_error(missing, _("Quiet hours need both ends. Empty both for none."))
        elif start is not None and start == end:
            self.add_error("quiet_until", _("This leaves no quiet hours, or no others."))


def would_be(form: ScheduleForm) -> Schedule | None:
    """The schedule as the form has it, not saved; None while the form is not right."""
    if not form.is_valid():
        return None
    schedule: Schedule = form.instance
    schedule.next_at = None
    return schedule
