from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReplyKind(models.TextChoices):
    """What a message is, as far as an answer goes (M-R2, M-R4, M-R5, M-R6); the names
    are those of `policies.duties.KINDS`."""

    PRAISE = "praise", _("praise")
    NEUTRAL_ADDRESSED = "neutral_addressed", _("neutral, to the municipality")
    NEUTRAL_UNADDRESSED = "neutral_unaddressed", _("neutral, to others")
    NEGATIVE = "negative", _("negative")
    STATES_FACTS = "states_facts", _("states facts to be checked")
    NEEDS_CASE_HANDLING = "needs_case_handling", _("needs case handling")
    DOCUMENTATION_VALUE = "documentation_value", _("has documentation value")
    POLITICAL = "political", _("political")


class Proposal(models.Model):
    """What the software takes one version of a text for, and why (K-13, K-23: it
    proposes). Only grows.

    `kinds` is a list of {"kind", "confidence" 0 to 1, "evidence": [{"signal", "start",
    "end"}]}, the likeliest first; `start` and `end` count code points of
    `Version.text` and are equal for what is seen outside it.
    """

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="proposals"
    )
    version = models.ForeignKey(
        "channels.Version", on_delete=models.PROTECT, related_name="proposals"
    )
    kinds = models.JSONField()
    duties = models.JSONField(default=list)
    engine = models.CharField(max_length=60)
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.case_id}: {', '.join(self.names)}"

    @property
    def names(self) -> list[str]:
        return [str(one["kind"]) for one in self._kinds]

    @property
    def _kinds(self) -> list[dict[str, Any]]:
        kinds: list[dict[str, Any]] = self.kinds
        return kinds


class Confirmation(models.Model):
    """What a person says a message is: the proposal as it stood, or something else
    (K-23). The newest holds until the text changes. Only grows."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("as proposed")
        CORRECTED = "corrected", _("corrected")
        # History and other messages that nothing was proposed for.
        GIVEN = "given", _("without a proposal")

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="confirmations"
    )
    proposal = models.ForeignKey(
        Proposal,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="confirmations",
    )
    kinds = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    mandate = models.ForeignKey(
        "channels.Mandate", on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey("channels.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("confirmed kinds")
        verbose_name_plural = _("confirmed kinds")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="confirmed_against_a_proposal_or_none",
                condition=Q(outcome="given", proposal=None)
                | Q(outcome__in=["accepted", "corrected"], proposal__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="confirmation_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.get_outcome_display()}"
