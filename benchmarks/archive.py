"""The archive: sealing, proving, verifying, exporting, searching.

    python -m benchmarks.archive [sealing] [proof] [verify] [export] [search] [filters]

Without names all of them, which fills the database with 100,000 records, a gibibyte of
attachments and a million rows of search data.
"""

from __future__ import annotations

import django

django.setup()

import hashlib  # noqa: E402
import io  # noqa: E402
import os  # noqa: E402
import random  # noqa: E402
import resource  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from datetime import UTC, date, datetime, timedelta  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402
from uuid import UUID, uuid4  # noqa: E402

from django.db import connection, transaction  # noqa: E402

from archive import files, proving, search, search_forms, sequencer  # noqa: E402
from archive.models import LogEntry, Record, RecordSearch  # noqa: E402
from archive.sealing import FileFacts, Sealing, seal_many  # noqa: E402
from benchmarks import _figures as figures  # noqa: E402
from benchmarks import _town_words as town  # noqa: E402

RECORDS = 100_000
FILES, FILE_BYTES = 1_024, 1 << 20
SEARCHED = 1_000_000


def sealing(number: int, attached: tuple[FileFacts, ...] = ()) -> Sealing:
    """A removed comment with everything that is kept of one."""
    item = figures.items(1, f"r{number}", seed=number)[0]
    text = town.text(random.Random(number))
    moment = "2026-03-01T12:00:00.000Z"
    return Sealing(
        kind="removal",
        subject=uuid4(),
        retention="preserve",
        files=attached,
        facts={
            "message": {
                "platform": "practice",
                "channel": "bench",
                "channel_name": "Bänkmark",
                "department": "Bench",
                "municipality": "Bänkmark",
                "kind": "comment",
                "platform_id": item.id,
                "permalink": item.permalink,
                "text": text,
                "posted_at": moment,
                "received_at": moment,
                "versions": [{"text": text, "seen_at": moment, "hash": "a" * 64}],
                "parent_id": None,
            },
            "sender": {
                "name": item.author.name,
                "handle": item.author.handle,
                "platform_id": item.author.id,
                "profile_url": item.author.url,
            },
            "context": {
                "post": {"title": "A post", "text": "Text of a post."},
                "parent": None,
            },
            "decision": {
                "verb": "remove",
                "rule": "K-20.1",
                "rule_version": "1",
                "rule_wording": "Förtal, personliga angrepp eller förolämpningar",
                "legal_basis": "BrB 5 kap.",
                "reason": "Personligt angrepp.",
                "officer": "Bench Officer (officer)",
                "mandate": "1",
                "decided_at": moment,
            },
        },
    )


def bench_sealing() -> None:
    seal_many([sealing(0)], by="bench")
    one = [_committed([sealing(n)]) for n in range(300)]
    size = sum(len(v or b"") for v in _columns(Record.objects.latest("sealed_at")))
    bare = [figures.timed(lambda: _bare_insert(size)) for _ in range(300)]
    figures.say(
        "sealing one by one",
        1 / (sum(one) / len(one)),
        "records/s",
        f"bare insert and commit of {size} bytes, p95 against p95",
        figures.p95(one) / figures.p95(bare),
        p95_ms=round(figures.p95(one) * 1e3, 2),
    )
    batches = [
        _committed([sealing(b * 100 + n) for n in range(100)]) for b in range(30)
    ]
    rate = 100 / (sum(batches) / len(batches))
    figures.say(
        "sealing in batches of 100", rate, "records/s", "the bar, 800/s", rate / 800
    )


def _committed(sealings: list[Sealing]) -> float:
    start = time.perf_counter()
    with transaction.atomic():
        seal_many(sealings, by="bench")
    return time.perf_counter() - start


def _columns(record: Record) -> tuple[bytes | None, ...]:
    return (
        record.canonical,
        str(record.salts).encode(),
        str(record.field_digests).encode(),
    )


