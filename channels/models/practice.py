"""The practice wall: a small platform of our own, moved by the same contract."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WallPost(models.Model):
    channel = models.ForeignKey(
        "channels.Channel",
        verbose_name=_("channel"),
        on_delete=models.PROTECT,
        related_name="wall_posts",
    )
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    posted_at = models.DateTimeField(_("posted"), default=timezone.now)

    class Meta:
        verbose_name = _("post on the practice wall")
        verbose_name_plural = _("posts on the practice wall")
        ordering: ClassVar = ["-posted_at"]

    def __str__(self) -> str:
        return self.title


class WallEntry(models.Model):
    """A comment or direct message on the wall, as its visitors see it.

    `change` grows with every change of any entry: the connector's cursor.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment", _("comment")
        DM = "dm", _("direct message")

    class State(models.TextChoices):
        VISIBLE = "visible", _("visible")
        HIDDEN = "hidden", _("hidden")
        REMOVED = "removed", _("removed")

    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.PROTECT, related_name="wall_entries"
    )
    post = models.ForeignKey(
        WallPost,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COMMENT)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )
    author_name = models.CharField(_("name"), max_length=120)
    # Lets a visitor find their own direct messages again; no account behind it.
    author_key = models.CharField(max_length=64, blank=True)
    is_ours = models.BooleanField(default=False)
    text = models.TextField(_("text"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.VISIBLE)
    posted_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    change = models.BigIntegerField(default=0)
    # Our outbox's key, so that a reply sent twice is one reply.
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("entry on the practice wall")
        verbose_name_plural = _("entries on the practice wall")
        ordering: ClassVar = ["posted_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "key"],
                condition=~models.Q(key=""),
                name="wall_reply_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["channel", "change"], name="wall_changes"),
            models.Index(fields=["post", "posted_at"], name="wall_thread"),
            models.Index(fields=["author_key", "posted_at"], name="wall_own"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class WallPicture(models.Model):
    """A picture of an entry on the wall, its bytes kept by `archive.files`. It goes
    with the entry, as on any platform."""

    entry = models.ForeignKey(
        WallEntry, on_delete=models.PROTECT, related_name="pictures"
    )
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField(_("size in bytes"))
    mime = models.CharField(_("type"), max_length=127)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("picture on the practice wall")
        verbose_name_plural = _("pictures on the practice wall")
        ordering: ClassVar = ["entry", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry", "position"], name="wall_picture_place_once"
            ),
            models.CheckConstraint(
                name="wall_picture_is_a_picture",
                condition=models.Q(
                    sha256__regex=r"^[0-9a-f]{64}$",
                    size__gte=1,
                    mime__in=["image/png", "image/jpeg", "image/webp", "image/gif"],
                    width__gte=1,
                    height__gte=1,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} · {self.position}"
