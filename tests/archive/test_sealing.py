"""Sealing: what stands in the database afterwards."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from archive import canonical
from archive.log import leaf_hash
from archive.models import LogEntry, Record, RecordFile, RecordSearch
from archive.sealing import FactsError, FileFacts, seal, seal_many
from tests.archive.samples import facts, sealing

pytestmark = pytest.mark.django_db
FILE = FileFacts(sha256="ab" * 32, size=3, mime="image/png", name="bild.png")


def test_a_record_holds_content_sender_context_and_decision() -> None:
    """K-19: before deletion content and sender are saved."""
    subject = uuid4()
    seal(
        kind="removal",
        subject=subject,
        facts=facts(),
        files=[FILE],
        retention="preserve",
        by="Anna Ek (anna)",
    )
    record = Record.objects.get(subject=subject)
    assert record.facts == facts()
    assert record.document["record"]["sealed_by"] == "Anna Ek (anna)"
    assert record.document["files"]["0"]["name"] == "bild.png"
    assert record.state == Record.State.SEALED
    assert record.files.get().sha256 == FILE.sha256


def test_digests_commitment_and_leaf_follow_from_the_bytes() -> None:
    record = seal_many([sealing()], by="Anna Ek (anna)")[0]
    record.refresh_from_db()
    document = json.loads(bytes(record.canonical))
    assert canonical.dumps(document) == bytes(record.canonical)
    assert record.field_digests == canonical.digests_of(
        canonical.flatten(document), record.salts
    )
    assert bytes(record.commitment) == canonical.commitment(
        record.field_digests.values()
    )
    entry = LogEntry.objects.get(record_id=record.id)
    leaf = json.loads(bytes(entry.leaf_bytes))
    assert leaf["commitment"] == bytes(record.commitment).hex()
    assert leaf["record_id"] == str(record.id)
    assert bytes(entry.leaf_hash) == leaf_hash(bytes(entry.leaf_bytes))
    assert entry.seq is None


def test_the_log_names_nobody() -> None:
    record = seal_many([sealing()], by="Anna Ek (anna)")[0]
    leaf = bytes(LogEntry.objects.get(record_id=record.id).leaf_bytes).decode()
    for personal in ("Åsa", "asa", "Anna", "anna", "u1", "Rektorn", "K-20"):
        assert personal not in leaf


def test_the_same_facts_never_give_the_same_commitment() -> None:
    """Without its salt a digest cannot be matched to a guessed name."""
    subject = uuid4()
    first, second = seal_many([sealing(subject=subject)] * 2, by="x")
    assert first.field_digests.keys() == second.field_digests.keys()
    assert not set(first.field_digests.values()) & set(second.field_digests.values())


@pytest.mark.parametrize("count", [1, 7, 8, 60])
def test_any_number_is_sealed_in_order_in_the_same_few_statements(count: int) -> None:
    seal_many([sealing()], by="x")
    sealings = [sealing(number, files=[FILE]) for number in range(count)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        records = seal_many(sealings, by="Anna Ek (anna)")
    # A prepared statement has no text here.
    assert len([q for q in queries if "SAVEPOINT" not in (q["sql"] or "")]) <= 4
    assert [record.subject for record in records] == [s.subject for s in sealings]
    logged = LogEntry.objects.filter(record_id__in=[r.id for r in records])
    assert [entry.record_id for entry in logged] == [record.id for record in records]
    assert RecordFile.objects.count() == count
    assert RecordSearch.objects.count() == count + 1


def test_nothing_to_seal_writes_nothing() -> None:
    assert seal_many([], by="x") == []
    assert not LogEntry.objects.exists()


def test_the_search_row_says_who_where_and_when() -> None:
    record = seal_many([sealing(3)], by="x")[0]
    found = RecordSearch.objects.get(record=record)
    assert (found.sender_name, found.sender_handle, found.sender_id) == (
        "Åsa Öberg",
        "asa",
        "u3",
    )
    assert (found.channel, found.department) == ("Skolan på nätet", "Utbildning")
    assert (found.rule, found.officer) == ("K-20.1", "Anna Ek (anna)")
    assert found.posted_at is not None
    assert found.decided_at is not None
    assert found.sealed_at == record.sealed_at


@pytest.mark.parametrize(
    "moment", ["", "yesterday", "2026-03-01T12:00:00", "2026-99-99T00:00Z"]
)
def test_a_time_that_cannot_be_read_is_kept_but_not_searched(moment: str) -> None:
    record = seal_many([sealing(facts=facts(posted_at=moment))], by="x")[0]
    assert record.facts["message"]["posted_at"] == moment
    assert RecordSearch.objects.get(record=record).posted_at is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "å" * 10_000_000,
        "ord " * 500_000,
        "\u202eشبكة\u202c <script>alert(1)</script>",
        "👩‍👩‍👧‍👦" * 100,
        "".join(map(chr, range(1, 0x300))),
        " ".join(f"{n:x}é" for n in range(200_000)),
    ],
    ids=[
        "empty",
        "one word of 20 MB",
        "many words",
        "html",
        "emoji",
        "controls",
        "all different",
    ],
)
def test_any_text_that_intake_stores_can_be_sealed(text: str) -> None:
    record = seal_many([sealing(facts=facts(text=text))], by="x")[0]
    assert Record.objects.get(id=record.id).facts["message"]["text"] == text


@pytest.mark.parametrize("bad", ["NUL \x00", "lone \ud800", 1.5, 2**53, b"x", object()])
def test_a_fact_without_a_canonical_form_is_refused_by_name(bad: Any) -> None:
    with pytest.raises(FactsError) as caught:
        seal_many([sealing(), sealing(facts=facts(parent_id=bad))], by="x")
    assert caught.value.path == "/facts/message/parent_id"
    assert not Record.objects.exists()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of record"):
        seal_many([sealing(kind="gossip")], by="x")


def test_a_record_and_its_entry_come_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from archive import entries

    def broken(*args: object, **kwargs: object) -> None:
        raise DatabaseError("the log cannot be written")

    monkeypatch.setattr(entries, "row", broken)
    with pytest.raises(DatabaseError), transaction.atomic():
        seal_many([sealing()], by="x")
    assert not Record.objects.exists()
