from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> Self:
        """Waiting and ripe, or claimed by somebody whose lease ran out; the older act
        on the same message always goes first."""
        now = timezone.now()
        earlier = Delivery.objects.filter(
            message=OuterRef("message"),
            pk__lt=OuterRef("pk"),
            state__in=Delivery.UNSETTLED,
        )
        return self.filter(
            Q(state=Delivery.State.WAITING, not_before__lte=now)
            | Q(state=Delivery.State.SENDING, leased_until__lt=now)
        ).filter(~Exists(earlier))

    def unsettled(self) -> Self:
        return self.filter(state__in=Delivery.UNSETTLED)

    def stuck(self) -> Self:
        """What only a person can take further."""
        return self.filter(state=Delivery.State.FAILED, withdrawn_at=None).exclude(
            error_code=Delivery.EDITED
        )


class Delivery(models.Model):
    """The outbox: one act the platform has to be told, and what became of it.

    A hide or a removal without its sealed record is refused by a check constraint,
    and a trigger refuses a record that is not of this message (K-19).
    """

    class Act(models.TextChoices):
        HIDE = "hide", _("hide")
        UNHIDE = "unhide", _("make visible")
        DELETE = "delete", _("remove")
        REPLY = "reply", _("reply")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        DONE = "done", _("done")
        FAILED = "failed", _("needs a person")
        # Taken back in time: the platform was never told.
        WITHDRAWN = "withdrawn", _("taken back")

    # The code of the error when the message was edited after the decision on it.
    EDITED = "edited"
    UNSETTLED = (State.WAITING.value, State.SENDING.value)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(
        "channels.Message", on_delete=models.PROTECT, related_name="deliveries"
    )
    act = models.CharField(_("act"), max_length=10, choices=Act)
    text = models.TextField(_("text"), blank=True)
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    enqueued_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, related_name="+"
    )
    enqueued_at = models.DateTimeField(_("asked for"), default=timezone.now)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    # Sent once without a clear answer: look before repeating.
    unclear = models.BooleanField(default=False)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    observed = models.CharField(_("seen afterwards"), max_length=10, blank=True)
    result_id = models.CharField(max_length=300, blank=True)
    result_url = models.CharField(max_length=1000, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="no_hide_or_removal_without_its_record",
                condition=~Q(act__in=["hide", "delete"]) | Q(record__isnull=False),
            ),
            models.CheckConstraint(
                name="reply_has_text", condition=~Q(act="reply", text="")
            ),
            models.CheckConstraint(
                name="delivery_settled_when_done_or_failed",
                condition=Q(
                    state__in=["done", "failed", "withdrawn"], settled_at__isnull=False
                )
                | Q(state__in=["waiting", "sending"], settled_at=None),
            ),
            models.CheckConstraint(
                name="delivery_taken_back_was_never_tried",
                condition=~Q(state="withdrawn")
                | Q(attempts=0, withdrawn_at__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_withdrawn_by_somebody_sometime",
                condition=Q(withdrawn_by=None, withdrawn_at=None)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            # When answers arrived, for the figures.
            models.Index(
                fields=["settled_at"],
                name="delivery_answered",
                condition=Q(act="reply", state="done"),
            ),
            models.Index(
                fields=["not_before", "id"],
                name="delivery_unsettled",
                condition=Q(state__in=["waiting", "sending"]),
            ),
            models.Index(
                fields=["-settled_at"],
                name="delivery_stuck",
                condition=Q(state="failed", withdrawn_at=None),
            ),
            models.Index(fields=["message", "id"], name="delivery_of_message"),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.message}"

    @property
    def refused_as_edited(self) -> bool:
        """Not done, since the sender had changed the text meanwhile."""
        return self.state == self.State.FAILED and self.error_code == self.EDITED
