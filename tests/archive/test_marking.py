"""Secrecy, classification and diary number stand beside the sealed bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from archive import disposal, marking, openings, sequencer, verification
from archive.export import bagit
from archive.models import LogEntry, Record, RecordMarking, RecordOpening, RecordSearch
from archive.retention import NotAllowed
from archive.sealing import seal_many
from tests import make
from tests.archive.samples import sealing
from tests.archive.test_bagit_export import EVER
from tests.archive.test_verify_archive import behind_the_back

pytestmark = pytest.mark.django_db
BY = "Reg Test (reg)"
SECRET = {"secrecy": "21 kap. 1 § OSL", "diary_number": "KS 2026/7"}


@pytest.fixture
def records() -> list[Record]:
    return seal_many([sealing(0), sealing(1)], by="x")


def test_the_newest_marking_counts_and_nothing_sealed_changes(
    records: list[Record], settings: Any, tmp_path: Path
) -> None:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    before = bytes(Record.objects.get(pk=records[0].pk).canonical)
    marking.mark(record=records[0], by=BY, **SECRET)
    made = marking.mark(
        record=records[0], by=BY, diary_number="KS 2026/8", classification="1.3"
    )
    assert marking.newest(records[0]) == made
    assert bytes(Record.objects.get(pk=records[0].pk).canonical) == before
    found = RecordSearch.objects.get(record=records[0])
    assert (found.secrecy, found.classification, found.diary_number) == (
        "",
        "1.3",
        "KS 2026/8",
    )
    first, second, third = LogEntry.objects.filter(record_id=records[0].pk).order_by(
        "id"
    )
    assert [e.type for e in (first, second, third)] == [
        "record.create",
        "record.amend",
        "record.amend",
    ]
    leaf = json.loads(bytes(third.leaf_bytes))
    assert leaf["commitment"] == marking.commitment(made).hex()
    assert leaf["prev_leaf"] == bytes(second.leaf_hash).hex()
    assert "KS" not in bytes(third.leaf_bytes).decode()
    sequencer.run()
    assert verification.verify().faults == []
    made.diary_number = "KS 2026/9"
    assert leaf["commitment"] != marking.commitment(made).hex()


def test_a_marking_that_changes_nothing_is_refused(records: list[Record]) -> None:
    with pytest.raises(NotAllowed):
        marking.mark(record=records[0], by=BY)
    marking.mark(record=records[0], by=BY, **SECRET)
    with pytest.raises(NotAllowed):
        marking.mark(record=records[0], by=BY, **SECRET)
    assert RecordMarking.objects.count() == 1


def test_markings_and_openings_only_grow(records: list[Record]) -> None:
    marking.mark(record=records[0], by=BY, **SECRET)
    openings.write(records=records, reason="Begäran", by=BY)
    for rows, change in (
        (RecordMarking.objects.all(), {"secrecy": ""}),
        (RecordOpening.objects.all(), {"reason": "x"}),
    ):
        with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
            rows.update(**change)
        with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
            rows.delete()
    with pytest.raises(NotAllowed):
        openings.write(records=records, reason=" ", by=BY)


def test_a_marking_outlives_the_erasure_of_a_field(records: list[Record]) -> None:
    marking.mark(record=records[0], by=BY, **SECRET)
    disposal.erase(
        record=records[0],
        paths=["/facts/sender/name"],
        basis="x",
        proposed_by="a",
        by="b",
    )
    assert RecordSearch.objects.get(record=records[0]).secrecy == SECRET["secrecy"]
    assert openings.restricted([r.pk for r in records]) == {records[0].pk}


def test_what_is_sealed_about_a_direct_message_later_is_closed_too() -> None:
    """K-17: the reply to a letter quotes the letter."""
    letter, other = sealing(0, kind="direct_message"), sealing(1)
    about = sealing(2, kind="reply", subject=letter.subject)
    made = seal_many([letter, other, about], by="x")
    assert openings.restricted([r.pk for r in made]) == {made[0].pk, made[2].pk}


def test_the_registrar_marks_a_record_and_finds_it_by_its_marking(
    client: Client, records: list[Record]
) -> None:
    client.force_login(make.person("Reg", "Registrar"))
    form = reverse("disclosure:mark-record", args=[records[0].pk])
    assert client.get(form).status_code == 200
    sent = {"diary_number": "KS 2026/7", "classification": "1.3", "remark": "Rättat."}
    assert client.post(form, sent).status_code == 302
    assert client.post(form, sent).status_code == 422
    page = client.get(reverse("admin:archive_record_change", args=[records[0].pk]))
    body = page.content.decode()
    for word in (*sent.values(), "Reg Test"):
        assert word in body
    listing = reverse("admin:archive_record_changelist")
    for wanted in (
        {"diary_number": "KS 2026/7"},
        {"classification": "1.3"},
        {"q": "idiot", "diary_number": "KS 2026/7"},
    ):
        found = client.post(listing, wanted)
        assert [row.record_id for row in found.context["rows"]] == [records[0].pk]
    assert client.post(listing, {"secret": "on"}).context["rows"] == []
    client.post(form, sent | {"secrecy": "21 kap. 1 § OSL"})
    [row] = client.post(listing, {"secret": "on"}).context["lines"]
    assert row.closed
    assert row.sender == ("", "")


def test_a_marking_changed_removed_or_slipped_in_is_named(
    records: list[Record], settings: Any, tmp_path: Path
) -> None:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    for record in records:
        marking.mark(record=record, by=BY, **SECRET)
    sequencer.run()
    changed, gone = records

    def found() -> set[tuple[str, str]]:
        return {(f.code, f.where) for f in verification.verify().faults}

    assert found() == set()
    behind_the_back(
        "UPDATE archive_recordmarking SET secrecy = '' WHERE record_id = %s", changed.pk
    )
    behind_the_back("DELETE FROM archive_recordmarking WHERE record_id = %s", gone.pk)
    assert found() == {
        ("marking-not-logged", f"record {changed.pk}"),
        ("marking-missing", f"record {changed.pk}"),
        ("marking-missing", f"record {gone.pk}"),
    }


def test_markings_go_along_in_an_export_and_are_checked_there(
    records: list[Record], settings: Any, tmp_path: Path
) -> None:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    marking.mark(record=records[0], by=BY, **SECRET)
    marking.mark(record=records[0], by=BY, classification="1.3")
    sequencer.run()
    bagit.write(selection=EVER, out=tmp_path / "bag", by="x")
    data = tmp_path / "bag" / "data"
    kept = (data / "markings.jsonl").read_bytes()
    first, second = map(json.loads, kept.splitlines())
    assert first["marking"]["diary_number"] == "KS 2026/7"
    assert second["marking"]["classification"] == "1.3"

    def said(lines: bytes) -> str:
        (data / "markings.jsonl").write_bytes(lines)
        done = subprocess.run(
            [sys.executable, "-I", data / "verify.py"],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    assert said(kept).startswith("sound")
    record = f"record {records[0].pk}"
    changed = kept.replace(b"2026/7", b"2026/8")
    assert f"{record}: a marking is not the one in the log" in said(changed)
    assert f"{record}: a marking is missing" in said(kept.splitlines(True)[0])
    assert "markings.jsonl: line 1 cannot be read" in said(b"x\n")
