"""Pictures of a message, for whoever may see the message."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import structlog
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from archive import downloads
from channels import attachments
from channels.models import Attachment, Message
from moderation.desk_views import at_the_desk
from moderation.models import Case

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest

log = structlog.get_logger()


@require_GET
@at_the_desk
def picture(request: DeskRequest, pk: int, file: int) -> HttpResponse:
    """The bytes as they came. Who looks at what was sent in confidence is logged."""
    case, one = _asked_for(request, pk, file)
    if not one.sha256:
        raise Http404
    if case.message.kind == Message.Kind.DM:
        log.info("picture_opened", case=case.pk, file=one.pk, by=request.user.pk)
    shown = downloads.shown(
        one.sha256,
        name=attachments.file_name(one),
        # What does not open as a picture is saved, whatever it begins like.
        mime=one.mime if one.is_picture else "",
        size=one.size,
    )
    return cast("HttpResponse", shown)


@require_GET
@at_the_desk
def blurred(request: DeskRequest, pk: int, file: int) -> HttpResponse:
    """What stands in a picture's place until somebody asks for it."""
    _case, one = _asked_for(request, pk, file)
    if not one.is_picture:
        raise Http404
    response = HttpResponse(bytes(one.blurred), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _asked_for(request: DeskRequest, pk: int, file: int) -> tuple[Case, Attachment]:
    case = get_object_or_404(
        Case.objects.seen_by(request.user).select_related("message"), pk=pk
    )
    one = get_object_or_404(
        Attachment.objects.filter(version__message=case.message_id), pk=file
    )
    return case, one
