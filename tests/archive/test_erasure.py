"""Single fields erased by decision: from the record's page, by two people, provably."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from archive import disclosure, erasure, proving, retention, sequencer
from archive.export import bagit
from archive.models import Erasure, LogEntry, Record, RecordSearch
from archive.retention import NotAllowed
from archive.sealing import seal_many
from tests.archive.samples import facts, sealing
from tests.archive.test_bagit_export import EVER

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db
NAME, TEXT = "/facts/sender/name", "/facts/message/text"
WHY = {"basis": "Art. 17 GDPR, KS 2026/9", "reason": "En tredje persons namn."}


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    return tmp_path


@pytest.fixture
def record(db: None) -> Record:
    named = facts(text="Åsa Öberg skrev detta", versions=[{"text": "åsa öberg skrev"}])
    [made] = seal_many([sealing(facts=named)], by="x")
    return Record.objects.get(pk=made.pk)


def proposed(record: Record, *paths: str) -> Erasure:
    return erasure.propose(
        record=record, paths=paths or [NAME], by="Arkiv (arkiv)", **WHY
    )


def test_the_second_person_erases_and_the_register_names_the_fields(record: Record):
    one = proposed(record, NAME, TEXT)
    assert Record.objects.get(pk=record.pk).facts["sender"]["name"] == "Åsa Öberg"
    with pytest.raises(NotAllowed, match="Somebody else"):
        erasure.confirm(erasure=one, by="Arkiv (arkiv)")
    done = erasure.confirm(erasure=one, by="Berit (berit)")
    left = Record.objects.get(pk=record.pk)
    assert left.state == Record.State.ERASED
    assert "name" not in left.facts["sender"]
    assert RecordSearch.objects.get(record=left).sender_name == ""
    assert done.sealed is not None
    told = done.sealed.facts["erasure"]
    assert (told["basis"], told["reason"]) == (WHY["basis"], WHY["reason"])
    assert told["fields"] == [TEXT, NAME]
    entry = LogEntry.objects.get(record_id=record.pk, type="erasure")
    assert entry.created_at == done.settled_at
    assert "Öberg" not in json.dumps(Erasure.objects.values_list().first(), default=str)
    with pytest.raises(NotAllowed, match="settled already"):
        erasure.confirm(erasure=one, by="Cilla (cilla)")


def test_the_preview_tells_where_the_same_words_stand_too(record: Record):
    [going] = erasure.preview(record, [NAME])
    assert (going.label, going.words) == ("Sender", "Åsa Öberg")
    assert set(going.also_in) == {"Text", "All versions"}
    both = erasure.preview(record, [NAME, TEXT, "/facts/message/versions"])
    assert [one.also_in for one in both if one.path == NAME] == [()]


def test_what_is_held_asked_for_or_unknown_is_not_erased(record: Record):
    for path in ("/record/kind", "/facts/sender/shoe_size", "/files/0/name"):
        with pytest.raises(NotAllowed, match="cannot be erased"):
            proposed(record, path)
    with pytest.raises(NotAllowed, match="needs fields"):
        erasure.propose(record=record, paths=[NAME], basis="x", reason=" ", by="a")
    one = proposed(record)
    with pytest.raises(NotAllowed, match="proposed already"):
        proposed(record)
    held = retention.hold(record=record, reason="Mål T 12", by="x")
    with pytest.raises(NotAllowed, match="held"):
        erasure.confirm(erasure=one, by="b")
    erasure.cancel(erasure=one, by="b")
    retention.release(hold=held, reason="Klart", by="x")
    wanted = disclosure.receive(asked="Allt", law="SE", by="x")
    disclosure.pick(request=wanted, records=[record.pk], by="x")
    with pytest.raises(NotAllowed, match="is open"):
        proposed(record)


def test_the_register_only_grows(record: Record):
    one = erasure.confirm(erasure=proposed(record), by="b")
    for statement in (
        f"UPDATE archive_erasure SET fields = '{{}}' WHERE id = '{one.pk}'",
        f"UPDATE archive_erasure SET state = 'cancelled' WHERE id = '{one.pk}'",
        f"DELETE FROM archive_erasure WHERE id = '{one.pk}'",
    ):
        with (
            pytest.raises(DatabaseError, match="refused"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def checked(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", folder / "verify.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_both_verifiers_say_erased_by_decision(
    record: Record, outside: Path, capsys: Any
):
    erasure.confirm(erasure=proposed(record), by="b")
    sequencer.run()
    call_command("verify_archive")
    told = capsys.readouterr().out
    assert "1 record has fields that were erased by decision." in told
    assert "Everything is as it was sealed" in told
    proving.write(Record.objects.get(pk=record.pk), outside / "proof")
    bagit.write(selection=EVER, out=outside / "bag", by="x")
    for folder in (outside / "proof", outside / "bag" / "data"):
        status, said = checked(folder)
        assert (status, f"erased by decision: {NAME}" in said) == (0, True), said


def test_a_field_that_went_without_a_decision_is_named(record: Record, outside: Path):
    """Taken out of the package, with all digests in its place: no decision says so."""
    sequencer.run()
    bagit.write(selection=EVER, out=outside / "bag", by="x")
    data = outside / "bag" / "data"
    line = json.loads((data / "records.jsonl").read_bytes())
    line["field_digests"] = record.field_digests
    line["state"] = "erased"
    del line["document"]["facts"]["sender"]["name"]
    del line["salts"][NAME]
    (data / "records.jsonl").write_text(
        json.dumps(line, ensure_ascii=False) + "\n", "utf-8"
    )
    status, said = checked(data)
    assert status == 1
    assert f"{NAME} is gone and no decision is in the log" in said
