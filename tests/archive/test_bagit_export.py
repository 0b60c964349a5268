"""The BagIt export, checked by `bagit` and by the verifier that goes with it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import bagit as outside
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive import files
from archive.export import bagit, source
from archive.export.selection import Selection
from archive.models import LogEntry, Package, Record
from archive.sealing import FileFacts, seal_many
from tests.archive.samples import facts, sealing

EVER = Selection(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
AWKWARD = '=1+1, "quoted"\r\nnew line; åäö 🙈 \u202e'


@pytest.fixture
def records(db: None, tmp_path: Path, settings: Any) -> list[Record]:
    kept = []
    for number in range(3):
        content = b"picture %d" % number * 1000
        digest, size = files.keep(io.BytesIO(content))
        kept.append(
            FileFacts(sha256=digest, size=size, mime="image/png", name=f"{number}.png")
        )
    sealings = [sealing(n, files=kept[: n % 4]) for n in range(24)]
    sealings.append(sealing(24, facts=facts(24, text=AWKWARD), kind="hide"))
    return seal_many(sealings, by="Anna Ek (anna)")


def write(out: Path) -> Package:
    return bagit.write(selection=EVER, out=out, by="Arkiv Arkivsson (arkiv)")


def check(folder: Path) -> tuple[int, str]:
    """What an outsider sees who runs the package's own verifier, apart from us."""
    done = subprocess.run(
        [sys.executable, "-I", folder / "data" / "verify.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_bag_is_valid_and_whole(records: list[Record], tmp_path: Path) -> None:
    package = write(tmp_path / "bag")
    bag = outside.Bag(str(tmp_path / "bag"))
    bag.validate(processes=1)
    assert (package.records, package.files) == (25, 3)
    assert bag.info["Payload-Oxum"] == f"{package.octets}.{len(bag.payload_entries())}"
    assert check(tmp_path / "bag")[0] == 0
    assert "25 records" in check(tmp_path / "bag")[1]


def test_lines_hold_the_records_as_they_were_sealed(
    records: list[Record], tmp_path: Path
) -> None:
    write(tmp_path / "bag")
    lines = (tmp_path / "bag/data/records.jsonl").read_bytes().splitlines()
    by_id = {str(record.id): record for record in records}
    assert len(lines) == len(by_id)
    for line in lines:
        found = json.loads(line)
        record = by_id[found["id"]]
        assert found["document"] == record.document
        assert bytes(record.canonical) in line
        assert found["salts"] == record.salts
        assert found["commitment"] == bytes(record.commitment).hex()


def test_the_table_holds_the_same_texts(records: list[Record], tmp_path: Path) -> None:
    write(tmp_path / "bag")
    with (tmp_path / "bag/data/records.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert len(rows) == len(records)
    for record in records:
        row = rows[str(record.id)]
        assert row["text"] == record.facts["message"]["text"]
        assert row["sender_name"] == "Åsa Öberg"
        assert row["legal_basis"] == "BrB 5 kap."
        assert len(row["files"].split()) == len(record.document["files"])
    metadata = json.loads(
        (tmp_path / "bag/data/records.csv-metadata.json").read_text("utf-8")
    )
    columns = [column["name"] for column in metadata["tableSchema"]["columns"]]
    assert columns == list(next(iter(rows.values())))


def test_the_export_is_registered_and_logged(
    records: list[Record], tmp_path: Path
) -> None:
    package = write(tmp_path / "bag")
    assert Package.objects.get().made_by == "Arkiv Arkivsson (arkiv)"
    entry = LogEntry.objects.get(type=LogEntry.Type.EXPORT)
    leaf = json.loads(bytes(entry.leaf_bytes))
    assert leaf["commitment"] == package.manifest_sha256
    assert leaf["record_id"] is None


def test_only_the_days_asked_for_are_exported(
    records: list[Record], tmp_path: Path
) -> None:
    today = timezone.localdate()
    call_command(
        "export_archive",
        format="bagit",
        first=today,
        last=today,
        out=tmp_path / "today",
        stdout=io.StringIO(),
    )
    assert Package.objects.get().records == 25
    earlier = Selection.of_days(date(2020, 1, 1), date(2020, 1, 31))
    assert bagit.write(selection=earlier, out=tmp_path / "none", by="x").records == 0
    outside.Bag(str(tmp_path / "none")).validate()
    assert check(tmp_path / "none")[0] == 0


def test_the_last_day_is_included() -> None:
    span = Selection.of_days(date(2026, 3, 1), date(2026, 3, 1))
    assert (span.end - span.start).total_seconds() == 86_400


def test_an_interrupted_export_goes_on_and_gives_the_same_bag(
    records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "whole")
    monkeypatch.setattr(source, "CHUNK_ROWS", 4)
    monkeypatch.setattr(bagit, "NOTE_EVERY_CHUNKS", 2)
    real, calls = source.records, []

    def interrupted(*args: Any) -> Any:
        for number, chunk in enumerate(real(*args)):
            calls.append(number)
            if number == 3:
                raise KeyboardInterrupt
            yield chunk

    with monkeypatch.context() as patch:
        patch.setattr(source, "records", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path / "bag")
    assert not (tmp_path / "bag").exists()
    again = []
    monkeypatch.setattr(
        source, "records", lambda *a: (again.append(len(c)) or c for c in real(*a))
    )
    write(tmp_path / "bag")
    assert sum(again) == 25 - 8  # two chunks of four were noted and not read again
    for name in ("data/records.jsonl", "data/records.csv"):
        whole = (tmp_path / "whole" / name).read_bytes()
        assert (tmp_path / "bag" / name).read_bytes() == whole
    outside.Bag(str(tmp_path / "bag")).validate()


def test_an_unfinished_export_of_another_span_is_not_gone_on_with(
    records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bagit, "_write_log", broken)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path / "bag")
    other = Selection.of_days(date(2020, 1, 1), date(2020, 1, 31))
    with pytest.raises(bagit.ExportError, match="another selection"):
        bagit.write(selection=other, out=tmp_path / "bag", by="x")
    bagit.discard_unfinished(tmp_path / "bag")
    assert bagit.write(selection=other, out=tmp_path / "bag", by="x").records == 0


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_damaged_attachment_stops_the_export_by_name(
    damage: str, records: list[Record], tmp_path: Path
) -> None:
    digest = records[1].files.get().sha256
    default_storage.delete(files.location(digest))
    if damage == "changed":
        default_storage.save(files.location(digest), io.BytesIO(b"forged"))
    with pytest.raises(bagit.ExportError, match=digest):
        write(tmp_path / "bag")
    assert not Package.objects.exists()


def test_a_folder_that_exists_is_not_touched(
    records: list[Record], tmp_path: Path
) -> None:
    (tmp_path / "bag").mkdir()
    day = date(2026, 1, 1)
    with pytest.raises(CommandError, match="exists"):
        call_command("export_archive", first=day, last=day, out=tmp_path / "bag")
    assert not list((tmp_path / "bag").iterdir())


def _line(path: Path, number: int, old: str, new: str) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new, 1)
    path.write_text("".join(lines), "utf-8")


def _resign(bag: Path) -> None:
    """What a forger would do: make the manifests fit the changed files."""
    outside.Bag(str(bag)).save(manifests=True)


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        ("records.jsonl", "Rektorn", "Rektorm", "commitment"),
        ("records.jsonl", '"legal_basis":"BrB 5 kap."', '"legal_basis":""', "commit"),
        (
            "records.jsonl",
            '"/facts/sender/name": "',
            '"/facts/sender/name": "x',
            "commi",
        ),
        ("records.jsonl", '"parent_id":null', '"parent_id":null,"more":1', "salt of"),
        ("records.jsonl", '{"id":"', '{"id":"0', "holds another record"),
        ("log.jsonl", '"commitment":"', '"commitment":"0', "another commitment"),
        ("log.jsonl", '"record_id":"', '"record_id":"0', "not in the package"),
        ("log.jsonl", '{"seq"', '{"sek"', "line 6 cannot be read"),
        ("records.jsonl", '{"id"', '["id"', "line 6 cannot be read"),
    ],
)
def test_the_verifier_names_what_a_forger_changed(
    name: str, old: str, new: str, named: str, records: list[Record], tmp_path: Path
) -> None:
    write(tmp_path / "bag")
    _line(tmp_path / "bag" / "data" / name, 5, old, new)
    status, said = check(tmp_path / "bag")
    assert status == 1
    assert f"data/{name}: was changed" in said
    _resign(tmp_path / "bag")
    outside.Bag(str(tmp_path / "bag")).validate()
    status, said = check(tmp_path / "bag")
    assert status == 1
    assert named in said


def test_the_verifier_names_missing_and_added_files(
    records: list[Record], tmp_path: Path
) -> None:
    write(tmp_path / "bag")
    file = next((tmp_path / "bag/data/files").rglob("*/*"))
    file.rename(tmp_path / "bag/data/stray")
    status, said = check(tmp_path / "bag")
    assert status == 1
    assert "data/stray: was added" in said
    assert f"{file.relative_to(tmp_path / 'bag').as_posix()}: is missing" in said
    assert not Record.objects.filter(state="disposed").exists()


def test_a_left_out_record_is_missed(records: list[Record], tmp_path: Path) -> None:
    write(tmp_path / "bag")
    path = tmp_path / "bag/data/records.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3] + lines[4:]))
    _resign(tmp_path / "bag")
    assert "in the log but not in the package" in check(tmp_path / "bag")[1]
