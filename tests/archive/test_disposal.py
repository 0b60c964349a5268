"""Retention, holds, disposal by two persons, erasure of single fields."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as rules_of_hypothesis
from hypothesis import strategies as st

from archive import disposal, files, proving, retention, sequencer, verification
from archive.export import bagit
from archive.models import (
    Disposal,
    DisposalItem,
    LogEntry,
    Record,
    RecordFile,
    RecordSearch,
    RetentionRule,
)
from archive.retention import NotAllowed
from archive.sealing import FileFacts, seal_many
from tests.archive.samples import facts, sealing
from tests.archive.test_bagit_export import EVER

pytestmark = pytest.mark.django_db
LATER = datetime(2040, 1, 1, tzinfo=UTC)
TWO_YEARS = {"slug": "gallras-2", "title": "Two years", "years": 2, "basis": "KS 12/26"}


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    return tmp_path


@pytest.fixture
def rule() -> RetentionRule:
    return RetentionRule.objects.create(**TWO_YEARS)


@pytest.fixture
def records(db: None, rule: RetentionRule) -> list[Record]:
    kept = []
    for content in (b"only one record has this", b"two records have this"):
        digest, size = files.keep(io.BytesIO(content))
        kept.append(
            FileFacts(sha256=digest, size=size, mime="image/png", name="bild.png")
        )
    return seal_many(
        [
            sealing(0, files=kept, retention=rule.slug),
            sealing(1, retention=rule.slug),
            sealing(2, files=kept[1:], retention="preserve"),
        ],
        by="Anna Ek (anna)",
    )


def propose(records: list[Record]) -> Disposal:
    return disposal.propose(
        records=records, decision="KS 2040/7", basis="Plan 4.2", by="Arkiv (arkiv)"
    )


def confirm(proposed: Disposal) -> Disposal:
    with time_machine.travel(LATER, tick=False):
        return disposal.confirm(disposal=proposed, by="Chef (chef)")


# -- Rules


def test_the_time_runs_from_the_end_of_the_year_and_the_longest_rule_wins(
    records: list[Record], rule: RetentionRule
) -> None:
    sealed = records[0].sealed_at
    end = retention.keep_until(records[0], [rule])
    assert end is not None
    assert (end.year, end.month, end.day) == (sealed.year + 3, 1, 1)
    for_kind = RetentionRule(slug="kind", kind="removal", years=10, starts="sealed")
    longest = retention.keep_until(records[0], [rule, for_kind])
    assert longest is not None
    assert longest.year == sealed.year + 10
    forever = RetentionRule(slug="ever", kind="removal", years=None)
    assert retention.keep_until(records[0], [rule, for_kind, forever]) is None
    assert retention.keep_until(records[2], [rule]) is None


def test_a_leap_day_is_not_lost() -> None:
    day = datetime(2028, 2, 29, 12, tzinfo=UTC)
    rule = RetentionRule(slug="x", years=1, starts="sealed")
    record = Record(retention="x", kind="hide", sealed_at=day)
    end = retention.keep_until(record, [rule])
    assert end is not None
    assert (end.month, end.day) == (3, 1)


def test_only_what_is_due_and_not_held_is_proposed(records: list[Record]) -> None:
    assert retention.due() == []
    assert set(retention.due(LATER)) == set(records[:2])
    held = retention.hold(record=records[0], reason="Court case", by="Anna Ek (anna)")
    assert retention.due(LATER) == records[1:2]
    retention.release(hold=held, reason="Settled", by="Anna Ek (anna)")
    assert set(retention.due(LATER)) == set(records[:2])


def test_listing_what_is_due_does_not_read_the_contents(records: list[Record]) -> None:
    assert "canonical" in retention.due(LATER)[0].get_deferred_fields()


# -- Holds


def test_a_hold_stands_in_the_log_and_is_released_once(records: list[Record]) -> None:
    held = retention.hold(record=records[0], reason="Court case", by="Anna Ek (anna)")
    retention.release(hold=held, reason="Settled", by="Bo (bo)")
    kinds = LogEntry.objects.filter(record_id=records[0].pk).values_list(
        "type", flat=True
    )
    assert list(kinds) == ["record.create", "legal_hold.set", "legal_hold.release"]
    with pytest.raises(NotAllowed):
        retention.release(hold=held, reason="Settled", by="Bo (bo)")
    with pytest.raises(NotAllowed):
        retention.hold(record=records[0], reason=" ", by="Bo (bo)")


def test_entries_of_a_record_point_back_to_the_one_before(
    records: list[Record],
) -> None:
    retention.hold(record=records[0], reason="Court case", by="Anna Ek (anna)")
    first, second = LogEntry.objects.filter(record_id=records[0].pk).order_by("id")
    leaf = json.loads(bytes(second.leaf_bytes))
    assert leaf["prev_leaf"] == bytes(first.leaf_hash).hex()


def test_a_held_record_is_not_disposed_of(records: list[Record]) -> None:
    proposed = propose(records[:2])
    retention.hold(record=records[1], reason="Court case", by="Anna Ek (anna)")
    with pytest.raises(NotAllowed, match="1"):
        confirm(proposed)
    assert Record.objects.filter(state="disposed").count() == 0
    with pytest.raises(NotAllowed):
        disposal.erase(
            record=records[1],
            paths=["/facts/sender/name"],
            basis="x",
            proposed_by="a",
            by="b",
        )


def test_the_database_refuses_to_empty_a_held_record(records: list[Record]) -> None:
    retention.hold(record=records[0], reason="Court case", by="x")
    LogEntry.objects.create(
        type="disposal",
        record_id=records[0].pk,
        leaf_bytes=b"{}",
        leaf_hash=b"x",
        created_at=records[0].sealed_at,
    )
    with pytest.raises(DatabaseError, match="held"), transaction.atomic():
        Record.objects.filter(pk=records[0].pk).update(
            canonical=None, salts=None, state="disposed"
        )


@pytest.mark.django_db(transaction=True)
def test_a_hold_that_comes_in_the_same_moment_waits_or_wins(
    records: list[Record],
) -> None:
    """Disposal and hold lock the record: one of them sees the other."""
    proposed = propose(records[:1])
    told: list[str] = []

    def hold() -> None:
        try:
            retention.hold(record=records[0], reason="Court case", by="x")
            told.append("held")
        except NotAllowed:
            told.append("too late")
        finally:
            connection.close()

    with transaction.atomic():
        with time_machine.travel(LATER, tick=False):
            disposal.confirm(disposal=proposed, by="Chef (chef)")
        thread = threading.Thread(target=hold)
        thread.start()
        thread.join(0.5)
        assert told == []
    thread.join(10)
    assert told == ["too late"]


# -- Disposal


def test_two_persons_dispose_of_a_record_and_its_proof_stays(
    records: list[Record], django_capture_on_commit_callbacks: Any
) -> None:
    proposed = propose(records[:2])
    with django_capture_on_commit_callbacks(execute=True):
        done = confirm(proposed)
    assert done.state == Disposal.State.CONFIRMED
    record = Record.objects.get(pk=records[0].pk)
    assert (record.canonical, record.salts, record.facts) == (None, None, {})
    assert record.field_digests == records[0].field_digests
    assert not RecordSearch.objects.filter(record__in=records[:2]).exists()
    assert not RecordFile.objects.filter(record__in=records[:2]).exists()
    only, both = (
        records[0].document["files"][number]["sha256"] for number in ("0", "1")
    )
    assert not default_storage.exists(files.location(only))
    assert default_storage.exists(files.location(both))
    assert DisposalItem.objects.filter(disposal=done).count() == 2
    decision = done.sealed
    assert decision is not None
    assert decision.facts["disposal"]["confirmed_by"] == "Chef (chef)"
    listed = decision.facts["disposal"]["records"]
    assert sorted(listed) == sorted(str(record.pk) for record in records[:2])
    sequencer.run()
    assert verification.verify().faults == []
    for code in ("disposal", "record.create"):
        assert LogEntry.objects.filter(record_id=record.pk, type=code).count() == 1


def test_who_proposed_does_not_confirm(records: list[Record]) -> None:
    proposed = propose(records[:1])
    with pytest.raises(NotAllowed), time_machine.travel(LATER, tick=False):
        disposal.confirm(disposal=proposed, by=proposed.proposed_by)


def test_what_must_still_be_kept_is_not_disposed_of(
    records: list[Record], rule: RetentionRule
) -> None:
    with pytest.raises(NotAllowed, match="not over"):
        confirm(propose(records))
    proposed = propose(records[:1])
    with pytest.raises(NotAllowed, match="not over"):
        disposal.confirm(disposal=proposed, by="Chef (chef)")
    rule.years = None
    rule.save()
    with pytest.raises(NotAllowed, match="not over"):
        confirm(proposed)
    assert not Record.objects.filter(state="disposed").exists()


def test_a_disposal_is_settled_once(records: list[Record]) -> None:
    proposed = propose(records[:1])
    disposal.cancel(disposal=proposed, by="Chef (chef)")
    with pytest.raises(NotAllowed):
        confirm(proposed)
    again = propose(records[:1])
    confirm(again)
    with pytest.raises(NotAllowed, match="gone"):
        confirm(propose(records[:1]))
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        again.items.all().delete()
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        Disposal.objects.filter(pk=again.pk).update(decision="another")


@pytest.mark.parametrize("changes", [{"decision": ""}, {"basis": " "}, {"records": []}])
def test_a_disposal_needs_a_decision_a_ground_and_records(
    changes: dict[str, Any], records: list[Record]
) -> None:
    values = {"records": records[:1], "decision": "x", "basis": "y", "by": "z"}
    with pytest.raises(NotAllowed):
        disposal.propose(**(values | changes))


# -- Erasure of single fields


def erase(record: Record, *paths: str) -> Record:
    return disposal.erase(
        record=record,
        paths=paths,
        basis="OSL 21:1",
        proposed_by="Arkiv (arkiv)",
        by="Chef (chef)",
    )


def test_an_erased_field_is_gone_everywhere_and_the_rest_is_proved(
    records: list[Record], outside: Path
) -> None:
    name = "/facts/sender/name"
    erase(records[0], name)
    record = Record.objects.get(pk=records[0].pk)
    assert "name" not in record.facts["sender"]
    assert record.facts["sender"]["handle"] == "asa"
    assert name not in record.salts
    assert name in record.field_digests
    assert "Åsa Öberg".encode() not in bytes(record.canonical)
    assert RecordSearch.objects.get(record=record).sender_name == ""
    sequencer.run()
    assert verification.verify().faults == []
    proving.write(record, outside / "proof")
    bagit.write(selection=EVER, out=outside / "bag", by="x")
    for folder in (outside / "proof", outside / "bag" / "data"):
        done = subprocess.run(
            [sys.executable, "-I", folder / "verify.py"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert f"erased by decision: {name}" in done.stdout


@given(data=st.data())
@rules_of_hypothesis(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_fields_can_be_erased_one_after_the_other(
    rule: RetentionRule, data: st.DataObject
) -> None:
    [record] = seal_many([sealing(facts=facts())], by="x")
    for _round in range(2):
        record = Record.objects.get(pk=record.pk)
        left = sorted(path for path in record.salts if path.startswith("/facts/"))
        chosen = data.draw(st.sets(st.sampled_from(left), min_size=1, max_size=9))
        erase(record, *chosen)
        record = Record.objects.get(pk=record.pk)
        assert not set(chosen) & set(record.salts)
        assert verification.verify_record(record) == []


@pytest.mark.parametrize(
    "path", ["/record/sealed_by", "/files/0/name", "/facts/sender/shoe_size", "/facts"]
)
def test_what_the_record_is_cannot_be_erased(path: str, records: list[Record]) -> None:
    with pytest.raises(NotAllowed):
        erase(records[0], path)


def test_one_person_alone_erases_nothing(records: list[Record]) -> None:
    with pytest.raises(NotAllowed):
        disposal.erase(
            record=records[0],
            paths=["/facts/sender/name"],
            basis="OSL 21:1",
            proposed_by="Chef (chef)",
            by="Chef (chef)",
        )


def test_disposed_records_are_exported_as_proofs_without_content(
    records: list[Record], outside: Path
) -> None:
    confirm(propose(records[:1]))
    sequencer.run()
    bagit.write(selection=EVER, out=outside / "bag", by="x")
    lines = (outside / "bag/data/records.jsonl").read_text("utf-8").splitlines()
    line = next(json.loads(x) for x in lines if str(records[0].pk) in x)
    assert (line["document"], line["salts"]) == (None, None)
    assert line["field_digests"] == records[0].field_digests
    assert datetime.now(UTC) - records[0].sealed_at < timedelta(minutes=5)
    done = subprocess.run(
        [sys.executable, "-I", outside / "bag" / "data" / "verify.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
