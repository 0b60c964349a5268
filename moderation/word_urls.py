from __future__ import annotations

from django.urls import path

from moderation import learning_views, word_views
from moderation.desk_urls import staff

app_name = "words"

urlpatterns = [
    path("", staff(word_views.index), name="index"),
    path("add/", staff(word_views.add), name="add"),
    path("try/", staff(word_views.try_text), name="try"),
    path("entry/<str:entry>/change/", staff(word_views.change), name="change"),
    path("entry/<str:entry>/remove/", staff(word_views.remove), name="remove"),
    path("entry/<str:entry>/restore/", staff(word_views.restore), name="restore"),
    path("history/", staff(word_views.history), name="history"),
    path("history/<int:number>/undo/", staff(word_views.undo), name="undo"),
    path("learning/", staff(learning_views.learning), name="learning"),
    path("learning/train/", staff(learning_views.train), name="train"),
]
