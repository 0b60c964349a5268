"""Seal, then act: what a person decides, and what the database refuses."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction

from archive.models import LogEntry, Record
from channels import delivery, registration
from channels.models import Delivery, User
from moderation import decisions, replies, reports
from moderation.models import Case, Decision, Duty, Report
from moderation.refusals import Refused, refusal
from moderation.verbs import VERBS
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel

RUDE = "Ni är en jävla skitkommun, varför svarar ni aldrig?"


def test_a_removal_seals_the_sender_and_the_text_first(school_channel: Channel, cast):
    """K-19: before deletion the content and the sender are saved."""
    case = make.case(school_channel, RUDE)

    decision = decisions.remove(
        case=case, by=cast.anna, rule=make.rule("K-20.6"), reason="Swears at staff."
    )

    record = decision.record
    assert record is not None
    assert record.kind == Record.Kind.REMOVAL
    assert record.subject == case.message.ref
    facts = record.facts
    assert facts["message"]["text"] == RUDE
    assert facts["sender"] == {
        "name": "Kim Karlsson",
        "handle": "@kim",
        "platform_id": case.message.author_id,
        "profile_url": "https://social.example/kim",
    }
    assert facts["decision"]["rule"] == "K-20.6"
    assert facts["decision"]["reason"] == "Swears at staff."
    assert "anna" in facts["decision"]["officer"]
    assert facts["context"]["post"]["title"] == "Winter"
    assert LogEntry.objects.filter(record_id=record.pk).exists()
    assert decision.delivery is not None
    assert decision.delivery.record_id == record.pk
    assert decision.rule_version == make.rule("K-20.6").current
    case.refresh_from_db()
    assert (case.state, case.due_at) == (Case.State.REMOVED, None)
    assert set(case.duties.values_list("closed_with", flat=True)) == {"remove"}


@pytest.mark.parametrize("act", [Delivery.Act.HIDE, Delivery.Act.DELETE])
def test_the_database_refuses_a_taking_away_without_its_record(
    school_channel: Channel, cast, act: str
):
    """K-19: not even code of ours can tell the platform without a sealed record."""
    case = make.case(school_channel)
    with (
        pytest.raises(IntegrityError, match="no_hide_or_removal_without_its_record"),
        transaction.atomic(),
    ):
        delivery.enqueue(message=case.message, act=act, by=cast.anna)


def test_the_database_refuses_another_messages_record(school_channel: Channel, cast):
    """K-19: the record has to be of this very message."""
    one, other = make.case(school_channel), make.case(school_channel)
    record = decisions.hide(
        case=one, by=cast.anna, rule=make.rule(), reason="Swears."
    ).record
    with (
        pytest.raises(IntegrityError, match="not of this message"),
        transaction.atomic(),
    ):
        delivery.enqueue(
            message=other.message, act=Delivery.Act.DELETE, by=cast.anna, record=record
        )


def test_the_database_refuses_to_change_what_a_delivery_says(school_channel, cast):
    case = make.case(school_channel)
    sent = decisions.hide(
        case=case, by=cast.anna, rule=make.rule(), reason="Swears."
    ).delivery
    for changes in ({"record": None}, {"act": "reply", "text": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.filter(pk=sent.pk).update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=sent.pk).delete()


def test_the_database_refuses_a_removal_decided_without_ground(school_channel, cast):
    """K-23: a decision shows who, when, ground and reason."""
    case = make.case(school_channel)
    mandate = school_channel.mandates.get()
    with pytest.raises(IntegrityError, match="without_ground"), transaction.atomic():
        Decision.objects.create(case=case, verb="remove", by=cast.anna, mandate=mandate)


def test_decisions_and_records_only_grow(school_channel: Channel, cast):
    case = make.case(school_channel)
    decisions.hide(case=case, by=cast.anna, rule=make.rule(), reason="Swears.")
    for table in ("moderation_decision", "archive_record", "archive_logentry"):
        for statement in (
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with (
                pytest.raises(IntegrityError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(reason="another")
    with pytest.raises(IntegrityError), transaction.atomic():
        Record.objects.update(sealed_by="another")


def test_a_failing_seal_leaves_no_decision(school_channel, cast, monkeypatch):
    """K-19: no act without its trace; the whole transaction goes."""
    case = make.case(school_channel)

    def broken(**_kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr(decisions, "seal", broken)
    with pytest.raises(RuntimeError):
        decisions.remove(case=case, by=cast.anna, rule=make.rule(), reason="x")
    case.refresh_from_db()
    assert case.state == Case.State.NEW
    assert not Decision.objects.exists()
    assert not Delivery.objects.exists()


def test_ground_and_reason_are_asked_for(school_channel: Channel, cast):
    case = make.case(school_channel)
    with pytest.raises(Refused, match="Choose the rule"):
        decisions.hide(case=case, by=cast.anna, rule=None, reason="x")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="Say why"):
        decisions.hide(case=case, by=cast.anna, rule=make.rule(), reason="  ")
    assert not Record.objects.exists()


def test_hide_and_take_it_back(school_channel: Channel, cast):
    case = make.case(school_channel)
    decisions.hide(case=case, by=cast.anna, rule=make.rule(), reason="Swears.")
    decision = decisions.restore(case=case, by=cast.anna, reason="It was a quotation.")

    case.refresh_from_db()
    assert case.state == Case.State.KEPT
    assert decision.delivery.act == Delivery.Act.UNHIDE
    acts = list(Delivery.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["hide", "unhide"]


def test_keeping_meets_the_review_but_the_answer_is_still_owed(school_channel, cast):
    """K-13, K-14: a comment that stays and asks something is still to be answered."""
    case = make.case(school_channel, RUDE)
    decisions.keep(case=case, by=cast.anna)
    case.refresh_from_db()
    assert case.state == Case.State.KEPT
    open_kinds = list(case.duties.open().values_list("kind", flat=True))
    assert open_kinds == [Duty.Kind.ANSWER]
    assert case.due_at is not None


def test_an_answer_is_signed_and_closes_the_duty(school_channel: Channel, cast):
    """K-7, K-14: who wrote it and for whom is always clear."""
    case = make.case(school_channel, "När öppnar biblioteket?")
    answer = replies.reply(case=case, by=cast.anna, text="Klockan tio.")
    assert answer.delivery.text == (
        "Klockan tio.\n\n/ Anna Test, Schools, webb@testnas.example"
    )
    case.refresh_from_db()
    assert case.due_at is None


def test_our_own_text_is_held_to_the_rules(school_channel: Channel, cast):
    """K-10, K-11: what officials may not post is stopped before it is sent."""
    case = make.case(school_channel, "När öppnar biblioteket?")
    with pytest.raises(Refused, match="may not be sent"):
        replies.reply(case=case, by=cast.anna, text="Din jävla idiot.")
    assert not Delivery.objects.exists()


def test_an_office_may_be_named_and_a_person_may_not(school_channel, cast):
    """K-11, K-17: the sender is asked to write to the authority's mailbox."""
    case = make.case(school_channel, "Hur får jag ut en handling?", kind="dm")
    with pytest.raises(Refused, match="may not be sent"):
        replies.reply(case=case, by=cast.anna, text="Gäller det 19121212-1212?")
    text = "Skriv till registrator@testnas.example eller ring 0923-123 45."
    assert replies.reply(case=case, by=cast.anna, text=text).delivery.text


