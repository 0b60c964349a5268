"""An officer's saved views: kept, renamed, chosen to open the desk, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from moderation import queue_views, saved_views
from moderation.desk_filters import Filters
from moderation.desk_parts import page_of
from moderation.desk_views import at_the_desk
from moderation.models import SavedView
from moderation.refusals import Refused

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest


@require_GET
@at_the_desk
def views(request: DeskRequest) -> HttpResponse:
    return page_of(
        request,
        "desk/views.html",
        title=_("Saved views"),
        views=saved_views.saved_of(request.user),
        most=SavedView.MOST,
    )


@require_POST
@at_the_desk
def save(request: DeskRequest) -> HttpResponse:
    """The queue as it is narrowed in the form, under a name."""
    filters = Filters.read(request.POST)
    try:
        view = saved_views.save(
            owner=request.user, name=request.POST.get("name", ""), filters=filters
        )
        if request.POST.get("opens"):
            saved_views.open_with(view=view, by=request.user, on=True)
    except Refused as why_not:
        return queue_views.show(
            request,
            filters,
            status=422,
            view_refused=str(why_not),
            view_name=request.POST.get("name", "")[:60],
        )
    messages.success(request, _("The view is saved as “%(name)s”.") % {"name": view})
    return redirect(f"{reverse('desk:queue')}?{filters.query or 'tab=due'}")


@require_POST
@at_the_desk
def change(request: DeskRequest, pk: int) -> HttpResponse:
    """Its name, and whether the desk opens with it."""
    view = _own(request, pk)
    try:
        saved_views.rename(
            view=view, name=request.POST.get("name", ""), by=request.user
        )
    except Refused as why_not:
        messages.error(request, str(why_not))
        return redirect("desk:views")
    opens = bool(request.POST.get("opens"))
    if opens != view.is_default:
        saved_views.open_with(view=view, by=request.user, on=opens)
    messages.success(request, _("Changed."))
    return redirect("desk:views")


@require_POST
@at_the_desk
def delete(request: DeskRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    saved_views.delete(view=view)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": view})
    return redirect("desk:views")


def _own(request: DeskRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView.objects.of(request.user), pk=pk)
