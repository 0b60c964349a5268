"""What is said about a record after it was sealed; the sealed bytes never change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RecordMarkingQuerySet(models.QuerySet["RecordMarking"]):
    def newest(self, records: Iterable[UUID]) -> Self:
        """The marking that counts, of each record that has one."""
        return (
            self.filter(record__in=list(records))
            .order_by("record_id", "-id")
            .distinct("record_id")
        )


class RecordMarking(models.Model):
    """Secrecy, classification, diary number and a remark; the newest counts.

    Each is an entry of the log: `salt` and the fields give its commitment.
    """

    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        related_name="markings",
    )
    secrecy = models.CharField(
        _("secrecy"),
        max_length=200,
        blank=True,
        help_text=_("The paragraph that may apply. Empty: no marking."),
    )
    classification = models.CharField(_("classification"), max_length=100, blank=True)
    diary_number = models.CharField(_("diary number"), max_length=100, blank=True)
    remark = models.TextField(_("remark"), blank=True, max_length=4000)
    salt = models.CharField(_("salt"), max_length=22, editable=False)
    set_at = models.DateTimeField(_("set at"))
    set_by = models.CharField(_("set by"), max_length=200)

    objects = RecordMarkingQuerySet.as_manager()

    class Meta:
        verbose_name = _("marking of a record")
        verbose_name_plural = _("markings of records")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["record", "-id"], name="archive_marking_newest"),
        ]

    def __str__(self) -> str:
        return str(self.record_id)


class RecordOpening(models.Model):
    """Somebody opened a direct message or a record with a secrecy marking, and why."""

    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        related_name="openings",
    )
    reason = models.CharField(_("reason"), max_length=300)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.CharField(_("opened by"), max_length=200)

    class Meta:
        verbose_name = _("opening of a record")
        verbose_name_plural = _("openings of records")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["record", "-id"], name="archive_opening_record"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(opened_by=""),
                name="archive_opening_says_why",
            ),
        ]

    def __str__(self) -> str:
        return str(self.record_id)
