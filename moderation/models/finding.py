from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Finding(models.Model):
    """What the screening saw in one version of a text: rule, exact place, reason.

    `start` and `end` count code points of `Version.text`. It proposes; a person
    decides (K-23). Only grows.
    """

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="findings"
    )
    version = models.ForeignKey(
        "channels.Version", on_delete=models.PROTECT, related_name="findings"
    )
    rule_version = models.ForeignKey(
        "policies.RuleVersion", on_delete=models.PROTECT, related_name="+"
    )
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    entry = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    confidence = models.FloatField(_("confidence"))
    language = models.CharField(max_length=10, blank=True)
    sentences = models.JSONField(default=dict)
    engine = models.CharField(max_length=60)
    found_at = models.DateTimeField(_("found"), default=timezone.now)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering: ClassVar = ["start", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="finding_has_a_span", condition=Q(end__gt=models.F("start"))
            )
        ]
        indexes: ClassVar = [
            # How often people agreed with an entry is counted from the newest back.
            models.Index(fields=["entry", "case"], name="finding_of_entry")
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def matched(self) -> str:
        return self.version.text[self.start : self.end]

    @property
    def sentence(self) -> str:
        sentences: dict[str, Any] = self.sentences
        return str(sentences.get(get_language() or "en") or sentences.get("en", ""))


class DutyQuerySet(models.QuerySet["Duty"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def overdue(self) -> Self:
        return self.open().filter(due_at__lt=timezone.now())


class Duty(models.Model):
    """Something the municipality owes on a message, with its deadline (K-14).

    `due_at` is computed once, when the duty is opened, and stored; `skipped` says
    which days were passed over and why.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", _("answer")
        REVIEW = "review", _("decide on what was found")
        REPORT = "report", _("decide on a report")

    class Outcome(models.TextChoices):
        MET = "met", _("met")
        LIFTED = "lifted", _("no longer owed")

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="duties"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    due_at = models.DateTimeField(_("due"))
    skipped = models.JSONField(default=list, blank=True)
    why = models.JSONField(default=list, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    closed_with = models.CharField(max_length=20, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering: ClassVar = ["due_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(closed_at=None),
                name="one_open_duty_of_a_kind",
            ),
            models.CheckConstraint(
                name="duty_closed_by_somebody_sometime_somehow",
                condition=Q(closed_at=None, closed_by=None, outcome="")
                | (
                    Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"], name="duty_open", condition=Q(closed_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.case_id}"
