from __future__ import annotations

from django.urls import path

from moderation import purge_views

app_name = "purging"

urlpatterns = [
    path("", purge_views.rules, name="rules"),
    path("emptied/", purge_views.register, name="register"),
    path("<int:pk>/", purge_views.rule, name="rule"),
    path("<int:pk>/confirm/", purge_views.confirm, name="confirm"),
    path("<int:pk>/cancel/", purge_views.cancel, name="cancel"),
    path("<int:pk>/stop/", purge_views.stop, name="stop"),
]
