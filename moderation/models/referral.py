from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channels.models import Letter

if TYPE_CHECKING:
    from channels.models import Channel


class To(models.TextChoices):
    """Whom a message can be passed on to."""

    OFFICER = "officer", _("case officer")
    REGISTRAR = "registrar", _("registrar's mailbox")
    SECRETARIAT = "political", _("political secretariat")


class ReferralAddressQuerySet(models.QuerySet["ReferralAddress"]):
    def for_channel(self, channel: Channel) -> Self:
        """Those of the whole municipality and of the channel's department, its own
        first."""
        return self.filter(
            Q(department=None) | Q(department=channel.department_id), in_use=True
        ).order_by("kind", models.F("department").desc(nulls_last=True), "name", "pk")


class ReferralAddress(models.Model):
    """Where messages are passed on to, in the whole municipality or from the channels
    of one department (K-17, M-R4, M-R6)."""

    kind = models.CharField(_("kind"), max_length=10, choices=To)
    name = models.CharField(
        _("name"),
        max_length=120,
        help_text=_("As officers see it: a unit or a person."),
    )
    email = models.EmailField(_("e-mail address"))
    department = models.ForeignKey(
        "channels.Department",
        verbose_name=_("only for the department"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    in_use = models.BooleanField(_("offered at the desk"), default=True)
    history = HistoricalRecords()

    objects = ReferralAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral address")
        verbose_name_plural = _("referral addresses")
        ordering: ClassVar = ["kind", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "email", "department"],
                name="referral_address_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not self.email.isascii():
            raise ValidationError({"email": _t("Write the address in plain letters.")})


class Referral(models.Model):
    """A message passed on by e-mail to whoever is to see to it (K-13, K-17, M-R4,
    M-R5, M-R6), sealed first. Only grows: what became of it stands in its events and
    its letter. `by` and `mandate` are empty when the municipality has decided that
    every direct message goes to the registrar on arrival."""

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="referrals"
    )
    kind = models.CharField(_("to"), max_length=10, choices=To)
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"))
    note = models.TextField(_("note"), blank=True)
    record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    letter = models.OneToOneField(
        "channels.Letter", on_delete=models.PROTECT, related_name="referral"
    )
    # Goes to another address because this one failed or sent it back.
    instead_of = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
    )
    mandate = models.ForeignKey(
        "channels.Mandate", on_delete=models.PROTECT, null=True, related_name="+"
    )
    by = models.ForeignKey(
        "channels.User",
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="referrals",
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="referral_by_somebody_under_a_mandate",
                condition=Q(by=None, mandate=None, kind="registrar")
                | Q(by__isnull=False, mandate__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="referral_newest")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.case_id}"

    @property
    def failure(self) -> ReferralEvent | None:
        """The last word, when it is that the referral came to nothing."""
        events = sorted(self.events.all(), key=lambda event: (event.at, event.pk))
        last = events[-1] if events else None
        return last if last and last.act in ReferralEvent.FAILURES else None


class ReferralEvent(models.Model):
    """What became of a referral after it was made. Only grows."""

    class Act(models.TextChoices):
        REFUSED = "refused", _("the mail server did not take it")
        UNCLEAR = "unclear", _("nobody knows whether it arrived")
        BOUNCED = "bounced", _("came back undelivered")
        RETURNED = "returned", _("sent back by the receiver")
        AGAIN = "again", _("sent again")
        ARRIVED = "arrived", _("arrived, says the officer")

    FAILURES = (Act.REFUSED, Act.UNCLEAR, Act.BOUNCED, Act.RETURNED)

    referral = models.ForeignKey(
        Referral, on_delete=models.PROTECT, related_name="events"
    )
    act = models.CharField(_("event"), max_length=10, choices=Act)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(
        "channels.User",
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("event of a referral")
        verbose_name_plural = _("events of referrals")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="referral_returned_by_somebody_with_a_reason",
                condition=~Q(act="returned") | (Q(by__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="referral_taken_further_by_somebody",
                condition=~Q(act__in=["again", "arrived"]) | Q(by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} · {self.referral_id}"


# The event that tells a letter's end on the desk.
EVENT_OF = {
    Letter.State.FAILED: ReferralEvent.Act.REFUSED,
    Letter.State.UNCLEAR: ReferralEvent.Act.UNCLEAR,
    Letter.State.RETURNED: ReferralEvent.Act.BOUNCED,
}
