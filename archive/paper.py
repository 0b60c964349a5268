"""A masked copy as PDF, set from data: what is masked was never in it."""

from __future__ import annotations

import io
import logging
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from archive import files, labels, pictures
from archive.copies import PICTURE_BYTES, Copy, FileCopy

FONTS = Path(__file__).parent / "fonts"
MARGIN = 20  # mm
LABEL_WIDTH = 48  # mm
PICTURE_HEIGHT = 120  # mm
LARGEST = 0.36  # mm a pixel: small pictures stay small
# It tells of every step at the level INFO.
logging.getLogger("fpdf").setLevel(logging.WARNING)
logging.getLogger("fontTools").setLevel(logging.WARNING)


class Paper(FPDF):
    """A4 with a running foot; its own metadata names nobody."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.title_at_foot = title
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, 22)
        self.set_title(title)
        self.set_creator("Kanalvakt")
        self.add_page()

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("DejaVu", "", 8)
        self.set_text_color(90)
        page = _("Page %(page)d of %(pages)s") % {
            "page": self.page_no(),
            "pages": "{nb}",
        }
        self.cell(0, 5, f"{self.title_at_foot} · {page}", align="C")
        self.set_text_color(0)

    def heading(self, text: str, size: int) -> None:
        self.set_font("DejaVu", "B", size)
        if self.will_page_break(30):
            self.add_page()
        self._lines(0, size * 0.5, text)
        self.ln(1.5)

    def paragraph(self, text: str, size: float = 10) -> None:
        self.set_font("DejaVu", "", size)
        self._lines(0, size * 0.52, text)
        self.ln(1.5)

    def row(self, label: str, text: str) -> None:
        """A label with a value beside it, which may run over pages."""
        self.set_font("DejaVu", "B", 8.5)
        if self.will_page_break(12):
            self.add_page()
        top, page = self.get_y(), self.page_no()
        self._lines(LABEL_WIDTH - 3, 4.6, label)
        end, end_page = self.get_y(), self.page_no()
        if end_page == page:
            self.set_y(top)
        self.set_x(MARGIN + LABEL_WIDTH)
        self.set_font("DejaVu", "", 9.5)
        self._lines(self.epw - LABEL_WIDTH, 5, text)
        if self.page_no() == end_page:
            self.set_y(max(end, self.get_y()))
        self.ln(1)

    def picture(self, data: bytes) -> None:
        width, height = pictures.size(data)
        factor = min(self.epw / width, PICTURE_HEIGHT / height, LARGEST)
        if self.will_page_break(height * factor + 2):
            self.add_page()
        self.image(io.BytesIO(data), w=width * factor, h=height * factor)
        self.ln(2)

    def _lines(self, width: float, height: float, text: str) -> None:
        self.multi_cell(
            width,
            height,
            settable(text),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )


@cache
def _glyphs() -> frozenset[int]:
    """Code points that both fonts can show."""
    both = []
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        with TTFont(FONTS / name) as font:
            both.append(frozenset(font.getBestCmap()))
    return both[0] & both[1]


def settable(text: str) -> str:
    """The text with every character that the fonts lack spelt out by its name, so that
    nothing is lost: [SEE-NO-EVIL MONKEY]."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    known = _glyphs()
    return "".join(
        one if one == "\n" or ord(one) in known else _named(one) for one in text
    )


def _named(character: str) -> str:
    return f"[{unicodedata.name(character, f'U+{ord(character):04X}')}]"


def copy_of_records(
    *,
    title: str,
    authority: str,
    facts: Iterable[tuple[str, str]],
    copies: Sequence[Copy],
    after: Iterable[tuple[str, str]] = (),
) -> bytes:
    """The PDF of records as they are given out.

    `facts` are (label, value) rows under the title; `after` are (heading, text) parts
    behind the last record, such as how to appeal. Texts are in the active language.
    """
    paper = Paper(title)
    if authority:
        paper.paragraph(authority)
    paper.heading(title, 16)
    for label, text in facts:
        paper.row(label, text)
    if any(copy.masked for copy in copies):
        paper.paragraph(
            _(
                "A block hides what may not be given out; the number behind it stands "
                "for the paragraph under the record. All blocks have the same length."
            ),
            9,
        )
    for number, copy in enumerate(copies, 1):
        _record(paper, copy, number, len(copies))
    for heading, text in after:
        paper.ln(4)
        paper.heading(heading, 12)
        paper.paragraph(text)
    return bytes(paper.output())


def _record(paper: Paper, copy: Copy, number: int, among: int) -> None:
    paper.ln(3)
    paper.heading(
        _("Record %(number)d of %(among)d: %(kind)s")
        % {
            "number": number,
            "among": among,
            "kind": copy.record.get_kind_display(),
        },
        12,
    )
    for field in copy.fields:
        paper.row(labels.label(field.path), field_words(field, copy.grounds))
    for file in copy.files:
        _file(paper, copy, file)
    if copy.grounds:
        paper.row(_("Masked by"), "\n".join(numbered(copy.grounds)))


def numbered(grounds: Iterable[str]) -> list[str]:
    return [f"[{n}] {ground}" for n, ground in enumerate(grounds, 1)]


def field_words(field: Any, grounds: Sequence[str]) -> str:
    """A field's value as people read it, or that it is masked and by what."""
    if field.state == "erased":
        return _("Erased from the archive earlier.")
    if field.state == "hidden":
        marks = "".join(f"[{grounds.index(one) + 1}]" for one in field.grounds)
        return f"█████{marks}"
    return labels.words(field.value)


def _file(paper: Paper, copy: Copy, file: FileCopy) -> None:
    name = _("File %(number)d") % {"number": int(file.position) + 1}
    if file.state == "withheld":
        marks = "".join(f"[{copy.grounds.index(one) + 1}]" for one in file.grounds)
        paper.row(name, f"{_('Withheld.')} {marks}")
        return
    if file.state == "painted":
        marks = "".join(f"[{copy.grounds.index(one) + 1}]" for one in file.grounds)
        paper.row(name, f"{_('A copy with blackened regions.')} {marks}")
        paper.picture(file.data)
        return
    data = _shown_picture(copy, file)
    paper.row(name, _("Goes along as it is.") if data is None else _("As it is:"))
    if data is not None:
        paper.picture(data)


def _shown_picture(copy: Copy, file: FileCopy) -> bytes | None:
    """A picture that is given whole, encoded anew for the page; None of other files."""
    if file.mime not in pictures.TYPES or file.size > PICTURE_BYTES:
        return None
    kept = copy.record.files.get(position=int(file.position))
    try:
        return pictures.painted(b"".join(files.chunks(kept.sha256)), ())[0]
    except pictures.NotAPicture:
        return None


def letter(
    *,
    title: str,
    authority: str,
    facts: Iterable[tuple[str, str]],
    parts: Iterable[tuple[str, str]],
) -> bytes:
    """A decision without records: a refusal with its grounds and how to appeal."""
    paper = Paper(title)
    if authority:
        paper.paragraph(authority)
    paper.heading(title, 16)
    for label, text in facts:
        paper.row(label, text)
    for heading, text in parts:
        paper.ln(3)
        paper.heading(heading, 12)
        paper.paragraph(text)
    return bytes(paper.output())


def moment_words(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
