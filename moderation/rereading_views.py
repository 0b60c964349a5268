"""Fetching the words of an emptied message anew, from its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from moderation import rereading
from moderation.desk_views import at_the_desk
from moderation.models import Case
from moderation.refusals import Refused

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest


@require_POST
@at_the_desk
def read_anew(request: DeskRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(
        Case.objects.seen_by(request.user).select_related("message__post", "channel"),
        pk=pk,
    )
    try:
        rereading.read_anew(case=case, by=request.user)
    except Refused as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(request, _("The words are here again."))
    return redirect(case)
