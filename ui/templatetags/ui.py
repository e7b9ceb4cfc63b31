"""What our templates call: the pieces of ui/marks.py and what links need."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ui import marks, moments

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    return marks.icon(name)


@register.simple_tag
def state(tone: str, word: object, shape: str = "") -> SafeString:
    return marks.state(tone, word, shape)


@register.filter
def moment(value: datetime.datetime | None) -> SafeString:
    return marks.moment(value)


@register.filter
def lasted(value: datetime.timedelta | None) -> str:
    return moments.lasted(value) if value is not None else "–"


@register.filter
def milliseconds(value: int | None) -> str:
    return moments.lasted(datetime.timedelta(milliseconds=value)) if value is not None else "–"


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """ "8,412.50 USD": two decimals unless the amount has more that count."""
    if amount is None:
        return ""
    decimals = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{number_format(amount, decimals, use_l10n=True, force_grouping=True)} {currency}"


@register.filter
def bounded(count: int, limit: int = 100_000) -> str:
    """A count that stopped at `limit` says so."""
    if count > limit:
        return _("more than %s") % number_format(limit, force_grouping=True)
    return number_format(count, force_grouping=True)


@register.filter
def item(values: Mapping[str, Any], name: str) -> Any:
    """A value by a name that only the template knows."""
    return values.get(name, "")


@register.inclusion_tag("ui/page_links.html", takes_context=True)
def page_links(
    context: dict[str, Any], page: Page[Any], name: str, label: str, target: str
) -> dict[str, Any]:
    """ "1–20 of 41" and the links to other pages; `name` is the parameter that carries the page."""
    found = page.paginator
    numbers = found.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "request": context["request"],
        "page": page,
        "found": found,
        "numbers": numbers,
        "name": name,
        "label": label,
        "target": target,
    }


@register.simple_tag(takes_context=True)
def page_query(context: dict[str, Any], name: str, number: int) -> str:
    return with_query(context, **{name: number})


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: object) -> str:
    """The address of this page with some parameters changed; an empty value takes one away."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in {None, ""}:
            query[name] = str(value)
    return f"?{query.urlencode()}"
