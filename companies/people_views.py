"""The people of a company, for its administrators; and the page where an invited one begins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from companies import invitations, people
from companies.models import Membership, Role
from companies.roles import requires
from companies.walls import CompanyRequest, for_company
from ui.listings import signed_in
from ui.pages import page

ROLES = forms.Select(attrs={"class": "control"})


class InviteForm(forms.Form):
    who = forms.CharField(
        label=gettext_lazy("E-mail address or user name"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"class": "control", "autocapitalize": "none", "autocomplete": "off"}
        ),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, widget=ROLES)
    may_see_bodies = forms.BooleanField(
        label=gettext_lazy("May see what was sent and received"), required=False
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
    may_see_bodies = forms.BooleanField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.ADMINISTRATOR)
def index(request: CompanyRequest) -> HttpResponse:
    """The list; POST invites."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer = _invited(request, form)
        if answer is not None:
            return answer
    return _shown(request, form)


@require_POST
@requires(Role.ADMINISTRATOR)
def change(request: CompanyRequest, pk: int) -> HttpResponse:
    membership, form = _member(request, pk), RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return redirect("people")
    who = people.name(membership.user)
    try:
        is_changed = people.change(membership=membership, by=signed_in(request), **_role(form))
    except people.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("%s has a new role.") if is_changed else _("Nothing has changed for %s.")
        messages.success(request, said % who)
    return redirect("people")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.ADMINISTRATOR)
def remove(request: CompanyRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    who = people.name(membership.user)
    if request.method != "POST":
        return page(
            request,
            "companies/remove.html",
            title=_("Remove %s") % who,
            membership=membership,
            who=who,
        )
    try:
        people.remove(membership=membership, by=signed_in(request))
    except people.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        left = {"person": who, "company": membership.company}
        messages.success(request, _("%(person)s no longer belongs to %(company)s.") % left)
    return redirect("people")


@require_POST
@requires(Role.ADMINISTRATOR)
def link(request: CompanyRequest, pk: int) -> HttpResponse:
    """A new link to set the password, for who lost the first one."""
    membership = _member(request, pk)
    if not people.may_get_link(membership):
        messages.error(request, _("Who belongs to other companies too sets the password alone."))
        return redirect("people")
    people.note_link(membership=membership, by=signed_in(request))
    return _delivered(request, membership, is_new=True)


def _invited(request: CompanyRequest, form: InviteForm) -> HttpResponse | None:
    assert request.company is not None  # `requires` has looked
    try:
        invited = people.invite(
            company=request.company,
            who=form.cleaned_data["who"],
            by=signed_in(request),
            **_role(form),
        )
    except people.Refused as refusal:
        form.add_error("who", str(refusal))
        return None
    return _delivered(request, invited.membership, is_new=invited.is_new)


def _delivered(request: CompanyRequest, membership: Membership, *, is_new: bool) -> HttpResponse:
    """Leads on; or shows the link that nobody could send."""
    handed = invitations.deliver(membership, is_new=is_new)
    who = people.name(membership.user)
    if handed:
        return _shown(request, InviteForm(), link=handed, link_for=who)
    said = _("An e-mail with a link went to %s.") if is_new else _("%s belongs to the company now.")
    messages.success(request, said % who)
    return redirect("people")


def _shown(request: CompanyRequest, form: InviteForm, **more: Any) -> HttpResponse:
    assert request.company is not None  # `requires` has looked
    rows = list(people.members(request.company))
    outside = people.with_other_companies(rows)
    return page(
        request,
        "companies/people.html",
        title=_("People"),
        form=form,
        rows=[(row, row.user_id not in outside and not row.user.is_superuser) for row in rows],
        roles=[(role, str(role.label).partition(":")[0]) for role in Role],
        days=invitations.days(),
        **more,
    )


def _member(request: CompanyRequest, pk: int) -> Membership:
    rows = for_company(Membership.objects.select_related("user", "company"), request.company)
    return get_object_or_404(rows, pk=pk)


def _role(form: forms.Form) -> dict[str, Any]:
    given = form.cleaned_data
    return {"role": Role(given["role"]), "may_see_bodies": given["may_see_bodies"]}


@method_decorator(login_not_required, name="dispatch")
class SetPassword(PasswordResetConfirmView):
    """Django's own, in our look; a link that works no longer is a page that is not found."""

    template_name = "companies/set_password.html"
    success_url = reverse_lazy("admin:login")
    title = gettext_lazy("Choose a password")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        answer = super().dispatch(request, *args, **kwargs)
        if answer.status_code == 200 and not self.validlink:
            answer.status_code = 404
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password is set. Log in with it."))
        return answer
