"""Reading the channels: the network first, then one transaction per batch."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from channels.connections import connector_of
from channels.models import Channel, Message, Stream
from channels.platforms.base import AuthExpired, Cap, Connector, PlatformError
from moderation import intake

log = structlog.get_logger()

# Young messages are read again often, older ones daily: edits and deletions show
# only by looking (no platform tells of all of them).
YOUNG, YOUNG_EVERY = timedelta(days=2), timedelta(minutes=10)
OLD, OLD_EVERY = timedelta(days=30), timedelta(days=1)
MOST_BATCHES = 50
MOST_REREAD = 500
LONGEST_PAUSE = timedelta(minutes=30)


def poll_due() -> int:
    """Reads every channel whose time has come; answers how many were read."""
    read = 0
    while True:
        stream = _claim()
        if stream is None:
            return read
        poll(stream)
        read += 1


@transaction.atomic
def _claim() -> Stream | None:
    """The next time is set before the reading: a crash becomes a delay, and two
    workers never read the same channel at once."""
    stream = (
        Stream.objects.due()
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("next_poll_at")
        .first()
    )
    if stream is None:
        return None
    stream.next_poll_at = timezone.now() + timedelta(seconds=settings.POLL_SECONDS)
    stream.save(update_fields=["next_poll_at"])
    return stream


def poll(stream: Stream) -> None:
    """Reads one channel to its end; an error is stored and shown at the channel."""
    channel = Channel.objects.select_related("department").get(pk=stream.channel_id)
    try:
        connector = connector_of(channel)
        if connector is None:
            return
        _read_new(connector, channel, stream.cursor or None)
        _reread(connector, channel, stream)
    except PlatformError as error:
        _failed(stream, error)
    else:
        Stream.objects.filter(pk=stream.pk).update(
            polled_at=timezone.now(), failures=0, last_error=""
        )


def _read_new(connector: Connector, channel: Channel, cursor: str | None) -> None:
    for _turn in range(MOST_BATCHES):
        batch = connector.poll(cursor)
        intake.receive(channel=channel, batch=batch)
        if not batch.more or batch.cursor == cursor:
            return
        cursor = batch.cursor


def _reread(connector: Connector, channel: Channel, stream: Stream) -> None:
    """Looks again at what may have been edited or taken away meanwhile."""
    if Cap.RECHECK not in connector.capabilities():
        return
    now = timezone.now()
    last = stream.rechecked_at
    if last is not None and now - last < YOUNG_EVERY:
        return
    daily = last is None or last.date() != now.date()
    since = now - (OLD if daily else YOUNG)
    for refs in _reread_groups(channel, since):
        intake.receive(channel=channel, batch=connector.recheck(refs))
    Stream.objects.filter(pk=stream.pk).update(rechecked_at=now)


def _reread_groups(channel: Channel, since: datetime) -> list[list]:
    messages = (
        Message.objects.filter(channel=channel, posted_at__gte=since, is_ours=False)
        .exclude(visibility=Message.Visibility.GONE)
        .select_related("post")
        .order_by("-posted_at", "-id")[:MOST_REREAD]
    )
    refs = [message.platform_ref for message in messages]
    return [refs[i : i + 100] for i in range(0, len(refs), 100)]


def _failed(stream: Stream, error: PlatformError) -> None:
    now = timezone.now()
    minutes = min(2.0 ** min(stream.failures, 10), LONGEST_PAUSE.total_seconds() / 60)
    wait = timedelta(seconds=error.retry_after or minutes * 60)
    Stream.objects.filter(pk=stream.pk).update(
        failures=F("failures") + 1,
        last_error=f"{type(error).__name__}: {error}"[:300],
        next_poll_at=now + wait,
        # A credential that is not accepted is never tried in a loop: it locks
        # accounts. A person has to enter it anew.
        paused_at=now if isinstance(error, AuthExpired) else None,
    )
    log.warning(
        "not_read",
        channel=stream.channel_id,
        error=type(error).__name__,
        code=error.code,
        failures=stream.failures + 1,
    )
