"""Changing the log's key: old checkpoints stay verifiable, crashes are mended."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from archive import keys, publication, sequencer, verification
from archive.models import Checkpoint, LogEntry, LogKey, Record
from archive.notes import NoteError, Verifier
from archive.sealing import seal_many
from tests.archive.samples import sealing
from tests.archive.test_verify_archive import behind_the_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def records(settings: Any, tmp_path: Path) -> list[Record]:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    made = seal_many([sealing(n) for n in range(3)], by="x")
    sequencer.run()
    return made


def vkeys() -> list[str]:
    return list(LogKey.objects.values_list("vkey", flat=True))


def change() -> Checkpoint:
    return sequencer.change_key(by="Chef (chef)")


def codes() -> list[str]:
    return [fault.code for fault in verification.verify().faults]


def test_the_log_tells_of_the_new_key_and_both_sign_that(
    records: list[Record], settings: Any
) -> None:
    out = io.StringIO()
    call_command("change_log_key", by="Chef (chef)", stdout=out)
    old, new = (Verifier.parse(vkey) for vkey in vkeys())
    handover = Checkpoint.objects.get(size=4)
    assert old.open(handover.note) == new.open(handover.note)
    entry = LogEntry.objects.get(type="key.rotate")
    told = json.loads(bytes(entry.leaf_bytes))["commitment"]
    assert told == sha256(str(new).encode()).hexdigest()
    assert LogKey.objects.last().made_by == "Chef (chef)"
    first = Checkpoint.objects.get(size=3)
    old.open(first.note)
    seal_many([sealing(7)], by="x")
    latest = sequencer.run()
    assert latest is not None
    new.open(latest.note)
    with pytest.raises(NoteError):
        old.open(latest.note)
    assert codes() == []
    assert str(new) in out.getvalue()


def test_both_keys_are_published_and_the_newest_stands_alone(
    records: list[Record], client: Any
) -> None:
    change()
    assert client.get("/log/log-key.txt").getvalue().decode() == f"{vkeys()[1]}\n"
    published = client.get("/log/log-keys.txt").getvalue().decode().split()
    assert published == vkeys()


def test_a_key_can_be_changed_many_times(records: list[Record]) -> None:
    for _ in range(3):
        change()
    assert [reign.from_size for reign in keys.reigns()] == [0, 4, 5, 6]
    assert codes() == []


def test_before_anything_was_signed_there_is_no_key_to_change(
    settings: Any, tmp_path: Path
) -> None:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    with pytest.raises(CommandError, match="no key to change"):
        call_command("change_log_key", by="x")


def test_a_crash_before_the_file_was_put_in_place_is_mended(
    records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "take_up", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        change()
    monkeypatch.undo()
    assert publication.latest(keys.reigns()).size == 3
    assert sequencer.run() == Checkpoint.objects.first()
    assert publication.latest(keys.reigns()).size == 4
    assert str(keys.signer().verifier) == vkeys()[1]
    assert codes() == []


def test_a_crash_before_the_database_knew_changes_nothing(
    records: list[Record], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(LogKey.objects, "create", lambda **_columns: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        change()
    monkeypatch.undo()
    assert len(vkeys()) == 1
    assert not LogEntry.objects.filter(type="key.rotate").exists()
    seal_many([sealing(7)], by="x")
    assert sequencer.run() is not None
    assert str(keys.signer().verifier) == vkeys()[0]
    change()
    assert codes() == []


DAMAGE = {
    "a key that the log does not tell of": (
        "UPDATE archive_logkey SET vkey = %s WHERE from_size > 0",
        "key-not-logged",
    ),
    "an old key that signs on": (
        "UPDATE archive_logkey SET from_size = 100 WHERE from_size > 0 AND vkey <> %s",
        "checkpoint-not-signed",
    ),
    "a handing over without the old key": (
        "UPDATE archive_checkpoint SET note = regexp_replace(note, E'[^\\n]*\\n$', '')"
        " WHERE size = 4 AND note <> %s",
        "checkpoint-not-signed",
    ),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_forged_change_of_key_is_named(what: str, records: list[Record]) -> None:
    change()
    seal_many([sealing(7)], by="x")
    sequencer.run()
    statement, code = DAMAGE[what]
    forged = str(keys.prepare_next().verifier)
    behind_the_back(statement, forged)
    assert code in codes()


def test_the_database_keeps_the_keys(records: list[Record]) -> None:
    from django.db import DatabaseError, transaction

    for act in (
        lambda: LogKey.objects.update(from_size=9),
        lambda: LogKey.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
