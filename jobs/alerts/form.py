"""What a person fills in to be told about problems."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models import Role
from companies.roles import may
from jobs.alerts.sending import refused_address
from jobs.models import Alert

MOST_HOURS = 24 * 31


class AlertForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The webhook's field is only there for who may have one."""

    webhook_url = forms.CharField(
        label=_("Send a webhook to"),
        required=False,
        max_length=500,
        help_text=_("A signed POST to this address. Empty: none."),
        widget=forms.URLInput(
            attrs={"class": "control", "placeholder": "https://hooks.example.com/syncapp"}
        ),
    )
    hours_without_success = forms.IntegerField(
        label=_("When no Sync Job has finished without errors for … hours"),
        required=False,
        min_value=1,
        max_value=MOST_HOURS,
        help_text=_("Empty: not told. A pause does not count."),
        widget=forms.NumberInput(attrs={"class": "control"}),
    )

    class Meta:
        model = Alert
        fields = (
            "by_email",
            "webhook_url",
            "about_errors",
            "about_connection",
            "hours_without_success",
        )
        labels: ClassVar = {
            "by_email": _("Send me an e-mail"),
            "about_errors": _("When records need a person"),
            "about_connection": _(
                "When the accounting system lets us in no longer, or does not answer"
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may(self.instance.user, self.instance.company, Role.ADMINISTRATOR):
            del self.fields["webhook_url"]

    def clean_by_email(self) -> bool:
        wanted: bool = self.cleaned_data["by_email"]
        if wanted and not self.instance.user.email:
            raise forms.ValidationError(
                _("Your account has no e-mail address. Ask who runs Syncapp to enter one.")
            )
        return wanted

    def clean_webhook_url(self) -> str:
        url: str = self.cleaned_data["webhook_url"].strip()
        refusal = refused_address(url) if url else ""
        if refusal:
            raise forms.ValidationError(refusal)
        return url
