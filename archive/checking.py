"""Whether a record and its entry are what was sealed. Pure: rows in, faults out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from archive import canonical, shapes
from archive.log import leaf_hash


class Fault(NamedTuple):
    """One thing that is wrong: `code` is stable, `detail` is a path or a column."""

    code: str
    where: str
    detail: str = ""


class EntryRow(NamedTuple):
    """A row of archive_logentry; UUIDs as text, times as `moment` has them."""

    entry_id: str
    type: str
    record_id: str | None
    leaf: bytes
    leaf_hash: bytes
    created_at: str


class RecordRow(NamedTuple):
    """A row of archive_record with its entry "record.create", if there is one.

    UUIDs and JSON are text, times as `moment` has them. `erasures` and `disposals`
    are counted for records that say they need one.
    """

    id: str
    kind: str
    subject: str
    version: int
    canonical: bytes | None
    salts: str | None
    field_digests: str
    commitment: bytes
    retention: str
    sealed_at: str
    sealed_by: str
    state: str
    files: str  # JSON: {"0": {"sha256", "size", "mime", "name"}, ...}
    erasures: int
    disposals: int
    entry_id: str | None
    leaf: bytes | None
    leaf_hash: bytes | None
    created_at: str | None


def timestamp(moment: datetime) -> str:
    """UTC with milliseconds, as in `2026-03-01T12:05:00.123Z`."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:23] + "Z"


def stamp_of(moment: str) -> str:
    """The time stamp of a column `2026-03-01T12:05:00.123000`: whole milliseconds."""
    return f"{moment[:-3]}Z" if moment.endswith("000") else moment


def check_records(rows: Iterable[tuple[Any, ...]], origin: str) -> list[Fault]:
    """Check rows of RecordRow; one that comes twice has two entries of its sealing."""
    faults = []
    before = None
    for values in rows:
        row = RecordRow._make(values)
        if row.id == before:
            faults.append(Fault("entry-twice", f"record {row.id}"))
        before = row.id
        if not is_sound(row, origin):
            faults += check_record(row, origin)
    return faults


def check_entries(rows: Iterable[tuple[Any, ...]], origin: str) -> list[Fault]:
    """Check rows of EntryRow."""
    return [fault for row in rows for fault in check_entry(EntryRow(*row), origin)]


@lru_cache(maxsize=4)
def _leaf_of(origin: str) -> str:
    """Template of the leaf of a sealing: commitment, entry, record, version, time."""
    name = json.dumps(origin, ensure_ascii=False).replace("%", "%%")
    return (
        '{"commitment":"%s","entry_id":"%s","log":' + name + ',"prev_leaf":null,'
        '"record_id":"%s","record_version":"%d","ts":"%s","type":"record.create","v":1}'
    )


def is_sound(row: RecordRow, origin: str) -> bool:
    """The quick answer for a record that nothing was ever done to."""
    if row.state != "sealed" or row.canonical is None or row.salts is None:
        return False
    found = shapes.sound(row.canonical, row.salts, row.field_digests, row.commitment)
    if found is None:
        return False
    shape, values = found
    about = (
        f'"{row.id}"',
        shapes.as_json(row.kind),
        shapes.as_json(row.retention),
        f'"{stamp_of(row.sealed_at)}"',
        shapes.as_json(row.sealed_by),
        f'"{row.subject}"',
        str(row.version),
    )
    if shape.about(values) != about:
        return False
    if (row.files != "{}" or shape.has_files) and (
        json.loads(row.files) != json.loads(row.canonical)["files"]
    ):
        return False
    if row.leaf is None or row.created_at is None:
        return False
    leaf = _leaf_of(origin) % (
        row.commitment.hex(),
        row.entry_id,
        row.id,
        row.version,
        stamp_of(row.created_at),
    )
    return (
        leaf.encode() == row.leaf
        and sha256(b"\x00" + row.leaf).digest() == row.leaf_hash
    )


