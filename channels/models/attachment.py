"""Pictures and other files that came with messages."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models.conversation import Version

SHA256 = r"^[0-9a-f]{64}$"


class Attachment(models.Model):
    """One file of one version of a message: its bytes, kept by `archive.files`, or the
    reason why we have none.

    Only grows, but for what could not be reached yet and for what is let go of with
    the message's own words: a trigger refuses everything else.
    """

    class Missing(models.TextChoices):
        UNREACHABLE = "unreachable", _("could not be reached, and is asked for again")
        NOT_FOUND = "not_found", _("no longer there when we asked")
        REFUSED = "refused", _("the platform does not give it to us")
        TOO_LARGE = "too_large", _("larger than we fetch")
        NO_ADDRESS = "no_address", _("has no address that may be called")
        TOO_MANY = "too_many", _("more files than we fetch of one message")
        LET_GO = "let_go", _("let go of with the message's words")

    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="attachments"
    )
    position = models.PositiveSmallIntegerField()
    # As the platform gives it.
    platform_id = models.CharField(max_length=300, blank=True)
    name = models.CharField(_("name"), max_length=255, blank=True)
    told_mime = models.CharField(max_length=127, blank=True)
    address = models.CharField(_("address"), max_length=2000, blank=True)
    # As the bytes are.
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(_("size in bytes"), null=True, blank=True)
    mime = models.CharField(_("type"), max_length=127, blank=True)
    # Only of what opens as a picture of a size that we show.
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    blurred = models.BinaryField(default=b"")
    missing = models.CharField(
        _("why it is missing"), max_length=12, choices=Missing, blank=True
    )
    detail = models.CharField(max_length=200, blank=True)
    noted_at = models.DateTimeField(_("fetched"), default=timezone.now)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering: ClassVar = ["version", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "position"], name="attachment_place_once"
            ),
            models.CheckConstraint(
                name="attachment_has_bytes_or_a_reason",
                condition=Q(missing="", sha256__regex=SHA256, size__gte=0) & ~Q(mime="")
                | ~Q(missing="") & Q(sha256="", size=None, mime=""),
            ),
            models.CheckConstraint(
                name="attachment_picture_has_bytes_and_both_sides",
                condition=Q(width=None, height=None, blurred=b"")
                | (Q(width__gte=1, height__gte=1) & ~Q(sha256="") & ~Q(blurred=b"")),
            ),
        ]
        indexes: ClassVar = [
            # Whether a file is still named by a message.
            models.Index(
                fields=["sha256"],
                name="attachment_of_file",
                condition=~Q(sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.position}"

    @property
    def is_picture(self) -> bool:
        return self.width is not None
