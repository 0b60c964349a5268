from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DutyQuerySet(models.QuerySet["Duty"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def overdue(self) -> Self:
        return self.open().filter(due_at__lt=timezone.now())


class Duty(models.Model):
    """Something the municipality owes on a message, with its deadline (K-14, M-R2).

    `due_at` is computed once, when the duty is opened, from `since`; `skipped` says
    which days were passed over and why, `target_hours` whether the channel's stricter
    target set it, `moved_to` whether office hours did. After that it changes only by a
    `DeadlineChange`. Closed, it says who, when and how: met, waived for a reason that
    the guidelines know, or no longer owed.
    """

    class Kind(models.TextChoices):
        THANK = "thank", _("thank")
        ANSWER = "answer", _("answer")
        CORRECT = "correct", _("correct the facts")
        REFER = "refer", _("refer")
        DOCUMENT = "document", _("document")
        REGISTER = "register", _("register")
        REVIEW = "review", _("decide on what was found")
        REPORT = "report", _("decide on a report")

    class Outcome(models.TextChoices):
        MET = "met", _("met")
        WAIVED = "waived", _("waived")
        LIFTED = "lifted", _("no longer owed")

    class Waiver(models.TextChoices):
        """Why an answer may be spared; which duty knows which reason stands in
        `moderation.waiving`."""

        AMONG_OTHERS = "among_others", _("a talk between others")
        NOTHING_ASKED = "nothing_asked", _("nothing is asked")
        ANSWERED = "answered", _("answered already in the same thread")
        REPEATED = "repeated", _("the same sender has asked the same before")
        WITHDRAWN = "withdrawn", _("the sender has taken it away")
        ENOUGH_SAID = "enough_said", _("the dialogue has gone on long enough")
        THANKED = "thanked", _("thanked already in the same thread")

    class Moved(models.TextChoices):
        OPENS = "opens", _("to when the office opens")
        CLOSES = "closes", _("to when the office closes")

    # What the kinds of a message call for; review and report have other causes.
    FROM_KINDS = (
        Kind.THANK.value,
        Kind.ANSWER.value,
        Kind.CORRECT.value,
        Kind.REFER.value,
        Kind.DOCUMENT.value,
    )
    REPLY = (
        Kind.THANK.value,
        Kind.ANSWER.value,
        Kind.CORRECT.value,
        Kind.REFER.value,
    )

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="duties"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    since = models.DateTimeField(_("counted from"), default=timezone.now)
    due_at = models.DateTimeField(_("due"))
    skipped = models.JSONField(default=list, blank=True)
    target_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    moved_to = models.CharField(max_length=10, choices=Moved, blank=True)
    why = models.JSONField(default=list, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    closed_with = models.CharField(max_length=20, blank=True)
    waived_for = models.CharField(max_length=20, choices=Waiver, blank=True)
    note = models.TextField(_("note"), blank=True)
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

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
            models.CheckConstraint(
                name="duty_waived_for_a_reason",
                condition=(Q(outcome="waived") & ~Q(waived_for=""))
                | (~Q(outcome="waived") & Q(waived_for="")),
            ),
            # M-R2d, M-R5, K-17, K-23: these are never spared.
            models.CheckConstraint(
                name="duty_that_cannot_be_waived",
                condition=~Q(
                    outcome="waived",
                    kind__in=["correct", "document", "register", "review", "report"],
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"], name="duty_open", condition=Q(closed_at=None)
            ),
            # The figures of a time: a walk from its first deadline to its last.
            models.Index(fields=["due_at"], name="duty_by_deadline"),
            # The desk narrowed to one kind of duty.
            models.Index(
                fields=["kind", "case"],
                name="duty_open_of_kind",
                condition=Q(closed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.case_id}"


class DutyPart(models.Model):
    """One of the three things that documenting takes: the sender is told of the duty
    to document, the matter is passed on, the message is archived (M-R5). The duty is
    met when all three are done, which the database holds too. Only grows."""

    class Part(models.TextChoices):
        NOTICE = "notice", _("the sender is told")
        REFERRAL = "referral", _("passed on to the right unit")
        RECORD = "record", _("sealed in the archive")

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="parts")
    part = models.CharField(_("part"), max_length=10, choices=Part)
    how = models.CharField(max_length=20)
    note = models.TextField(_("note"), blank=True)
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    by = models.ForeignKey("channels.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("part of a duty")
        verbose_name_plural = _("parts of duties")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["duty", "part"], name="part_done_once"),
            models.CheckConstraint(
                name="record_part_names_its_record",
                condition=~Q(part="record", record=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} · {self.get_part_display()}"


class DeadlineChange(models.Model):
    """That a deadline was corrected: from when to when, by whom and why (K-14). A
    deadline changes in no other way. Only grows."""

    duty = models.ForeignKey(
        Duty, on_delete=models.PROTECT, related_name="deadline_changes"
    )
    was_due_at = models.DateTimeField(_("was due"))
    due_at = models.DateTimeField(_("due"))
    reason = models.TextField(_("reason"))
    mandate = models.ForeignKey(
        "channels.Mandate", on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey("channels.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("corrected deadline")
        verbose_name_plural = _("corrected deadlines")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="deadline_corrected_for_a_reason", condition=~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} · {self.due_at:%Y-%m-%d %H:%M}"
