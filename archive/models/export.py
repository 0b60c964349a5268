from __future__ import annotations

from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExportJobQuerySet(models.QuerySet["ExportJob"]):
    def due(self) -> Self:
        """To be taken on: waiting, or left by a worker that is gone."""
        return self.filter(
            Q(state=ExportJob.State.WAITING)
            | Q(state=ExportJob.State.RUNNING, leased_until__lt=timezone.now())
        )


class ExportJob(models.Model):
    """An export that somebody asked for, how far it has come, and where it went.

    The finished bag lies in a folder of the job's id until it is cleaned away; the
    register of exports (`Package`) stays.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being written")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")
        CLEANED = "cleaned", _("cleaned away")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    # What narrows it beside the days (`archive.export.selection`).
    filters = models.JSONField(_("selection"), default=dict, blank=True)
    note = models.CharField(_("purpose"), max_length=300)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    asked_by = models.CharField(_("asked for by"), max_length=200)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING
    )
    leased_until = models.DateTimeField(null=True)
    total = models.PositiveBigIntegerField(_("records"), null=True)
    written = models.PositiveBigIntegerField(_("records written"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)
    package = models.OneToOneField(
        "archive.Package",
        verbose_name=_("export"),
        on_delete=models.PROTECT,
        null=True,
        related_name="job",
    )
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("export job")
        verbose_name_plural = _("export jobs")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first__lte=F("last")), name="archive_exportjob_days"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "cleaned"], package__isnull=False)
                | (~Q(state__in=["done", "cleaned"]) & Q(package=None)),
                name="archive_exportjob_done_with_its_package",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-asked_at", "-id"], name="archive_exportjob_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"

    @property
    def percent(self) -> int:
        """How much has been written, in hundredths of all records."""
        return 100 * self.written // self.total if self.total else 0
