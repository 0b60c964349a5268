from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DisclosureRequestQuerySet(models.QuerySet["DisclosureRequest"]):
    def open(self) -> Self:
        return self.filter(state__in=DisclosureRequest.OPEN)

    def due_first(self) -> Self:
        return self.order_by("due_at", "id")


class DisclosureRequest(models.Model):
    """Somebody asks for records. Who asks need not say who they are, nor why."""

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        PICKED = "picked", _("Records picked")
        MASKED = "masked", _("Looked through")
        DISCLOSED = "disclosed", _("Given out")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Law(models.TextChoices):
        SE = "SE", _("Swedish law (OSL)")
        NO = "NO", _("Norwegian law (offentleglova)")

    class Kind(models.TextChoices):
        PUBLIC = "public", _("Public record")
        SUBJECT = "subject", _("Own data (data-subject request)")

    # Nothing of what such a request has picked may go.
    OPEN = (State.RECEIVED, State.PICKED, State.MASKED)

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(
        _("what kind"), max_length=16, choices=Kind.choices, default=Kind.PUBLIC
    )
    law = models.CharField(_("law"), max_length=2, choices=Law.choices)
    received_on = models.DateField(_("received on"))
    requester = models.CharField(_("who asks"), max_length=300, blank=True)
    contact = models.CharField(_("where the answer goes"), max_length=300, blank=True)
    asked = models.TextField(_("what is asked for"))
    due_at = models.DateTimeField(_("answer due"))
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.RECEIVED
    )
    registered_at = models.DateTimeField(_("registered at"))
    registered_by = models.CharField(_("registered by"), max_length=200)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.CharField(_("settled by"), max_length=200, blank=True)

    objects = DisclosureRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("disclosure request")
        verbose_name_plural = _("disclosure requests")
        ordering = ["-id"]
        permissions = [
            ("handle_disclosures", "Can pick, mask, give out and refuse records"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"], name="archive_disclosure_number"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=("received", "picked", "masked"),
                    settled_at=None,
                    settled_by="",
                )
                | (
                    Q(
                        state__in=("disclosed", "refused", "withdrawn"),
                        settled_at__isnull=False,
                    )
                    & ~Q(settled_by="")
                ),
                name="archive_disclosure_settled_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=("received", "picked", "masked")),
                name="archive_disclosure_open",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The number in the register, such as 2026-0007."""
        return f"{self.year}-{self.number:04}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def is_late(self, now: datetime | None = None) -> bool:
        return self.is_open and self.due_at < (now or timezone.now())


class DisclosurePickQuerySet(models.QuerySet["DisclosurePick"]):
    def freezing(self) -> Self:
        """Those whose records must stay, since the request is open."""
        return self.filter(request__state__in=DisclosureRequest.OPEN)


class DisclosurePick(models.Model):
    """A record that a request is about; frozen for as long as the request is open."""

    request = models.ForeignKey(
        DisclosureRequest,
        verbose_name=_("disclosure request"),
        on_delete=models.PROTECT,
        related_name="picks",
    )
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    picked_at = models.DateTimeField(_("picked at"))
    picked_by = models.CharField(_("picked by"), max_length=200)
    checked_at = models.DateTimeField(_("looked through at"), null=True)
    checked_by = models.CharField(_("looked through by"), max_length=200, blank=True)

    objects = DisclosurePickQuerySet.as_manager()

    class Meta:
        verbose_name = _("picked record")
        verbose_name_plural = _("picked records")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "record"], name="archive_pick_once"
            ),
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by="")
                | (Q(checked_at__isnull=False) & ~Q(checked_by="")),
                name="archive_pick_checked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.record_id)


class DisclosureMask(models.Model):
    """What is hidden of a picked record, and the paragraph that says it may be.

    `path` is the JSON pointer of a field, or of a text in a list inside a field;
    `starts` and `ends` count code points of that text, both empty for all of it.
    `/files/N` stands for a file: `region` is x, y, width and height in pixels of the
    picture as it is shown, empty when the whole file is withheld.
    """

    pick = models.ForeignKey(
        DisclosurePick,
        verbose_name=_("picked record"),
        on_delete=models.CASCADE,
        related_name="masks",
    )
    path = models.CharField(_("field"), max_length=500)
    starts = models.PositiveIntegerField(_("first character"), null=True)
    ends = models.PositiveIntegerField(_("character after the last"), null=True)
    region = ArrayField(
        models.PositiveIntegerField(), size=4, null=True, verbose_name=_("region")
    )
    paragraph = models.CharField(_("legal paragraph"), max_length=64)
    set_at = models.DateTimeField(_("set at"))
    set_by = models.CharField(_("set by"), max_length=200)

    class Meta:
        verbose_name = _("mask")
        verbose_name_plural = _("masks")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts=None, ends=None) | Q(starts__lt=F("ends")),
                name="archive_mask_span",
            ),
            models.CheckConstraint(
                condition=Q(region=None) | Q(starts=None, ends=None),
                name="archive_mask_text_or_region",
            ),
        ]

    def __str__(self) -> str:
        return self.path


class DisclosureDecision(models.Model):
    """How a request ended: written once, sealed as a record in the same transaction."""

    class Outcome(models.TextChoices):
        DISCLOSE = "disclose", _("Given out in full")
        PARTLY = "partly", _("Given out with masks")
        REFUSE = "refuse", _("Refused")

    request = models.OneToOneField(
        DisclosureRequest,
        verbose_name=_("disclosure request"),
        on_delete=models.PROTECT,
        related_name="decision",
    )
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    reason = models.TextField(_("reason"), blank=True)
    appeal = models.TextField(_("how to appeal"), blank=True)
    sealed = models.ForeignKey(
        "archive.Record",
        verbose_name=_("sealed decision"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"))
    decided_by = models.CharField(_("decided by"), max_length=200)

    class Meta:
        verbose_name = _("disclosure decision")
        verbose_name_plural = _("disclosure decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="disclose") | (~Q(reason="") & ~Q(appeal="")),
                name="archive_decision_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.outcome}"


class DisclosureEvent(models.Model):
    """Everything that was done with a request; only grows."""

    class Type(models.TextChoices):
        RECEIVED = "received", _("Request registered")
        PICKED = "picked", _("Record picked")
        UNPICKED = "unpicked", _("Record put back")
        MASKED = "masked", _("Mask set")
        UNMASKED = "unmasked", _("Mask taken away")
        CHECKED = "checked", _("Record looked through")
        DISCLOSED = "disclosed", _("Given out")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        FETCHED = "fetched", _("File fetched")

    request = models.ForeignKey(
        DisclosureRequest,
        verbose_name=_("disclosure request"),
        on_delete=models.PROTECT,
        related_name="events",
    )
    type = models.CharField(_("what"), max_length=16, choices=Type.choices)
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    # Names of fields, paragraphs and files; never what stands in a field.
    detail = models.CharField(_("detail"), max_length=600, blank=True)
    done_at = models.DateTimeField(_("done at"))
    done_by = models.CharField(_("done by"), max_length=200)

    class Meta:
        verbose_name = _("event of a disclosure")
        verbose_name_plural = _("events of disclosures")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["request", "id"], name="archive_event_request"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.request_id}"
