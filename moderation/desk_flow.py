"""From one message to the next: what an officer works through, without going back.

Each verb is done by `desk_views.act`; here stands where it leads. A browser without
script is sent on (POST, redirect, GET); script gets the next message in the same
answer, or only word that the one it has fetched ahead is the right one.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db import DEFAULT_DB_ALIAS
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_POST

from moderation import desk_pages, desk_views, queue_views
from moderation.desk_filters import Filters
from moderation.desk_parts import ADDRESS, ASKS, READY, SHOW_READY, here, wants_part
from moderation.desk_views import at_the_desk, just_done
from moderation.models import Case
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest

# After these the officer goes on reading the same message.
STAYS = frozenset({"undo", "claim", "release", "assign"})
DECIDED = frozenset({"keep", "hide", "remove", "restore"})

Place = tuple[datetime, int]


@require_POST
@at_the_desk
def act(request: DeskRequest, pk: int, verb: str) -> HttpResponse:
    """One verb on one case, then on to the next among those worked through."""
    filters, one = here(request), _known_by_key(pk)
    # A decision reads the place itself, under its lock.
    place = None if verb in DECIDED else desk_pages.place_of(pk)
    refused = desk_views.act(request, one, verb)
    if refused is not None:
        return refused
    if one.due_at:
        place = one.due_at, pk
    return lead_on(request, pk, filters, place, stays=verb in STAYS)


def lead_on(
    request: DeskRequest,
    pk: int,
    filters: Filters,
    place: Place | None,
    *,
    stays: bool,
) -> HttpResponse:
    """The answer to an act that is done: the same message again, or the next one."""
    if stays:
        return _stay(request, pk, filters)
    if not wants_part(request):
        asked = {**filters.asked, "done": str(pk)}
        if place:
            asked["at"] = place[0].isoformat()
        return redirect(f"{reverse('desk:next')}?{urlencode(asked)}")
    return _onward(request, pk, filters, place)


@require_GET
@at_the_desk
def following(request: DeskRequest) -> HttpResponse:
    """On to the message that comes after the one just dealt with, or to the queue when
    nothing more waits."""
    filters = here(request, or_before=True)
    done = just_done(request)
    one = desk_pages.next_due(
        request.user,
        done.case if done else None,
        filters,
        _place(request.GET.get("at", ""), done.case.pk) if done else None,
    )
    asked = {**filters.asked, **({"done": str(done.case.pk)} if done else {})}
    query = f"?{urlencode(asked)}" if asked else ""
    if one is None:
        # The view by which the desk opens is not meant here: this one is empty.
        return redirect(reverse("desk:queue") + (query or "?tab=due"))
    return redirect(one.get_absolute_url() + query)


def _stay(request: DeskRequest, pk: int, filters: Filters) -> HttpResponse:
    if wants_part(request):
        one = desk_views.visible(request, pk)
        return desk_views.show(request, one, filters=filters)
    query = f"?{filters.query}" if filters.query else ""
    return redirect(reverse("desk:case", args=[pk]) + query)


def _onward(
    request: DeskRequest, pk: int, filters: Filters, place: Place | None
) -> HttpResponse:
    done = just_done(request, str(pk))
    case = done.case if done else None
    one = desk_pages.next_due(request.user, case, filters, place)
    if one is None:
        return queue_views.show(request, filters, done=done)
    key = f"{one.pk}.{one.turn}"
    if request.headers.get(READY) != key:
        shown = desk_views.visible(request, one.pk)
        return desk_views.show(request, shown, filters=filters, done=done)
    context = {"done": done, "undo_key": VERBS["undo"].key}
    response = render(request, "desk/said.html", context)
    asked = {**filters.asked, "done": str(pk)}
    response[ADDRESS] = f"{one.get_absolute_url()}?{urlencode(asked)}"
    response[SHOW_READY] = key
    patch_vary_headers(response, [ASKS, READY])
    return response


def _known_by_key(pk: int) -> Case:
    """No deadline and no turn until a verb has read them; the rest is read if asked."""
    known = {"id": pk, "due_at": None, "turn": 0}
    return Case.from_db(DEFAULT_DB_ALIAS, list(known), list(known.values()))


def _place(moment: str, pk: int) -> Place | None:
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, pk) if at.tzinfo else None
