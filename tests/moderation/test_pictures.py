"""Pictures go the whole way: in with their message, into its record, out with both."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bagit as outside
import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archive import disposal, files, verification
from archive.models import Record, RetentionRule
from channels import attachments, delivery
from channels.models import Attachment, Delivery, Message
from channels.platforms.base import (
    Batch,
    Cap,
    Item,
    NotFound,
    Outcome,
    Ref,
    Seen,
    Transient,
)
from moderation import carried, decisions, docket, intake, meeting, purging, rereading
from moderation.models import Case, Duty
from tests import make
from tests.channels.test_attachments import Platform as Served
from tests.channels.test_attachments import platform
from tests.moderation.test_purging import in_force, later, second

if TYPE_CHECKING:
    from channels.models import Channel
    from tests.conftest import Cast

__all__ = ["in_force", "platform", "second"]

RED, BLUE = make.picture("PNG", "red"), make.picture("JPEG", "blue")


def with_pictures(*pictures: bytes, text: str = "Titta!", **changes: object) -> Item:
    came = [make.attached(data, id=f"p{n}") for n, data in enumerate(pictures, 1)]
    return make.item(text, attachments=came, **changes)


def test_pictures_come_in_with_their_message(school_channel: Channel):
    make.receive(school_channel, with_pictures(RED, BLUE))
    message = Message.objects.get()
    first, second = attachments.of_messages([message])[message.pk]
    assert message.attachments_count == 2
    assert (first.position, first.mime, first.width, first.height) == (
        1,
        "image/png",
        40,
        30,
    )
    assert (second.position, second.mime) == (2, "image/jpeg")
    assert b"".join(files.chunks(first.sha256)) == RED
    version = message.versions.get()
    assert version.digest != message.digest
    assert Record.objects.count() == 0


def test_receiving_twice_asks_for_nothing_again(school_channel: Channel):
    asked = []

    def read() -> bytes:
        asked.append(1)
        return RED

    one = make.item(attachments=[make.attached(read=read)])
    make.receive(school_channel, one)
    again = make.receive(school_channel, one)
    assert (again.unchanged, Attachment.objects.count(), len(asked)) == (1, 1, 1)


def test_other_pictures_are_a_new_version(school_channel: Channel):
    make.receive(school_channel, with_pictures(RED, id="a"))
    changed = make.receive(school_channel, with_pictures(RED, BLUE, id="a"))
    assert changed.changed == 1
    message = Message.objects.get()
    assert (message.versions_count, message.attachments_count) == (2, 3)
    assert [
        (one.version.number, one.mime)
        for one in attachments.of_messages([message])[message.pk]
    ] == [(1, "image/png"), (2, "image/png"), (2, "image/jpeg")]
    gone = make.receive(school_channel, make.item("Titta!", id="a"))
    assert gone.changed == 1
    assert not message.versions.get(number=3).attachments.exists()


def test_a_new_picture_is_looked_at_though_nothing_was_found(
    school_channel: Channel, cast: Cast
):
    """Nobody can keep a harmless picture and wake up to another in its place."""
    make.receive(school_channel, with_pictures(RED, id="a"))
    decisions.keep(case=Case.objects.get(), by=cast.anna)
    make.receive(school_channel, with_pictures(RED, id="a", text="Titta nu!"))
    assert Case.objects.get().state == Case.State.KEPT
    make.receive(school_channel, with_pictures(RED, BLUE, id="a", text="Titta nu!"))
    case = Case.objects.get()
    assert case.state == Case.State.NEW
    assert case.duties.open().filter(kind=Duty.Kind.REVIEW).exists()


def test_a_picture_that_cannot_be_had_loses_no_message(school_channel: Channel):
    def read() -> bytes:
        raise NotFound("gone", code="404")

    make.receive(
        school_channel, make.item("Hej", attachments=[make.attached(read=read)])
    )
    one = Attachment.objects.get()
    assert (one.missing, one.sha256, one.detail) == ("not_found", "", "gone 404")
    assert Message.objects.get().text == "Hej"


def test_whatever_the_platform_does_no_message_is_lost(
    school_channel: Channel, platform: str
):
    """Over the network: one picture comes, nothing else can be had."""
    paths = ["photo.jpg", "gone.jpg", "closed", "broken", "huge", "bomb.png", "moved"]
    items = [
        make.item(path, attachments=[make.attached(address=f"{platform}/{path}")])
        for path in paths
    ]
    received = make.receive(school_channel, *items, make.item("Only words"))
    assert (received.new, received.refused) == (8, ())
    found = {
        one.version.text: one.missing or one.mime for one in Attachment.objects.all()
    }
    assert found == {
        "photo.jpg": "image/jpeg",
        "gone.jpg": "not_found",
        "closed": "refused",
        "broken": "unreachable",
        "huge": "too_large",
        "bomb.png": "image/png",
        "moved": "image/jpeg",
    }
    assert not Attachment.objects.get(version__text="bomb.png").is_picture
    again = make.receive(school_channel, *items)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 7)
    assert Served.asked.count("/broken") == 2
    assert Served.asked.count("/gone.jpg") == 1


def test_what_was_out_of_reach_is_asked_for_again(school_channel: Channel):
    """And a direct message is sealed anew, now with its picture (K-17)."""
    silent = True

    def read() -> bytes:
        if silent:
            raise Transient("no connection")
        return RED

    one = make.item(kind="dm", post=None, attachments=[make.attached(read=read)])
    make.receive(school_channel, one)
    [first] = Record.objects.all()
    assert first.document["files"] == {}
    assert first.facts["message"]["attachments"][0]["missing"] == (
        "unreachable no connection"
    )
    make.receive(school_channel, one)
    assert Attachment.objects.get().missing == "unreachable"
    silent = False
    make.receive(school_channel, one)
    assert Attachment.objects.get().sha256 == files.digest_of(RED)
    second = Record.objects.latest("sealed_at")
    assert second.document["files"]["0"]["sha256"] == files.digest_of(RED)
    assert second.subject == first.subject
    assert make.receive(school_channel, one).unchanged == 1
    assert Record.objects.count() == 2


def test_a_file_that_goes_in_the_same_moment_is_fetched_again(
    school_channel: Channel, monkeypatch: pytest.MonkeyPatch
):
    """A disposal takes the same bytes between the fetching and the storing."""
    colour = make.picture("PNG", "olive")
    fetched = attachments.fetch

    def fetch_and_lose(wanted: object) -> object:
        got = fetched(wanted)
        monkeypatch.setattr(attachments, "fetch", fetched)
        files.forget(files.digest_of(colour))
        return got

    monkeypatch.setattr(attachments, "fetch", fetch_and_lose)
    make.receive(school_channel, with_pictures(colour))
    assert b"".join(files.chunks(files.digest_of(colour))) == colour
    assert Attachment.objects.get().sha256 == files.digest_of(colour)


def test_a_kept_picture_that_the_storage_lost_does_not_stop_a_channel(
    school_channel: Channel,
):
    colour = make.picture("PNG", "navy")
    make.receive(school_channel, with_pictures(colour, id="a"))
    files.forget(files.digest_of(colour))
    make.receive(school_channel, with_pictures(colour, id="a", text="Ny text"))
    assert Message.objects.get().versions_count == 2
    assert files.is_kept(files.digest_of(colour))


def test_a_message_has_no_end_of_files(school_channel: Channel):
    came = [make.attached(RED) for _n in range(attachments.MOST_FILES + 2)]
    make.receive(school_channel, make.item(attachments=came))
    assert Attachment.objects.exclude(sha256="").count() == attachments.MOST_FILES
    assert Attachment.objects.filter(missing="too_many").count() == 2


def test_a_message_without_files_costs_no_statement(school_channel: Channel):
    """The hot path is asked nothing about what is not there."""
    make.receive(school_channel, make.item())
    with CaptureQueriesContext(connection) as asked:
        intake.receive(channel=school_channel, batch=Batch(changes=[make.item()]))
    assert not [q for q in asked.captured_queries if "channels_attachment" in q["sql"]]
    assert carried.fetch(school_channel, []) is carried.NOTHING


def test_a_decision_on_a_message_without_files_looks_for_none(
    school_channel: Channel, cast: Cast
):
    """The officer does not wait for what is not there."""

    def plan(case: Case) -> str:
        statement, _loaders = docket._reading()
        asked = {
            "case": case.pk,
            "person": cast.anna.pk,
            "today": timezone.localdate(),
            "rule": None,
        }
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING off) {statement}", asked)
            lines = [line for (line,) in cursor.fetchall()]
        [found] = [line for line in lines if "channels_attachment" in line]
        return str(found)

    assert "never executed" in plan(make.case(school_channel))
    pictured = make.case(school_channel, attachments=[make.attached(RED)])
    assert "never executed" not in plan(pictured)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_fetched_inside_a_transaction(school_channel: Channel):
    inside = []

    def read() -> bytes:
        inside.append(connection.in_atomic_block)
        return RED

    make.receive(school_channel, make.item(attachments=[make.attached(read=read)]))
    assert inside == [False]


def test_files_only_grow(school_channel: Channel):
    make.receive(school_channel, with_pictures(RED))
    for change in (
        lambda: Attachment.objects.update(sha256="0" * 64),
        lambda: Attachment.objects.update(name="another"),
        lambda: Attachment.objects.all().delete(),
        lambda: Attachment.objects.update(missing="let_go", sha256="", size=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_file_is_there_or_has_a_reason(school_channel: Channel):
    make.receive(school_channel, make.item())
    version = Message.objects.get().versions.get()
    for wrong in (
        {},
        {"sha256": "0" * 64, "size": 1},
        {"sha256": "0" * 64, "size": 1, "mime": "image/png", "missing": "not_found"},
        {"sha256": "no digest", "size": 1, "mime": "image/png"},
        {"missing": "not_found", "width": 1, "height": 1, "blurred": b"x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attachment.objects.create(version=version, position=1, **wrong)


# -- Sealing


def removed(channel: Channel, cast: Cast) -> tuple[Case, Record]:
    make.receive(channel, with_pictures(RED, id="a"))
    make.receive(channel, with_pictures(RED, BLUE, id="a"))
    case = Case.objects.get()
    decision = decisions.remove(
        case=case, by=cast.anna, rule=make.rule(), reason="Swears."
    )
    assert decision.record is not None
    return case, decision.record


def test_a_removal_seals_the_pictures_of_all_versions(
    school_channel: Channel, cast: Cast
):
    """K-19: what is taken away stands in the archive, pictures too."""
    _case, record = removed(school_channel, cast)
    assert [
        (one["sha256"], one["mime"], one["size"])
        for one in record.document["files"].values()
    ] == [
        (files.digest_of(RED), "image/png", len(RED)),
        (files.digest_of(BLUE), "image/jpeg", len(BLUE)),
    ]
    assert [
        (one["version"], one["number"], one["file"])
        for one in record.facts["message"]["attachments"]
    ] == [(1, 1, "/files/0"), (2, 1, "/files/0"), (2, 2, "/files/1")]
    # The digest of a picture stands only where it can be masked with the picture.
    assert files.digest_of(RED) not in json.dumps(record.facts)


def test_a_direct_message_is_sealed_with_its_pictures_on_arrival(
    school_channel: Channel,
):
    """K-17."""
    make.receive(school_channel, with_pictures(RED, kind="dm", post=None))
    record = Record.objects.get()
    assert record.kind == Record.Kind.DIRECT_MESSAGE
    assert record.files.get().sha256 == files.digest_of(RED)


def test_a_documented_comment_is_sealed_with_its_pictures(
    school_channel: Channel, cast: Cast
):
    """M-R5."""
    make.receive(school_channel, with_pictures(RED, text="Det har runnit olja i ån."))
    case = Case.objects.get()
    record = meeting.seal_record(case=case, by=cast.anna)
    assert record.files.get().sha256 == files.digest_of(RED)
    assert meeting.whole_record(case) == record


def test_a_record_without_files_has_the_shape_it_had(
    school_channel: Channel, cast: Cast
):
    case = make.case(school_channel)
    decision = decisions.hide(case=case, by=cast.anna, rule=make.rule(), reason="X")
    assert decision.record is not None
    assert "attachments" not in decision.record.facts["message"]
    assert not [p for p in decision.record.field_digests if p.startswith("/files/")]


def test_the_archive_checks_the_pictures(school_channel: Channel, cast: Cast):
    _case, record = removed(school_channel, cast)
    assert verification.verify().faults == []
    assert verification.verify().files == 2
    path = Path(default_storage.path(files.location(files.digest_of(RED))))
    path.write_bytes(RED[:-1] + b"x")
    [fault] = verification.verify().faults
    assert (fault.code, fault.detail) == ("file-changed", files.digest_of(RED))
    path.unlink()
    [fault] = verification.verify().faults
    assert fault.code == "file-missing"
    assert verification.verify_record(record) == []


def test_an_export_carries_the_pictures_and_its_verifier_checks_them(
    school_channel: Channel, cast: Cast, tmp_path: Path
):
    removed(school_channel, cast)
    call_command(
        "export_archive",
        "--format=bagit",
        "--from=2020-01-01",
        "--to=2099-12-31",
        f"--out={tmp_path / 'bag'}",
        stdout=StringIO(),
    )
    outside.Bag(str(tmp_path / "bag")).validate(processes=1)
    [found] = [
        path
        for path in (tmp_path / "bag/data").rglob("*")
        if path.is_file() and path.read_bytes() == RED
    ]

    def check() -> int:
        return subprocess.run(
            [sys.executable, "-I", tmp_path / "bag/data/verify.py"],
            capture_output=True,
            check=False,
        ).returncode

    assert check() == 0
    found.write_bytes(RED[:-1] + b"x")
    assert check() == 1


# -- What the platform is told


class Platform:
    """Shows what it is told to show; takes away when asked."""

    def __init__(self, *items: Item) -> None:
        self.items = items
        self.deleted: list[Ref] = []

    def capabilities(self) -> frozenset[Cap]:
        return frozenset(Cap)

    def recheck(self, refs: object) -> Batch:
        return Batch(changes=self.items)

    def delete(self, ref: Ref, *, key: str) -> Outcome:
        self.deleted.append(ref)
        return Outcome(seen=Seen.GONE)


def test_other_pictures_than_those_in_the_record_are_not_taken_away(
    school_channel: Channel, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    """K-19: the sender exchanged a picture between the decision and the call."""
    removed(school_channel, cast)
    another = Platform(with_pictures(BLUE, id="a"))
    monkeypatch.setattr(delivery, "connector_of", lambda channel: another)
    Delivery.objects.update(not_before=timezone.now())
    delivery.deliver_due()
    assert Delivery.objects.get().error_code == Delivery.EDITED
    assert another.deleted == []


def test_the_pictures_in_the_record_go_with_their_comment(
    school_channel: Channel, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    removed(school_channel, cast)
    same = Platform(with_pictures(RED, BLUE, id="a"))
    monkeypatch.setattr(delivery, "connector_of", lambda channel: same)
    Delivery.objects.update(not_before=timezone.now())
    delivery.deliver_due()
    assert Delivery.objects.get().state == Delivery.State.DONE
    assert len(same.deleted) == 1


# -- Letting go


def empty(message: Message, cast: Cast) -> int:
    Message.objects.filter(pk=message.pk).update(
        outside_at=timezone.now(), outside_by=cast.anna
    )
    return attachments.let_go([message.pk])


def test_a_picture_goes_with_the_words_of_its_message(
    school_channel: Channel, cast: Cast, django_capture_on_commit_callbacks
):
    colour = make.picture("PNG", "purple")
    make.receive(school_channel, with_pictures(colour))
    assert not files.forget_unnamed(files.digest_of(colour))
    with django_capture_on_commit_callbacks(execute=True):
        assert empty(Message.objects.get(), cast) == 1
    assert set(Attachment.objects.values_list("missing", "name", "sha256")) == {
        ("let_go", "", "")
    }
    with pytest.raises(FileNotFoundError):
        list(files.chunks(files.digest_of(colour)))


def test_what_was_emptied_and_is_read_anew_has_its_pictures_again(
    school_channel: Channel,
    cast: Cast,
    in_force: Any,
    monkeypatch: pytest.MonkeyPatch,
):
    """K-15, K-19: what is reported again is not removed without its pictures."""
    make.receive(school_channel, with_pictures(RED, id="a"))
    decisions.keep(case=Case.objects.get(), by=cast.anna)
    Duty.objects.update(closed_at=timezone.now(), closed_by=cast.anna, outcome="lifted")
    Case.objects.update(due_at=None)
    in_force()
    assert purging.run(later()) == 1
    assert Attachment.objects.get().missing == "let_go"
    Case.objects.update(due_at=timezone.now())
    there = Platform(with_pictures(RED, id="a"))
    monkeypatch.setattr(rereading, "connector_of", lambda channel: there)
    case = Case.objects.select_related("message", "channel").get()
    rereading.read_anew(case=case, by=cast.anna)
    decision = decisions.remove(case=case, by=cast.anna, rule=make.rule(), reason="X")
    assert decision.record is not None
    assert decision.record.files.get().sha256 == files.digest_of(RED)
    [gone, back] = decision.record.facts["message"]["attachments"]
    assert (gone["missing"], back["file"]) == ("let_go", "/files/0")


def test_a_picture_stays_as_long_as_a_record_has_it(
    school_channel: Channel, cast: Cast, django_capture_on_commit_callbacks
):
    """K-19: a disposal takes the files that nothing else names."""
    RetentionRule.objects.update_or_create(
        slug=decisions.RETENTION, defaults={"title": "Two years", "years": 2}
    )
    case, record = removed(school_channel, cast)
    with django_capture_on_commit_callbacks(execute=True):
        assert empty(case.message, cast) == 3
    digest = files.digest_of(RED)
    assert b"".join(files.chunks(digest)) == RED
    with (
        time_machine.travel(datetime(2040, 1, 1, tzinfo=UTC), tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        proposed = disposal.propose(
            records=[record], decision="KS 7", basis="Plan", by="Arkiv (arkiv)"
        )
        disposal.confirm(disposal=proposed, by="Chef (chef)")
    with pytest.raises(FileNotFoundError):
        list(files.chunks(digest))


def test_a_disposal_spares_what_a_message_has(school_channel: Channel):
    make.receive(school_channel, with_pictures(RED))
    assert not files.forget_unnamed(files.digest_of(RED))
    assert b"".join(files.chunks(files.digest_of(RED))) == RED
