"""Records as a table: the columns, and how each is read from a record's document."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

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


def row(document: dict[str, Any], *, id: str, state: str) -> list[Any]:
    """One record; a fact that it does not have, or has no longer, is empty."""
    facts = document.get("facts", {})
    sections = {name: _object(facts.get(name)) for name in _SECTIONS}
    sections["record"] = document.get("record") or {"id": id}
    cells = [sections[path[-2]].get(path[-1]) for path in COLUMNS.values()]
    files = document.get("files", {})
    return [*cells, state, " ".join(file["sha256"] for file in files.values())]


_SECTIONS = {path[1] for path in COLUMNS.values() if path[0] == "facts"}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def csv_lines(rows: Iterable[list[Any]]) -> bytes:
    """RFC 4180 in UTF-8, lines ending in CR LF."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


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
