"""Records as a table: the columns, and how each is read from a record's document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from json import loads
from operator import itemgetter
from typing import Any

from archive.shapes import Shape, cut

COLUMNS = {
    "id": ("record", "id"),
    "kind": ("record", "kind"),
    "sealed_at": ("record", "sealed_at"),
    "sealed_by": ("record", "sealed_by"),
    "retention": ("record", "retention"),
    "municipality": ("facts", "message", "municipality"),
    "department": ("facts", "message", "department"),
    "channel": ("facts", "message", "channel_name"),
    "platform": ("facts", "message", "platform"),
    "platform_id": ("facts", "message", "platform_id"),
    "permalink": ("facts", "message", "permalink"),
    "text": ("facts", "message", "text"),
    "posted_at": ("facts", "message", "posted_at"),
    "received_at": ("facts", "message", "received_at"),
    "sender_name": ("facts", "sender", "name"),
    "sender_handle": ("facts", "sender", "handle"),
    "sender_platform_id": ("facts", "sender", "platform_id"),
    "sender_profile_url": ("facts", "sender", "profile_url"),
    "decision": ("facts", "decision", "verb"),
    "rule": ("facts", "decision", "rule"),
    "rule_wording": ("facts", "decision", "rule_wording"),
    "legal_basis": ("facts", "decision", "legal_basis"),
    "reason": ("facts", "decision", "reason"),
    "officer": ("facts", "decision", "officer"),
    "mandate": ("facts", "decision", "mandate"),
    "decided_at": ("facts", "decision", "decided_at"),
}
STATE = "state"
FILES = "files"


def header() -> list[str]:
    return [*COLUMNS, STATE, FILES]


@cache
def _cells(shape: Shape) -> Callable[[Sequence[str]], Sequence[str]]:
    """Picks the columns' values, as JSON, from those of a document."""
    places = {path: place for place, path in enumerate(shape.paths)}
    # What the document does not have stands behind its values.
    nothing = len(places)
    wanted = [places.get("/" + "/".join(path), nothing) for path in COLUMNS.values()]
    pick = itemgetter(*wanted)
    return lambda values: pick((*values, _NULL))


def line(sealed: bytes | None, salts: str | None, *, id: str, state: str) -> str:
    """One record as a line of RFC 4180, each cell in quotes; a fact that it does not
    have, or has no longer, is empty.

    The cells are cut out of the sealed document: a JSON text without a backslash is
    already a cell in quotes.
    """
    if sealed is None:
        return _line_of({}, id=id, state=state)
    found = cut(sealed, len(salts or ""))
    if found is None or found[0].has_files:
        return _line_of(loads(sealed), id=id, state=state)
    shape, values = found
    cells = _cells(shape)(values)
    joined = ",".join(cells)
    if "\\" in joined or any(cell[0] != '"' for cell in cells):
        joined = ",".join(_quoted(loads(cell)) for cell in cells)
    return f'{joined},"{state}",""\r\n'


def _line_of(document: dict[str, Any], *, id: str, state: str) -> str:
    """`line` of a document that is read as JSON."""
    facts = _object(document.get("facts"))
    sections = {name: _object(facts.get(name)) for name in _SECTIONS}
    sections["record"] = document.get("record") or {"id": id}
    cells = [sections[path[-2]].get(path[-1]) for path in COLUMNS.values()]
    files = " ".join(file["sha256"] for file in document.get("files", {}).values())
    return ",".join(map(_quoted, (*cells, state, files))) + "\r\n"


def heading() -> str:
    return ",".join(map(_quoted, header())) + "\r\n"


_NULL = "null"
_SECTIONS = {path[1] for path in COLUMNS.values() if path[0] == "facts"}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _quoted(value: object) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"'


def csvw(name: str) -> dict[str, Any]:
    """W3C metadata (CSV on the Web) of the table in file `name`."""
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [
                {"name": column, "titles": column, "datatype": "string"}
                for column in header()
            ],
            "primaryKey": "id",
        },
    }
