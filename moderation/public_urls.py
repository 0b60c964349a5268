from __future__ import annotations

from django.urls import path

from moderation import public_views

urlpatterns = [
    path("report/", public_views.report, name="report"),
    path("report/received/", public_views.received, name="report-received"),
    path("report/status/", public_views.status, name="report-status"),
]
