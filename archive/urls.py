from __future__ import annotations

from django.urls import path

from archive import views

urlpatterns = [
    path("log/<path:name>", views.log_file, name="log-file"),
]
