from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.platforms.base import Ref, Seen


class Post(models.Model):
    """The municipality's own post that comments stand under."""

    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.PROTECT, related_name="posts"
    )
    external_id = models.CharField(max_length=300)
    title = models.TextField(_("title"), blank=True)
    text = models.TextField(_("text"), blank=True)
    url = models.CharField(_("address"), max_length=1000, blank=True)
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="post_once")
        ]

    def __str__(self) -> str:
        return self.title or self.external_id


class Message(models.Model):
    """A comment or a direct message as it stands on the platform now.

    Every text it has had is a `Version`. `ref` is the opaque name by which the
    archive knows it.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment", _("comment")
        DM = "dm", _("direct message")

    class Visibility(models.TextChoices):
        VISIBLE = Seen.VISIBLE.value, _("visible")
        HIDDEN = Seen.HIDDEN.value, _("hidden")
        GONE = Seen.GONE.value, _("no longer there")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.PROTECT, related_name="messages"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    external_id = models.CharField(max_length=300)
    parent_id_there = models.CharField(max_length=300, blank=True)
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, related_name="messages"
    )
    author_id = models.CharField(max_length=300, blank=True)
    author_name = models.CharField(_("sender"), max_length=300, blank=True)
    author_handle = models.CharField(max_length=300, blank=True)
    author_url = models.CharField(max_length=1000, blank=True)
    is_ours = models.BooleanField(default=False)
    text = models.TextField(_("text"))
    digest = models.CharField(max_length=64)
    versions_count = models.PositiveIntegerField(default=1)
    # Of all versions together: 0 spares asking for them.
    attachments_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    permalink = models.CharField(_("address"), max_length=1000, blank=True)
    posted_at = models.DateTimeField(_("posted"))
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    source = models.CharField(max_length=10, default="poll")
    visibility = models.CharField(
        _("visibility"),
        max_length=10,
        choices=Visibility,
        default=Visibility.VISIBLE,
    )
    visibility_at = models.DateTimeField(null=True, blank=True)
    # Not on our channels: no public record of ours, and emptied in time (K-16).
    # `purged_at` is also set where the municipality's rule for messages has emptied it.
    outside_at = models.DateTimeField(null=True, blank=True)
    outside_by = models.ForeignKey(
        "channels.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "kind", "external_id"], name="message_once"
            ),
            models.CheckConstraint(
                name="message_outside_by_somebody_sometime",
                condition=Q(outside_at=None, outside_by=None)
                | Q(outside_at__isnull=False, outside_by__isnull=False),
            ),
            models.CheckConstraint(
                name="message_purged_without_words_or_sender",
                condition=Q(purged_at=None)
                | Q(
                    text="",
                    author_id="",
                    author_name="",
                    author_handle="",
                    author_url="",
                    is_ours=False,
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["channel", "-posted_at", "-id"], name="message_newest"
            ),
            models.Index(
                fields=["channel", "parent_id_there"],
                name="message_thread",
                condition=~Q(parent_id_there=""),
            ),
            models.Index(
                fields=["channel", "author_id", "-posted_at"], name="message_author"
            ),
            models.Index(fields=["post", "posted_at"], name="message_under_post"),
            models.Index(
                fields=["outside_at", "id"],
                name="message_outside",
                condition=Q(outside_at__isnull=False, purged_at=None),
            ),
            # What the desk keeps the words of, the oldest first.
            models.Index(
                fields=["kind", "received_at", "id"],
                name="message_with_words",
                condition=Q(purged_at=None, outside_at=None, is_ours=False),
            ),
            # A report names a comment by its address.
            HashIndex(
                fields=["permalink"],
                name="message_permalink",
                condition=~Q(permalink=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_id}"

    @property
    def platform_ref(self) -> Ref:
        return Ref(
            kind=self.kind,
            id=self.external_id,
            post_id=self.post.external_id if self.post else "",
            parent_id=self.parent_id_there,
            author_id=self.author_id,
        )


class Version(models.Model):
    """One text a message has had, with the platform's bytes as they came.

    Only grows: a trigger refuses UPDATE, DELETE and TRUNCATE.
    """

    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    text = models.TextField(_("text"))
    digest = models.CharField(max_length=64)
    raw = models.BinaryField(default=b"")
    seen_at = models.DateTimeField(_("seen"), default=timezone.now)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering: ClassVar = ["message", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message", "number"], name="version_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.message} v{self.number}"


class Unread(models.Model):
    """Something from a platform that could not be stored, named so that a person can
    look at it there. It holds no text."""

    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.CASCADE, related_name="unread"
    )
    external_id = models.CharField(max_length=300)
    error = models.CharField(_("error"), max_length=300)
    noticed_at = models.DateTimeField(_("noticed"), default=timezone.now)

    class Meta:
        verbose_name = _("unreadable message")
        verbose_name_plural = _("unreadable messages")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "external_id", "error"], name="unread_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["-noticed_at"], name="unread_newest")]

    def __str__(self) -> str:
        return f"{self.external_id}: {self.error}"
