"""The quick answer to "is this record as it was sealed?", for records of one shape.

Records with the same fields differ in values, salts and digests alone. For each set of
fields templates are made once: of the sealed bytes, of the sources of the digests, of
the two JSON columns as they are written. The values are cut out of the sealed
bytes as they stand there, without being read as JSON: what they are is proved by their
digests. A record is sound when everything that its values, put into the templates, give
is what stands there. Whatever else is the case is for `archive.checking` to find out
and to name. Pure Python.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from json import loads
from json.encoder import encode_basestring
from operator import itemgetter

from archive import canonical

SALT_LETTERS = 22
# Shapes kept for one length of the digests' column, and lengths.
MOST_ALIKE, MOST_LENGTHS = 4, 512
# A string, a list without another inside, an empty object, a number or a word, as
# canonical JSON writes them. Nothing is tried twice (`+` after a repetition).
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_VALUE = rf'({_STRING}|\[(?:[^"\[\]]++|{_STRING})*+\]|\{{\}}|[^"\[\]{{}},:]++)'
ABOUT = ("id", "kind", "retention", "sealed_at", "sealed_by", "subject", "version")


class Shape:
    """Templates for documents whose `flatten` gives these paths, in this order."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self.paths = paths
        names = [encode_basestring(path).replace("%", "%%") for path in paths]
        self._sources = "\n".join(f'["%s",{name},%s]' for name in names)
        marks = {path: f"\x02{number}\x03" for number, path in enumerate(paths)}
        document = canonical.dumps(canonical.unflatten(marks.items())).decode()
        pattern = re.escape(document)
        for mark in marks.values():
            pattern = pattern.replace(re.escape(encode_basestring(mark)), _VALUE)
        self._cut_values = re.compile(pattern, re.DOTALL).fullmatch
        # As `canonical.column` orders them.
        order = sorted(
            range(len(paths)),
            key=lambda i: (len(paths[i].encode()), paths[i].encode()),
        )
        self._digests = "{" + ", ".join(f'{names[i]}: "%s"' for i in order) + "}"
        self._in_order = itemgetter(*order)
        slices: dict[int, slice] = {}
        at = 1
        for i in order:
            at += len(encode_basestring(paths[i])) + 3
            slices[i] = slice(at, at + SALT_LETTERS)
            at += SALT_LETTERS + 3
        self._salts = "{" + ", ".join(f'{names[i]}: "%s"' for i in order) + "}"
        self._cut_salts = itemgetter(*(slices[i] for i in range(len(paths))))
        about = [f"/record/{name}" for name in ABOUT]
        self._about = (
            itemgetter(*map(paths.index, about)) if {*about} <= {*paths} else None
        )
        self.has_files = any(path.startswith("/files/") for path in paths)

    def values(self, sealed: str) -> Sequence[str] | None:
        """The fields' values as they stand in the text; None for another shape."""
        found = self._cut_values(sealed)
        return None if found is None else found.groups()

    def about(self, values: Sequence[str]) -> tuple[str, ...] | None:
        """What the document says of its record, in the order of ABOUT, as JSON."""
        return None if self._about is None else self._about(values)

    def is_sound(
        self, values: Sequence[str], salts: str, digests: str, commitment: bytes
    ) -> bool:
        """Whether values, salts, digests and commitment all follow from each other."""
        cut = self._cut_salts(salts)
        if self._salts % self._in_order(cut) != salts:
            return False
        both = [""] * (2 * len(values))
        both[::2], both[1::2] = cut, values
        sources = (self._sources % tuple(both)).encode().split(b"\n")
        found = [sha256(source).hexdigest() for source in sources]
        if self._digests % self._in_order(found) != digests:
            return False
        found.sort()
        joined = '","'.join(found)
        return sha256(f'["{joined}"]'.encode()).digest() == commitment


@lru_cache(maxsize=MOST_LENGTHS)
def _alike(length: int) -> list[Shape]:
    """Shapes met so far whose digests, or salts, fill a column of that length."""
    return []


def sound(
    sealed: bytes, salts: str, digests: str, commitment: bytes
) -> tuple[Shape, Sequence[str]] | None:
    """The record's shape and its values when its content is as sealed; None when a
    closer look is due."""
    try:
        found = cut(sealed, len(digests))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    if found is None or not found[0].is_sound(found[1], salts, digests, commitment):
        return None
    return found


def cut(sealed: bytes, length: int) -> tuple[Shape, Sequence[str]] | None:
    """A document's shape and its fields' values, as they stand in it; None for one
    that cannot be cut. `length`: of its salts or its digests, by which those of one
    shape are found again."""
    text = sealed.decode()
    known = _alike(length)
    for shape in known:
        values = shape.values(text)
        if values is not None:
            return shape, values
    paths = tuple(path for path, _value in canonical.flatten(loads(text)))
    if len(paths) < 2:  # itemgetter gives no tuple then
        return None
    shape = Shape(paths)
    values = shape.values(text)
    if values is None:
        return None
    if len(known) < MOST_ALIKE:
        known.append(shape)
    return shape, values


@lru_cache(maxsize=1024)
def as_json(text: str) -> str:
    """A column's text as canonical JSON writes it; the columns asked have few texts."""
    return encode_basestring(text)
