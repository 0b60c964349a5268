from __future__ import annotations

from django.urls import path

from archive import disposal_views, erasure_views, export_views, hold_views

app_name = "keeping"

urlpatterns = [
    path("", disposal_views.due, name="due"),
    path("disposals/", disposal_views.register, name="register"),
    path("disposals/<uuid:pk>/", disposal_views.show, name="disposal"),
    path("disposals/<uuid:pk>/confirm/", disposal_views.confirm, name="confirm"),
    path("disposals/<uuid:pk>/cancel/", disposal_views.cancel, name="cancel"),
    path("erasures/", erasure_views.erasures, name="erasures"),
    path("erasures/<uuid:pk>/", erasure_views.show, name="erasure"),
    path("erasures/<uuid:pk>/confirm/", erasure_views.confirm, name="confirm-erasure"),
    path("erasures/<uuid:pk>/cancel/", erasure_views.cancel, name="cancel-erasure"),
    path("record/<uuid:record_id>/erase/", erasure_views.erase, name="erase"),
    path("holds/", hold_views.holds, name="holds"),
    path("holds/<int:pk>/release/", hold_views.release, name="release"),
    path("record/<uuid:record_id>/hold/", hold_views.hold, name="hold"),
    path("record/<uuid:record_id>/proof/", export_views.proof, name="proof"),
    path(
        "record/<uuid:record_id>/file/<int:position>/", export_views.file, name="file"
    ),
    path("exports/", export_views.exports, name="exports"),
    path("exports/<uuid:pk>/", export_views.download, name="download"),
    path("exports/<uuid:pk>/clean/", export_views.clean, name="clean"),
]
