"""From a platform's batch to stored messages, findings and duties: one transaction.

`receive` is the only way in: pollers, imported files and the practice wall all hand it
the same `Batch`. Files are fetched before the transaction. Receiving twice changes
nothing; an edit adds a version and is screened anew; one broken item is named and left
out, the rest is kept; the cursor is saved with what it stands for. Direct messages are
sealed here: they are received public records (K-17).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.utils import timezone

from archive import files
from channels import attachments
from channels.models import Channel, Delivery, Message, Stream, Unread
from channels.platforms.base import Batch, Item, Refused, Tombstone, storable
from moderation import arrivals, carried, changes
from moderation.carried import Carried

log = structlog.get_logger()

# Longer than any comment a platform allows; a record must still open on a screen.
LONGEST_TEXT = 1_000_000
_SHORT = {"id": 300, "parent_id": 300, "permalink": 1000}
_AUTHOR = {"id": 300, "name": 300, "handle": 300, "url": 1000}
# Two-digit advisory lock: this number and the channel's key.
_LOCK = 0x4B56


@dataclass(frozen=True, slots=True)
class Received:
    """How many of a batch were what; `refused` are named and stored as `Unread`."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    refused: tuple[Refused, ...] = ()


def receive(*, channel: Channel, batch: Batch) -> Received:
    """Stores a batch with its screening, duties and cursor, all or nothing."""
    refused = list(batch.refused)
    items: list[Item] = []
    tombstones: list[Tombstone] = []
    for change in batch.changes:
        if isinstance(change, Tombstone):
            tombstones.append(change)
            continue
        try:
            items.append(clean(change))
        except ItemError as error:
            refused.append(Refused(storable(str(change.id), 300), str(error)))

    with_files = [item for item in items if item.attachments]
    came = carried.fetch(channel, with_files)
    try:
        new, changed, unchanged, gone = _enter(
            channel, batch, items, tombstones, refused, came
        )
    except files.Vanished:
        # Somebody let go of such a file in the same moment: it is fetched once more.
        came = carried.fetch(channel, with_files)
        new, changed, unchanged, gone = _enter(
            channel, batch, items, tombstones, refused, came
        )
    if new or changed or gone or refused:
        log.info(
            "received",
            channel=channel.pk,
            source=batch.source,
            new=new,
            changed=changed,
            gone=gone,
            refused=len(refused),
        )
    return Received(new, changed, unchanged, gone, tuple(refused))


@transaction.atomic
def _enter(
    channel: Channel,
    batch: Batch,
    items: Sequence[Item],
    tombstones: Sequence[Tombstone],
    refused: Sequence[Refused],
    came: Carried,
) -> tuple[int, int, int, int]:
    new = changed = unchanged = 0
    _one_at_a_time(channel)
    files.hold(came.kept)
    for round_ in _rounds(items):
        counts = _store(channel, round_, batch.source, came)
        new += counts[0]
        changed += counts[1]
        unchanged += counts[2]
    gone = _bury(channel, tombstones)
    _name(channel, refused)
    if batch.cursor is not None:
        Stream.objects.filter(channel=channel).update(cursor=batch.cursor)
    return new, changed, unchanged, gone


class ItemError(Exception):
    """Why an item cannot be stored: a name and a sentence, no personal data."""


