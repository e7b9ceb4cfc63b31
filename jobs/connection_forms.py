"""What a person fills in about a connection: how to log in, and until when it is paused."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors.models import Connection
from jobs.connections import monday_morning

MONDAY, BY_HAND, MOMENT = "monday", "by_hand", "moment"


class LogInForm(forms.Form):
    """For systems with a user and a password. What is known of a former log-in stands there."""

    url = forms.CharField(
        label=_("Address of the server"),
        max_length=300,
        widget=forms.URLInput(
            attrs={"class": "control", "placeholder": "https://tryton.example.com:8000"}
        ),
    )
    database = forms.CharField(
        label=_("Database"), max_length=100, widget=forms.TextInput(attrs={"class": "control"})
    )
    company = forms.CharField(
        label=_("Company there"),
        max_length=200,
        required=False,
        help_text=_("Only if the user works for several."),
        widget=forms.TextInput(attrs={"class": "control"}),
    )
    user = forms.CharField(
        label=_("User"),
        max_length=150,
        help_text=_("Best a user of its own, so that its changes can be told from people's."),
        widget=forms.TextInput(
            attrs={"class": "control", "autocomplete": "off", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        label=_("Password or key"),
        max_length=500,
        strip=False,
        help_text=_("Kept encrypted. It is not shown again."),
        widget=forms.PasswordInput(attrs={"class": "control", "autocomplete": "new-password"}),
    )


def known_access(connection: Connection | None) -> dict[str, Any]:
    """What the log-in form begins with when a connection is renewed; never the password."""
    if connection is None:
        return {}
    known = connection.settings
    user = connection.credentials.get("user", "")
    return {"url": known.get("url"), "database": known.get("database"), "user": user}


class PauseForm(forms.Form):
    """Each way to pause is a button; only the last one needs the date."""

    until = forms.ChoiceField(
        choices=[(MONDAY, MONDAY), (BY_HAND, BY_HAND), (MOMENT, MOMENT)],
        widget=forms.HiddenInput,
    )
    reason = forms.CharField(
        label=_("Why?"),
        max_length=300,
        required=False,
        help_text=_("Your colleagues read it on this page."),
        widget=forms.TextInput(attrs={"class": "control"}),
    )
    moment = forms.DateTimeField(
        label=_("Date and time"),
        required=False,
        widget=forms.DateTimeInput(
            attrs={"class": "control", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("until") == MOMENT and "moment" not in self.errors:
            moment = given.get("moment")
            if moment is None:
                self.add_error("moment", _("Say until when, or choose another button."))
            elif moment <= timezone.now():
                self.add_error("moment", _("This time is over. Choose a later one."))
        return given

    def until_when(self, *, now: datetime.datetime, zone: str) -> datetime.datetime | None:
        """None: until somebody resumes."""
        chosen = self.cleaned_data["until"]
        if chosen == MONDAY:
            return monday_morning(now=now, zone=zone)
        moment: datetime.datetime | None = self.cleaned_data["moment"]
        return moment if chosen == MOMENT else None
