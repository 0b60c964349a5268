"""The quick answer to "is this record as it was sealed?", for records of one shape.

Records with the same fields differ in values, salts and digests alone. For each set of
fields templates are made once: of the sealed bytes, of the sources of the digests, of
the two JSON columns as PostgreSQL writes them. A record is sound when everything that
its values, put into the templates, give is what stands there. Whatever else is the case
is for `archive.checking` to find out and to name. Pure Python.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from json import loads
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any

from archive import canonical

SALT_LETTERS = 22
MEMBERS = 500


class Shape:
    """Templates for documents whose `flatten` gives these paths, in this order."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        names = [encode_basestring(path).replace("%", "%%") for path in paths]
        self._sources = "\n".join(f'["%s",{name},%s]' for name in names)
        marks = {path: f"\x02{number}\x03" for number, path in enumerate(paths)}
        text = canonical.dumps(canonical.unflatten(marks.items())).decode()
        text = text.replace("%", "%%")
        for mark in marks.values():
            text = text.replace(encode_basestring(mark), "%s")
        self._document = text
        # jsonb keeps keys by length, then by bytes.
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
        self._cut = itemgetter(*(slices[i] for i in range(len(paths))))

    def is_sound(
        self,
        values: list[Any],
        sealed: bytes,
        salts: str,
        digests: str,
        commitment: bytes,
    ) -> bool:
        """Whether bytes, salts, digests and commitment all follow from each other."""
        texts = [
            encode_basestring(value) if type(value) is str else _text(value)
            for value in values
        ]
        if (self._document % tuple(texts)).encode() != sealed:
            return False
        cut = self._cut(salts)
        if self._salts % self._in_order(cut) != salts:
            return False
        both = [""] * (2 * len(texts))
        both[::2], both[1::2] = cut, texts
        sources = (self._sources % tuple(both)).encode().split(b"\n")
        found = [sha256(source).hexdigest() for source in sources]
        if self._digests % self._in_order(found) != digests:
            return False
        found.sort()
        joined = '","'.join(found)
        return sha256(f'["{joined}"]'.encode()).digest() == commitment


@lru_cache(maxsize=512)
def shape(paths: tuple[str, ...]) -> Shape:
    return Shape(paths)


def document_if_sound(
    sealed: bytes, salts: str, digests: str, commitment: bytes
) -> dict[str, Any] | None:
    """The document when its content is as sealed; None when a closer look is due."""
    try:
        document: dict[str, Any] = loads(sealed)
        paths: list[str] = []
        values: list[Any] = []
        _flatten(document, "", paths, values)
        if len(paths) < 2:  # itemgetter gives no tuple then
            return None
        sound = shape(tuple(paths)).is_sound(values, sealed, salts, digests, commitment)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return document if sound else None


def _text(value: object) -> str:
    if value is None:
        return "null"
    if type(value) is int:
        return str(value)
    return canonical.dumps(value).decode()


@lru_cache(maxsize=512)
def _members(parent: str) -> dict[str, str]:
    """Pointers of the members met so far, by key."""
    return {}


def _flatten(
    document: dict[str, Any], parent: str, paths: list[str], values: list[Any]
) -> None:
    """`canonical.flatten` without its generators, remembering pointers."""
    known = _members(parent)
    for key, value in document.items():
        path = known.get(key)
        if path is None:
            path = canonical.pointer(parent, key)
            if len(known) < MEMBERS:
                known[key] = path
        if type(value) is dict and value:
            _flatten(value, path, paths, values)
        else:
            paths.append(path)
            values.append(value)
