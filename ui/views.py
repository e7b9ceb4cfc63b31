"""The page, and the dialog, where a person chooses the columns of a table."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ui.listings import signed_in
from ui.pages import page
from ui.tables import REGISTRY, Choice, Table, forget, settings_context


@require_http_methods(["GET", "POST"])
def table_settings(request: HttpRequest, name: str) -> HttpResponse:
    """GET shows what is chosen. POST carries the whole state: `do` is a step, save or reset."""
    table = REGISTRY.get(name)
    if table is None:
        raise Http404
    user = signed_in(request)
    if request.method == "GET":
        return _form(request, table, Choice.saved(user, table))
    do, _colon, column = request.POST.get("do", "save").partition(":")
    if do == "reset":
        forget(user, table)
        return redirect(_back(request, table))
    choice = _posted(request, table)
    if do == "save":
        choice.save(user, table)
        return redirect(_back(request, table))
    return _form(request, table, choice.step(do, column) if column in table.choosable() else choice)


def _posted(request: HttpRequest, table: type[Table]) -> Choice:
    sign = "-" if request.POST.get("direction") == "down" else ""
    rows = request.POST.get("rows", "")
    return Choice.of(
        table,
        columns=request.POST.getlist("column"),
        order_by=sign + request.POST.get("order_by", ""),
        rows=int(rows) if rows.isdecimal() else 0,
    )


def _form(request: HttpRequest, table: type[Table], choice: Choice) -> HttpResponse:
    context = settings_context(table, choice, _back(request, table))
    if getattr(request, "htmx", False):
        return render(
            request, "ui/table_settings_form.html", {"settings": context, "is_dialog": True}
        )
    return page(request, "ui/table_settings.html", title=_("Table settings"), settings=context)


def _back(request: HttpRequest, table: type[Table]) -> str:
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse(table.page_name)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's handler404: inside the shell."""
    return page(request, "ui/not_found.html", status=404, title=_("Not found"))
