"""The team: what is overdue and with whom, who is away and who covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from moderation import absences, team_pages
from moderation.desk_parts import page_of
from moderation.desk_views import at_the_desk
from moderation.models import Absence
from moderation.refusals import Refused
from moderation.team_forms import AbsenceForm

if TYPE_CHECKING:
    from channels.models import User
    from moderation.desk_views import DeskRequest
    from moderation.models.team import AbsenceQuerySet


@require_GET
@at_the_desk
def overdue(request: DeskRequest) -> HttpResponse:
    """What should have been done, the oldest first: whose it is and how late."""
    asked = request.GET
    chosen = team_pages.narrowed(
        request.user, asked.get("department", ""), asked.get("channel", "")
    )
    page = team_pages.overdue(chosen, asked.get("after", ""))
    return page_of(
        request,
        "team/overdue.html",
        title=_("Overdue"),
        chosen=chosen,
        by_channel=team_pages.late_by_channel(chosen.channels),
        rows=team_pages.with_lateness(page.cases),
        next_cursor=page.next_cursor,
    )


@require_http_methods(["GET", "POST"])
@at_the_desk
def away(request: DeskRequest) -> HttpResponse:
    """One's own absences, those one covers, and for a head those of the people."""
    form = AbsenceForm(request.POST or None, by=request.user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = absences.register(by=request.user, **form.cleaned_data)
            except Refused as why_not:
                form.add_error(None, str(why_not))
                status = 409
            else:
                messages.success(
                    request,
                    _("%(cover)s covers for %(person)s, %(days)s.")
                    % {"cover": made.cover, "person": made.person, "days": made.days},
                )
                return redirect("desk:away")
    return page_of(
        request,
        "team/away.html",
        status=status,
        title=_("Away and cover"),
        form=form,
        absences=_seen(request.user).to_come().select_related("person", "cover"),
        today=timezone.localdate(),
        may_end=_may_end(request.user),
    )


@require_POST
@at_the_desk
def end_absence(request: DeskRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(_seen(request.user), pk=pk)
    try:
        absences.end(absence=one, by=request.user)
    except Refused as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(request, _("%(person)s is back.") % {"person": one.person})
    return redirect("desk:away")


def _seen(user: User) -> AbsenceQuerySet:
    """One's own, those one covers, and those of one's people."""
    people = absences.people_of(user)
    return Absence.objects.filter(Q(person=user) | Q(cover=user) | Q(person__in=people))


def _may_end(user: User) -> set[int]:
    return {user.pk, *absences.people_of(user).values_list("pk", flat=True)}
