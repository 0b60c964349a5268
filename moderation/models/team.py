from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from channels.models import User


class Assignment(models.Model):
    """Who took a case, gave it to a colleague or put it back (M-O2). Only grows; what
    holds now stands in `Case.assigned_to`. A handover with its note is a `Handover`."""

    class Act(models.TextChoices):
        CLAIM = "claim", _("taken")
        RELEASE = "release", _("put back")
        ASSIGN = "assign", _("assigned")

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="assignments"
    )
    act = models.CharField(_("act"), max_length=10, choices=Act)
    to = models.ForeignKey(
        "channels.User",
        verbose_name=_("to"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    # Whom it was meant for when somebody who was away is covered for.
    instead_of = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    by = models.ForeignKey("channels.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="assignment_to_whom_it_says",
                condition=Q(act="claim", to=F("by"))
                | Q(act="release", to=None)
                | Q(act="assign", to__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.get_act_display()}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def in_force(self, on: date | None = None) -> Self:
        day = on or timezone.localdate()
        return self.filter(ended_at=None, starts_on__lte=day, ends_on__gte=day)

    def to_come(self, after: date | None = None) -> Self:
        """Running or not begun yet."""
        day = after or timezone.localdate()
        return self.filter(ended_at=None, ends_on__gte=day)

    def within(self, first: date, last: date) -> Self:
        """Sharing a day with the days from `first` to `last`."""
        return self.filter(ended_at=None, starts_on__lte=last, ends_on__gte=first)

    def covers(self, on: date | None = None) -> dict[int, int]:
        """Person → who stands in for them that day, both as keys. A cover who is away
        too is followed to theirs."""
        direct = dict(self.in_force(on).values_list("person_id", "cover_id"))
        found = {}
        for person, cover in direct.items():
            seen = {person}
            while cover in direct and cover not in seen:
                seen.add(cover)
                cover = direct[cover]
            found[person] = cover
        return found


class Absence(models.Model):
    """Somebody is away, and somebody else covers for them: what would go to the one
    goes to the other, and what lies with the one shows to the other (M-O2)."""

    person = models.ForeignKey(
        "channels.User",
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="absences",
    )
    cover = models.ForeignKey(
        "channels.User",
        verbose_name=_("covered by"),
        on_delete=models.PROTECT,
        related_name="covering",
    )
    starts_on = models.DateField(_("first day away"))
    ends_on = models.DateField(_("last day away"))
    set_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)
    # Back before the last day, or never gone.
    ended_by = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering: ClassVar = ["starts_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="absence_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="absence_covered_by_somebody_else",
                condition=~Q(person=F("cover")),
            ),
            models.CheckConstraint(
                name="absence_ended_by_somebody_sometime",
                condition=Q(ended_by=None, ended_at=None)
                | Q(ended_by__isnull=False, ended_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["ends_on"], name="absence_to_come", condition=Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.days}"

    @property
    def days(self) -> str:
        """First and last day as the language writes them."""
        first = date_format(self.starts_on, "SHORT_DATE_FORMAT")
        last = date_format(self.ends_on, "SHORT_DATE_FORMAT")
        return first if first == last else f"{first} – {last}"


class Digest(models.Model):
    """That a person was told, on one working day, of what is due and overdue: one
    e-mail at most, however often the clock asks (K-14). Only grows.

    `letter` is None where there was nothing to tell; `counts` are the numbers told.
    """

    person = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, related_name="digests"
    )
    day = models.DateField()
    letter = models.OneToOneField(
        "channels.Letter", on_delete=models.PROTECT, null=True, related_name="+"
    )
    counts = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        ordering: ClassVar = ["-day", "person"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "person"], name="one_digest_a_person_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.person_id}"


def holders(user: User) -> list[int]:
    """Keys of the people whose cases are the person's to answer today: their own, and
    of those they cover for. Asked once a request."""
    known: list[int] | None = getattr(user, "_holders", None)
    if known is None:
        covers = Absence.objects.covers()
        known = [user.pk, *(away for away, by in covers.items() if by == user.pk)]
        user._holders = known  # type: ignore[attr-defined]
    return known
