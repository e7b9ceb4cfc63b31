"""Which side counts when both changed a field: the page under a connection where it is chosen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies.models import Role
from companies.roles import may, requires
from companies.walls import CompanyRequest, for_company
from connectors.documents import RecordType
from connectors.models import Connection
from connectors.registry import connector_for
from jobs import deciding, policies, side_by_side
from jobs.merge import Policy
from syncqueue.words import type_name
from ui.listings import signed_in
from ui.pages import page


@require_http_methods(["GET", "POST"])
def edit_policies(request: CompanyRequest, pk: int) -> HttpResponseBase:
    """Who may not change them sees them."""
    connection = get_object_or_404(for_company(Connection.objects.all(), request.company), pk=pk)
    if request.method == "POST":
        return _save_policies(request, connection)
    return page(
        request,
        "jobs/policies.html",
        title=_("Which side counts"),
        connection=connection,
        types=_policy_types(connection),
        words=policies.WORDS,
        may_account=may(request.user, request.company, Role.ACCOUNTANT),
    )


@requires(Role.ACCOUNTANT)
def _save_policies(request: CompanyRequest, connection: Connection) -> HttpResponse:
    chosen: dict[str, dict[str, str]] = {}
    for record_type, choices in _choices_by_type(connection).items():
        for choice in choices:
            wanted = request.POST.get(f"{record_type}-{choice.field}", "")
            if wanted in set(choice.allowed) and wanted != choice.default:
                chosen.setdefault(record_type.value, {})[choice.field] = wanted
    deciding.set_policies(connection=connection, policies=chosen, user=signed_in(request))
    messages.info(request, _("Saved. It counts for the changes that come from now on."))
    return redirect("policies", pk=connection.pk)


def _choices_by_type(connection: Connection) -> dict[RecordType, list[policies.Choice]]:
    directions = connector_for(connection).directions
    return {
        record_type: policies.choices(connection, record_type, direction)
        for record_type, direction in directions.items()
        if direction.exports
    }


def _policy_types(connection: Connection) -> list[dict[str, Any]]:
    return [
        {
            "kind": record_type.value,
            "label": type_name(record_type),
            "choices": [
                {
                    "name": f"{record_type}-{choice.field}",
                    "label": side_by_side.field_name(record_type, choice.field),
                    "policy": choice.policy,
                    "allowed": [(one, policies.WORDS[one]) for one in choice.allowed],
                    "is_default": choice.policy == choice.default,
                    "words": policies.WORDS[Policy(choice.policy)],
                }
                for choice in choices
            ],
        }
        for record_type, choices in _choices_by_type(connection).items()
    ]