def _bare_insert(size: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_bare (bytes bytea)")
        cursor.execute("INSERT INTO bench_bare VALUES (%s)", [b"x" * size])


def fill() -> None:
    """100,000 records, the first 1,024 with a mebibyte each, all in the log."""
    missing = RECORDS - Record.objects.count()
    chance = random.Random(1)
    for start in range(0, missing, 1_000):
        batch = []
        for number in range(start, min(start + 1_000, missing)):
            attached = ()
            if number < FILES:
                digest, size = files.keep(io.BytesIO(chance.randbytes(FILE_BYTES)))
                attached = (
                    FileFacts(sha256=digest, size=size, mime="image/png", name="x.png"),
                )
            batch.append(sealing(number, attached))
        with transaction.atomic():
            seal_many(batch, by="bench")
    sequencer.run()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def bench_proof() -> None:
    fill()
    ids = list(
        LogEntry.objects.filter(type="record.create", seq__isnull=False)
        .order_by("?")
        .values_list("record_id", flat=True)[:300]
    )
    took = [figures.timed(lambda id_=id_: proving.proof(id_)) for id_ in ids]
    figures.say(
        "proof of a record",
        sorted(took)[len(took) // 2] * 1e3,
        "ms",
        "the bar, 1 ms",
        sorted(took)[len(took) // 2] * 1e3,
        p95_ms=round(figures.p95(took) * 1e3, 2),
        entries=LogEntry.objects.count(),
    )


# Timed inside a process of its own: this file would be loaded again by each process
# that shares the work, and be counted.
_VERIFY = """
import time
from archive import verification
start = time.perf_counter()
report = verification.verify(processes={processes}, with_files=False)
print(report.records, time.perf_counter() - start, len(report.faults))
"""


def bench_verify() -> None:
    fill()
    processes = os.cpu_count() or 1
    program = _VERIFY.format(processes=processes)
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", program],
        check=True,
        capture_output=True,
        text=True,
    )
    records, took, faults = done.stdout.split()
    if faults != "0":
        raise SystemExit(f"{faults} faults in an archive that nobody touched")
    rate = int(records) / float(took)
    figures.say(
        "verify",
        rate,
        "records/s",
        "the bar, 20,000/s",
        rate / 20_000,
        processes=processes,
    )


def bench_export() -> None:
    fill()
    folder = Path(tempfile.mkdtemp(prefix="bench-export-"))
    try:
        start = time.perf_counter()
        last_day = str(date.today() + timedelta(days=1))
        command = ["manage.py", "export_archive", "--from", "2020-01-01"]
        command += ["--to", last_day, "--out", str(folder / "bag")]
        subprocess.run(
            [sys.executable, *command], check=True, stdout=subprocess.DEVNULL
        )
        export = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        plain = figures.timed(lambda: _tar_and_hash(folder / "bag", folder / "x.tar"))
        size = sum(p.stat().st_size for p in (folder / "bag").rglob("*") if p.is_file())
    finally:
        shutil.rmtree(folder)
    figures.say(
        "BagIt export",
        export,
        "s",
        f"tar and sha256 of the same {size / 2**20:.0f} MiB, {plain:.1f} s",
        export / plain,
        limit=2.5,
        records=Record.objects.count(),
        peak_mib=round(peak),
    )


def _tar_and_hash(bag: Path, tar: Path) -> None:
    subprocess.run(["tar", "-cf", tar, "-C", bag.parent, bag.name], check=True)
    for path in sorted(bag.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")


# What the reading room's form narrows by: common, rare and none at all.
FILTERS: tuple[dict[str, Any], ...] = (
    {"channel": "Kanal 3"},
    {"rule": "K-20.4"},
    {"kind": "hide"},
    {"kind": "restore"},
    {"officer": "Officer 11"},
    {"since": date(2024, 1, 1), "until": date(2024, 3, 31)},
    {"until": date(2016, 6, 30)},
    {"channel": "Kanal 1", "rule": "K-20.2"},
    {"channel": "Kanal 5", "since": date(2021, 5, 1), "until": date(2021, 5, 31)},
    {"rule": "K-20.7", "officer": "Officer 3", "kind": "removal"},
    {"channel": "Kanal 2", "kind": "restore", "officer": "Officer 14"},
    {"channel": "Kanal 0", "officer": "Nobody (nobody)"},
)
UNFILTERED: dict[str, Any] = dict.fromkeys(
    ("channel", "kind", "rule", "officer", "diary_number", "classification", "sender"),
    "",
) | {"secret": False, "since": None, "until": None}


def fill_search() -> None:
    """Rows of search data alone: lists and searches read no other table."""
    chance = random.Random(7)
    start = datetime(2016, 1, 1, tzinfo=UTC)
    names = "record_id, kind, sealed_at, channel, department, sender_name, "
    names += "sender_handle, sender_id, rule, officer, text, posted_at, decided_at"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        with cursor.copy(f"COPY archive_recordsearch ({names}) FROM STDIN") as copy:
            for n in range(SEARCHED):
                sender = chance.randrange(50_000)
                moment = start + timedelta(seconds=n * 300)
                copy.write_row(
                    (
                        UUID(int=chance.getrandbits(128)),
                        "restore" if n % 97 == 0 else "removal" if n % 3 else "hide",
                        moment,
                        f"Kanal {sender % 6}",
                        "Förvaltning",
                        f"Namn{sender} Efternamn{sender % 997}",
                        f"n{sender}",
                        f"u{sender}",
                        f"K-20.{1 + sender % 7}",
                        f"Officer {sender % 20}",
                        town.text(chance),
                        moment,
                        moment,
                    )
                )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE archive_recordsearch")


def bench_search() -> None:
    if RecordSearch.objects.count() < SEARCHED:
        fill_search()
    took = [
        figures.timed(lambda query=query: search.page(query))
        for _round in range(5)
        for query in town.QUERIES
    ]
    figures.say(
        "search at a million records, p95",
        figures.p95(took) * 1e3,
        "ms",
        "the bar, 100 ms",
        figures.p95(took) * 10,
        median_ms=round(sorted(took)[len(took) // 2] * 1e3, 1),
    )


def bench_filters() -> None:
    """The page that the reading room's form answers with: its rows and their count."""
    if RecordSearch.objects.count() < SEARCHED:
        fill_search()
    slowest: dict[str, float] = {}
    for name, words in (("filtered list", ("",)), ("filtered search", town.QUERIES)):
        took = []
        for filters in FILTERS:
            limits = search_forms.limits(UNFILTERED | filters)
            for query in words:
                once = min(
                    figures.timed(partial(search_forms.page, query, limits, ""))
                    for _round in range(3)
                )
                took.append(once)
                slowest[f"{filters} {query}"] = once
        figures.say(
            f"{name} at a million records, with its count, p95",
            figures.p95(took) * 1e3,
            "ms",
            "the bar, 100 ms",
            figures.p95(took) * 10,
            median_ms=round(sorted(took)[len(took) // 2] * 1e3, 1),
            slowest_ms=round(max(took) * 1e3, 1),
            slowest=max(slowest, key=lambda one: slowest[one]),
        )


if __name__ == "__main__":
    parts = {
        "sealing": bench_sealing,
        "proof": bench_proof,
        "verify": bench_verify,
        "export": bench_export,
        "search": bench_search,
        "filters": bench_filters,
    }
    for part in sys.argv[1:] or parts:
        parts[part]()
