"""Keeping what is ticked in the queue: asked once more, done, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from channels.models import Channel
from moderation import bulk, desk_rows
from moderation.desk_filters import Filters
from moderation.desk_parts import here, part_of
from moderation.desk_views import at_the_desk
from moderation.models import Case
from moderation.queue_views import KEPT

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest


@require_POST
@at_the_desk
def keep(request: DeskRequest) -> HttpResponse:
    """First shows what was ticked; `confirmed` keeps it."""
    if not request.user.has_perm("moderation.decide_case"):
        raise PermissionDenied(_("Your account may not do this."))
    filters = here(request)
    picks = bulk.Pick.read(request.POST.getlist("case"))
    if not picks:
        messages.warning(request, _("Tick the messages that you want to keep first."))
        return redirect(_queue(filters))
    if not request.POST.get("confirmed"):
        return _ask(request, picks, filters)
    outcome = bulk.keep(picks=picks, by=request.user)
    if outcome.done:
        request.session[KEPT] = [str(pick) for pick in outcome.done]
        number = len(outcome.done)
        said = ngettext("%(number)d message kept.", "%(number)d messages kept.", number)
        messages.success(request, said % {"number": number})
    _tell(request, outcome)
    return redirect(_queue(filters))


@require_POST
@at_the_desk
def unkeep(request: DeskRequest) -> HttpResponse:
    """Puts what was kept together back as it was."""
    picks = bulk.Pick.read(request.POST.getlist("case"))
    outcome = bulk.undo(picks=picks, by=request.user)
    if outcome.done:
        number = len(outcome.done)
        said = ngettext(
            "%(number)d message is as it was before.",
            "%(number)d messages are as they were before.",
            number,
        )
        messages.success(request, said % {"number": number})
    _tell(request, outcome)
    return redirect(_queue(here(request)))


def _ask(
    request: DeskRequest, picks: list[bulk.Pick], filters: Filters
) -> HttpResponse:
    names = dict(Channel.objects.visible_to(request.user).values_list("pk", "name"))
    wanted = [pick.case for pick in picks]
    cases = Case.objects.visible_to(request.user).filter(pk__in=wanted)
    return part_of(
        request,
        "desk/keep.html",
        title=_("Keep these messages?"),
        address=_queue(filters),
        rows=desk_rows.rows(
            cases.order_by("due_at", "id"), most=bulk.MOST, channels=names, ticks=False
        ),
        picks=picks,
        in_view=f"?{filters.query}" if filters.query else "",
        back=_queue(filters),
    )


def _tell(request: DeskRequest, outcome: bulk.Outcome) -> None:
    """Each that was refused, by its number at the desk and with the reason."""
    for case, why_not in outcome.refused:
        messages.warning(
            request,
            _("Number %(number)d on %(channel)s is as it was. %(why)s")
            % {"number": case.pk, "channel": case.channel, "why": why_not},
        )


def _queue(filters: Filters) -> str:
    return f"{reverse('desk:queue')}?{filters.query or 'tab=due'}"
