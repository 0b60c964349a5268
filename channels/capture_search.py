"""Captured pages found again by the words that stood on them, as records are found: in
Swedish, Norwegian, Finnish and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from archive import lists, search
from archive.models import Place, Record, RecordSearch
from channels import captures
from channels.models import Capture

if TYPE_CHECKING:
    from channels.models import User

ROWS = 30
# What is shown around the first word that was looked for.
BEFORE, AROUND = 80, 300


@dataclass(frozen=True, slots=True)
class Found:
    """`excerpt` is empty where the record is opened for a reason only."""

    capture: Capture
    title: str
    excerpt: str
    record_id: UUID


def found(
    words: str, *, by: User, after: Place | None = None
) -> tuple[list[Found], Place | None]:
    """(captures of the channels the person sees, the newest first; where to go on)."""
    mine = Capture.objects.filter(channel__in=captures.channels_for(by))
    within = RecordSearch.objects.filter(
        kind=Record.Kind.CAPTURE, record__in=mine.values("record")
    )
    rows = search.page(words, within=within, after=after, rows=ROWS + 1)
    more, rows = len(rows) > ROWS, rows[:ROWS]
    made = {
        one.record_id: one
        for one in mine.filter(
            record__in=[row.record_id for row in rows]
        ).select_related("channel")
    }
    shown = [
        Found(
            made[line.found.record_id],
            "" if line.closed else line.found.text.partition("\n")[0][:200],
            "" if line.closed else excerpt(line.found.text, words),
            line.found.record_id,
        )
        for line in lists.rows(rows)
    ]
    return shown, rows[-1].place if more else None


def excerpt(text: str, words: str) -> str:
    """Some of the text from shortly before the first word that was looked for; its
    beginning where another form of the word was found."""
    page = " ".join(text.partition("\n")[2].split())
    folded = page.casefold()
    places = [
        place
        for word in words.replace('"', " ").split()
        if (place := folded.find(word.casefold())) >= 0
    ]
    start = max(min(places, default=0) - BEFORE, 0)
    part = page[start : start + AROUND]
    return f"{'… ' if start else ''}{part}{' …' if start + AROUND < len(page) else ''}"
