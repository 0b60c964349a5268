"""Ordering, signing and publishing, and when the log is not signed."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from archive import keys, log, publication, sequencer, tiles, tree, verification
from archive.faults import sentence
from archive.models import Checkpoint, LogEntry, LogKey, Tile
from archive.notes import Checkpoint as Statement
from archive.notes import NoteError
from archive.sealing import seal_many
from tests.archive.samples import sealing
from tests.archive.test_verify_archive import behind_the_back

pytestmark = pytest.mark.django_db
FORGED_TILE = "UPDATE archive_tile SET hashes = %s || substr(hashes, 33)"


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    return tmp_path


def seal(count: int) -> None:
    seal_many([sealing(n) for n in range(count)], by="x")


def test_entries_get_their_places_in_the_order_they_were_written() -> None:
    seal(5)
    sequencer.run()
    seal(3)
    sequencer.run()
    assert list(LogEntry.objects.values_list("seq", flat=True)) == list(range(8))


def test_the_checkpoint_signs_size_and_root() -> None:
    seal(300)
    checkpoint = sequencer.run()
    hashes = [bytes(e.leaf_hash) for e in LogEntry.objects.order_by("seq")]
    verifier = keys.verifier()
    assert checkpoint is not None
    assert verifier is not None
    statement = Statement.parse(verifier.open(checkpoint.note))
    assert statement == Statement("localhost/archive", 300, log.root(hashes))
    assert publication.latest(keys.reigns()) == statement


def test_published_tiles_are_those_of_the_tree(outside: Path) -> None:
    hashes: list[bytes] = []
    for count in (3, 300, 1, 600):
        seal(count)
        sequencer.run()
    hashes = [bytes(e.leaf_hash) for e in LogEntry.objects.order_by("seq")]
    expected = tiles.grow(0, {}, hashes)
    for (level, n), data in expected.items():
        path = outside / "public" / tiles.path(level, n, len(data) // 32)
        assert path.read_bytes() == data
    assert {(t.level, t.n): bytes(t.hashes) for t in Tile.objects.all()} == expected
    assert verification.verify().faults == []


def test_an_empty_log_is_not_signed(outside: Path) -> None:
    assert sequencer.run() is None
    assert not (outside / "key.pem").exists()


def test_one_size_is_signed_once() -> None:
    seal(4)
    first, second = sequencer.run(), sequencer.run()
    assert first == second
    assert Checkpoint.objects.count() == 1
    with pytest.raises(DatabaseError, match="unique"), transaction.atomic():
        Checkpoint.objects.create(
            size=4, root=bytes(32), note="another", signed_at=first.signed_at
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE archive_checkpoint SET root = '\\x00'",
        "DELETE FROM archive_checkpoint",
        "TRUNCATE archive_checkpoint CASCADE",
        "DELETE FROM archive_logkey",
        "UPDATE archive_tile SET hashes = '\\x00'",
        "UPDATE archive_tile SET n = n + 1",
        "DELETE FROM archive_tile",
        "TRUNCATE archive_tile",
    ],
)
def test_the_database_keeps_what_was_signed(statement: str) -> None:
    seal(4)
    sequencer.run()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with (
        pytest.raises(DatabaseError, match="is refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def restore_to(size: int) -> None:
    """As if an older copy of the database had been restored."""
    behind_the_back("DELETE FROM archive_checkpoint WHERE size > %s", size)
    behind_the_back("DELETE FROM archive_logentry WHERE seq >= %s", size)
    behind_the_back("DELETE FROM archive_tile WHERE %s IS NOT NULL", size)
    hashes = [bytes(e.leaf_hash) for e in LogEntry.objects.order_by("seq")]
    tree.save(tiles.grow(0, {}, hashes))


def test_a_database_behind_what_was_published_is_not_signed() -> None:
    """After a restore: never two roots for one size."""
    seal(5)
    sequencer.run()
    seal(5)
    sequencer.run()
    restore_to(5)
    with pytest.raises(sequencer.Refusal, match="10"):
        sequencer.run()
    seal(2)
    with pytest.raises(sequencer.Refusal, match="10"):
        sequencer.run()
    assert Checkpoint.objects.count() == 1


def test_a_database_that_went_another_way_is_not_signed() -> None:
    seal(5)
    sequencer.run()
    seal(5)
    sequencer.run()
    restore_to(5)
    seal(20)
    with pytest.raises(sequencer.Refusal, match="not those that were published"):
        sequencer.run()


def test_an_emptied_database_is_not_signed_anew(outside: Path) -> None:
    seal(5)
    sequencer.run()
    restore_to(0)
    behind_the_back("DELETE FROM archive_logkey WHERE %s IS NOT NULL", 1)
    with pytest.raises(sequencer.Refusal):
        sequencer.run()
    (outside / "key.pem").unlink()
    seal(9)
    with pytest.raises(sequencer.Refusal, match="not this log's"):
        sequencer.run()


def test_changed_tiles_are_not_signed() -> None:
    seal(5)
    sequencer.run()
    behind_the_back(
        "UPDATE archive_tile SET hashes = %s || substr(hashes, 33)", bytes(32)
    )
    seal(1)
    with pytest.raises(sequencer.Refusal, match="not those that were"):
        sequencer.run()


def test_missing_tiles_are_not_signed() -> None:
    seal(5)
    sequencer.run()
    behind_the_back("DELETE FROM archive_tile WHERE %s IS NOT NULL", 1)
    seal(1)
    with pytest.raises(sequencer.Refusal, match="do not fit"), transaction.atomic():
        sequencer.run()


def test_a_lost_key_is_not_replaced(outside: Path) -> None:
    seal(1)
    sequencer.run()
    seal(1)
    kept = (outside / "key.pem").read_bytes()
    (outside / "key.pem").unlink()
    with pytest.raises(keys.KeyTrouble, match="missing"):
        sequencer.run()
    (outside / "key.pem").write_bytes(kept)
    assert sequencer.run().size == 2


def test_another_key_is_not_taken(outside: Path) -> None:
    seal(1)
    sequencer.run()
    seal(1)
    (outside / "key.pem").unlink()
    keys._make(outside / "key.pem")
    with pytest.raises(keys.KeyTrouble, match="another key"):
        sequencer.run()
    assert LogKey.objects.count() == 1


def test_the_key_is_for_its_owner_alone(outside: Path) -> None:
    seal(1)
    sequencer.run()
    assert (outside / "key.pem").stat().st_mode & 0o777 == 0o600


def test_what_was_signed_but_not_published_is_published_by_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seal(3)

    def broken(*args: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(publication, "publish", broken)
        with pytest.raises(OSError, match="full"):
            sequencer.run()
    sequencer.run()
    assert publication.latest(keys.reigns()).size == 3


def test_a_published_checkpoint_that_was_tampered_with_stops_signing(
    outside: Path,
) -> None:
    seal(3)
    sequencer.run()
    path = outside / "public" / "checkpoint"
    path.write_text(path.read_text().replace("\n3\n", "\n2\n"))
    with pytest.raises(NoteError, match="signature"):
        publication.latest(keys.reigns())
    seal(1)
    with pytest.raises(sequencer.Refusal, match="signature"):
        sequencer.run()


def test_published_leaves_hold_no_personal_data(outside: Path) -> None:
    seal(3)
    sequencer.run()
    everything = b"".join(
        p.read_bytes() for p in (outside / "public").rglob("*") if p.is_file()
    )
    assert "Åsa".encode() not in everything
    leaf = json.loads(bytes(LogEntry.objects.first().leaf_bytes))
    assert set(leaf) == {
        "v",
        "log",
        "type",
        "entry_id",
        "record_id",
        "record_version",
        "prev_leaf",
        "commitment",
        "ts",
    }


@pytest.mark.django_db(transaction=True)
def test_only_one_worker_orders_at_a_time() -> None:
    seal(50)
    inside, leave = threading.Event(), threading.Event()

    def holds_the_lock() -> None:
        with sequencer._alone() as alone:
            assert alone
            inside.set()
            leave.wait(10)
        connection.close()

    worker = threading.Thread(target=holds_the_lock)
    worker.start()
    assert inside.wait(10)
    assert sequencer.run() is None
    assert LogEntry.objects.filter(seq=None).count() == 50
    leave.set()
    worker.join()
    assert sequencer.run().size == 50


@pytest.mark.django_db(transaction=True)
def test_a_log_that_grows_while_it_is_checked_is_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seal(5)
    sequencer.run()
    ordered: list[Checkpoint | None] = []

    def another_worker() -> None:
        seal(3)
        ordered.append(sequencer.run())
        connection.close()

    worker = threading.Thread(target=another_worker)

    def meanwhile(wanted: Any, load: Any = tree.load) -> tiles.Tiles:
        if worker.ident is None:
            worker.start()
            worker.join()
        return load(wanted)

    monkeypatch.setattr("archive.tree_check.tree.load", meanwhile)
    assert verification.verify().faults == []
    # The other had to leave it for later.
    assert ordered == [None]
    checkpoint = sequencer.run()
    assert checkpoint is not None
    assert checkpoint.size == 8


@pytest.mark.parametrize("sizes", [(300,), (256, 44), (512, 1), (255, 2, 600, 167)])
def test_checkpoints_inside_and_at_the_ends_of_tiles_are_checked(
    sizes: tuple[int, ...],
) -> None:
    for count in sizes:
        seal(count)
        sequencer.run()
    assert verification.verify().faults == []
    for size in Checkpoint.objects.values_list("size", flat=True):
        with transaction.atomic():
            behind_the_back(
                "UPDATE archive_checkpoint SET root = %s WHERE size = %s",
                bytes(32),
                size,
            )
            faults = {(f.code, f.where) for f in verification.verify().faults}
            transaction.set_rollback(True)
        assert ("checkpoint-not-of-the-log", f"checkpoint {size}") in faults


@pytest.mark.parametrize("count", [5, 256, 300])
def test_a_leaf_hash_that_lost_bytes_is_named(count: int) -> None:
    seal(count)
    sequencer.run()
    behind_the_back(
        "UPDATE archive_logentry SET leaf_hash = substr(leaf_hash, 2) WHERE seq = %s", 2
    )
    codes = {fault.code for fault in verification.verify().faults}
    assert {"leaf-changed", "checkpoint-not-of-the-log"} <= codes


TREE_DAMAGE = {
    "tile-changed": FORGED_TILE + " WHERE %s IS NOT NULL AND level = 0",
    "tile-missing": "DELETE FROM archive_tile WHERE %s IS NOT NULL AND level = 0",
    "checkpoint-not-of-the-log": "UPDATE archive_checkpoint SET root = %s",
    "checkpoint-not-signed": """UPDATE archive_checkpoint
        SET note = replace(note, 'localhost', 'elsewhere') WHERE %s IS NOT NULL""",
    "checkpoint-missing": "DELETE FROM archive_checkpoint WHERE %s IS NOT NULL",
    "published-not-of-the-log": """UPDATE archive_logentry
        SET leaf_hash = %s WHERE seq = 2""",
    "entries-missing": "UPDATE archive_logentry SET seq = 9 WHERE seq = 2 AND %s <> ''",
    "leaf-changed": "UPDATE archive_logentry SET leaf_hash = %s WHERE seq = 2",
}


@pytest.mark.parametrize("code", TREE_DAMAGE)
def test_damage_to_the_tree_is_caught_and_named(code: str) -> None:
    seal(5)
    sequencer.run()
    statement = TREE_DAMAGE[code]
    arguments = [bytes(32)] * statement.count("%s")
    if code == "tile-changed":
        arguments[-1] = "x"
    behind_the_back(statement, *arguments)
    report = verification.verify()
    assert code in {fault.code for fault in report.faults}
    assert all(sentence(fault) for fault in report.faults)


def test_reordered_entries_are_caught() -> None:
    seal(5)
    sequencer.run()
    behind_the_back(
        "UPDATE archive_logentry SET seq = CASE seq WHEN 1 THEN -3 ELSE -1 END "
        "WHERE seq IN (1, 3) AND %s",
        True,
    )
    behind_the_back("UPDATE archive_logentry SET seq = -seq WHERE seq < %s", 0)
    codes = {fault.code for fault in verification.verify().faults}
    assert {"checkpoint-not-of-the-log", "tile-changed"} <= codes
    assert "entries-missing" not in codes


def test_a_forged_published_checkpoint_is_named(outside: Path) -> None:
    seal(5)
    sequencer.run()
    path = outside / "public" / "checkpoint"
    path.write_text(path.read_text().replace("\n5\n", "\n4\n"))
    codes = [fault.code for fault in verification.verify().faults]
    assert codes == ["published-not-of-the-log"]
