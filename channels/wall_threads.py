"""The practice wall as it is read: what is seen, in its threads.

A hidden or removed comment shows neither text nor author. It leaves no trace, unless
somebody has answered it: then a neutral line stands in its place, since the answers
have not been decided on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from channels import wall, wall_pictures
from channels.guards import SAME_WITHIN
from channels.models import WallEntry, WallPost

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from django.db.models import QuerySet

    from channels.models import Channel
    from channels.wall_pictures import Picture

    Entries = QuerySet[WallEntry]

POSTS_SHOWN = 20
# Of one wall, the newest: a page that can still be read and loaded.
ENTRIES_SHOWN = 500
DEEPEST = 3
SAME_LOOKED_AT = 20
_LOCK = 0x4B58


@dataclass
class Line:
    """One comment in its place; `shown` is False where only its answers are."""

    entry: WallEntry
    shown: bool
    own: bool
    answers: list[Line] = field(default_factory=list)
    depth: int = 0


@dataclass
class Shown:
    post: WallPost
    lines: list[Line]
    count: int


def posts(channel: Channel, key: str) -> list[Shown]:
    """The newest posts with their comments; `key` marks what is the visitor's own."""
    newest = list(
        WallPost.objects.filter(channel=channel).order_by("-posted_at", "-pk")[
            :POSTS_SHOWN
        ]
    )
    entries = list(
        WallEntry.objects.filter(
            post__in=newest, channel=channel, kind=WallEntry.Kind.COMMENT
        )
        .prefetch_related("pictures")
        .order_by("-posted_at", "-pk")[:ENTRIES_SHOWN]
    )
    by_post: dict[int | None, list[WallEntry]] = defaultdict(list)
    for entry in reversed(entries):
        by_post[entry.post_id].append(entry)
    return [
        Shown(
            post,
            threads(by_post[post.pk], key),
            sum(e.state == WallEntry.State.VISIBLE for e in by_post[post.pk]),
        )
        for post in newest
    ]


def threads(entries: Iterable[WallEntry], key: str) -> list[Line]:
    """Comments, oldest first, as threads; deeper than `DEEPEST` they stay level."""
    lines = {
        entry.pk: Line(
            entry,
            entry.state == WallEntry.State.VISIBLE,
            bool(key) and entry.author_key == key and not entry.is_ours,
        )
        for entry in entries
    }
    top: list[Line] = []
    for line in lines.values():
        parent = lines.get(line.entry.parent_id or 0)
        if parent is None:
            top.append(line)
            continue
        line.depth = parent.depth + 1
        parent.answers.append(line)
    return _flattened(_worth_showing(top))


def _worth_showing(lines: list[Line]) -> list[Line]:
    kept = []
    for line in lines:
        line.answers = _worth_showing(line.answers)
        if line.shown or line.answers:
            kept.append(line)
    return kept


def _flattened(lines: list[Line], depth: int = 0) -> list[Line]:
    flat = []
    for line in lines:
        line.depth = min(depth, DEEPEST)
        flat += [line, *_flattened(line.answers, depth + 1)]
    return flat


def own_messages(channel: Channel, key: str) -> list[WallEntry]:
    """The visitor's direct messages and the answers to them, oldest first."""
    if not key:
        return []
    own = WallEntry.objects.filter(
        channel=channel,
        kind=WallEntry.Kind.DM,
        author_key=key,
        is_ours=False,
        state=WallEntry.State.VISIBLE,
    ).prefetch_related("pictures")
    written = list(own.order_by("-posted_at", "-pk")[:ENTRIES_SHOWN])
    answers = WallEntry.objects.filter(
        parent__in=[entry.pk for entry in written],
        kind=WallEntry.Kind.DM,
        is_ours=True,
        state=WallEntry.State.VISIBLE,
    )
    return sorted([*written, *answers], key=lambda one: (one.posted_at, one.pk))


@transaction.atomic
def once(
    *,
    channel: Channel,
    kind: str,
    author_name: str,
    author_key: str,
    text: str,
    post: WallPost | None = None,
    parent: WallEntry | None = None,
    pictures: Sequence[Picture] = (),
) -> WallEntry:
    """Writes on the wall, or answers with what the same visitor wrote in the same
    place, words and pictures a moment ago: a form sent twice is one comment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, author_key]
        )
    before = WallEntry.objects.filter(
        channel=channel,
        kind=kind,
        author_key=author_key,
        author_name=author_name,
        text=text,
        post=post,
        parent=parent,
        is_ours=False,
        state=WallEntry.State.VISIBLE,
        posted_at__gte=timezone.now() - SAME_WITHIN,
    )
    for one in before[:SAME_LOOKED_AT]:
        if wall_pictures.same(one, pictures):
            return one
    return wall.write(
        channel=channel,
        kind=kind,
        author_name=author_name,
        author_key=author_key,
        text=text,
        post=post,
        parent=parent,
        pictures=pictures,
    )


@transaction.atomic
def edited(
    *,
    entry: WallEntry,
    text: str,
    author_key: str,
    pictures: Sequence[Picture] = (),
    without: Collection[int] = (),
) -> bool:
    """Changes one's own comment; False when it has been taken away meanwhile."""
    own = (
        WallEntry.objects.select_for_update(of=("self",))
        .select_related("channel")
        .filter(pk=entry.pk, author_key=author_key, state=WallEntry.State.VISIBLE)
        .first()
    )
    if own is None:
        return False
    if own.text != text or pictures or without:
        wall.edit(entry=own, text=text, pictures=pictures, without=without)
    return True
