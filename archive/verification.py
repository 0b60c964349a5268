"""Checks the whole archive: every record, file and entry, the log and its tree."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any
from uuid import UUID

from django.db import connection

from archive import entries, files, marking_check, tree_check
from archive.bulk import fetch
from archive.checking import Fault
from archive.models import Record, RecordFile
from archive.reading import (
    BOUNDS,
    FIRST,
    Place,
    check_entries,
    check_records,
    check_share,
)

# Records that a process checks before it is given the next ones: with more of them the
# last share is waited for longer.
SHARE = 2_000


@dataclass(slots=True)
class Report:
    """How much was checked and what is wrong; sound when `faults` is empty."""

    records: int = 0
    files: int = 0
    entries: int = 0
    # Records of which single fields went by a decision that the log has.
    erased: int = 0
    faults: list[Fault] = field(default_factory=list)


def verify(*, processes: int = 1, with_files: bool = True) -> Report:
    """Check everything that is kept.

    With more than one process records are read over connections of their own, which
    see only what is committed.
    """
    report = Report()
    origin = entries.origin()
    with _in_shares(processes, origin) as shares:
        # While other processes check the records.
        beside = [
            *check_entries(fetch, origin),
            *_between_tables(),
            *_order(),
            *marking_check.faults(),
            *tree_check.faults(),
        ]
        [(report.entries,)] = fetch("SELECT count(*) FROM archive_logentry", ())
        [(report.erased,)] = fetch(
            "SELECT count(*) FROM archive_record WHERE state = 'erased'", ()
        )
        for count, faults in shares:
            report.records += count
            report.faults += faults
    report.faults += beside
    if with_files:
        _check_files(report)
    return report


def verify_record(record: Record) -> list[Fault]:
    """What is wrong with one record, asked whenever a person opens it."""
    moment = record.sealed_at.isoformat()
    before = Place(moment, str(UUID(int=record.pk.int - 1)))
    here = Place(moment, str(record.pk))
    return check_records(fetch, entries.origin(), before, here)[1]


@contextmanager
def _in_shares(
    processes: int, origin: str
) -> Iterator[Iterator[tuple[int, list[Fault]]]]:
    """(number of records, faults) of each share of the records. With more than one
    process they are at work from the beginning."""
    bounds = [Place(*row) for row in fetch(BOUNDS, (SHARE,))] if processes > 1 else []
    shares = list(zip([FIRST, *bounds], [*bounds, None], strict=True))
    if len(shares) == 1:
        yield (check_records(fetch, origin, *share) for share in shares)
        return
    context = get_context("spawn")  # a fork would share our database connection
    # Rows hold no cycles: nothing is there for the collector to find.
    with ProcessPoolExecutor(
        min(processes, len(shares)), context, initializer=gc.disable
    ) as pool:
        jobs = [
            pool.submit(check_share, _address(), origin, *share) for share in shares
        ]
        yield (job.result() for job in jobs)


def _address() -> dict[str, Any]:
    connection.ensure_connection()
    info = connection.connection.info
    return {**info.get_parameters(), "password": info.password}


_BETWEEN = {
    "record-missing": """
        SELECT 'record ' || e.record_id FROM archive_logentry e
        LEFT JOIN archive_record r ON r.id = e.record_id
        WHERE e.record_id IS NOT NULL AND r.id IS NULL GROUP BY e.record_id
    """,
    "disposed-but-present": """
        SELECT 'record ' || r.id FROM archive_logentry e
        JOIN archive_record r ON r.id = e.record_id
        WHERE e.type = 'disposal' AND r.state <> 'disposed'
    """,
    "disposed-but-searchable": """
        SELECT 'record ' || r.id FROM archive_record r
        JOIN archive_recordsearch s ON s.record_id = r.id WHERE r.state = 'disposed'
    """,
}


def _between_tables() -> Iterator[Fault]:
    for code, statement in _BETWEEN.items():
        for (where,) in fetch(statement, ()):
            yield Fault(code, where)


def _order() -> Iterator[Fault]:
    """Places run from 0 without a gap; what has no place yet is newer."""
    gaps = """
        SELECT seq, before FROM (
            SELECT seq, coalesce(lag(seq) OVER (ORDER BY seq), -1) AS before
            FROM archive_logentry WHERE seq IS NOT NULL
        ) AS placed WHERE seq <> before + 1
    """
    for seq, before in fetch(gaps, ()):
        missing = str(before + 1)
        if seq > before + 2:
            missing += f" to {seq - 1}"
        yield Fault("entries-missing", "log", missing)


def _check_files(report: Report) -> None:
    wanted = RecordFile.objects.order_by("sha256").distinct("sha256")
    for file in wanted.iterator():
        report.files += 1
        where = f"record {file.record_id}"
        try:
            if files.measure(file.sha256)[0] != file.sha256:
                report.faults.append(Fault("file-changed", where, file.sha256))
        except FileNotFoundError:
            report.faults.append(Fault("file-missing", where, file.sha256))
