from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self) -> Self:
        return self.filter(
            sent_at=None,
            failed_at=None,
            unclear_at=None,
            not_before__lte=timezone.now(),
        )

    def stuck(self) -> Self:
        """What only a person can take further."""
        return self.filter(
            Q(failed_at__isnull=False)
            | Q(unclear_at__lt=timezone.now() - Letter.ANSWERED_WITHIN)
            | Q(returned_at__isnull=False),
            left_at=None,
        )


class Letter(models.Model):
    """An e-mail that has to leave: written in the transaction of what it tells of,
    sent afterwards.

    `unclear_at` is set just before the mail server is given the end of the letter and
    taken away by its answer. What keeps it may have arrived: it is never sent again by
    itself (docs/adr/0007).
    """

    # A letter in the middle of being sent is not yet an unclear one.
    ANSWERED_WITHIN = timedelta(minutes=2)

    class State(models.TextChoices):
        WAITING = "waiting", _("on its way")
        SENT = "sent", _("taken by the mail server")
        UNCLEAR = "unclear", _("perhaps sent")
        FAILED = "failed", _("not sent")
        RETURNED = "returned", _("came back")

    # Names the letter to mail servers, in its Message-ID and its return address.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.EmailField(_("to"))
    # Whose name and address it bears; empty where the system itself writes.
    from_name = models.CharField(max_length=200, blank=True)
    from_email = models.EmailField(blank=True)
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField()
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    unclear_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="letter_sent_or_failed",
                condition=Q(sent_at=None) | Q(failed_at=None),
            ),
            models.CheckConstraint(
                name="letter_unclear_until_answered",
                condition=Q(unclear_at=None) | Q(sent_at=None, failed_at=None),
            ),
            models.CheckConstraint(
                name="letter_left_by_somebody_sometime",
                condition=Q(left_by=None, left_at=None)
                | Q(left_by__isnull=False, left_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["not_before", "id"],
                name="letter_due",
                condition=Q(sent_at=None, failed_at=None, unclear_at=None),
            ),
            models.Index(
                fields=["-written_at", "-id"],
                name="letter_stuck",
                condition=(
                    Q(failed_at__isnull=False)
                    | Q(unclear_at__isnull=False)
                    | Q(returned_at__isnull=False)
                )
                & Q(left_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def state(self) -> State:
        """What is known of it now."""
        if self.returned_at:
            return self.State.RETURNED
        if self.failed_at:
            return self.State.FAILED
        if self.sent_at:
            return self.State.SENT
        if self.unclear_at and self.unclear_at < timezone.now() - self.ANSWERED_WITHIN:
            return self.State.UNCLEAR
        return self.State.WAITING


class LetterFile(models.Model):
    """A file that goes with a letter: its bytes, or the SHA-256 under which
    `archive.files` keeps them."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    mime = models.CharField(max_length=128)
    content = models.BinaryField(default=b"")
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("file of a letter")
        verbose_name_plural = _("files of letters")
        ordering: ClassVar = ["letter", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["letter", "position"], name="letter_file_position_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
