"""Who may enter, and the frame that every page of the archive's rooms has."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

if TYPE_CHECKING:

    class Person:
        signature: str

        def has_perm(self, perm: str) -> bool: ...

    class PersonRequest(HttpRequest):
        user: Person  # type: ignore[assignment]


P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponseBase]


def allowed(permission: str) -> Callable[[View[P]], View[P]]:
    """Only for who has the permission; behind the admin's login, and never kept by a
    browser."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(
            request: PersonRequest, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied(_("Your account has no place in this room."))
            return view(request, *args, **kwargs)

        @wraps(view)
        def signed_in(
            request: Any, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            inner = admin.site.admin_view(cast("Any", guarded))
            return cast("HttpResponseBase", inner(request, *args, **kwargs))

        return cast("View[P]", signed_in)

    return guard


disclosing = allowed("archive.handle_disclosures")


def page_of(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(
        request,
        template,
        {**admin.site.each_context(request), **context},
        status=status,
    )
