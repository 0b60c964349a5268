"""The queue's lines as HTML, quickly.

Fifty lines through the template engine are the dearest part of the desk's first page.
Lines differ in few ways (with findings or without, with a box or without): each such
shape is rendered once by its template, with marks where the words go, and kept. Filling
the words in is then all that is left. What is kept holds nobody's words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import lru_cache
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from moderation.desk_rows import Row

# What differs from line to line of the same shape.
_WORDS = (
    "url",
    "due",
    "text",
    "channel",
    "kind",
    "author",
    "posted",
    "state",
    "found",
    "reported",
    "assigned",
    "thumb",
    "likely",
    "tick",
)
assert {field.name for field in fields(Row)} >= set(_WORDS)


def lines(
    rows: Iterable[Row], *, in_view: str, boxed: bool, ticked: bool = False
) -> SafeString:
    """All lines of a page; `in_view` is put behind each address, `boxed` leaves room
    for a box before every line, `ticked` ticks those that have one."""
    language, behind = get_language() or "en", escape(in_view)
    done = []
    for row in rows:
        # Empty words are part of the shape: their place is not drawn at all.
        words = {name: escape(getattr(row, name)) for name in _WORDS}
        marked = {name: f"{{{name}}}" for name, word in words.items() if word}
        shape = replace(row, pk=0, likeness=0, due_at=None, **marked)  # type: ignore[arg-type]
        drawn = _drawn(shape, boxed, ticked, language)
        done.append(drawn.format(pk=row.pk, in_view=behind, **words))
    return mark_safe("".join(done))  # escaped above, word by word


@lru_cache(maxsize=512)
def _drawn(shape: Row, boxed: bool, ticked: bool, language: str) -> str:
    return render_to_string(
        "desk/row.html",
        {
            "row": shape,
            "pk": mark_safe("{pk}"),
            "in_view": mark_safe("{in_view}"),
            "boxed": boxed,
            "ticked": ticked,
        },
    )
