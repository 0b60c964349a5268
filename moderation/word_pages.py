"""What the pages about words show, gathered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from channels.models import Message
from moderation import desk_pages, learning
from moderation.models import Case
from moderation.tallies import tallies
from policies import wording
from policies.models import Rule
from policies.screening import Entry, Hit
from policies.screening.calibration import Tally
from policies.screening.model import SHOWN_MASKED, masked
from policies.screening.ranking import Reason

if TYPE_CHECKING:
    from channels.models import User

PAGE = 100
# The messages a change is tried on before it takes effect (the newest).
LOOKED_AT = 1_000
LISTED = 50
# Of a very long message the beginning is looked at: a page must not wait for it.
LONGEST = 20_000
BEFORE, AFTER = 60, 120


class Place(NamedTuple):
    """A hit inside an excerpt."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A message whose hits would change, with the places that make the difference."""

    case: Case
    pieces: list[desk_pages.Piece]
    flagged: bool
    first: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would have done to the newest messages that the person sees.

    `newly` had no hit before, `cleared` has none any more; `more` and `fewer` change
    only in the number of places.
    """

    looked_at: int
    newly: int
    cleared: int
    more: int
    fewer: int
    touched: list[Touched]
    unlisted: int


def preview(
    user: User, changes: Sequence[wording.Change], *, words: bool = False
) -> Preview:
    """Screens the newest messages with the words in force and with the changed ones.
    Takes about two seconds. Raises WordingError."""
    new = wording.proposed(changes)
    old = wording.in_force()
    rules = frozenset(Rule.objects.values_list("code", flat=True))
    counts = {"newly": 0, "cleared": 0, "more": 0, "fewer": 0}
    touched: list[Touched] = []
    cases = list(
        Case.objects.visible_to(user)
        .filter(message__is_ours=False)
        .select_related("message", "channel")
        .only("state", "channel__name", "message__text", "message__posted_at")
        .order_by("-pk")[:LOOKED_AT]
    )
    for case in cases:
        text = case.message.text[:LONGEST]
        found = wording.difference(text=text, old=old, new=new, rules=rules)
        if found is None:
            continue
        newly, cleared = not found.before, not found.after
        counts["newly"] += newly
        counts["cleared"] += cleared
        counts["more"] += bool(found.gained) and not newly
        counts["fewer"] += bool(found.lost) and not cleared
        for hits, flagged, first in (
            (found.gained, True, newly),
            (found.lost, False, cleared),
        ):
            if hits:
                pieces = excerpt(text, hits, words=words)
                touched.append(Touched(case, pieces, flagged, first))
    touched.sort(key=lambda one: (not one.first, not one.flagged))
    return Preview(
        looked_at=len(cases),
        touched=touched[:LISTED],
        unlisted=max(0, len(touched) - LISTED),
        **counts,
    )


def excerpt(text: str, hits: Sequence[Hit], *, words: bool) -> list[desk_pages.Piece]:
    """The text around the first hit, with the hits in it marked."""
    start = max(0, hits[0].start - BEFORE)
    end = min(len(text), hits[0].end + AFTER)
    places = [
        Place(max(hit.start, start) - start, min(hit.end, end) - start, hit.kind)
        for hit in hits
        if hit.start < end
    ]
    pieces = desk_pages.pieces(text[start:end], places, words=words)
    before = [desk_pages.Piece("… ")] if start else []
    after = [desk_pages.Piece(" …")] if end < len(text) else []
    return before + pieces + after


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A learned likeness as the message's page says it."""

    rule: Rule
    score: float
    weightiest: tuple[str, ...]
    decisions: int


def resemblances(
    case: Case, findings: Sequence[desk_pages.Place], *, words: bool
) -> list[Resemblance]:
    """What an undecided comment resembles. Words inside a slur's finding come with
    their letters hidden unless `words` are asked for."""
    if case.state != Case.State.NEW or case.message.kind != Message.Kind.COMMENT:
        return []
    hidden = [one for one in findings if one.kind in SHOWN_MASKED and not words]

    def shown(reason: Reason) -> str:
        inside = any(
            reason.start < one.end and one.start < reason.end for one in hidden
        )
        return masked(reason.matched) if inside else reason.matched

    return [
        Resemblance(
            rule=one.rule,
            score=one.score,
            weightiest=tuple(dict.fromkeys(shown(reason) for reason in one.reasons)),
            decisions=one.decisions,
        )
        for one in learning.resembles(case.message.text[:LONGEST])
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the list shows it."""

    entry: Entry
    term: str
    forms: str
    own: bool
    tally: Tally


@dataclass(frozen=True, slots=True)
class Entries:
    lines: list[Line]
    number: int
    next_page: int | None
    taken_away: list[Entry]
    has_masked: bool


def entries(*, query: str, kind: str, own: bool, page: int, words: bool) -> Entries:
    """One page of the words in force that hold the query in a form, name or note."""
    query = query.strip().lower()
    ours = wording.own_entries()
    found = [
        entry
        for entry in wording.in_force().entries
        if (not kind or entry.kind == kind)
        and (not own or entry.id in ours)
        and (not query or _holds(entry, query))
    ]
    found.sort(key=lambda entry: (entry.term != query, entry.term))
    shown = found[(page - 1) * PAGE : page * PAGE]
    counted = tallies(entry.id for entry in shown)
    return Entries(
        lines=[_line(entry, ours, counted[entry.id], words) for entry in shown],
        number=len(found),
        next_page=page + 1 if len(found) > page * PAGE else None,
        taken_away=wording.taken_away(),
        has_masked=any(entry.kind in SHOWN_MASKED for entry in shown),
    )


def _line(entry: Entry, ours: frozenset[str], tally: Tally, words: bool) -> Line:
    term, others = entry.term, wording.forms_of(entry)[1:]
    if entry.kind in SHOWN_MASKED and not words:
        term, others = masked(term), ()
    return Line(entry, term, ", ".join(others), entry.id in ours, tally)


def _holds(entry: Entry, query: str) -> bool:
    return (
        query in entry.term
        or query == entry.id
        or query in entry.note.lower()
        or any(query in form for form in wording.forms_of(entry))
    )
