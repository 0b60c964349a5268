"""What visitors do on the practice wall: our own small platform.

Every change of an entry takes the next number of its channel, given out under a lock
that is held to the commit: a reader that has seen number n has seen all below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from channels import wall_pictures
from channels.models import WallEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from channels.models import Channel, WallPost
    from channels.wall_pictures import Picture

_LOCK = 0x4B57


@transaction.atomic
def write(
    *,
    channel: Channel,
    kind: str,
    author_name: str,
    author_key: str,
    text: str,
    post: WallPost | None = None,
    parent: WallEntry | None = None,
    is_ours: bool = False,
    key: str = "",
    pictures: Sequence[Picture] = (),
) -> WallEntry:
    """A new comment or direct message."""
    entry = WallEntry.objects.create(
        channel=channel,
        kind=kind,
        author_name=author_name,
        author_key=author_key,
        text=text,
        post=post,
        parent=parent,
        is_ours=is_ours,
        key=key,
        change=next_change(channel),
    )
    wall_pictures.hang(entry, pictures)
    return entry


@transaction.atomic
def edit(
    *,
    entry: WallEntry,
    text: str,
    pictures: Sequence[Picture] = (),
    without: Collection[int] = (),
) -> WallEntry:
    """Another text; `pictures` come to those it has, less those (keys) it is to be
    `without`."""
    wall_pictures.take_down(entry.pictures.filter(pk__in=without))
    wall_pictures.hang(entry, pictures)
    entry.text = text
    entry.edited_at = timezone.now()
    entry.change = next_change(entry.channel)
    entry.save(update_fields=["text", "edited_at", "change"])
    return entry


@transaction.atomic
def set_state(*, entry: WallEntry, state: str) -> WallEntry:
    """Hidden and removed entries are not shown; a removed one loses its text and its
    pictures, as on any platform."""
    entry.state = state
    changed = ["state", "change"]
    if state == WallEntry.State.REMOVED:
        entry.text = ""
        wall_pictures.take_down(entry.pictures.all())
        changed.append("text")
    entry.change = next_change(entry.channel)
    entry.save(update_fields=changed)
    return entry


def next_change(channel: Channel) -> int:
    """In the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, channel.pk])
    newest = (
        WallEntry.objects.filter(channel=channel)
        .order_by("-change")
        .values_list("change", flat=True)
        .first()
    )
    return (newest or 0) + 1
