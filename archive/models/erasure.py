from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """The register of erased fields: which, on what ground, who proposed and confirmed.

    It names fields, never what stood in them, and stays when they are gone. Only grows:
    a trigger lets each be settled once.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        CONFIRMED = "confirmed", _("Carried out")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        related_name="erasures",
    )
    # JSON pointers.
    fields = ArrayField(models.CharField(max_length=300), verbose_name=_("fields"))
    basis = models.CharField(_("legal ground"), max_length=300)
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.PROPOSED
    )
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    proposed_by = models.CharField(_("proposed by"), max_length=200)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.CharField(_("settled by"), max_length=200, blank=True)
    sealed = models.ForeignKey(
        "archive.Record",
        verbose_name=_("sealed decision"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("erasure of fields")
        verbose_name_plural = _("erasures of fields")
        ordering: ClassVar = ["-proposed_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-proposed_at", "-id"], name="archive_erasure_newest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="proposed", settled_at=None, settled_by="")
                | (
                    ~Q(state="proposed")
                    & Q(settled_at__isnull=False)
                    & ~Q(settled_by="")
                ),
                name="archive_erasure_settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(settled_by=F("proposed_by")),
                name="archive_erasure_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", sealed__isnull=False)
                | (~Q(state="confirmed") & Q(sealed=None)),
                name="archive_erasure_sealed_when_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(basis="") & ~Q(reason="") & ~Q(fields=[]),
                name="archive_erasure_of_something_for_a_reason",
            ),
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(state="proposed"),
                name="archive_erasure_one_open",
            ),
        ]

    def __str__(self) -> str:
        return self.basis
