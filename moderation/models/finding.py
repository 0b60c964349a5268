from __future__ import annotations

from typing import Any, ClassVar

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
