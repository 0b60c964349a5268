from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Channel

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from channels.models import User


def channels_seen_by(user: User) -> list[int]:
    """Keys of the channels a person sees, asked once a request. As constants they let
    the planner walk the queue's index, which a subquery does not."""
    seen: list[int] | None = getattr(user, "_channels_seen", None)
    if seen is None:
        seen = list(Channel.objects.visible_to(user).values_list("pk", flat=True))
        user._channels_seen = seen  # type: ignore[attr-defined]
    return seen


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("channels.see_every_channel"):
            return self
        return self.filter(channel_id__in=channels_seen_by(user))

    def seen_by(self, user: User) -> Self:
        """The same as `visible_to` as one query, for when a single case is fetched."""
        if user.has_perm("channels.see_every_channel"):
            return self
        return self.filter(channel__in=Channel.objects.visible_to(user))

    def due(self) -> Self:
        """Something is still owed; the most urgent first: one walk of one index."""
        return self.filter(due_at__isnull=False).order_by("due_at", "id")

    def likeliest(self) -> Self:
        """The same with what most resembles earlier breaches first: one walk too."""
        return self.filter(due_at__isnull=False).order_by("-likeness", "due_at", "id")

    def overdue(self) -> Self:
        return self.due().filter(due_at__lt=timezone.now())


class Case(models.Model):
    """The municipality's handling of one message.

    `due_at` is the earliest deadline among what is still owed on it, None when
    nothing is: the desk is one walk of the partial index on it.
    """

    class State(models.TextChoices):
        NEW = "new", _("undecided")
        KEPT = "kept", _("kept")
        HIDDEN = "hidden", _("hidden")
        REMOVED = "removed", _("removed")
        OUTSIDE = "outside", _("outside our channels")

    message = models.OneToOneField(
        "channels.Message", on_delete=models.PROTECT, related_name="case"
    )
    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.PROTECT, related_name="cases"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.NEW
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    findings_count = models.PositiveIntegerField(_("findings"), default=0)
    reports_count = models.PositiveIntegerField(_("reports"), default=0)
    # What the desk is narrowed by: the likeliest language of the text, and the codes
    # of the rules that the screening names in it.
    language = models.CharField(_("language"), max_length=5, blank=True, db_default="")
    rules = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, db_default=[]
    )
    # The chance, in thousandths, that it resembles what was taken away before; what
    # the desk may be ordered by. 0 while nothing has been learned.
    likeness = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Counts what has happened to the case: a form made from an older count is refused.
    turn = models.PositiveIntegerField(default=0)
    assigned_to = models.ForeignKey(
        "channels.User",
        verbose_name=_("handed to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_cases",
    )
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    # A direct message's record is made on arrival (K-17).
    received_record = models.ForeignKey(
        "archive.Record",
        verbose_name=_("record of arrival"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions: ClassVar = [
            ("decide_case", _("Can keep, hide, remove and restore messages")),
            ("answer_case", _("Can reply and hand over")),
            ("settle_delivery", _("Can try failed deliveries again")),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                name="case_due",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["channel", "due_at", "id"],
                name="case_due_in_channel",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["assigned_to", "due_at", "id"],
                name="case_due_for_person",
                condition=Q(due_at__isnull=False, assigned_to__isnull=False),
            ),
            models.Index(
                fields=["channel", "state", "-opened_at", "-id"], name="case_by_state"
            ),
            # Whose words go by a rule of their own.
            models.Index(
                fields=["opened_at", "id"],
                name="case_taken_down",
                condition=Q(state__in=["hidden", "removed"]),
            ),
            # Undecided with something found, or reported: the tabs and their counts.
            models.Index(
                fields=["channel", "due_at", "id"],
                name="case_due_found",
                condition=Q(due_at__isnull=False, state="new", findings_count__gt=0),
            ),
            models.Index(
                fields=["channel", "due_at", "id"],
                name="case_due_reported",
                condition=Q(due_at__isnull=False, state="new", reports_count__gt=0),
            ),
            models.Index(
                fields=["language", "due_at", "id"],
                name="case_due_in_language",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["-likeness", "due_at", "id"],
                name="case_due_likeliest",
                condition=Q(due_at__isnull=False),
            ),
            GinIndex(
                fields=["rules"],
                name="case_due_under_rule",
                condition=Q(due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} · {self.message_id}"

    def get_absolute_url(self) -> str:
        return reverse("desk:case", args=[self.pk])
