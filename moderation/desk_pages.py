"""What the desk's pages show, gathered in a few queries each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from django.core import signing
from django.db.models import Q

from archive import prepared
from channels.models import Message
from moderation.desk_filters import Filters
from moderation.desk_rows import Row, capped, counts, rows_and_counts
from moderation.models import Case
from moderation.models.case import CaseQuerySet, channels_seen_by
from moderation.models.team import holders
from policies.screening.model import SHOWN_MASKED, masked

if TYPE_CHECKING:
    from channels.models import User

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """`work` are the numbers on top, as `work` gives them."""

    rows: list[Row]
    next_cursor: str
    work: dict[str, str | int]


def page(
    user: User,
    filters: Filters,
    cursor: str,
    *,
    channels: Mapping[int, str],
    ticks: bool,
) -> Page:
    """One page by keyset: as quick on the thousandth page as on the first. A cursor
    that is not ours counts as none."""
    cases, after = filters.cases(user), _read_cursor(cursor)
    if after:
        cases = _further(cases, after, filters)
    found, numbers = rows_and_counts(
        cases,
        most=PAGE + 1,
        channels=channels,
        ticks=ticks,
        seen=_seen(user),
        rare=filters.narrowed,
        likeliest=filters.likeliest,
    )
    more = len(found) > PAGE
    found = found[:PAGE]
    return Page(found, _cursor(found[-1], filters) if more else "", _shown(numbers))


def beyond(cases: CaseQuerySet, due_at: datetime, pk: int) -> CaseQuerySet:
    """Those that stand after a place in the order of the desk."""
    return cases.filter(
        Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk), due_at__gte=due_at
    )


def beyond_likely(
    cases: CaseQuerySet, likeness: int, due_at: datetime, pk: int
) -> CaseQuerySet:
    """The same in the order of likeness."""
    return cases.filter(
        Q(likeness__lt=likeness) | Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk),
        likeness__lte=likeness,
    )


def _further(
    cases: CaseQuerySet, after: tuple[datetime, int, int], filters: Filters
) -> CaseQuerySet:
    due_at, pk, likeness = after
    if filters.likeliest:
        return beyond_likely(cases, likeness, due_at, pk)
    return beyond(cases, due_at, pk)


_PLACE = "SELECT due_at FROM moderation_case WHERE id = %s AND due_at IS NOT NULL"


def place_of(pk: int) -> tuple[datetime, int] | None:
    """Where a case stands in the order of the desk; None when nothing is owed on it."""
    found = prepared.rows(_PLACE, [pk])
    return (found[0][0], pk) if found else None


def next_due(
    user: User,
    after: Case | None,
    filters: Filters | None = None,
    place: tuple[datetime, int] | None = None,
) -> Case | None:
    """The case that the officer takes next among those they work through: the one
    after `place`, or else after the case itself, in the desk's order; from the top
    again at its end. What lies with a colleague is left to them."""
    cases = (filters or Filters()).cases(user)
    cases = cases.filter(Q(assigned_to=None) | Q(assigned_to__in=holders(user)))
    if after is not None:
        cases = cases.exclude(pk=after.pk)
        if place is None and after.due_at is not None:
            place = after.due_at, after.pk
    cases = cases.select_related("channel")
    further = None
    if place and filters is not None and filters.likeliest:
        # An act moves no score, so the place in this order is read after it.
        at = Case.objects.filter(pk=place[1]).values_list("likeness", flat=True)
        further = beyond_likely(cases, at.get(), *place).first()
    elif place:
        further = beyond(cases, *place).first()
    return further or cases.first()


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


def work(user: User) -> dict[str, str | int]:
    """The figures on top of the desk and on the front page, in one statement."""
    return _shown(counts(_seen(user)))


def _seen(user: User) -> list[int] | None:
    all_of_it = user.has_perm("channels.see_every_channel")
    return None if all_of_it else channels_seen_by(user)


def _shown(numbers: dict[str, int]) -> dict[str, str | int]:
    tabs = {name: capped(numbers[name]) for name in ("due", "overdue", "found")}
    return {**numbers, **tabs}


def _cursor(row: Row, filters: Filters) -> str:
    place = [row.due_at.isoformat(), row.pk, row.likeness if filters.likeliest else 0]
    return signing.dumps(place, salt="desk-place", compress=True)


def _read_cursor(text: str) -> tuple[datetime, int, int] | None:
    if not text:
        return None
    try:
        moment, pk, likeness = signing.loads(text, salt="desk-place")
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(moment), int(pk), int(likeness)
