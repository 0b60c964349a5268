from __future__ import annotations

from django.urls import path

from channels import views, wall_views

urlpatterns = [
    path("", views.home, name="home"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("channels/", views.channels, name="channels"),
    path("channels.json", views.channels_json, name="channels.json"),
    path("channels.csv", views.channels_csv, name="channels.csv"),
    path("channels/<slug:slug>/", views.channel, name="channel"),
    path("wall/<slug:slug>/", wall_views.show, name="wall"),
    path(
        "wall/<slug:slug>/messages/", wall_views.direct_messages, name="wall-messages"
    ),
    path(
        "wall/<slug:slug>/post/<int:post>/comment/",
        wall_views.comment,
        name="wall-comment",
    ),
    path(
        "wall/<slug:slug>/entry/<int:entry>/answer/",
        wall_views.answer,
        name="wall-answer",
    ),
    path("wall/<slug:slug>/picture/<int:pk>/", wall_views.picture, name="wall-picture"),
    path("wall/<slug:slug>/entry/<int:entry>/edit/", wall_views.edit, name="wall-edit"),
]
