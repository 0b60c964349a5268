from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Undoing(models.Model):
    """An act taken back by the one who did it, before its platform was told.

    The act and the record sealed for it stay; this says that they took no effect.
    `reopened` names the duties that are owed again: `[{"duty", "kind", "closed_at"}]`.
    Only grows.
    """

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="undoings"
    )
    decision = models.OneToOneField(
        "moderation.Decision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undoing",
    )
    reply = models.OneToOneField(
        "moderation.Reply",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undoing",
    )
    reopened = models.JSONField(default=list, blank=True)
    mandate = models.ForeignKey(
        "channels.Mandate", on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(
        "channels.User",
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("undoing")
        verbose_name_plural = _("undoings")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="undoing_is_of_one_act",
                condition=Q(decision__isnull=False, reply=None)
                | Q(decision=None, reply__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.at:%Y-%m-%d %H:%M}"
