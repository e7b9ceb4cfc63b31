"""What people did in the company, for those who have to answer for it."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies.filters import AuditFilter
from companies.models import AuditEntry, Role
from companies.roles import requires
from companies.tables import AuditTable
from companies.walls import CompanyRequest, for_company
from ui.listings import Listing


@require_safe
@requires(Role.ACCOUNTANT)
def index(request: CompanyRequest) -> HttpResponseBase:
    rows = for_company(AuditEntry.objects.all(), request.company)
    listing = Listing(request, AuditTable, rows, filters=AuditFilter)
    return listing.answer(
        "companies/audit.html",
        title=_("Audit log"),
        empty="companies/audit_empty.html",
        kept_filters=["sort"],
    )
