"""The reading of a channel, when a person sets it going again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone

from channels.models import Stream

if TYPE_CHECKING:
    from channels.models import Channel, User

log = structlog.get_logger()


@transaction.atomic
def resume(*, channel: Channel, by: User) -> Stream:
    """Reads again at the next round, whatever stopped the reading before."""
    stream = Stream.objects.select_for_update().get(channel=channel)
    log.info("reading_resumed", channel=channel.slug, by=by.pk)
    stream.paused_at = None
    stream.failures = 0
    stream.last_error = ""
    stream.next_poll_at = timezone.now()
    stream.save()
    return stream
