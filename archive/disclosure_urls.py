from __future__ import annotations

from django.urls import path

from archive import disclosure_views as register
from archive import handling_views, masking_views, subject_views

app_name = "disclosure"

urlpatterns = [
    path("", register.register, name="register"),
    path("new/", register.new, name="new"),
    path("sender/", subject_views.sender, name="sender"),
    path("openings/", handling_views.opened, name="openings"),
    path("record/<uuid:record_id>/open/", handling_views.open_record, name="open"),
    path("record/<uuid:record_id>/mark/", handling_views.mark, name="mark-record"),
    path("<int:pk>/", register.show, name="request"),
    path("<int:pk>/open/", masking_views.open_picks, name="open-picks"),
    path("<int:pk>/pick/", register.pick, name="pick"),
    path("<int:pk>/records/<int:pick_id>/", masking_views.mask, name="mask"),
    path("<int:pk>/records/<int:pick_id>/back/", register.unpick, name="unpick"),
    path(
        "<int:pk>/records/<int:pick_id>/picture/<int:position>/",
        masking_views.picture,
        name="picture",
    ),
    path("<int:pk>/preview/", register.preview, name="preview"),
    path("<int:pk>/draft.pdf", register.draft, name="draft"),
    path("<int:pk>/refuse/", register.refuse, name="refuse"),
    path("<int:pk>/withdraw/", register.withdraw, name="withdraw"),
    path("<int:pk>/file/<int:position>/", register.fetch, name="fetch"),
]