def check_record(row: RecordRow, origin: str) -> list[Fault]:
    """Everything that a record's own rows and its entry can tell."""
    where = f"record {row.id}"
    faults = [
        Fault(code, where, detail)
        for code, detail in (*_content(row), *_commitment(row), *_state(row))
    ]
    if row.entry_id and row.leaf is not None and row.created_at and row.leaf_hash:
        faults += check_entry(
            EntryRow(
                row.entry_id,
                "record.create",
                row.id,
                row.leaf,
                row.leaf_hash,
                row.created_at,
            ),
            origin,
        )
    return faults


def _content(row: RecordRow) -> Iterator[tuple[str, str]]:
    if row.canonical is None or row.salts is None:
        if row.state != "disposed":
            yield "content-missing", ""
        return
    try:
        document = json.loads(row.canonical)
        if canonical.dumps(document) != row.canonical:
            yield "content-not-canonical", ""
        salts: dict[str, str] = _object(row.salts)
        digests: dict[str, str] = _object(row.field_digests)
        fields = dict(canonical.flatten(document))
    except (ValueError, AttributeError, TypeError, RecursionError):
        yield "content-unreadable", ""
        return
    for path, value in fields.items():
        if path not in salts:
            yield "salt-missing", path
        elif canonical.field_digest(salts[path], path, value) != digests.get(path):
            yield "field-changed", path
    yield from (("salt-without-field", path) for path in salts.keys() - fields)
    if not row.erasures:
        yield from (("field-missing", path) for path in digests.keys() - fields)
    yield from _compare_columns(row, document)


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if type(value) is not dict:
        raise ValueError("not an object")
    return value


def _columns(row: RecordRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "version": row.version,
        "retention": row.retention,
        "sealed_at": stamp_of(row.sealed_at),
        "sealed_by": row.sealed_by,
    }


def _compare_columns(
    row: RecordRow, document: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    about = document.get("record", {})
    for column, value in _columns(row).items():
        if column in about and about[column] != value:
            yield "column-changed", column
    kept = json.loads(row.files)
    sealed = document.get("files", {})
    for position in sorted(kept.keys() | sealed.keys()):
        if kept.get(position) != sealed.get(position) and not row.erasures:
            yield "file-list-changed", position


def _commitment(row: RecordRow) -> Iterator[tuple[str, str]]:
    try:
        computed = canonical.commitment(_object(row.field_digests).values())
    except (ValueError, AttributeError, TypeError):
        yield "digests-unreadable", ""
        return
    if computed != row.commitment:
        yield "commitment-changed", ""
    if row.leaf is None:
        yield "entry-missing", ""
        return
    try:
        leaf = json.loads(row.leaf)
        if leaf["commitment"] != row.commitment.hex():
            yield "commitment-not-logged", ""
        if leaf["record_version"] != str(row.version):
            yield "column-changed", "version"
    except (ValueError, KeyError, TypeError):
        yield "leaf-unreadable", ""


def _state(row: RecordRow) -> Iterator[tuple[str, str]]:
    if row.state == "disposed" and not row.disposals:
        yield "disposal-not-logged", ""
    if row.state == "erased" and not row.erasures:
        yield "erasure-not-logged", ""


def check_entry(row: EntryRow, origin: str) -> list[Fault]:
    """Whether an entry's leaf hash and columns say what its leaf says."""
    where = f"entry {row.entry_id}"
    faults = []
    if leaf_hash(row.leaf) != row.leaf_hash:
        faults.append(Fault("leaf-changed", where))
    try:
        leaf = json.loads(row.leaf)
        if canonical.dumps(leaf) != row.leaf:
            faults.append(Fault("leaf-not-canonical", where))
        columns = {
            "log": origin,
            "type": row.type,
            "entry_id": row.entry_id,
            "record_id": row.record_id,
            "ts": stamp_of(row.created_at),
        }
        faults += [
            Fault("entry-column-changed", where, column)
            for column, value in columns.items()
            if leaf[column] != value
        ]
    except (ValueError, KeyError, TypeError):
        faults.append(Fault("leaf-unreadable", where))
    return faults
