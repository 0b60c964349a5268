from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import date

# Fifty years; longer is written as “not emptied”.
LONGEST_MONTHS = 600


class Emptied(models.TextChoices):
    """Which messages one purge rule is for."""

    COMMENT = "comment", _("Comments that stand")
    TAKEN_DOWN = "taken_down", _("Comments that we hid or removed")
    DM = "dm", _("Direct messages")


class PurgeRuleQuerySet(models.QuerySet["PurgeRule"]):
    def begun(self, day: date) -> Self:
        """Confirmed, and due to begin by the day, the one that counts first."""
        return self.filter(
            state=PurgeRule.State.CONFIRMED, starts_on__lte=day
        ).order_by("-starts_on", "-number")

    def in_force(self, day: date) -> list[PurgeRule]:
        """At most one for each kind: the newest that has begun. When that one was
        stopped after it had begun nothing goes; a version stopped before it began
        never counted."""
        found: list[PurgeRule] = []
        for kind in Emptied.values:
            for rule in self.begun(day).filter(kind=kind):
                stopped = rule.stopped_at
                if stopped and timezone.localdate(stopped) < rule.starts_on:
                    continue
                if stopped is None:
                    found.append(rule)
                break
        return found

    def to_come(self, day: date) -> Self:
        return self.filter(
            state=PurgeRule.State.CONFIRMED, starts_on__gt=day, stopped_at=None
        ).order_by("starts_on", "number")


class PurgeRule(models.Model):
    """How long the desk keeps the words of messages on which nothing is owed any more:
    one dated version of the rule for one kind. The newest that has begun holds.

    One person proposes with a decision, another confirms after having seen the figures
    (`foreseen`), anybody who may confirm can stop it. Only grows: a trigger lets a
    version be settled once and stopped once.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        CONFIRMED = "confirmed", _("Confirmed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(_("messages"), max_length=12, choices=Emptied.choices)
    number = models.PositiveIntegerField(_("version"))
    months = models.PositiveSmallIntegerField(
        _("months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MONTHS)],
    )
    starts_on = models.DateField(_("begins"))
    basis = models.CharField(_("decision"), max_length=300)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PROPOSED
    )
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    proposed_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # What the person who confirmed was shown; empty until then.
    foreseen = models.JSONField(default=dict)
    stopped_at = models.DateTimeField(_("stopped at"), null=True)
    stopped_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    stopped_for = models.CharField(_("why it was stopped"), max_length=300, blank=True)

    objects = PurgeRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule for messages")
        verbose_name_plural = _("rules for messages")
        ordering: ClassVar = ["kind", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "number"], name="purge_rule_number_once"
            ),
            models.CheckConstraint(
                name="purge_rule_months_within_reason",
                condition=Q(months=None) | Q(months__range=(1, LONGEST_MONTHS)),
            ),
            models.CheckConstraint(
                name="purge_rule_settled_by_somebody_sometime",
                condition=Q(state="proposed", settled_at=None, settled_by=None)
                | (
                    ~Q(state="proposed")
                    & Q(settled_at__isnull=False, settled_by__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="purge_rule_confirmed_by_a_second_person",
                condition=~Q(state="confirmed") | ~Q(settled_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="purge_rule_stopped_by_somebody_sometime_for_a_reason",
                condition=Q(stopped_at=None, stopped_by=None, stopped_for="")
                | (
                    Q(
                        state="confirmed",
                        stopped_at__isnull=False,
                        stopped_by__isnull=False,
                    )
                    & ~Q(stopped_for="")
                ),
            ),
            models.CheckConstraint(
                name="purge_rule_has_a_decision", condition=~Q(basis="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.number}"


class Purge(models.Model):
    """The register: what one transaction emptied by which rule, in figures and without
    a word of what it was. `run_at` joins those of one round. Only grows.

    `xact` is the transaction that wrote it (set by trigger): the database lets a
    message be emptied in that one only.
    """

    rule = models.ForeignKey(PurgeRule, on_delete=models.PROTECT, related_name="purges")
    run_at = models.DateTimeField(_("begun"))
    # On messages settled before this moment.
    before = models.DateTimeField(_("settled before"))
    done_at = models.DateTimeField(_("done"), default=timezone.now)
    messages = models.PositiveIntegerField(_("messages"))
    versions = models.PositiveIntegerField(_("versions"))
    findings = models.PositiveIntegerField(_("findings"))
    files = models.PositiveIntegerField(_("files"))
    drafts = models.PositiveIntegerField(_("drafts"))
    reports = models.PositiveIntegerField(_("reports"))
    notes = models.PositiveIntegerField(_("notes"))
    xact = models.BigIntegerField(editable=False, default=0)

    class Meta:
        verbose_name = _("emptying of messages")
        verbose_name_plural = _("emptyings of messages")
        ordering: ClassVar = ["-run_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-run_at", "-id"], name="purge_newest"),
            # Asked by the trigger that guards messages.
            models.Index(fields=["xact"], name="purge_of_transaction"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="purge_of_some_messages", condition=Q(messages__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} · {self.run_at:%Y-%m-%d %H:%M}"
