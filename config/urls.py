from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config.health import health_urls
from config.mail import mail_urls

urlpatterns: list[URLPattern | URLResolver] = [
    *health_urls,
    *mail_urls,
    path("admin/desk/", include("moderation.desk_urls")),
    path("admin/captures/", include("channels.capture_urls")),
    # Before the archive's own: what the desk keeps is a page of the same room.
    path("admin/keeping/messages/", include("moderation.purge_urls")),
    path("admin/keeping/", include("archive.room_urls")),
    path("admin/disclosure/", include("archive.disclosure_urls")),
    path("admin/words/", include("moderation.word_urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("moderation.public_urls")),
    path("", include("archive.urls")),
    path("", include("channels.urls")),
]
