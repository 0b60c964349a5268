"""The practice wall as a platform: the same contract over our own tables.

The only connector that reads the database instead of the network, since the platform
is in it. The wall's own rules hold: what is hidden is not shown, what is removed loses
its text, an act on the same key is done once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DataError, IntegrityError
from django.utils import timezone

from channels import wall, wall_pictures
from channels.models.practice import WallEntry, WallPicture
from channels.models.registry import Channel
from channels.platforms.base import (
    Attached,
    AuthExpired,
    Author,
    Batch,
    Cap,
    Invalid,
    Item,
    NotFound,
    Outcome,
    Post,
    Ref,
    Seen,
    Tombstone,
)

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

PAGE = 200
_SEEN = {
    WallEntry.State.VISIBLE.value: Seen.VISIBLE,
    WallEntry.State.HIDDEN.value: Seen.HIDDEN,
    WallEntry.State.REMOVED.value: Seen.GONE,
}


class PracticeWall:
    platform = "practice"

    def __init__(self, *, address: str, channel: str) -> None:
        self.slug = channel

    def capabilities(self) -> frozenset[Cap]:
        return frozenset(Cap)

    def check(self) -> Author:
        channel = self._channel()
        return Author(id=channel.slug, name=channel.department.name)

    def poll(self, cursor: str | None) -> Batch:
        """The cursor is the last change number seen on this wall."""
        self._channel()
        entries = list(
            self._entries()
            .filter(change__gt=_number(cursor or ""))
            .order_by("change")[: PAGE + 1]
        )
        more = len(entries) > PAGE
        entries = entries[:PAGE]
        last = str(entries[-1].change) if entries else cursor
        return Batch(
            changes=[self._change(entry, timezone.now()) for entry in entries],
            cursor=last,
            more=more,
        )

    def recheck(self, refs: Sequence[Ref]) -> Batch:
        self._channel()
        wanted = [_number(ref.id) for ref in refs]
        found = {str(e.pk): e for e in self._entries().filter(pk__in=wanted)}
        now = timezone.now()
        return Batch(
            changes=[
                self._change(found[ref.id], now)
                if ref.id in found
                else Tombstone(ref.kind, ref.id, now)
                for ref in refs
            ],
            source="recheck",
        )

    def hide(self, ref: Ref, *, key: str) -> Outcome:
        return self._set(ref, WallEntry.State.HIDDEN)

    def unhide(self, ref: Ref, *, key: str) -> Outcome:
        return self._set(ref, WallEntry.State.VISIBLE)

    def delete(self, ref: Ref, *, key: str) -> Outcome:
        try:
            return self._set(ref, WallEntry.State.REMOVED)
        except NotFound:
            return Outcome(seen=Seen.GONE, already=True)

    def reply(self, ref: Ref, text: str, *, key: str) -> Outcome:
        """Sent twice with the same key it is one reply."""
        done = self.find_reply(ref, text, key=key)
        if done is not None:
            return done
        if not text.strip():
            raise Invalid("an empty reply")
        parent = self._entry(ref)
        channel = self._channel()
        try:
            entry = wall.write(
                channel=channel,
                kind=parent.kind,
                author_name=channel.department.name,
                author_key=parent.author_key,
                text=text,
                post=parent.post,
                parent=parent,
                is_ours=True,
                key=key,
            )
        except IntegrityError as error:
            # Another worker was faster with the same key.
            done = self.find_reply(ref, text, key=key)
            if done is None:
                raise Invalid("the wall refuses the reply") from error
            return done
        except (DataError, ValueError) as error:
            raise Invalid("the text cannot be stored") from error
        return self._reply_outcome(entry, already=False)

    def find_reply(self, ref: Ref, text: str, *, key: str) -> Outcome | None:
        entry = self._entries().filter(key=key).first()
        return self._reply_outcome(entry, already=True) if entry else None

    def _set(self, ref: Ref, state: WallEntry.State) -> Outcome:
        entry = self._entry(ref)
        already = entry.state == state
        if not already:
            entry = wall.set_state(entry=entry, state=state.value)
        return Outcome(seen=_SEEN[state.value], already=already)

    def _reply_outcome(self, entry: WallEntry, *, already: bool) -> Outcome:
        return Outcome(
            seen=_SEEN[entry.state],
            already=already,
            id=str(entry.pk),
            permalink=permalink(self.slug, entry),
        )

    def _change(self, entry: WallEntry, now: datetime) -> Item | Tombstone:
        if entry.state == WallEntry.State.REMOVED:
            return Tombstone(entry.kind, str(entry.pk), now)
        post = entry.post
        return Item(
            kind=entry.kind,
            id=str(entry.pk),
            author=Author(
                id=self.slug if entry.is_ours else entry.author_key[:16],
                name=entry.author_name,
            ),
            text=entry.text,
            created_at=entry.posted_at,
            edited_at=entry.edited_at,
            parent_id=str(entry.parent_id or ""),
            permalink=permalink(self.slug, entry),
            post=Post(
                id=str(post.pk),
                title=post.title,
                text=post.text,
                url=f"{settings.BASE_URL}/wall/{self.slug}/#post-{post.pk}",
                posted_at=post.posted_at,
            )
            if post
            else None,
            state=_SEEN[entry.state],
            is_ours=entry.is_ours,
            raw=_raw(entry),
            attachments=tuple(
                _attached(self.slug, one) for one in entry.pictures.all()
            ),
        )

    def _entries(self) -> QuerySet[WallEntry]:
        return (
            WallEntry.objects.filter(channel__slug=self.slug)
            .select_related("post")
            .prefetch_related("pictures")
        )

    def _entry(self, ref: Ref) -> WallEntry:
        entry = (
            self._entries()
            .select_related("channel")
            .filter(pk=_number(ref.id))
            .exclude(state=WallEntry.State.REMOVED)
            .first()
        )
        if entry is None:
            raise NotFound("the entry is not on the wall")
        return entry

    def _channel(self) -> Channel:
        channel = (
            Channel.objects.select_related("department").filter(slug=self.slug).first()
        )
        if channel is None:
            raise AuthExpired("there is no such wall")
        return channel


def permalink(slug: str, entry: WallEntry) -> str:
    """Where an entry can be seen; a direct message has no public address."""
    if entry.kind == WallEntry.Kind.DM:
        return ""
    return f"{settings.BASE_URL}/wall/{slug}/#entry-{entry.pk}"


def _attached(slug: str, picture: WallPicture) -> Attached:
    return Attached(
        id=str(picture.pk),
        name=picture.name,
        mime=picture.mime,
        size=picture.size,
        address=f"{settings.BASE_URL}/wall/{slug}/picture/{picture.pk}/",
        read=partial(wall_pictures.read, picture),
    )


def _number(text: str) -> int:
    """0, which nothing has, for what cannot be a number of ours."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _raw(entry: WallEntry) -> bytes:
    """What the wall would answer if it were asked over the network."""
    return json.dumps(
        {
            "id": entry.pk,
            "kind": entry.kind,
            "post": entry.post_id,
            "parent": entry.parent_id,
            "author_name": entry.author_name,
            "text": entry.text,
            "posted_at": entry.posted_at.isoformat(),
            "edited_at": entry.edited_at.isoformat() if entry.edited_at else None,
            "state": entry.state,
            "pictures": [one.pk for one in entry.pictures.all()],
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
