"""`manage.py verify_archive` after damage done behind the application's back."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from archive import files, reading, verification
from archive.checking import RecordRow, check_record, is_sound
from archive.models import Record
from archive.sealing import FileFacts, seal_many
from tests.archive.samples import sealing


def verify(**options: object) -> str:
    out = io.StringIO()
    call_command("verify_archive", processes=1, stdout=out, **options)
    return out.getvalue()


def behind_the_back(statement: str, *parameters: object) -> None:
    """As a superuser who has switched the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def records(db: None) -> list[Record]:
    digest, size = files.keep(io.BytesIO(b"a picture"))
    file = FileFacts(sha256=digest, size=size, mime="image/png", name="bild.png")
    yield seal_many([sealing(n, files=[file]) for n in range(12)], by="Anna Ek (anna)")
    files.forget(digest)


@pytest.mark.django_db
def test_a_sound_archive_says_how_much_was_checked(records: list[Record]) -> None:
    assert "12 " in verify()
    report = verification.verify()
    assert (report.records, report.files, report.entries) == (12, 1, 12)
    assert report.faults == []


DAMAGE = {
    "column-changed": "UPDATE archive_record SET kind = 'hide' WHERE id = %s",
    "commitment-changed": """UPDATE archive_record
        SET commitment = set_byte(commitment, 0, get_byte(commitment, 0) # 1)
        WHERE id = %s""",
    "content-not-canonical": """UPDATE archive_record
        SET canonical = ' '::bytea || canonical WHERE id = %s""",
    "content-unreadable": """UPDATE archive_record
        SET canonical = substring(canonical FROM 2) WHERE id = %s""",
    "disposal-not-logged": """UPDATE archive_record
        SET canonical = NULL, salts = NULL, state = 'disposed' WHERE id = %s""",
    "disposed-but-searchable": """UPDATE archive_record
        SET canonical = NULL, salts = NULL, state = 'disposed' WHERE id = %s""",
    "disposed-but-present": """INSERT INTO archive_logentry
        (entry_id, type, record_id, leaf_bytes, leaf_hash, xact, created_at)
        SELECT gen_random_uuid(), 'disposal', record_id, leaf_bytes, leaf_hash, 0,
            created_at FROM archive_logentry WHERE record_id = %s""",
    "erasure-not-logged": "UPDATE archive_record SET state = 'erased' WHERE id = %s",
    "entry-missing": "DELETE FROM archive_logentry WHERE record_id = %s",
    "entry-twice": """INSERT INTO archive_logentry
        (entry_id, type, record_id, leaf_bytes, leaf_hash, xact, created_at)
        SELECT gen_random_uuid(), type, record_id, leaf_bytes, leaf_hash, 0, created_at
        FROM archive_logentry WHERE record_id = %s""",
    "field-changed": """UPDATE archive_record SET canonical = convert_to(replace(
        convert_from(canonical, 'UTF8'), 'Rektorn', 'Rektorm'), 'UTF8')
        WHERE id = %s""",
    "field-missing": """UPDATE archive_record SET
        canonical = convert_to(replace(
            convert_from(canonical, 'UTF8'), ',"parent_id":null', ''), 'UTF8'),
        salts = salts::jsonb - '/facts/message/parent_id' WHERE id = %s""",
    "salt-missing": """UPDATE archive_record
        SET salts = salts::jsonb - '/facts/sender/name' WHERE id = %s""",
    "salt-without-field": """UPDATE archive_record
        SET salts = salts::jsonb || '{"/facts/other": "x"}' WHERE id = %s""",
    "digests-unreadable": """UPDATE archive_record
        SET field_digests = '[]' WHERE id = %s""",
    "leaf-changed": """UPDATE archive_logentry SET leaf_bytes = convert_to(replace(
        convert_from(leaf_bytes, 'UTF8'), '"v":1', '"v":2'), 'UTF8')
        WHERE record_id = %s""",
    "leaf-not-canonical": """UPDATE archive_logentry
        SET leaf_bytes = ' '::bytea || leaf_bytes WHERE record_id = %s""",
    "leaf-unreadable": """UPDATE archive_logentry
        SET leaf_bytes = 'x' WHERE record_id = %s""",
    "entry-column-changed": """UPDATE archive_logentry
        SET created_at = created_at - interval '1 day' WHERE record_id = %s""",
    "commitment-not-logged": """UPDATE archive_logentry SET leaf_bytes = convert_to(
        regexp_replace(convert_from(leaf_bytes, 'UTF8'), '[0-9a-f]{64}',
            repeat('0', 64)), 'UTF8') WHERE record_id = %s""",
    "record-missing": """WITH files AS (
            DELETE FROM archive_recordfile WHERE record_id = %s RETURNING record_id
        ), search AS (
            DELETE FROM archive_recordsearch
            WHERE record_id = (SELECT record_id FROM files))
        DELETE FROM archive_record WHERE id = (SELECT record_id FROM files)""",
    "file-list-changed": "DELETE FROM archive_recordfile WHERE record_id = %s",
}


