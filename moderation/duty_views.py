"""The desk's acts on what is owed: kinds, waivers, parts, deadlines (M-R2, K-14, K-16,
K-17); and how the software's proposals fare."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from moderation import (
    desk_flow,
    desk_pages,
    desk_views,
    kinds,
    meeting,
    outside,
    redating,
    waiving,
)
from moderation.deadlines import moment_words
from moderation.desk_parts import here, page_of
from moderation.duty_pages import form_of
from moderation.fares import fares
from moderation.models import Case
from moderation.refusals import Refused
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import User
    from moderation.desk_views import DeskRequest


@require_POST
@desk_views.at_the_desk
def act(request: DeskRequest, pk: int, verb: str) -> HttpResponse:
    """One verb on what is owed. The officer stays at the message while something is
    still owed on it; what is refused is shown there, with what was written."""
    filters, place = here(request), desk_pages.place_of(pk)
    one = get_object_or_404(
        Case.objects.seen_by(request.user).select_related("message", "channel"), pk=pk
    )
    form = form_of(VERBS[verb], one, data=request.POST)
    if not form.is_valid():
        shown = desk_views.visible(request, pk)
        return desk_views.show(request, shown, {verb: form}, status=422)
    try:
        done = ACTS[verb](one, request.user, form.cleaned_data)
    except Refused as why_not:
        form.add_error(None, str(why_not))
        shown = desk_views.visible(request, pk)
        return desk_views.show(request, shown, {verb: form}, status=409)
    messages.success(request, done)
    one.refresh_from_db(fields=["due_at"])
    stays = one.due_at is not None or verb == "inside"
    return desk_flow.lead_on(request, pk, filters, place, stays=stays)


@require_GET
@desk_views.at_the_desk
def proposals(request: DeskRequest) -> HttpResponse:
    """How often people agree with what the software takes a message for."""
    return page_of(
        request,
        "desk/proposals.html",
        title=_("How proposals fare"),
        fares=fares(request.user),
    )


def _confirm(one: Case, by: User, data: dict[str, Any]) -> str:
    kinds.confirm(case=one, by=by, turn=data["turn"])
    return _("The kinds are confirmed.")


def _correct(one: Case, by: User, data: dict[str, Any]) -> str:
    kinds.correct(case=one, by=by, kinds=data["kinds"], turn=data["turn"])
    return _("The kinds are corrected; what is owed follows them.")


def _waive(one: Case, by: User, data: dict[str, Any]) -> str:
    kind, reason = data["what"]
    duty = waiving.waive(
        case=one,
        by=by,
        kind=kind,
        reason=reason,
        note=data["note"],
        turn=data["turn"],
    )
    return _("Waived: %(duty)s.") % {"duty": duty.get_kind_display()}


def _meet(one: Case, by: User, data: dict[str, Any]) -> str:
    meeting.meet(
        case=one, by=by, what=data["what"], note=data["note"], turn=data["turn"]
    )
    return _("Noted as done.")


def _register(one: Case, by: User, data: dict[str, Any]) -> str:
    record = meeting.register(case=one, by=by, number=data["number"], turn=data["turn"])
    return _("Registered. Sealed record: %(number)s.") % {"number": record.pk}


def _seal(one: Case, by: User, data: dict[str, Any]) -> str:
    record = meeting.seal_record(case=one, by=by, turn=data["turn"])
    return _("In the archive as record %(number)s.") % {"number": record.pk}


def _redate(one: Case, by: User, data: dict[str, Any]) -> str:
    change = redating.redate(
        case=one,
        by=by,
        kind=data["kind"],
        due_at=data["due_at"],
        reason=data["reason"],
        turn=data["turn"],
    )
    return _("Due %(moment)s now.") % {"moment": moment_words(change.due_at)}


def _outside(one: Case, by: User, data: dict[str, Any]) -> str:
    outside.mark_outside(case=one, by=by, reason=data["reason"], turn=data["turn"])
    return _("Outside our channels: nothing is owed on it, nothing archived.")


def _inside(one: Case, by: User, data: dict[str, Any]) -> str:
    outside.mark_inside(case=one, by=by, reason=data["reason"], turn=data["turn"])
    return _("On our channels again, with what was owed.")


ACTS: dict[str, Callable[[Case, User, dict[str, Any]], str]] = {
    "confirm": _confirm,
    "correct": _correct,
    "waive": _waive,
    "meet": _meet,
    "register": _register,
    "seal": _seal,
    "redate": _redate,
    "outside": _outside,
    "inside": _inside,
}