def test_what_citizens_say_to_one_another_is_not_owed_an_answer(school_channel):
    """K-14, M-R2b: not all questions need the municipality's answer."""
    case = make.case(school_channel, "@Lena ska vi ses där på lördag?")
    assert case.duties.count() == 0


def test_handing_over_tells_the_colleague(school_channel: Channel, cast):
    """K-13: passed on to somebody better suited."""
    case = make.case(school_channel, "Hur gör jag?")
    with pytest.raises(Refused, match="no mandate"):
        replies.hand_over(case=case, by=cast.anna, to=cast.bo, note="Yours?")
    registration.give_mandate(channel=school_channel, person=cast.bo, by=cast.hanna)
    replies.hand_over(case=case, by=cast.anna, to=cast.bo, note="Yours?")
    case.refresh_from_db()
    assert case.assigned_to == cast.bo


def test_two_officers_cannot_both_decide(school_channel: Channel, cast):
    """K-23: the second is told what the first decided, and nothing happens twice."""
    registration.give_mandate(channel=school_channel, person=cast.bo, by=cast.hanna)
    case = make.case(school_channel)
    seen_by_both = case.turn
    decisions.keep(case=case, by=cast.anna, turn=seen_by_both)
    with pytest.raises(Refused, match="Anna Test decided"):
        decisions.remove(
            case=case, by=cast.bo, rule=make.rule(), reason="x", turn=seen_by_both
        )
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_the_same_moment(school_channel: Channel, cast):
    case = make.case(school_channel)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def decide() -> None:
        person = User.objects.get(pk=cast.anna.pk)
        start.wait()
        try:
            decisions.remove(
                case=case, by=person, rule=make.rule(), reason="Swears.", turn=case.turn
            )
            outcomes.append("done")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert Record.objects.filter(kind=Record.Kind.REMOVAL).count() == 1
    assert Delivery.objects.count() == 1


