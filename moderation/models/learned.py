from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.models.classification import ReplyKind


class LearnedModel(models.Model):
    """A ranking learned from what people decided under one rule, or from the kinds of
    message they confirmed (K-23): one of `rule` and `reply_kind` is given.

    It ranks and never decides. `training_set` is the SHA-256 in hex of the decisions
    it was trained on, `figures` what cross-validation measured. Only grows.
    """

    rule = models.ForeignKey(
        "policies.Rule",
        verbose_name=_("rule"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reply_kind = models.CharField(
        _("kind of message"), max_length=30, choices=ReplyKind, blank=True
    )
    model = models.BinaryField()
    version = models.CharField(_("version"), max_length=20)
    training_set = models.CharField(max_length=64)
    decisions = models.PositiveIntegerField(_("decisions"))
    of_class = models.PositiveIntegerField(_("of them of the class"))
    figures = models.JSONField(_("figures"))
    created_at = models.DateTimeField(_("trained"), default=timezone.now)
    # None: the nightly job.
    asked_for_by = models.ForeignKey(
        "channels.User",
        verbose_name=_("asked for by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("learned ranking")
        verbose_name_plural = _("learned rankings")
        ordering: ClassVar = ["rule", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="learned_model_of_a_rule_or_a_kind",
                condition=Q(rule__isnull=False, reply_kind="")
                | (Q(rule=None) & ~Q(reply_kind="")),
            ),
            models.CheckConstraint(
                name="learned_model_names_its_training_set",
                condition=Q(training_set__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="learned_model_of_some_decisions",
                condition=Q(of_class__gte=1, decisions__gt=models.F("of_class")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["rule", "-id"], name="learned_newest"),
            models.Index(
                fields=["reply_kind", "-id"],
                name="learned_newest_of_kind",
                condition=~Q(reply_kind=""),
            ),
        ]

    def __str__(self) -> str:
        subject = self.rule or self.get_reply_kind_display()
        return f"{subject} · {self.created_at:%Y-%m-%d}"
