"""Bars as SVG that everybody can read: a title and a description for those who hear
the page, words beside the bars, sizes in percent so that the text keeps its size on a
telephone. Colours come by class from the style sheet; there is no inline style.

The numbers of every chart stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

ROW, BAR, LABEL = 46, 14, 18
HEIGHT, AXIS = 150, 26
# Beside a label stands the number: what is longer is cut, the table has it whole.
LONGEST_LABEL = 34


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: a class of the style sheet, its size, and what it says."""

    kind: str
    size: float
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> float:
        return sum(part.size for part in self.parts)


def bars(
    bars: Sequence[Bar], *, key: str, title: str, words: str, most: float | None = None
) -> SafeString:
    """Lying bars under one another, for names. `most` is the size of a full bar, the
    longest bar's when left out. `key` makes the ids of the page unique."""
    full = most or max((bar.size for bar in bars), default=0) or 1
    rows = []
    for number, bar in enumerate(bars):
        top = number * ROW
        at = 0.0
        pieces = []
        for part in bar.parts:
            width = 100 * part.size / full
            if width > 0:
                pieces.append((part.kind, _percent(at), top + LABEL + 6, width, part))
            at += width
        rows.append(
            format_html(
                '<text class="chart-label" x="0" y="{}">{}</text>'
                '<text class="chart-value" x="100%" y="{}" text-anchor="end">{}</text>'
                '<rect class="chart-track" x="0" y="{}" width="100%" height="{}"/>{}',
                top + LABEL,
                Truncator(bar.label).chars(LONGEST_LABEL),
                top + LABEL,
                bar.value,
                top + LABEL + 6,
                BAR,
                format_html_join(
                    "",
                    '<rect class="chart-{}" x="{}" y="{}" width="{}" height="{}">'
                    "<title>{}</title></rect>",
                    (
                        (kind, x, y, _percent(width), BAR, part.words)
                        for kind, x, y, width, part in pieces
                    ),
                ),
            )
        )
    return _svg(key, title, words, len(bars) * ROW, rows)


def columns(
    bars: Sequence[Bar],
    *,
    key: str,
    title: str,
    words: str,
    most: float | None = None,
    top: str = "",
) -> SafeString:
    """Standing bars side by side, for weeks. `top` names the uppermost line. Only some
    labels are written when there are many."""
    full = most or max((bar.size for bar in bars), default=0) or 1
    step = 100 / max(len(bars), 1)
    every = -(-len(bars) // 6)
    rows = [
        format_html(
            '<line class="chart-line" x1="0" x2="100%" y1="{0}" y2="{0}"/>'
            '<line class="chart-line" x1="0" x2="100%" y1="{1}" y2="{1}"/>'
            '<text class="chart-value" x="0" y="13">{2}</text>',
            LABEL,
            LABEL + HEIGHT,
            top,
        )
    ]
    for number, bar in enumerate(bars):
        floor = float(LABEL + HEIGHT)
        pieces = []
        for part in bar.parts:
            height = HEIGHT * part.size / full
            floor -= height
            if height > 0:
                pieces.append((part, round(floor, 2), round(height, 2)))
        rows.append(
            format_html_join(
                "",
                '<rect class="chart-{}" x="{}" y="{}" width="{}" height="{}">'
                "<title>{}</title></rect>",
                (
                    (
                        part.kind,
                        _percent(number * step + step * 0.1),
                        y,
                        _percent(step * 0.8),
                        height,
                        part.words,
                    )
                    for part, y, height in pieces
                ),
            )
        )
        if number % every == 0:
            rows.append(
                format_html(
                    '<text class="chart-label" x="{}" y="{}">{}</text>',
                    _percent(number * step),
                    LABEL + HEIGHT + AXIS - 8,
                    bar.label,
                )
            )
    return _svg(key, title, words, LABEL + HEIGHT + AXIS, rows)


def _svg(
    key: str, title: str, words: str, height: int, rows: Sequence[SafeString]
) -> SafeString:
    return format_html(
        '<svg class="chart" role="img" aria-labelledby="{0}-title {0}-words" '
        'width="100%" height="{1}" xmlns="http://www.w3.org/2000/svg">'
        '<title id="{0}-title">{2}</title><desc id="{0}-words">{3}</desc>{4}</svg>',
        key,
        height,
        title,
        words,
        format_html_join("", "{}", ((row,) for row in rows)),
    )


def _percent(size: float) -> str:
    return f"{round(size, 3):g}%"


def draw(group: str, rows: list[Bar], top: str = "", **more: Any) -> SafeString:
    """Columns for weeks, since time runs to the right; bars for everything else."""
    if group == "week":
        return columns(rows, top=top, **more)
    return bars(rows, **more)