def test_a_direct_message_cannot_be_taken_away(school_channel: Channel, cast):
    """K-17: it is a received record."""
    case = make.case(school_channel, RUDE, kind="dm")
    with pytest.raises(Refused, match="received record"):
        decisions.remove(case=case, by=cast.anna, rule=make.rule(), reason="x")


def test_who_may_and_when(school_channel: Channel, cast):
    """K-6: nobody acts on a channel without a mandate in force."""
    case = make.case(school_channel)
    hide = VERBS["hide"]
    assert refusal(case, hide, cast.anna) == ""
    assert "no mandate" in refusal(case, hide, cast.bo)
    assert "may not" in refusal(case, hide, cast.otto)
    assert "may not" in refusal(case, hide, cast.arkiv)
    registration.end_mandate(mandate=school_channel.mandates.get(), by=cast.hanna)
    assert refusal(case, hide, cast.anna) == ""  # holds through its last day
    registration.close(channel=school_channel, by=cast.hanna)
    case = Case.objects.select_related("channel", "message").get(pk=case.pk)
    assert "not in use" in refusal(case, hide, cast.anna)


def test_a_report_stands_beside_its_message_and_hears_the_outcome(school_channel, cast):
    """K-15, K-24: a citizen reports without logging in and sees what became of it."""
    case = make.case(
        school_channel, "Fult sagt", permalink="https://social.example/c/9"
    )
    decisions.keep(case=case, by=cast.anna)
    report = reports.receive(address="https://social.example/c/9/", what="Fult!")

    case.refresh_from_db()
    assert report.case == case
    assert case.state == Case.State.NEW
    assert case.duties.open().filter(kind=Duty.Kind.REPORT).exists()
    decisions.remove(case=case, by=cast.anna, rule=make.rule(), reason="Fult.")
    report.refresh_from_db()
    assert (report.outcome, report.closed_by) == (Report.Outcome.REMOVED, cast.anna)


def test_a_report_that_came_before_its_comment_finds_it(school_channel, cast):
    """K-15: a citizen may be quicker than our reading of the channel."""
    report = reports.receive(address="https://social.example/c/8", what="Fult!")
    assert report.case is None
    case = make.case(school_channel, "Ja", permalink="https://social.example/c/8/")
    report.refresh_from_db()
    assert report.case == case
    assert case.reports_count == 1
    assert case.duties.open().filter(kind=Duty.Kind.REPORT).exists()
    assert case.due_at is not None


def test_a_report_on_an_unknown_address_is_kept_for_a_person(school_channel, cast):
    report = reports.receive(address="https://elsewhere.example/x", what="Hm")
    assert (report.case, report.channel) == (None, None)
    reports.dismiss(report=report, by=cast.chief)
    assert report.__class__.objects.get().outcome == Report.Outcome.ELSEWHERE
