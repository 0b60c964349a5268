from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Channel

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from channels.models import User

# No 0/O, 1/I/L: read aloud over the telephone. 31**12 is 59 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_receipt() -> str:
    """Twelve characters in three groups; it is the only key to the status page."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Reports on the channels one sees; those on no known channel are seen by
        whoever sees every channel."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("channels.see_every_channel"):
            return self
        ids = Channel.objects.visible_to(user).values_list("pk", flat=True)
        return self.filter(channel_id__in=list(ids))


class Report(models.Model):
    """A citizen's word that a comment is unsuitable (K-15, K-24)."""

    class Outcome(models.TextChoices):
        KEPT = "kept", _("The comment stays: it does not break the rules.")
        HIDDEN = "hidden", _("The comment has been hidden.")
        REMOVED = "removed", _("The comment has been removed.")
        ELSEWHERE = "elsewhere", _("The comment is not on one of our channels.")

    receipt = models.CharField(
        _("receipt number"), max_length=14, unique=True, default=new_receipt
    )
    address = models.CharField(_("address of the comment"), max_length=1000)
    what = models.TextField(_("what is wrong"))
    contact = models.CharField(_("contact"), max_length=254, blank=True)
    channel = models.ForeignKey(
        "channels.Channel",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
    )
    case = models.ForeignKey(
        "moderation.Case",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        "channels.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering: ClassVar = ["-received_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="report_closed_by_somebody_sometime_somehow",
                condition=Q(closed_at=None, closed_by=None, outcome="")
                | (
                    Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")
                ),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["-received_at", "-id"], name="report_newest"),
            models.Index(
                fields=["received_at", "id"],
                name="report_open",
                condition=Q(closed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.receipt
