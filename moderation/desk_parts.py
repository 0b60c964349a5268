"""A page of the desk whole, or only the part that has changed.

Script asks with the header `X-Desk`: "part" for what is shown now, "ahead" for the
message that is fetched while the officer still reads another. The answer then holds
title, path and content without the frame around them, and names in `X-Desk-Address`
the address that belongs to it. Without the header everything is a whole page.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from moderation.desk_filters import Filters
from moderation.verbs import VERBS

ASKS, ADDRESS, READY, SHOW_READY = (
    "X-Desk",
    "X-Desk-Address",
    "X-Desk-Ready",
    "X-Desk-Show",
)


def wants_part(request: HttpRequest) -> bool:
    return request.headers.get(ASKS) in ("part", "ahead")


def is_ahead(request: HttpRequest) -> bool:
    """Fetched before anybody looks at it: nobody is told that it is open."""
    return request.headers.get(ASKS) == "ahead"


def here(request: HttpRequest, *, or_before: bool = False) -> Filters:
    """What the officer works through: from this address, else, where a form was sent,
    from that of the page that it stood on."""
    filters = Filters.read(request.GET)
    if filters.asked or (request.method == "GET" and not or_before):
        return filters
    came_from = urlsplit(request.headers.get("Referer", ""))
    return Filters.read(dict(parse_qsl(came_from.query)))


def page_of(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A whole page in the frame of the admin."""
    everywhere = admin.site.each_context(request)
    return render(request, template, {**everywhere, **context}, status=status)


def part_of(
    request: HttpRequest,
    template: str,
    *,
    status: int = 200,
    address: str = "",
    **context: Any,
) -> HttpResponse:
    """A page that script may ask a part of: its template extends `layout`. `address` is
    what the browser's bar shows for it, when that is not the one that was asked for."""
    context["undo_key"] = VERBS["undo"].key
    if wants_part(request):
        context["layout"] = "desk/part.html"
        response = render(request, template, context, status=status)
        response[ADDRESS] = address or request.get_full_path()
    else:
        response = page_of(request, template, status=status, **context)
    patch_vary_headers(response, [ASKS])
    return response
