"""What the desk's pages show, gathered in a few queries each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Delivery, Message
from moderation.models import Case, Report
from moderation.models.case import CaseQuerySet, channels_seen_by
from policies.screening.model import SHOWN_MASKED, masked

if TYPE_CHECKING:
    from channels.models import User

PAGE = 50
# Numbers above this are shown as "more than": counting further helps nobody.
COUNTED = 1000

TABS = {
    "due": _("All due"),
    "overdue": _("Overdue"),
    "found": _("With findings"),
    "reported": _("Reported"),
    "mine": _("Handed to me"),
}


@dataclass(frozen=True, slots=True)
class Page:
    cases: list[Case]
    next_cursor: str


def queue(user: User, tab: str, channel: int | None = None) -> CaseQuerySet:
    """The cases of one tab, the most urgent first."""
    cases = Case.objects.visible_to(user).due()
    if tab == "overdue":
        cases = cases.filter(due_at__lt=timezone.now())
    elif tab == "found":
        cases = cases.filter(findings_count__gt=0, state=Case.State.NEW)
    elif tab == "reported":
        cases = cases.filter(reports_count__gt=0, state=Case.State.NEW)
    elif tab == "mine":
        cases = cases.filter(assigned_to=user)
    if channel:
        cases = cases.filter(channel=channel)
    return cases


def page(cases: CaseQuerySet, cursor: str) -> Page:
    """One page by keyset: as quick on the thousandth page as on the first. A cursor
    that is not ours counts as none."""
    after = _read_cursor(cursor)
    if after:
        due_at, pk = after
        cases = cases.filter(
            Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk), due_at__gte=due_at
        )
    rows = list(cases.for_the_desk()[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Page(rows, _cursor(rows[-1]) if more else "")


def capped(cases: QuerySet[Case]) -> str:
    """How many, counted to a limit so that the page never waits for a number."""
    number = cases.order_by().values("pk")[: COUNTED + 1].count()
    return f"{COUNTED}+" if number > COUNTED else str(number)


def next_due(user: User, after: Case | None) -> Case | None:
    """The case that the officer takes next: the most urgent but this one."""
    cases = Case.objects.visible_to(user).due()
    if after is not None:
        cases = cases.exclude(pk=after.pk)
    return cases.filter(Q(assigned_to=None) | Q(assigned_to=user)).first()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text; `findings` are the numbers of those that mark it."""

    text: str
    findings: tuple[int, ...] = ()


class Place(Protocol):
    """What marks a stretch of a text: a finding, or a hit that nobody has stored."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...


def pieces(text: str, findings: Sequence[Place], *, words: bool) -> list[Piece]:
    """The text cut at every beginning and end of a finding. Slurs come with their
    letters hidden unless `words` are asked for."""
    edges = {0, len(text)}
    for finding in findings:
        edges |= {min(finding.start, len(text)), min(finding.end, len(text))}
    cuts = sorted(edges)
    made = []
    for start, end in pairwise(cuts):
        over = [
            (number, finding)
            for number, finding in enumerate(findings, 1)
            if finding.start <= start and end <= finding.end
        ]
        part = text[start:end]
        if not words and any(finding.kind in SHOWN_MASKED for _n, finding in over):
            part = masked(part)
        made.append(Piece(part, tuple(number for number, _f in over)))
    return made


def thread_of(message: Message) -> dict[str, Any]:
    """What stands around a message: the one it answers, and the answers to it."""
    around = Message.objects.filter(channel=message.channel_id)
    parent = None
    if message.parent_id_there:
        parent = around.filter(external_id=message.parent_id_there).first()
    answers = list(
        around.filter(parent_id_there=message.external_id).order_by("posted_at")[:20]
    )
    return {"parent": parent, "answers": answers}


def earlier_of_sender(message: Message) -> dict[str, Any]:
    """What the municipality decided before on the same sender, the newest first."""
    if not message.author_id:
        return {"count": 0, "decided": []}
    same = Message.objects.filter(
        channel=message.channel_id, author_id=message.author_id
    ).exclude(pk=message.pk)
    decided = (
        Case.objects.filter(message__in=same)
        .exclude(state=Case.State.NEW)
        .select_related("message")
        .order_by("-opened_at")[:5]
    )
    return {"count": same[:100].count(), "decided": list(decided)}


def work(user: User) -> dict[str, Any]:
    """The figures on top of the desk and on the front page."""
    stuck = Delivery.objects.stuck().filter(message__channel__in=channels_seen_by(user))
    return {
        "due": capped(queue(user, "due")),
        "overdue": capped(queue(user, "overdue")),
        "found": capped(queue(user, "found")),
        "stuck": stuck[:COUNTED].count(),
        "loose_reports": Report.objects.visible_to(user)
        .open()
        .filter(case=None)[:COUNTED]
        .count(),
    }


def _cursor(case: Case) -> str:
    assert case.due_at is not None
    return signing.dumps([case.due_at.isoformat(), case.pk], salt="desk", compress=True)


def _read_cursor(text: str) -> tuple[datetime, int] | None:
    if not text:
        return None
    try:
        moment, pk = signing.loads(text, salt="desk")
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(moment), int(pk)
