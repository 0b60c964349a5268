from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path, register_converter

from moderation import desk_views, stuck_views
from moderation.verbs import VERBS

app_name = "desk"


class VerbConverter:
    """Only verbs of the table have an address."""

    regex = "|".join(VERBS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(VerbConverter, "verb")


def staff(view: desk_views.View[Any]) -> Any:
    """Behind the admin's login, asked for when the address is called."""

    def signed_in(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return admin.site.admin_view(view)(request, *args, **kwargs)

    signed_in.__name__ = getattr(view, "__name__", "view")
    return signed_in


urlpatterns = [
    path("", staff(desk_views.queue), name="queue"),
    path("next/", staff(desk_views.following), name="next"),
    path("<int:pk>/", staff(desk_views.case), name="case"),
    path("<int:pk>/looking/", staff(desk_views.looking), name="looking"),
    path("<int:pk>/<verb:verb>/", staff(desk_views.act), name="act"),
    path("stuck/", staff(stuck_views.stuck), name="stuck"),
    path("stuck/<int:pk>/try/", staff(stuck_views.try_again), name="try-again"),
    path("stuck/<int:pk>/leave/", staff(stuck_views.leave), name="leave"),
    path("reports/", staff(stuck_views.reports), name="reports"),
    path("reports/<int:pk>/", staff(stuck_views.report), name="report"),
    path("reports/<int:pk>/place/", staff(stuck_views.place), name="place"),
    path("reports/<int:pk>/dismiss/", staff(stuck_views.dismiss), name="dismiss"),
]