def clean(item: Item) -> Item:
    """The item as PostgreSQL and JSON can hold it. NUL and lone surrogates become
    U+FFFD, and the untouched bytes are kept in `raw`. Raises ItemError."""
    if item.kind not in Message.Kind.values:
        raise ItemError("unknown_kind: neither a comment nor a direct message")
    if not item.id.strip():
        raise ItemError("no_id: the message has no id")
    if len(item.id) > _SHORT["id"]:
        raise ItemError("id_too_long: the id is longer than 300 characters")
    if len(item.text) > LONGEST_TEXT:
        raise ItemError(
            f"text_too_long: {len(item.text)} characters, at most {LONGEST_TEXT}"
        )
    if item.created_at.tzinfo is None:
        raise ItemError("no_zone: the time has no time zone")
    if not _plausible(item):
        raise ItemError("impossible_time: before 1990 or in the future")
    text = storable(item.text)
    raw = item.raw
    if text != item.text and not raw:
        raw = item.text.encode("utf-8", "surrogatepass")
    author = replace(
        item.author,
        **{
            name: storable(getattr(item.author, name), most)
            for name, most in _AUTHOR.items()
        },
    )
    return replace(
        item,
        id=storable(item.id),
        text=text,
        author=author,
        parent_id=storable(item.parent_id, _SHORT["parent_id"]),
        permalink=storable(item.permalink, _SHORT["permalink"]),
        raw=raw,
        attachments=tuple(map(attachments.clean, item.attachments)),
    )


def _plausible(item: Item) -> bool:
    return item.created_at.year >= 1990 and item.created_at < (
        timezone.now() + timedelta(days=1)
    )


def _one_at_a_time(channel: Channel) -> None:
    """Two batches of one channel never interleave; other channels go on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, channel.pk])


def _rounds(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Splits so that no message stands twice in a round: what comes later is later."""
    waiting = list(items)
    while waiting:
        seen: set[tuple[str, str]] = set()
        now: list[Item] = []
        later: list[Item] = []
        for item in waiting:
            key = (item.kind, item.id)
            (later if key in seen else now).append(item)
            seen.add(key)
        yield now
        waiting = later


def _store(
    channel: Channel, items: Sequence[Item], source: str, came: Carried
) -> tuple[int, int, int]:
    known = {
        (message.kind, message.external_id): message
        for message in Message.objects.filter(
            channel=channel, external_id__in=[item.id for item in items]
        )
    }
    fresh: list[Item] = []
    edited: list[tuple[Message, Item]] = []
    same: list[tuple[Message, Item]] = []
    for item in items:
        message = known.get((item.kind, item.id))
        if message is None:
            fresh.append(item)
        elif message.digest != item.digest and not message.outside_at:
            edited.append((message, item))
        else:
            same.append((message, item))
    if fresh:
        arrivals.store(channel=channel, items=fresh, source=source, came=came)
    if edited:
        changes.store_edits(channel=channel, edited=edited, came=came)
    if came.gaps:
        changes.fill_gaps(channel=channel, same=same, came=came)
    if known:
        _observe([*edited, *same])
    return len(fresh), len(edited), len(same)


def _observe(seen: Sequence[tuple[Message, Item]]) -> None:
    """Takes over what the platform shows, save where our own act is on its way: what
    was read before it must not undo it."""
    differing = [
        (message, item.state.value)
        for message, item in seen
        if item.state is not None and item.state.value != message.visibility
    ]
    if not differing:
        return
    ours = set(
        Delivery.objects.unsettled()
        .filter(message__in=[message for message, _state in differing])
        .values_list("message_id", flat=True)
    )
    now = timezone.now()
    for message, state in differing:
        if message.pk not in ours:
            Message.objects.filter(pk=message.pk).update(
                visibility=state, visibility_at=now
            )


def _bury(channel: Channel, tombstones: Sequence[Tombstone]) -> int:
    """Marks what is no longer seen. Who took it away is not known and not claimed."""
    if not tombstones:
        return 0
    return (
        Message.objects.filter(
            channel=channel, external_id__in={stone.id for stone in tombstones}
        )
        .exclude(visibility=Message.Visibility.GONE)
        .update(visibility=Message.Visibility.GONE, visibility_at=timezone.now())
    )


def _name(channel: Channel, refused: Sequence[Refused]) -> None:
    Unread.objects.bulk_create(
        [
            Unread(
                channel=channel,
                external_id=storable(one.id, 300),
                error=storable(one.error, 300),
            )
            for one in refused
        ],
        ignore_conflicts=True,
    )
