"""What comes in is stored once, whole, screened, with its duties and its cursor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from archive.models import LogEntry, Record
from channels.models import Message, Stream, Unread, Version
from channels.platforms.base import Refused, Seen, Tombstone
from moderation import intake
from moderation.models import Case, Duty, Finding
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel

SWEARING = "Vilken jävla skit är det här?"


def test_a_message_is_stored_screened_and_owed_an_answer(school_channel: Channel):
    """K-14, K-20: one transaction stores, screens and opens the duties."""
    received = make.receive(school_channel, make.item(SWEARING, id="one"))

    assert (received.new, received.changed, received.refused) == (1, 0, ())
    case = Case.objects.get(message__external_id="one")
    assert case.message.author_name == "Kim Karlsson"
    assert case.findings_count == case.findings.count() > 0
    for finding in case.findings.select_related("version"):
        assert finding.matched == SWEARING[finding.start : finding.end]
    kinds = set(case.duties.values_list("kind", flat=True))
    assert kinds == {Duty.Kind.ANSWER, Duty.Kind.REVIEW}
    assert case.due_at == min(case.duties.values_list("due_at", flat=True))


def test_receiving_twice_changes_nothing(school_channel: Channel):
    items = [make.item(f"Text {n}") for n in range(5)]
    make.receive(school_channel, *items)
    before = (Message.objects.count(), Version.objects.count(), Duty.objects.count())

    again = make.receive(school_channel, *items)

    assert (again.new, again.changed, again.unchanged) == (0, 0, 5)
    after = (Message.objects.count(), Version.objects.count(), Duty.objects.count())
    assert before == after


def test_an_edit_is_a_version_and_is_screened_anew(school_channel: Channel, cast):
    one = make.item("En vanlig fråga?", id="e1")
    make.receive(school_channel, one)
    case = Case.objects.get()
    assert case.findings_count == 0

    edited = make.receive(school_channel, make.item(SWEARING, id="e1"))

    assert edited.changed == 1
    message = Message.objects.get()
    assert message.text == SWEARING
    assert [v.text for v in message.versions.order_by("number")] == [
        "En vanlig fråga?",
        SWEARING,
    ]
    case.refresh_from_db()
    assert case.findings_count > 0
    assert case.duties.open().filter(kind=Duty.Kind.REVIEW).count() == 1


def test_one_message_twice_in_a_batch_is_one_message_with_two_versions(school_channel):
    make.receive(school_channel, make.item("a", id="x"), make.item("b", id="x"))
    assert Message.objects.get().text == "b"
    assert Version.objects.count() == 2


def test_a_direct_message_is_sealed_on_arrival(school_channel: Channel):
    """K-17: a direct message is a received public record."""
    case = make.case(school_channel, "Hej, min son…", kind="dm", post=None)

    record = case.received_record
    assert record is not None
    assert record.kind == Record.Kind.DIRECT_MESSAGE
    assert record.subject == case.message.ref
    assert record.facts["sender"]["handle"] == "@kim"
    assert record.facts["message"]["text"] == "Hej, min son…"
    assert LogEntry.objects.filter(record_id=record.pk).exists()


def test_an_edited_direct_message_is_sealed_beside_the_first(school_channel: Channel):
    case = make.case(school_channel, "Först", kind="dm", id="d1")
    make.receive(school_channel, make.item("Sedan", kind="dm", id="d1"))

    records = Record.objects.filter(subject=case.message.ref)
    assert sorted(r.facts["message"]["text"] for r in records) == ["Först", "Sedan"]


def test_the_cursor_is_saved_with_the_messages(school_channel: Channel, monkeypatch):
    make.receive(school_channel, make.item(), cursor="17")
    assert Stream.objects.get(channel=school_channel).cursor == "17"

    def broken(**_kwargs):
        raise RuntimeError("no")

    monkeypatch.setattr("moderation.arrivals._open_cases", broken)
    with pytest.raises((RuntimeError, TypeError)):
        make.receive(school_channel, make.item(), cursor="18")
    assert Stream.objects.get(channel=school_channel).cursor == "17"
    assert Message.objects.count() == 1


BAD = {
    "no_zone": make.item("x", created_at=datetime(2026, 1, 1, 12)),
    "impossible_time": make.item("x", created_at=timezone.now() + timedelta(days=40)),
    "no_id": make.item("x", id="  "),
    "id_too_long": make.item("x", id="y" * 301),
    "text_too_long": make.item("å" * 10_000_000),
    "unknown_kind": make.item("x", kind="poke"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_broken_item_is_named_and_the_rest_is_kept(school_channel, name: str):
    received = make.receive(school_channel, make.item("good"), BAD[name], make.item())

    assert received.new == 2
    assert [one.error.split(":")[0] for one in received.refused] == [name]
    assert Unread.objects.get(channel=school_channel).error.startswith(name)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("NUL \x00 inside", "NUL \ufffd inside"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("low \udc00 surrogate", "low \ufffd surrogate"),
        ("pair 😀 stays", "pair 😀 stays"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\u202eright to left", "\u202eright to left"),
        ("شكرا جزيلا للبلدية", "شكرا جزيلا للبلدية"),
        ("line\r\nbreak\ttab", "line\r\nbreak\ttab"),
        ("", ""),
        ("å" * 1_000_000, "å" * 1_000_000),
    ],
)
def test_any_text_is_stored(school_channel: Channel, text: str, stored: str):
    received = make.receive(school_channel, make.item(text, id="t"))

    assert received.refused == ()
    message = Message.objects.get()
    assert message.text == stored
    if stored != text:
        raw = bytes(message.versions.get().raw)
        assert raw.decode("utf-8", "surrogatepass") == text


def test_what_the_connector_refused_is_named_too(school_channel: Channel):
    make.receive(school_channel, make.item(), refused=[Refused("9", "shape: no text")])
    assert Unread.objects.get().external_id == "9"


def test_gone_is_noted_and_never_claimed_to_be_the_authors_doing(school_channel):
    case = make.case(school_channel, id="g")
    received = intake.receive(
        channel=school_channel,
        batch=make.Batch(changes=[Tombstone("comment", "g", timezone.now())]),
    )
    assert received.gone == 1
    case.message.refresh_from_db()
    assert case.message.visibility == Message.Visibility.GONE
    assert Version.objects.get().text == "Hello"


def test_what_the_platform_shows_is_taken_over(school_channel: Channel):
    make.receive(school_channel, make.item("x", id="s", state=Seen.VISIBLE))
    make.receive(school_channel, make.item("x", id="s", state=Seen.HIDDEN))
    assert Message.objects.get().visibility == Message.Visibility.HIDDEN


def test_our_own_messages_owe_nothing(school_channel: Channel):
    case = make.case(school_channel, SWEARING + " Hur?", is_ours=True)
    assert (case.due_at, case.findings_count) == (None, 0)


def test_an_old_message_waits_for_no_answer(school_channel: Channel):
    old = timezone.now() - timedelta(days=60)
    case = make.case(school_channel, "När öppnar simhallen?", created_at=old)
    assert case.duties.count() == 0


def test_versions_and_findings_only_grow(school_channel: Channel):
    make.receive(school_channel, make.item(SWEARING))
    for statement in (
        "UPDATE channels_version SET text = ''",
        "DELETE FROM channels_version",
        "TRUNCATE channels_version CASCADE",
        "UPDATE moderation_finding SET entry = ''",
        "DELETE FROM moderation_finding",
        "TRUNCATE moderation_finding",
    ):
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")
    assert Finding.objects.exists()


def test_a_batch_costs_the_same_number_of_queries_whatever_its_size(
    school_channel: Channel, django_assert_max_num_queries
):
    with django_assert_max_num_queries(40):
        make.receive(
            school_channel,
            *[make.item(f"Fråga {n}?") for n in range(200)],
            *[make.item(f"Till er {n}", kind="dm") for n in range(200)],
        )
    assert Message.objects.count() == 400
