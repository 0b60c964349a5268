"""What PostgreSQL refuses, whoever asks."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from archive.models import Log, LogEntry, Record, RecordFile
from archive.sealing import FileFacts, seal_many
from tests.archive.samples import sealing

pytestmark = pytest.mark.django_db
FILE = FileFacts(sha256="ab" * 32, size=3, mime="image/png", name="bild.png")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE archive_record SET sealed_by = 'nobody'",
        "UPDATE archive_record SET canonical = '\\x7b7d'",
        "UPDATE archive_record SET salts = '{}'",
        "UPDATE archive_record SET commitment = '\\x00'",
        "UPDATE archive_record SET id = gen_random_uuid()",
        "UPDATE archive_record SET canonical = NULL, salts = NULL, state = 'disposed'",
        "UPDATE archive_record SET state = 'erased', salts = '{}', canonical = '{}'",
        "DELETE FROM archive_record",
        "TRUNCATE archive_record CASCADE",
        "UPDATE archive_logentry SET leaf_hash = '\\x00'",
        "UPDATE archive_logentry SET seq = 0, type = 'disposal'",
        "UPDATE archive_logentry SET seq = NULL",
        "DELETE FROM archive_logentry",
        "TRUNCATE archive_logentry",
        "UPDATE archive_recordfile SET name = 'x'",
        "DELETE FROM archive_recordfile",
        "TRUNCATE archive_recordfile",
        "UPDATE archive_log SET origin = 'elsewhere'",
        "DELETE FROM archive_log",
        "TRUNCATE archive_log",
    ],
)
def test_the_database_refuses(statement: str) -> None:
    Log.objects.get_or_create(id=1, defaults={"origin": "x"})
    seal_many([sealing(files=[FILE])], by="x")
    with connection.cursor() as cursor:
        # Constraints wait for the commit; without this TRUNCATE is refused for them.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with (
        pytest.raises(DatabaseError, match="is refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_entry_is_given_its_place_once() -> None:
    seal_many([sealing()], by="x")
    assert LogEntry.objects.update(seq=0) == 1
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        LogEntry.objects.update(seq=1)


def test_a_disposal_of_another_record_does_not_open_this_one() -> None:
    one, other = seal_many([sealing(1), sealing(2)], by="x")
    LogEntry.objects.create(
        type=LogEntry.Type.DISPOSAL,
        record_id=other.id,
        leaf_bytes=b"{}",
        leaf_hash=b"x",
        created_at=one.sealed_at,
    )
    gone = {"canonical": None, "salts": None, "state": Record.State.DISPOSED}
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        Record.objects.filter(id=one.id).update(**gone)
    assert Record.objects.filter(id=other.id).update(**gone) == 1
    assert not RecordFile.objects.filter(record=other).exists()


@pytest.mark.django_db(transaction=True)
def test_yesterdays_disposal_entry_opens_nothing_today() -> None:
    [record] = seal_many([sealing()], by="x")
    LogEntry.objects.create(
        type=LogEntry.Type.DISPOSAL,
        record_id=record.id,
        leaf_bytes=b"{}",
        leaf_hash=b"x",
        xact=2**62,
        created_at=record.sealed_at,
    )
    with pytest.raises(DatabaseError, match="is refused"):
        Record.objects.update(canonical=None, salts=None, state="disposed")
