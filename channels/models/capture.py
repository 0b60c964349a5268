from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from channels.models.people import User


class CaptureQuerySet(models.QuerySet["Capture"]):
    def open(self) -> Self:
        return self.filter(state__in=Capture.OPEN)

    def due(self) -> Self:
        """To be made now: waiting, or left by a worker that is gone."""
        now = timezone.now()
        return self.filter(
            Q(state=Capture.State.WAITING)
            | Q(state=Capture.State.RUNNING, leased_until__lt=now)
        )

    def visible_to(self, user: User) -> Self:
        from channels.captures import channels_for

        return self.filter(channel__in=channels_for(user))


class Capture(models.Model):
    """One wish that a channel's page be captured, and what became of it (K-18).

    Whoever made it and whatever it brought stands in the sealed record; here is the
    calendar. `ref` is the record's subject.
    """

    class Reason(models.TextChoices):
        SCHEDULED = "scheduled", _("half-yearly")
        CHANGE = "change", _("before a major change")
        ASKED = "asked", _("asked for")

    class Means(models.TextChoices):
        BROWSER = "browser", _("captured by the system")
        UPLOAD = "upload", _("uploaded by hand")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being captured")
        DONE = "done", _("in the archive")
        FAILED = "failed", _("failed")

    class Failure(models.TextChoices):
        UNREACHABLE = "unreachable", _("The page could not be reached.")
        STATUS = "status", _("The server answered with an error instead of the page.")
        ELSEWHERE = "elsewhere", _("The address led to another site.")
        LOGIN = "login", _("A login stood before the page.")
        CONSENT = "consent", _("A question about cookies covered the page.")
        EMPTY = "empty", _("The page was empty.")
        BROWSER = "browser", _("The browser gave up.")
        NO_BROWSER = "no_browser", _("No browser is installed.")

    OPEN = (State.WAITING.value, State.RUNNING.value)

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.PROTECT, related_name="captures"
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    means = models.CharField(
        _("made by"), max_length=10, choices=Means, default=Means.BROWSER
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    # Nobody: the calendar asked.
    asked_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING
    )
    leased_until = models.DateTimeField(null=True)
    address = models.CharField(_("address"), max_length=1000)
    settled_at = models.DateTimeField(_("settled"), null=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    failure = models.CharField(_("failure"), max_length=12, choices=Failure, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    # A JPEG of what stood there instead; forgotten when a later capture succeeds.
    seen = models.BinaryField(_("what was seen"), default=b"")
    record = models.ForeignKey(
        "archive.Record", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = CaptureQuerySet.as_manager()

    class Meta:
        verbose_name = _("capture")
        verbose_name_plural = _("captures")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_open_capture_per_channel",
            ),
            models.CheckConstraint(
                name="capture_asked_by_somebody_or_the_calendar",
                condition=~Q(asked_at=None)
                & (
                    Q(reason="scheduled", asked_by=None)
                    | (~Q(reason="scheduled") & ~Q(asked_by=None))
                ),
            ),
            models.CheckConstraint(
                name="capture_done_with_its_record",
                condition=Q(state="done", record__isnull=False)
                | (~Q(state="done") & Q(record=None)),
            ),
            models.CheckConstraint(
                name="capture_failed_for_a_reason",
                condition=(Q(state="failed") & ~Q(failure=""))
                | (~Q(state="failed") & Q(failure="")),
            ),
            models.CheckConstraint(
                name="capture_settled_sometime",
                condition=Q(state__in=["done", "failed"], settled_at__isnull=False)
                | Q(state__in=["waiting", "running"], settled_at=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["channel", "-asked_at", "-id"], name="capture_newest"),
            models.Index(
                fields=["channel", "-settled_at"],
                name="capture_done",
                condition=Q(state="done"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.asked_at:%Y-%m-%d}"


class CaptureReminder(models.Model):
    """That a person was written to about a due capture: once for each day it was due,
    and once more when it is overdue."""

    class Stage(models.TextChoices):
        DUE = "due", _("due")
        OVERDUE = "overdue", _("overdue")

    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.CASCADE, related_name="+"
    )
    due_on = models.DateField()
    stage = models.CharField(max_length=10, choices=Stage)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reminder of a capture")
        verbose_name_plural = _("reminders of captures")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "due_on", "stage"], name="capture_reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.due_on} {self.stage}"
