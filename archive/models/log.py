from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Log(models.Model):
    """The one log of this installation; its origin never changes (C2SP checkpoint)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    origin = models.CharField(_("origin"), max_length=200)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)

    class Meta:
        verbose_name = _("log")
        verbose_name_plural = _("log")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="archive_log_only_one"),
        ]

    def __str__(self) -> str:
        return self.origin


class LogEntry(models.Model):
    """One leaf of the log: RFC 6962 bytes that name nobody.

    Entries are written unordered inside the transaction they witness; the sequencer
    gives `seq` afterwards. `xact` is the transaction that wrote the entry (set by
    trigger), by which the disposal trigger knows that an entry is of now.
    """

    class Type(models.TextChoices):
        CREATE = "record.create", _("Record sealed")
        AMEND = "record.amend", _("Marking changed")
        HOLD_SET = "legal_hold.set", _("Hold set")
        HOLD_RELEASE = "legal_hold.release", _("Hold released")
        DISCLOSURE = "disclosure", _("Disclosed")
        EXPORT = "export", _("Exported")
        ERASURE = "erasure", _("Fields erased")
        DISPOSAL = "disposal", _("Disposed of")
        KEY_ROTATE = "key.rotate", _("Signing key changed")

    id = models.BigAutoField(primary_key=True)
    entry_id = models.UUIDField(_("entry id"), default=uuid4, unique=True)
    type = models.CharField(_("type"), max_length=32, choices=Type.choices)
    record_id = models.UUIDField(_("record id"), null=True)
    leaf_bytes = models.BinaryField(_("leaf bytes"))
    leaf_hash = models.BinaryField(_("leaf hash"), max_length=32)
    seq = models.BigIntegerField(_("place in the log"), null=True, unique=True)
    xact = models.BigIntegerField(_("transaction"), editable=False, default=0)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["record_id", "id"], name="archive_log_record"),
            models.Index(
                fields=["id"], condition=Q(seq=None), name="archive_log_unsequenced"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.entry_id}"
