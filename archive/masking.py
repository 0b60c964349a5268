"""What of a record is shown, with words and fields replaced by blocks. Pure Python.

A mask names a text by its JSON pointer: a field of the record, or a text in a list that
is one field. All of it is hidden, or a span of code points. The block has one length,
whatever it hides: a name's length is a hint at the name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BLOCK = "█████"
# Digests that stand beside a text and are not salted: a short text could be guessed.
_DIGESTS_OF_TEXT = ("sha256", "hash")


@dataclass(frozen=True, slots=True)
class Mask:
    """`start` and `end` count code points; both None hides the whole value."""

    path: str
    basis: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as it is given out. `value` is None when nothing of it is shown;
    `grounds` are the paragraphs of its masks in order."""

    path: str
    value: Any
    state: str  # "whole", "partly", "hidden" or "erased"
    grounds: tuple[str, ...] = ()


class NoSuchText(ValueError):
    """A mask that names no field of the record, or a span outside its text."""


def parts(pointer: str) -> list[str]:
    return [p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:]]


def field_of(path: str, fields: Iterable[str]) -> str:
    """The field that a pointer names or leads into. NoSuchText when there is none."""
    known = set(fields)
    at = path
    while at:
        if at in known:
            return at
        at = at.rpartition("/")[0]
    raise NoSuchText(path)


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """(pointer, text) of every text in a field's value."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from texts(one, f"{path}/{index}")
    elif isinstance(value, dict):
        for key, one in value.items():
            step = key.replace("~", "~0").replace("/", "~1")
            yield from texts(one, f"{path}/{step}")


def shown(
    fields: Mapping[str, Any], masks: Sequence[Mask], erased: Iterable[str] = ()
) -> list[Shown]:
    """Every field as it is given out, in the order of the record.

    NoSuchText for a mask that fits nothing: what was meant to be hidden must not slip
    through because a pointer was wrong.
    """
    by_field: dict[str, list[Mask]] = {}
    for mask in masks:
        by_field.setdefault(field_of(mask.path, fields), []).append(mask)
    numbers = {basis: n for n, basis in enumerate(grounds(masks), 1)}
    found = [
        _shown(path, value, by_field.get(path, []), numbers)
        for path, value in fields.items()
    ]
    return found + [Shown(path, None, "erased") for path in sorted(erased)]


def grounds(masks: Iterable[Mask]) -> list[str]:
    """The paragraphs, each once, in order: the numbers behind the blocks."""
    return list(dict.fromkeys(mask.basis for mask in masks))


def _shown(
    path: str, value: Any, masks: Sequence[Mask], numbers: Mapping[str, int]
) -> Shown:
    if not masks:
        return Shown(path, value, "whole")
    bases = tuple(dict.fromkeys(mask.basis for mask in masks))
    if any(mask.path == path and mask.start is None for mask in masks):
        return Shown(path, None, "hidden", bases)
    inside: dict[str, list[Mask]] = {}
    for mask in masks:
        inside.setdefault(mask.path, []).append(mask)
    copy = _replaced(value, path, inside, numbers)
    if inside:
        raise NoSuchText(next(iter(inside)))
    return Shown(path, copy, "partly", bases)


def _replaced(
    value: Any, path: str, masks: dict[str, list[Mask]], numbers: Mapping[str, int]
) -> Any:
    """The value with its masks applied; those that fitted are taken out of `masks`."""
    own = masks.pop(path, None)
    if own is not None:
        return _blocked(value, own, numbers)
    if isinstance(value, list):
        return [
            _replaced(one, f"{path}/{i}", masks, numbers) for i, one in enumerate(value)
        ]
    if isinstance(value, dict):
        copy = {}
        for key, one in value.items():
            step = key.replace("~", "~0").replace("/", "~1")
            copy[key] = _replaced(one, f"{path}/{step}", masks, numbers)
        if copy.get("text") != value.get("text"):
            copy |= {key: BLOCK for key in _DIGESTS_OF_TEXT if key in copy}
        return copy
    return value


def _blocked(value: Any, masks: Sequence[Mask], numbers: Mapping[str, int]) -> str:
    whole = [mask for mask in masks if mask.start is None]
    if whole:
        return BLOCK + _marks(whole, numbers)
    if not isinstance(value, str):
        raise NoSuchText(masks[0].path)
    spans: list[tuple[int, int, list[Mask]]] = []
    for mask in sorted(masks, key=lambda one: (one.start or 0, one.end or 0)):
        start, end = mask.start or 0, mask.end or 0
        if not 0 <= start < end <= len(value):
            raise NoSuchText(mask.path)
        # What touches becomes one block, or the seam would tell how long the parts are.
        if spans and start <= spans[-1][1]:
            first, last, merged = spans[-1]
            spans[-1] = (first, max(last, end), [*merged, mask])
        else:
            spans.append((start, end, [mask]))
    pieces, at = [], 0
    for start, end, merged in spans:
        pieces += [value[at:start], BLOCK, _marks(merged, numbers)]
        at = end
    return "".join([*pieces, value[at:]])


def _marks(masks: Iterable[Mask], numbers: Mapping[str, int]) -> str:
    return "".join(f"[{n}]" for n in sorted({numbers[mask.basis] for mask in masks}))


def find(fields: Mapping[str, Any], words: str) -> Iterator[tuple[str, int, int]]:
    """(pointer, start, end) of every place where the words stand, in any case, whether
    their accents are composed or not. Also inside longer words: rather too much."""
    wanted = {words.strip()} - {""}
    wanted |= {
        unicodedata.normalize(form, w) for form in ("NFC", "NFD") for w in wanted
    }
    if not wanted:
        return
    pattern = re.compile(
        "|".join(map(re.escape, sorted(wanted, key=len, reverse=True))), re.IGNORECASE
    )
    for path, value in fields.items():
        for pointer, text in texts(value, path):
            for match in pattern.finditer(text):
                yield pointer, match.start(), match.end()


def hidden_words(fields: Mapping[str, Any], masks: Iterable[Mask]) -> set[str]:
    """The texts that the masks hide, as they stand in the record."""
    found = set()
    for mask in masks:
        field = field_of(mask.path, fields)
        for pointer, text in texts(fields[field], field):
            inside = pointer == mask.path or pointer.startswith(f"{mask.path}/")
            if inside:
                found.add(text if mask.start is None else text[mask.start : mask.end])
    return {text.strip() for text in found} - {""}


def leftovers(copy: Iterable[Shown], words: Iterable[str]) -> list[tuple[str, str]]:
    """(pointer, text) of shown texts in which hidden words still stand: in another
    field, with other capitals, with other accents."""
    plain = {_plain(word) for word in words} - {""}
    return [
        (pointer, text)
        for field in copy
        for pointer, text in texts(field.value, field.path)
        if any(word in _plain(text) for word in plain)
    ]


def _plain(text: str) -> str:
    """Without capitals, composed accents and signs that nobody sees."""
    seen = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", seen).casefold()
