from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

# Longer is written as “for ever”: the calendar ends in the year 9999.
LONGEST_YEARS = 500


class RetentionRule(models.Model):
    """How long records that name the rule, or are of its kind, are kept.

    Where several rules fit a record the longest wins. `years` empty means for ever.
    """

    class Start(models.TextChoices):
        SEALED = "sealed", _("From the day of sealing")
        YEAR_END = "year_end", _("From the end of the year of sealing")

    slug = models.SlugField(_("name in records"), max_length=64, unique=True)
    title = models.CharField(
        _("title"),
        max_length=200,
        help_text=_("As it is shown on records and on the disposal list."),
    )
    kind = models.CharField(
        _("kind of records"),
        max_length=32,
        blank=True,
        help_text=_("Empty: only records that name the rule."),
    )
    years = models.PositiveSmallIntegerField(
        _("years"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(LONGEST_YEARS)],
        help_text=_("Leave it empty to keep the records for ever."),
    )
    starts = models.CharField(
        _("counted"), max_length=16, choices=Start.choices, default=Start.YEAR_END
    )
    basis = models.CharField(
        _("decision"),
        max_length=300,
        help_text=_(
            "The municipality's decision, with its number and the place in the "
            "records schedule."
        ),
    )

    # As with the rules of the policies: the user model lives in a layer above.
    history = HistoricalRecords(
        history_user_id_field=models.CharField(max_length=64, null=True),
    )

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.title


class HoldQuerySet(models.QuerySet["Hold"]):
    def in_force(self) -> Self:
        return self.filter(released_at=None)


class Hold(models.Model):
    """As long as it is in force nothing of the record may go."""

    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        related_name="holds",
    )
    reason = models.CharField(_("reason"), max_length=300)
    set_at = models.DateTimeField(_("set at"))
    set_by = models.CharField(_("set by"), max_length=200)
    released_at = models.DateTimeField(_("released at"), null=True)
    released_by = models.CharField(_("released by"), max_length=200, blank=True)
    released_reason = models.CharField(
        _("why it was released"), max_length=300, blank=True, db_default=""
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-set_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None, released_by="")
                | (Q(released_at__isnull=False) & ~Q(released_by="")),
                name="archive_hold_released_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["record"],
                condition=Q(released_at=None),
                name="archive_hold_in_force",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Disposal(models.Model):
    """The register of disposals: what was proposed, who confirmed, what went."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        CONFIRMED = "confirmed", _("Carried out")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.PROPOSED
    )
    decision = models.CharField(_("decision number"), max_length=100)
    basis = models.CharField(_("ground"), max_length=300)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.CharField(_("proposed by"), max_length=200)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.CharField(_("settled by"), max_length=200, blank=True)
    # The sealed record of the decision itself.
    sealed = models.ForeignKey(
        "archive.Record",
        verbose_name=_("sealed decision"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("disposal")
        verbose_name_plural = _("disposals")
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="proposed", settled_at=None, settled_by="")
                | (
                    ~Q(state="proposed")
                    & Q(settled_at__isnull=False)
                    & ~Q(settled_by="")
                ),
                name="archive_disposal_settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(settled_by=F("proposed_by")),
                name="archive_disposal_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", sealed__isnull=False)
                | (~Q(state="confirmed") & Q(sealed=None)),
                name="archive_disposal_sealed_when_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.decision


class DisposalItem(models.Model):
    """A record on a disposal's list; stays when the record's content is gone."""

    disposal = models.ForeignKey(
        Disposal,
        verbose_name=_("disposal"),
        on_delete=models.PROTECT,
        related_name="items",
    )
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=32)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("record to be disposed of")
        verbose_name_plural = _("records to be disposed of")
        ordering = ["sealed_at", "record_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["disposal", "record"], name="archive_disposalitem_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.record_id)


def years_after(moment: datetime, years: int) -> datetime:
    """The same day `years` later; 29 February becomes 1 March."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)
