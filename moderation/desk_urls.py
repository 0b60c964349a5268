from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path, re_path, register_converter

from moderation import (
    answer_views,
    bulk_views,
    desk_flow,
    desk_views,
    duty_views,
    figure_views,
    picture_views,
    queue_views,
    referral_views,
    rereading_views,
    stuck_views,
    team_views,
    view_views,
)
from moderation.verbs import VERBS

app_name = "desk"


class VerbConverter:
    """Only verbs of the table have an address."""

    regex = "|".join(VERBS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class DutyVerbConverter(VerbConverter):
    """Those on what is owed have a view of their own."""

    regex = "|".join(duty_views.ACTS)


register_converter(VerbConverter, "verb")
register_converter(DutyVerbConverter, "duty")


def staff(view: desk_views.View[Any]) -> Any:
    """Behind the admin's login, made when the address is first called: by then there
    is a site."""
    guarded = cache(lambda: admin.site.admin_view(view))

    def signed_in(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return guarded()(request, *args, **kwargs)

    signed_in.__name__ = getattr(view, "__name__", "view")
    return signed_in


urlpatterns = [
    path("", staff(queue_views.queue), name="queue"),
    path("keep/", staff(bulk_views.keep), name="keep"),
    path("unkeep/", staff(bulk_views.unkeep), name="unkeep"),
    path("views/", staff(view_views.views), name="views"),
    path("views/save/", staff(view_views.save), name="save-view"),
    path("views/<int:pk>/change/", staff(view_views.change), name="change-view"),
    path("views/<int:pk>/delete/", staff(view_views.delete), name="delete-view"),
    path("next/", staff(desk_flow.following), name="next"),
    path("<int:pk>/", staff(desk_views.case), name="case"),
    path("<int:pk>/picture/<int:file>/", staff(picture_views.picture), name="picture"),
    path(
        "<int:pk>/picture/<int:file>/blurred/",
        staff(picture_views.blurred),
        name="blurred",
    ),
    path("<int:pk>/looking/", staff(desk_views.looking), name="looking"),
    path("<int:pk>/<duty:verb>/", staff(duty_views.act), name="duty"),
    path("proposals/", staff(duty_views.proposals), name="proposals"),
    path("<int:pk>/reply/", staff(answer_views.answer), name="answer"),
    path("<int:pk>/draft/", staff(answer_views.save_draft), name="save-draft"),
    path("<int:pk>/refer/", staff(referral_views.refer), name="refer"),
    path("<int:pk>/read-anew/", staff(rereading_views.read_anew), name="read-anew"),
    path("<int:pk>/<verb:verb>/", staff(desk_flow.act), name="act"),
    path("figures/", staff(figure_views.shown), name="figures"),
    path("figures/<slug:slug>.csv", staff(figure_views.as_csv), name="figures-csv"),
    path("team/", staff(team_views.overdue), name="overdue"),
    path("team/away/", staff(team_views.away), name="away"),
    path("team/away/<int:pk>/end/", staff(team_views.end_absence), name="end-absence"),
    path("drafts/<int:pk>/release/", staff(answer_views.release), name="release-draft"),
    path("drafts/<int:pk>/back/", staff(answer_views.send_back), name="send-back"),
    path("drafts/<int:pk>/drop/", staff(answer_views.drop), name="drop-draft"),
    path("referrals/<int:pk>/again/", staff(referral_views.again), name="refer-again"),
    path(
        "referrals/<int:pk>/arrived/",
        staff(referral_views.arrived),
        name="refer-arrived",
    ),
    path(
        "referrals/<int:pk>/back/",
        staff(referral_views.give_back),
        name="refer-back",
    ),
    path("letters/", staff(referral_views.stuck_letters), name="letters"),
    re_path(
        r"^letters/(?P<pk>[0-9]{1,18})/(?P<do>again|leave)/$",
        staff(referral_views.letter),
        name="letter",
    ),
    path("stuck/", staff(stuck_views.stuck), name="stuck"),
    path("stuck/<int:pk>/try/", staff(stuck_views.try_again), name="try-again"),
    path("stuck/<int:pk>/leave/", staff(stuck_views.leave), name="leave"),
    path("reports/", staff(stuck_views.reports), name="reports"),
    path("reports/<int:pk>/", staff(stuck_views.report), name="report"),
    path("reports/<int:pk>/place/", staff(stuck_views.place), name="place"),
    path("reports/<int:pk>/dismiss/", staff(stuck_views.dismiss), name="dismiss"),
]
