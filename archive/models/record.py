from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from archive.models.kept_json import KeptJSON


class RecordQuerySet(models.QuerySet["Record"]):
    def between(self, start: datetime, end: datetime) -> Self:
        """Sealed at or after `start` and before `end`."""
        return self.filter(sealed_at__gte=start, sealed_at__lt=end)

    def about(self, subject: UUID) -> Self:
        """The records of one subject, oldest first."""
        return self.filter(subject=subject).order_by("sealed_at", "id")

    def without_content(self) -> Self:
        """For lists: the sealed bytes stay where they are."""
        return self.defer("canonical", "salts", "field_digests")


class Record(models.Model):
    """What the municipality keeps of one thing: sealed once, never edited.

    `canonical` and `salts` are the only columns with content. A trigger lets them
    shrink or go only beside a disposal or erasure entry of the same transaction.
    """

    class Kind(models.TextChoices):
        REMOVAL = "removal", _("Removed by us")
        HIDE = "hide", _("Hidden by us")
        RESTORE = "restore", _("Restored by us")
        PLATFORM_REMOVAL = "platform_removal", _("Removed by the platform")
        WITHDRAWAL = "withdrawal", _("Withdrawn by the author")
        GONE = "gone", _("Gone for an unknown reason")
        DIRECT_MESSAGE = "direct_message", _("Direct message received")
        COMMENT = "comment", _("Comment registered")
        REPLY = "reply", _("Reply sent by us")
        REFERRAL = "referral", _("Referred to another unit")
        CAPTURE = "capture", _("Capture of a page")
        DOCUMENT = "document", _("Document")
        DISPOSAL = "disposal", _("Disposal decision")
        DISCLOSURE = "disclosure", _("Disclosure")

    class State(models.TextChoices):
        SEALED = "sealed", _("Sealed")
        ERASED = "erased", _("Single fields erased")
        DISPOSED = "disposed", _("Disposed of")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)
    subject = models.UUIDField(_("subject"), db_index=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    canonical = models.BinaryField(_("canonical bytes"), null=True)
    salts = KeptJSON(_("salts"), null=True)
    field_digests = KeptJSON(_("field digests"))
    commitment = models.BinaryField(_("commitment"), max_length=32)
    retention = models.CharField(_("retention rule"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"))
    sealed_by = models.CharField(_("sealed by"), max_length=200)
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.SEALED
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        ordering = ["-sealed_at", "-id"]
        indexes = [
            models.Index(fields=["sealed_at", "id"], name="archive_record_sealed"),
            models.Index(
                fields=["retention", "sealed_at"], name="archive_record_retention"
            ),
            # The few of which something has gone.
            models.Index(
                fields=["state", "sealed_at", "id"],
                name="archive_record_not_whole",
                condition=~Q(state="sealed"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state="disposed", canonical__isnull=True, salts__isnull=True
                )
                | (
                    ~Q(state="disposed")
                    & Q(canonical__isnull=False, salts__isnull=False)
                ),
                name="archive_record_content_until_disposed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def document(self) -> dict[str, Any]:
        """The sealed document, parsed anew; empty after disposal."""
        if self.canonical is None:
            return {}
        document: dict[str, Any] = json.loads(bytes(self.canonical))
        return document

    @property
    def facts(self) -> dict[str, Any]:
        """The caller's facts as sealed; changing the copy changes nothing."""
        facts: dict[str, Any] = self.document.get("facts", {})
        return facts


class RecordFile(models.Model):
    """A file of a record, found by the SHA-256 of its bytes."""

    record = models.ForeignKey(
        Record, verbose_name=_("record"), on_delete=models.PROTECT, related_name="files"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    size = models.BigIntegerField(_("size in bytes"))
    mime = models.CharField(_("type"), max_length=128)
    name = models.CharField(_("name"), max_length=255)

    class Meta:
        verbose_name = _("file of a record")
        verbose_name_plural = _("files of records")
        ordering = ["record_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "position"], name="archive_recordfile_position"
            ),
        ]

    def __str__(self) -> str:
        return self.name
