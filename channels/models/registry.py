from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channels.platforms import PLATFORMS, choices

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from channels.models.people import User


class ChannelQuerySet(models.QuerySet["Channel"]):
    def active(self) -> Self:
        """Approved and not closed: what is polled, moderated and listed (K-6)."""
        return self.filter(decision=Channel.Decision.APPROVED, closed_at=None)

    def waiting(self) -> Self:
        return self.filter(decision="", closed_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Own mandates, own department as its head, own proposals; or the right to
        see every channel's messages."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("channels.see_every_channel"):
            return self
        mandates = Mandate.objects.in_force().filter(person=user)
        return self.filter(
            Q(pk__in=mandates.values("channel"))
            | Q(department__head=user)
            | Q(proposed_by=user)
        )


class Channel(models.Model):
    """A place where the municipality speaks, proposed by an officer and approved by
    the head of the department (K-3, K-4, K-6, K-8)."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), unique=True)
    platform = models.CharField(_("platform"), max_length=20, choices=choices)
    address = models.URLField(_("address"), max_length=500)
    department = models.ForeignKey(
        "channels.Department",
        verbose_name=_("department"),
        on_delete=models.PROTECT,
        related_name="channels",
    )
    owner = models.ForeignKey(
        "channels.User",
        verbose_name=_("owner"),
        help_text=_("The person responsible for the channel (K-8)."),
        on_delete=models.PROTECT,
        related_name="owned_channels",
    )
    login_holder = models.ForeignKey(
        "channels.User",
        verbose_name=_("login holder"),
        help_text=_("Who holds the login; the head must be able to get it (K-9)."),
        on_delete=models.PROTECT,
        related_name="held_channels",
    )
    purpose = models.TextField(
        _("purpose"), help_text=_("What the channel is for and its benefit (K-4).")
    )
    comment_purpose = models.TextField(
        _("what commenting is for"),
        blank=True,
        help_text=_("Shown to visitors (K-4). Required where comments are taken."),
    )
    takes_comments = models.BooleanField(_("takes comments"), default=True)
    takes_direct_messages = models.BooleanField(
        _("takes direct messages"), default=False
    )
    second_reader = models.BooleanField(
        _("answers need a second reader"),
        default=False,
        help_text=_("Somebody else with a mandate releases each answer."),
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("answered within, in working hours"),
        null=True,
        blank=True,
        help_text=_(
            "A promise stricter than the next working day (K-14). Empty: the next "
            "working day."
        ),
    )
    proposed_by = models.ForeignKey(
        "channels.User",
        verbose_name=_("proposed by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision, blank=True
    )
    decided_by = models.ForeignKey(
        "channels.User",
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.TextField(_("reason"), blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        "channels.User",
        verbose_name=_("closed by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    history = HistoricalRecords()

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering: ClassVar = ["name"]
        permissions: ClassVar = [
            ("propose_channel", _("Can propose a channel")),
            ("see_every_channel", _("Can see the messages of every channel")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="channel_answers_within_some_hours",
                condition=Q(answer_hours=None) | Q(answer_hours__range=(1, 40)),
            ),
            models.CheckConstraint(
                name="channel_decided_by_somebody_sometime",
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (
                    Q(decision__in=["approved", "refused"])
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="channel_closed_by_somebody_sometime",
                condition=Q(closed_by=None, closed_at=None)
                | Q(closed_by__isnull=False, closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="channel_refused_with_reason",
                condition=~Q(decision="refused", decision_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("channel", args=[self.slug])

    def clean(self) -> None:
        if self.takes_comments and not self.comment_purpose.strip():
            said = _t("Visitors are told what commenting is for: write it here (K-4).")
            raise ValidationError({"comment_purpose": said})

    @property
    def is_active(self) -> bool:
        return self.decision == self.Decision.APPROVED and self.closed_at is None

    @property
    def is_connected(self) -> bool:
        """Whether the platform can be asked and told, or only imported from."""
        return bool(PLATFORMS[self.platform].path)


class MandateQuerySet(models.QuerySet["Mandate"]):
    def in_force(self, on: date | None = None) -> Self:
        day = on or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


class Mandate(models.Model):
    """The written assignment to speak for the municipality on a channel (K-6)."""

    person = models.ForeignKey(
        "channels.User",
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="mandates",
    )
    channel = models.ForeignKey(
        Channel,
        verbose_name=_("channel"),
        on_delete=models.PROTECT,
        related_name="mandates",
    )
    starts_on = models.DateField(_("starts"), default=timezone.localdate)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "channels.User",
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)
    history = HistoricalRecords()

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering: ClassVar = ["channel", "person"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "channel"],
                condition=Q(ends_on=None),
                name="one_open_mandate_per_person_and_channel",
            ),
            models.CheckConstraint(
                name="mandate_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.channel}"


class Credential(models.Model):
    """What it takes to act on the platform, encrypted; never in the history."""

    channel = models.OneToOneField(
        Channel, on_delete=models.CASCADE, related_name="credential"
    )
    sealed = models.BinaryField()
    kept_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, related_name="+"
    )
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")

    def __str__(self) -> str:
        return str(self.channel)


class StreamQuerySet(models.QuerySet["Stream"]):
    def due(self) -> Self:
        """To be read now. A channel whose login nobody has entered yet waits for it:
        that is no failure."""
        with_login = [name for name, one in PLATFORMS.items() if one.settings]
        return self.filter(
            next_poll_at__lte=timezone.now(),
            paused_at=None,
            channel__in=Channel.objects.active(),
        ).exclude(channel__platform__in=with_login, channel__credential=None)


class Stream(models.Model):
    """How far a channel has been read, and when it is read next."""

    channel = models.OneToOneField(
        Channel, on_delete=models.CASCADE, related_name="stream"
    )
    cursor = models.TextField(blank=True)
    polled_at = models.DateTimeField(_("last read"), null=True, blank=True)
    next_poll_at = models.DateTimeField(_("next reading"), default=timezone.now)
    rechecked_at = models.DateTimeField(_("last re-read"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    # A credential that is not accepted stops the reading until a person acts.
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)

    objects = StreamQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        indexes: ClassVar = [
            models.Index(
                fields=["next_poll_at"],
                name="stream_due",
                condition=Q(paused_at=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.channel)
