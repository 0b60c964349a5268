"""What the desk is narrowed to: read from the address, written back into it.

The address names channels, kinds, rules and days, never a person or a word of a
message. What it holds that is not known counts as not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.models import Case, Duty
from moderation.models.team import holders

if TYPE_CHECKING:
    from channels.models import User
    from moderation.models.case import CaseQuerySet

TABS = {
    "due": _("All due"),
    "overdue": _("Overdue"),
    "found": _("With findings"),
    "reported": _("Reported"),
    "mine": _("Handed to me"),
}
DEADLINES = {
    "overdue": _("overdue"),
    "today": _("today"),
    "tomorrow": _("tomorrow"),
    "week": _("within seven days"),
}
LIKELIEST = "likely"
ORDERS = {
    "": _("Due first"),
    LIKELIEST: _("Most likely breach first"),
}
# Those that the screening tells apart.
LANGUAGES = {
    "sv": _("Swedish"),
    "nb": _("Norwegian bokmål"),
    "nn": _("Norwegian nynorsk"),
    "en": _("English"),
    "fi": _("Finnish"),
    "da": _("Danish"),
    "se": _("Northern Sami"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """One choice of messages and their order. `rule` is a rule's code; empty means
    all."""

    tab: str = "due"
    channel: int | None = None
    kind: str = ""
    rule: str = ""
    language: str = ""
    deadline: str = ""
    order: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        def one_of(name: str, known: Any) -> str:
            value = str(given.get(name, ""))
            return value if value in known else ""

        channel = str(given.get("channel", ""))
        rule = str(given.get("rule", ""))
        return cls(
            tab=one_of("tab", TABS) or "due",
            channel=int(channel)
            if channel.isascii() and channel.isdecimal() and len(channel) < 18
            else None,
            kind=one_of("kind", Duty.Kind.values),
            rule=rule if _like_a_code(rule) else "",
            language=one_of("language", LANGUAGES),
            deadline=one_of("deadline", DEADLINES),
            order=one_of("order", ORDERS),
        )

    @property
    def query(self) -> str:
        """As it stands in an address, always in the same order; "" when nothing is
        asked for."""
        return urlencode(self.asked)

    @property
    def in_view(self) -> str:
        """What is put behind an address so that it stays in this choice."""
        return f"?{self.query}" if self.asked else ""

    @property
    def asked(self) -> dict[str, str]:
        """Only what differs from the whole desk."""
        found = {} if self.tab == "due" else {"tab": self.tab}
        for name in ("channel", "kind", "rule", "language", "deadline", "order"):
            value = getattr(self, name)
            if value:
                found[name] = str(value)
        return found

    @property
    def narrowed(self) -> bool:
        """By more than the tab; an order leaves nothing out."""
        return bool(self.asked.keys() - {"tab", "order"})

    @property
    def likeliest(self) -> bool:
        """Whether what resembles earlier breaches most comes first."""
        return self.order == LIKELIEST

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def cases(self, user: User) -> CaseQuerySet:
        """The cases asked for that this person sees, the most urgent first, or the
        likeliest: a walk of one of the partial indexes on what is due."""
        now = timezone.now()
        cases = Case.objects.visible_to(user)
        cases = cases.likeliest() if self.likeliest else cases.due()
        if self.tab == "overdue":
            cases = cases.filter(due_at__lt=now)
        elif self.tab == "found":
            cases = cases.filter(findings_count__gt=0, state=Case.State.NEW)
        elif self.tab == "reported":
            cases = cases.filter(reports_count__gt=0, state=Case.State.NEW)
        elif self.tab == "mine":
            cases = cases.filter(assigned_to__in=holders(user))
        if self.channel:
            cases = cases.filter(channel=self.channel)
        if self.language:
            cases = cases.filter(language=self.language)
        if self.rule:
            cases = cases.filter(rules__contains=[self.rule])
        if self.kind:
            owed = Duty.objects.filter(
                case=OuterRef("pk"), kind=self.kind, closed_at=None
            )
            cases = cases.filter(Exists(owed))
        since, until = _days(self.deadline, now)
        if since:
            cases = cases.filter(due_at__gte=since)
        if until:
            cases = cases.filter(due_at__lt=until)
        return cases


def _days(deadline: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when and until when something is due, in the days of the place."""
    midnight = timezone.localtime(now).replace(
        hour=0, minute=0, second=0, microsecond=0
    )

    def day(number: int) -> datetime:
        # By the calendar: the days on which the clocks change are not 24 hours long.
        return timezone.make_aware(
            midnight.replace(tzinfo=None) + timedelta(days=number),
            midnight.tzinfo,
        )

    match deadline:
        case "overdue":
            return None, now
        case "today":
            return now, day(1)
        case "tomorrow":
            return day(1), day(2)
        case "week":
            return now, day(7)
        case _:
            return None, None


def _like_a_code(text: str) -> bool:
    """A rule's code such as K-20.3, and no sentence."""
    return 0 < len(text) <= 20 and all(
        sign.isascii() and (sign.isalnum() or sign in ".-_") for sign in text
    )
