from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Decision(models.Model):
    """What a person decided on a message, on which ground, under which wording of the
    rule (K-19, K-23). Only grows."""

    class Verb(models.TextChoices):
        KEEP = "keep", _("keep")
        HIDE = "hide", _("hide")
        REMOVE = "remove", _("remove")
        RESTORE = "restore", _("make visible again")
        OUTSIDE = "outside", _("outside our channels")
        INSIDE = "inside", _("on our channels after all")

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="decisions"
    )
    verb = models.CharField(_("decision"), max_length=10, choices=Verb)
    # The state of the case before: what undoing gives back.
    was = models.CharField(max_length=10, blank=True, db_default="")
    rule_version = models.ForeignKey(
        "policies.RuleVersion",
        verbose_name=_("ground"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    legal_basis = models.TextField(_("legal basis"), blank=True)
    reason = models.TextField(_("reason"), blank=True)
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    delivery = models.OneToOneField(
        "channels.Delivery",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decision",
    )
    mandate = models.ForeignKey(
        "channels.Mandate", on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(
        "channels.User",
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="no_hide_or_removal_decided_without_ground_reason_and_record",
                condition=~Q(verb__in=["hide", "remove"])
                | (Q(rule_version__isnull=False, record__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="restored_with_a_reason",
                condition=~Q(verb__in=["restore", "outside", "inside"], reason=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="decision_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} · {self.case_id}"


class Reply(models.Model):
    """An answer given on duty: who wrote it, under which mandate (K-7, K-13)."""

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="replies"
    )
    delivery = models.OneToOneField(
        "channels.Delivery", on_delete=models.PROTECT, related_name="reply"
    )
    mandate = models.ForeignKey(
        "channels.Mandate", on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, related_name="replies"
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    # The second reader, where there was one.
    released_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    draft = models.OneToOneField(
        "moderation.Draft", on_delete=models.PROTECT, null=True, related_name="reply"
    )
    # What the screening warned of and the officer sent all the same: a list of
    # {"kind", "sentence"}.
    warned = models.JSONField(default=list)
    # What the answer tells of besides: kinds of duty that it met by that.
    tells = models.JSONField(default=list)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reply_released_by_somebody_else",
                condition=Q(released_by=None) | ~Q(released_by=models.F("by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.at:%Y-%m-%d %H:%M}"


class Handover(models.Model):
    """A case passed on to somebody better suited, with a note (K-13). Only grows."""

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="handovers"
    )
    to = models.ForeignKey("channels.User", on_delete=models.PROTECT, related_name="+")
    note = models.TextField(_("note"))
    by = models.ForeignKey("channels.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.to}"
