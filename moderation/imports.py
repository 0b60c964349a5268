"""Files of messages read line by line: JSON lines, or CSV with the same columns.

    {"kind": "comment" | "dm", "id", "author": {"id", "name", "handle", "url"},
     "text", "created_at", "parent_id", "permalink"}

In CSV the sender's columns are author_id, author_name, author_handle and author_url.
`kind`, `id`, `text` and `created_at` are needed, everything else may be left out, and
what is not known is kept only in `Item.raw`. No database: a line becomes an `Item` or
is named with its number and what is wrong with it.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import IO, Any

from channels.platforms.base import Author, Item

# A comment of 10 MB is still read, so that its refusal can say what it was.
LONGEST_LINE = 32 * 1024 * 1024
NEEDED = ("kind", "id", "text", "created_at")
AUTHOR = ("id", "name", "handle", "url")
COLUMNS = (*NEEDED, *(f"author_{name}" for name in AUTHOR), "parent_id", "permalink")
DELIMITERS = ",;\t"
# What a byte that is not UTF-8 becomes when it is decoded with surrogateescape.
_FOREIGN_BYTE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that could be read; `number` counts from 1."""

    number: int
    item: Item


@dataclass(frozen=True, slots=True)
class Broken:
    """One line that could not. `error` is a name and a sentence without any of the
    line's content."""

    number: int
    error: str


class FileError(Exception):
    """Why nothing of the file can be read."""


class LineError(Exception):
    """Why this line cannot be read."""


def read(stream: IO[bytes]) -> Iterator[Line | Broken]:
    """Lines of a binary file, JSON or CSV as its first letter tells. Raises FileError
    when it is neither."""
    lines = _text_lines(stream)
    first = next(lines, None)
    while first is not None and first[1] is not None and not first[1].strip():
        first = next(lines, None)
    if first is None:
        return
    rest = chain([first], lines)
    if first[1] is None or first[1].lstrip().startswith("{"):
        yield from _read_json(rest)
    else:
        yield from _read_csv(rest)


def item_from(row: Mapping[str, Any], *, raw: bytes) -> Item:
    """The item of one decoded line. Raises LineError."""
    missing = [name for name in NEEDED if row.get(name) in (None, "")]
    if missing == ["text"] and row.get("text") == "":
        missing = []  # a picture without a word is a message all the same
    if missing:
        raise LineError(f"missing: {', '.join(missing)}")
    author = row.get("author") or {}
    if not isinstance(author, Mapping):
        raise LineError("bad_author: the author is not an object")
    return Item(
        kind=_text(row, "kind"),
        id=_text(row, "id"),
        author=Author(
            id=_text(author, "id"),
            name=_text(author, "name"),
            handle=_text(author, "handle"),
            url=_address(author, "url"),
        ),
        text=_text(row, "text"),
        created_at=_moment(row["created_at"]),
        parent_id=_text(row, "parent_id"),
        permalink=_address(row, "permalink"),
        raw=raw,
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    # Ids are opaque text; exports often write them as numbers.
    if isinstance(value, int) and not isinstance(value, bool) and name.endswith("id"):
        return str(value)
    raise LineError(f"bad_{name}: not text")


def _address(row: Mapping[str, Any], name: str) -> str:
    """Shown as a link to officers, so nothing but a web address gets through."""
    value = _text(row, name).strip()
    if value and not value.lower().startswith(("https://", "http://")):
        raise LineError(f"bad_{name}: not a web address")
    return value


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise LineError("bad_created_at: not a date and time as text (ISO 8601)")
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise LineError("bad_created_at: not an ISO 8601 date and time") from error
    if moment.tzinfo is None:
        # Guessing would move deadlines by an hour or two, and in the night when the
        # clock is put back one time is two moments. What is archived is not guessed.
        raise LineError(
            "no_zone: created_at does not say which time zone; write +01:00 or Z"
        )
    return moment


def _read_json(lines: Iterable[tuple[int, str | None]]) -> Iterator[Line | Broken]:
    for number, text in lines:
        if text is not None and not text.strip():
            continue
        try:
            text = _readable(text)
            try:
                row = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise LineError("not_json: the line is not valid JSON") from error
            if not isinstance(row, dict):
                raise LineError("not_an_object: the line is not a JSON object")
            yield Line(number, item_from(row, raw=text.strip().encode()))
        except LineError as error:
            yield Broken(number, str(error))


def _read_csv(lines: Iterator[tuple[int, str | None]]) -> Iterator[Line | Broken]:
    numbers: list[int] = []
    too_long: list[int] = []

    def texts() -> Iterator[str]:
        for number, text in lines:
            if text is None:
                too_long.append(number)
            else:
                numbers.append(number)
                yield text

    csv.field_size_limit(LONGEST_LINE)
    source = texts()
    head = next(source, "")
    delimiter = max(DELIMITERS, key=head.count)
    try:
        heading = next(csv.reader([head], delimiter=delimiter))
    except csv.Error as error:
        raise FileError("The file is neither JSON lines nor CSV.") from error
    columns = [name.strip() for name in heading]
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise FileError(
            "The file is neither JSON lines nor CSV with the columns "
            f"{', '.join(NEEDED)}; missing: {', '.join(missing)}."
        )
    if len(set(columns)) < len(columns):
        raise FileError("The file has the same column twice.")
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        numbers.clear()
        try:
            cells = next(reader, None)
            for number in too_long:
                yield Broken(number, _TOO_LONG)
            too_long.clear()
            if cells is None:
                return
            if not cells:
                continue
            yield Line(numbers[0], _item_from_cells(columns, cells))
        except csv.Error as error:
            yield Broken(numbers[0], f"not_csv: {error}")
        except LineError as error:
            yield Broken(numbers[0], str(error))


def _item_from_cells(columns: list[str], cells: list[str]) -> Item:
    if len(cells) != len(columns):
        raise LineError(
            f"not_csv: {len(cells)} cells where the heading has {len(columns)}"
        )
    row: dict[str, Any] = dict(zip(columns, cells, strict=True))
    for value in cells:
        _readable(value)
    raw = json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass")
    row["author"] = {name: row.get(f"author_{name}") for name in AUTHOR}
    return item_from(row, raw=raw)


_TOO_LONG = f"line_too_long: more than {LONGEST_LINE} bytes"


def _readable(text: str | None) -> str:
    if text is None:
        raise LineError(_TOO_LONG)
    if _FOREIGN_BYTE.search(text):
        raise LineError("not_utf8: the line is not UTF-8 text")
    return text


def _text_lines(stream: IO[bytes]) -> Iterator[tuple[int, str | None]]:
    """Number and text of each line, None for one that is too long to be taken in.

    A byte order mark is dropped; bytes that are not UTF-8 come through as lone
    surrogates for `_readable` to name, so that one bad line does not end the file.
    """
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise FileError("The file is UTF-16; save it as UTF-8.")
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) <= LONGEST_LINE:
            yield number, line.decode("utf-8", "surrogateescape")
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
        yield number, None
