"""Where a person chooses the columns of a table, and keeps views of it under a name."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ui import saved_views
from ui.addresses import back_to, query_of, without
from ui.listings import signed_in
from ui.models import SavedView
from ui.pages import page
from ui.tables import REGISTRY, Choice, Table, forget, settings_context


@require_http_methods(["GET", "POST"])
def table_settings(request: HttpRequest, name: str) -> HttpResponse:
    """GET shows what is chosen. POST carries the whole state: `do` is a step, save or reset."""
    table = _table(name)
    back = back_to(request, reverse(table.page_name))
    if request.method == "GET":
        return _form(request, table, _shown(request, table, back), back)
    do, _colon, column = request.POST.get("do", "save").partition(":")
    if do == "reset":
        return redirect(_reset(request, table, back))
    choice = _posted(request, table)
    if do == "save":
        return redirect(_keep(request, table, choice, back))
    if column in table.choosable():
        choice = choice.step(do, column)
    return _form(request, table, choice, back)


def _table(name: str) -> type[Table]:
    if name not in REGISTRY:
        raise Http404
    return REGISTRY[name]


def _posted(request: HttpRequest, table: type[Table]) -> Choice:
    sign = "-" if request.POST.get("direction") == "down" else ""
    rows = request.POST.get("rows", "")
    return Choice.of(
        table,
        columns=request.POST.getlist("column"),
        order_by=sign + request.POST.get("order_by", ""),
        rows=int(rows) if rows.isdecimal() else 0,
    )


def _form(request: HttpRequest, table: type[Table], choice: Choice, back: str) -> HttpResponse:
    context = settings_context(table, choice, back)
    if getattr(request, "htmx", False):
        return render(
            request, "ui/table_settings_form.html", {"settings": context, "is_dialog": True}
        )
    return page(request, "ui/table_settings.html", title=_("Table settings"), settings=context)


# -- saved views ---------------------------------------------------------------------------------


def _view_behind(table: type[Table], back: str) -> SavedView | None:
    """The saved view that the page shows from which a person comes."""
    return saved_views.shared_view(query_of(back).get("saved", ""), table)


def _shown(request: HttpRequest, table: type[Table], back: str) -> Choice:
    view = _view_behind(table, back)
    if view is not None:
        return saved_views.choice_of(view, table)
    return Choice.saved(signed_in(request), table)


def _keep(request: HttpRequest, table: type[Table], choice: Choice, back: str) -> str:
    """In the person's own saved view, if that is shown; else for the table."""
    view = _view_behind(table, back)
    if view is not None and view.user_id == request.user.pk:
        saved_views.keep_choice(view=view, choice=choice)
        return back
    choice.save(signed_in(request), table)
    return without(back, "saved")


def _reset(request: HttpRequest, table: type[Table], back: str) -> str:
    view = _view_behind(table, back)
    if view is not None and view.user_id == request.user.pk:
        saved_views.keep_choice(view=view, choice=Choice.default(table))
        return back
    forget(signed_in(request), table)
    return without(back, "saved")


@require_POST
def saved_view_new(request: HttpRequest, name: str) -> HttpResponse:
    """Keeps what the page shows: its filters, columns and order."""
    table = _table(name)
    back = back_to(request, reverse(table.page_name))
    user, query = signed_in(request), query_of(back).urlencode()
    title = request.POST.get("name", "").strip()[:60]
    problem = saved_views.refusal(user=user, table=table, name=title, query=query)
    if problem:
        messages.error(request, problem)
        return redirect(back)
    choice = _sorted(table, _shown(request, table, back), back)
    view = saved_views.save(user=user, table=table, name=title, query=query, choice=choice)
    messages.info(request, _("“%s” is saved. Its link can be shared.") % view)
    return redirect(saved_views.address_of(view, table))


@require_POST
def saved_view_change(request: HttpRequest, pk: int) -> HttpResponse:
    """`do` is rename, update or delete; only one's own."""
    view = get_object_or_404(SavedView, pk=pk, user=signed_in(request))
    table = _table(view.table)
    back = back_to(request, saved_views.address_of(view, table))
    do = request.POST.get("do", "")
    if do == "delete":
        view.delete()
        messages.info(request, _("“%s” is deleted.") % view)
        return redirect(without(back, "saved"))
    if do == "update":
        return _update(request, view, table, back)
    return _rename(request, view, back)


def _update(request: HttpRequest, view: SavedView, table: type[Table], back: str) -> HttpResponse:
    query = query_of(back).urlencode()
    problem = saved_views.refusal(user=view.user, table=table, name=view.name, query=query)
    if problem:
        messages.error(request, problem)
        return redirect(back)
    choice = _sorted(table, saved_views.choice_of(view, table), back)
    saved_views.keep(view=view, query=query, choice=choice)
    messages.info(request, _("“%s” now shows this.") % view)
    return redirect(saved_views.address_of(view, table))


def _rename(request: HttpRequest, view: SavedView, back: str) -> HttpResponse:
    title = request.POST.get("name", "").strip()[:60]
    problem = saved_views.rename(view=view, name=title) if title else ""
    if problem or not title:
        messages.error(request, problem or _("Give the view a name, so that you find it again."))
    return redirect(back)


@require_safe
def saved_view(request: HttpRequest, key: str) -> HttpResponse:
    """The link that is shared: the same filters and columns on the company of who follows it."""
    view = get_object_or_404(SavedView, key=key)
    return redirect(saved_views.address_of(view, _table(view.table)))


def _sorted(table: type[Table], choice: Choice, back: str) -> Choice:
    """The choice, in the order of the heading that was clicked."""
    return Choice.of(
        table,
        columns=choice.columns,
        order_by=query_of(back).get("sort", "") or choice.order_by,
        rows=choice.rows,
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's handler404: inside the shell."""
    return page(request, "ui/not_found.html", status=404, title=_("Not found"))