@pytest.mark.parametrize("code", DAMAGE)
def test_damage_is_caught_and_named(code: str, records: list[Record]) -> None:
    damaged = records[5]
    behind_the_back(DAMAGE[code], damaged.id)
    found = [fault for fault in verification.verify().faults if fault.code == code]
    assert found
    if not code.startswith("leaf-") and code != "entry-column-changed":
        assert {fault.where for fault in found} == {f"record {damaged.id}"}
    with pytest.raises(CommandError):
        verify()


def test_content_that_is_gone_without_a_disposal_is_named(
    records: list[Record],
) -> None:
    """By somebody who may also take away the table's own constraint."""
    behind_the_back(
        "ALTER TABLE archive_record"
        " DROP CONSTRAINT archive_record_content_until_disposed"
    )
    behind_the_back(
        "UPDATE archive_record SET canonical = NULL, salts = NULL WHERE id = %s",
        records[5].id,
    )
    faults = verification.verify().faults
    assert [(fault.code, fault.where) for fault in faults] == [
        ("content-missing", f"record {records[5].id}")
    ]


def test_any_single_changed_byte_of_a_record_is_caught(records: list[Record]) -> None:
    """Every position of one record's bytes, one after the other."""
    rows: list[RecordRow] = []

    def fetch(*query: Any) -> list[tuple[Any, ...]]:
        found = verification.fetch(*query)
        rows.extend(RecordRow(*values) for values in found)
        return found

    reading.check_records(fetch, "localhost/archive", reading.FIRST, None)
    row = next(row for row in rows if row.id == str(records[3].id))
    assert is_sound(row, "localhost/archive")
    assert check_record(row, "localhost/archive") == []
    for column in ("canonical", "commitment", "leaf", "leaf_hash"):
        whole = getattr(row, column)
        for position in range(len(whole)):
            changed = bytearray(whole)
            changed[position] ^= 1
            forged = row._replace(**{column: bytes(changed)})
            assert not is_sound(forged, "localhost/archive"), position
            assert check_record(forged, "localhost/archive"), position


@pytest.mark.parametrize("column", ["salts", "field_digests", "kind", "sealed_at"])
def test_any_changed_letter_of_a_column_is_caught(
    column: str, records: list[Record]
) -> None:
    rows = verification.fetch(reading._RECORDS, (*reading.FIRST, *reading.LAST, 1))
    row = RecordRow(*rows[0])
    whole = getattr(row, column)
    for position in range(len(whole)):
        letter = "1" if whole[position] != "1" else "2"
        forged = row._replace(
            **{column: f"{whole[:position]}{letter}{whole[position + 1 :]}"}
        )
        assert not is_sound(forged, "localhost/archive"), position
        assert check_record(forged, "localhost/archive"), position


def test_a_changed_file_is_named(records: list[Record]) -> None:
    digest = records[0].files.get().sha256
    default_storage.delete(files.location(digest))
    with pytest.raises(CommandError):
        verify()
    assert verification.verify().faults[0].code == "file-missing"
    default_storage.save(files.location(digest), io.BytesIO(b"a forgery"))
    assert [fault.code for fault in verification.verify().faults] == ["file-changed"]
    assert verification.verify(with_files=False).faults == []


def test_a_gap_in_the_order_is_named(records: list[Record]) -> None:
    behind_the_back("UPDATE archive_logentry SET seq = id * 2 - 2 * %s", 0)
    codes = {fault.code for fault in verification.verify().faults}
    assert "entries-missing" in codes


@pytest.mark.django_db(transaction=True)
def test_several_processes_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "SHARE", 15)
    records = seal_many([sealing(n) for n in range(40)], by="x")
    behind_the_back(DAMAGE["field-changed"], records[7].id)
    one = verification.verify(processes=1)
    two = verification.verify(processes=2)
    assert one == two
    assert {fault.where for fault in one.faults} == {f"record {records[7].id}"}
