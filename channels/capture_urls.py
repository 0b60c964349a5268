from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

from channels import capture_views

app_name = "captures"


def staff(view: Any) -> Any:
    """Behind the admin's login, asked for when the address is called."""

    def signed_in(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        inner = admin.site.admin_view(view)
        return cast("HttpResponse", inner(request, *args, **kwargs))

    signed_in.__name__ = view.__name__
    return signed_in


urlpatterns = [
    path("", staff(capture_views.calendar), name="calendar"),
    path("search/", staff(capture_views.search), name="search"),
    path("channel/<int:pk>/", staff(capture_views.channel), name="channel"),
    path("channel/<int:pk>/ask/", staff(capture_views.ask), name="ask"),
    path("channel/<int:pk>/upload/", staff(capture_views.upload), name="upload"),
    path("<int:pk>/seen/", staff(capture_views.seen), name="seen"),
    path("<int:pk>/file/<int:position>/", staff(capture_views.file), name="file"),
]
