"""Where a person was: the page that a posted form leads back to."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme


def back_to(request: HttpRequest, default: str) -> str:
    """The posted or asked `back`, if it is a page of ours."""
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return default


def query_of(address: str) -> QueryDict:
    return QueryDict(urlsplit(address).query, mutable=True)


def without(address: str, *names: str) -> str:
    """The same address, less some parameters."""
    query = query_of(address)
    for name in names:
        query.pop(name, None)
    path = urlsplit(address).path
    return f"{path}?{query.urlencode()}" if query else path
