"""What a message owes: proposed, confirmed, met in parts, waived, redated."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from archive.models import Record
from channels import registration
from channels.models import Delivery, Message
from channels.platforms.base import Author
from moderation import decisions, kinds, meeting, replies, waiving
from moderation.duties import close_duties, part_done
from moderation.models import (
    Case,
    Confirmation,
    Duty,
    DutyPart,
    Proposal,
    Reply,
)
from moderation.refusals import Refused
from policies.duties import KINDS, classify
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel
    from tests.conftest import Cast

PRAISE = "Tack, vilken fin park ni har gjort!"
QUESTION = "Hej kommunen, när öppnar biblioteket på lördag?"
NEGATIVE = "Ni är så dåliga på att ploga, det är helt under all kritik!"
CLAIM = "Det stämmer inte att skolan har 200 elever, det är 150 i dag."
MATTER = "Jag vill ansöka om bygglov för ett garage, hur gör jag?"
HURT = "Min dotter skadades i gungan på Strandskolan den 3 november."
POLITICS = "Det är Socialdemokraterna i kommunfullmäktige som bär ansvaret."
CHATTER = "@Lena ska vi ses där på lördag?"


def owed(case: Case) -> set[str]:
    return set(case.duties.open().values_list("kind", flat=True))


def sent(reply: Reply) -> None:
    """The platform has confirmed the answer."""
    Delivery.objects.filter(pk=reply.delivery_id).update(
        state=Delivery.State.DONE, settled_at=timezone.now()
    )


# -- Opened at intake --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PRAISE, {"thank"}),
        (QUESTION, {"answer"}),
        (NEGATIVE, {"answer"}),
        (CLAIM, {"correct"}),
        (MATTER, {"refer", "document"}),
        (HURT, {"document"}),
        (POLITICS, {"refer"}),
        (CHATTER, set()),
    ],
)
def test_each_kind_of_message_owes_what_the_guidelines_say(
    school_channel: Channel, text: str, expected: set[str]
):
    """M-R2a thank, M-R2b answer, M-R2c answer, M-R2d correct, M-R4 refer, M-R5
    document, M-R6 refer; K-14: talk among citizens owes nothing."""
    case = make.case(school_channel, text)
    assert owed(case) - {"review"} == expected
    assert case.due_at == min(
        case.duties.values_list("due_at", flat=True), default=None
    )


def test_a_direct_message_is_registered_besides(school_channel: Channel):
    """K-17: a direct message is a received public record, whatever it says."""
    assert owed(make.case(school_channel, PRAISE, kind="dm")) == {"thank", "register"}
    assert "register" in owed(make.case(school_channel, CHATTER, kind="dm"))


def test_history_waits_for_no_answer_but_its_letters_are_registered(
    school_channel: Channel,
):
    """K-14, K-17: what is older than a fortnight when first seen owes no answer."""
    old = timezone.now() - timedelta(days=15)
    comment = make.case(school_channel, QUESTION, created_at=old)
    assert owed(comment) == set()
    assert not comment.proposals.exists()
    letter = make.case(school_channel, QUESTION, kind="dm", created_at=old)
    assert owed(letter) == {"register"}
    assert letter.due_at > timezone.now()


def test_a_proposal_keeps_its_reasons_and_its_maker(school_channel: Channel):
    """K-23: the software proposes and explains; each reason names its place."""
    case = make.case(school_channel, QUESTION)
    proposal = Proposal.objects.get(case=case)
    assert proposal.names == ["neutral_addressed"]
    assert proposal.duties == ["answer"]
    assert proposal.engine.startswith("duties-1+")
    for sign in proposal.kinds[0]["evidence"]:
        assert QUESTION[sign["start"] : sign["end"]]
        assert "matched" not in sign


def test_proposals_and_what_people_say_only_grow(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, MATTER)
    kinds.confirm(case=case, by=cast.anna)
    part_done(case=case, part="notice", by=cast.anna, how="reply")
    for statement in (
        "UPDATE moderation_proposal SET engine = ''",
        "DELETE FROM moderation_proposal",
        "TRUNCATE moderation_proposal CASCADE",
        "UPDATE moderation_confirmation SET kinds = '[]'",
        "DELETE FROM moderation_confirmation",
        "UPDATE moderation_dutypart SET how = ''",
        "DELETE FROM moderation_dutypart",
        "TRUNCATE moderation_dutypart",
    ):
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")


# -- An edit -----------------------------------------------------------------------


def edited(school_channel: Channel, before: str, after: str, **changes) -> Case:
    make.receive(school_channel, make.item(before, id="e", **changes))
    make.receive(school_channel, make.item(after, id="e", **changes))
    return Case.objects.get(message__external_id="e")


def test_an_edit_opens_what_it_asks_besides(school_channel: Channel):
    """K-14: a question put in afterwards is a question."""
    case = edited(school_channel, PRAISE, f"{PRAISE} {QUESTION}")
    assert owed(case) == {"thank", "answer"}
    assert case.proposals.count() == 2
    answer = case.duties.get(kind="answer")
    assert answer.since > case.duties.get(kind="thank").since


def test_an_edit_never_lifts_what_was_asked(school_channel: Channel):
    """K-23: that a question no longer waits is a person's to say."""
    case = edited(school_channel, QUESTION, CHATTER)
    assert owed(case) == {"answer"}


def test_a_slip_put_right_does_not_ask_anew(school_channel: Channel, cast: Cast):
    question = "Hej kommunen, när öppnar biblioteket på lördag efter lovet?"
    make.receive(school_channel, make.item(question.replace("lovet", "lovt"), id="e"))
    case = Case.objects.get()
    close_duties(case=case, kinds=["answer"], by=cast.anna, how="reply")
    make.receive(school_channel, make.item(question, id="e"))
    assert owed(case) == set()


def test_another_question_in_the_same_message_asks_anew(
    school_channel: Channel, cast: Cast
):
    """K-14: what is answered is what was asked then."""
    make.receive(school_channel, make.item(QUESTION, id="e"))
    case = Case.objects.get()
    close_duties(case=case, kinds=["answer"], by=cast.anna, how="reply")
    make.receive(
        school_channel, make.item("Och varför sandar ni aldrig vår gata?", id="e")
    )
    assert "answer" in owed(case)


def test_an_edited_letter_is_registered_anew(school_channel: Channel, cast: Cast):
    """K-17: what it says now is a received record too."""
    make.receive(school_channel, make.item(QUESTION, id="e", kind="dm"))
    case = Case.objects.select_related("message").get()
    first = meeting.register(case=case, by=cast.anna, number="2026/17")
    assert "register" not in owed(case)
    make.receive(school_channel, make.item(QUESTION + " Tack!", id="e", kind="dm"))
    assert "register" in owed(case)
    second = meeting.register(case=case, by=cast.anna)
    assert first.pk != second.pk
    assert second.facts["message"]["text"].endswith("Tack!")


def test_what_is_out_of_sight_asks_nothing_more(school_channel: Channel, cast: Cast):
    make.receive(school_channel, make.item(CHATTER, id="e"))
    case = Case.objects.get()
    decisions.hide(case=case, by=cast.anna, rule=make.rule(), reason="Swears.")
    Delivery.objects.update(state=Delivery.State.DONE, settled_at=timezone.now())
    make.receive(school_channel, make.item(QUESTION, id="e"))
    assert owed(case) == set()


# -- Kinds, confirmed and corrected ------------------------------------------------


def test_confirming_keeps_who_when_and_what(school_channel: Channel, cast: Cast):
    """K-13, K-23: the officer's word is kept beside the proposal."""
    case = make.case(school_channel, QUESTION)
    said = kinds.confirm(case=case, by=cast.anna, turn=case.turn)
    assert said.outcome == Confirmation.Outcome.ACCEPTED
    assert said.proposal == Proposal.objects.get(case=case)
    assert (said.by, said.kinds) == (cast.anna, ["neutral_addressed"])
    assert owed(case) == {"answer"}
    assert kinds.kinds_of(case) == ["neutral_addressed"]


def test_correcting_opens_and_lifts_to_fit(school_channel: Channel, cast: Cast):
    """M-R2, M-R4, M-R5: the duties follow what a person says the message is."""
    case = make.case(school_channel, QUESTION)
    said = kinds.correct(
        case=case, by=cast.anna, kinds=["praise", "needs_case_handling"]
    )
    assert said.outcome == Confirmation.Outcome.CORRECTED
    assert owed(case) == {"thank", "refer", "document"}
    lifted = case.duties.get(kind="answer")
    assert (lifted.outcome, lifted.closed_by) == ("lifted", cast.anna)
    assert lifted.closed_with == "correct"
    message = case.message
    assert case.duties.get(kind="refer").since == message.posted_at

    kinds.correct(case=case, by=cast.anna, kinds=["neutral_addressed"])
    assert owed(case) == {"answer"}
    assert case.confirmations.count() == 2


def test_what_is_met_is_not_asked_twice(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, PRAISE)
    close_duties(case=case, kinds=["thank"], by=cast.anna, how="reply")
    kinds.correct(case=case, by=cast.anna, kinds=["praise", "states_facts"])
    assert owed(case) == {"correct"}


def test_a_message_that_nothing_was_proposed_for_is_given_its_kinds(
    school_channel: Channel, cast: Cast
):
    old = timezone.now() - timedelta(days=30)
    case = make.case(school_channel, QUESTION, created_at=old)
    with pytest.raises(Refused, match="Nothing was proposed"):
        kinds.confirm(case=case, by=cast.anna)
    said = kinds.correct(case=case, by=cast.anna, kinds=["neutral_addressed"])
    assert said.outcome == Confirmation.Outcome.GIVEN
    duty = case.duties.get()
    assert duty.due_at > timezone.now()


def test_a_new_text_is_judged_anew(school_channel: Channel, cast: Cast):
    """K-23: what a person said of the old text does not hold for the new one."""
    make.receive(school_channel, make.item(PRAISE, id="e"))
    case = Case.objects.get()
    kinds.correct(case=case, by=cast.anna, kinds=["negative"])
    make.receive(school_channel, make.item(POLITICS, id="e"))
    assert kinds.confirmation_in_force(case) is None
    assert kinds.is_political(case)


def test_kinds_that_contradict_one_another_are_refused(school_channel, cast):
    case = make.case(school_channel, QUESTION)
    with pytest.raises(Refused, match="either to the municipality or to others"):
        kinds.correct(
            case=case,
            by=cast.anna,
            kinds=["neutral_addressed", "neutral_unaddressed"],
        )
    with pytest.raises(Refused, match="at least one"):
        kinds.correct(case=case, by=cast.anna, kinds=["no such kind"])
    with pytest.raises(Refused, match="no mandate in force"):
        kinds.confirm(case=case, by=cast.bo)
    assert not Confirmation.objects.exists()


def test_the_second_of_two_officers_is_told(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, QUESTION)
    kinds.confirm(case=case, by=cast.anna, turn=case.turn)
    with pytest.raises(Refused, match="since you opened it"):
        kinds.correct(case=case, by=cast.anna, kinds=["praise"], turn=case.turn)


def test_every_kind_of_the_policy_has_a_name_for_the_desk():
    from moderation.models import ReplyKind

    assert tuple(ReplyKind.values) == KINDS


# -- Documenting, in three parts ---------------------------------------------------


def test_documenting_is_met_when_all_three_are_done(
    school_channel: Channel, cast: Cast
):
    """M-R5: the sender is told, the matter passed on, the message archived."""
    case = make.case(school_channel, HURT)
    assert not part_done(case=case, part="notice", by=cast.anna, how="reply")
    assert not part_done(case=case, part="referral", by=cast.anna, how="refer")
    assert owed(case) == {"document"}
    record = meeting.seal_record(case=case, by=cast.anna)
    duty = case.duties.get(kind="document")
    assert (duty.outcome, duty.closed_by, duty.record) == ("met", cast.anna, record)
    assert [part.part for part in duty.parts.all()] == ["notice", "referral", "record"]
    assert record.kind == Record.Kind.COMMENT
    assert record.facts["message"]["text"] == HURT
    assert record.facts["registration"]["kinds"] == kinds.kinds_of(case)
    assert "anna" in record.facts["registration"]["officer"]
    case.refresh_from_db()
    assert case.due_at is None


@pytest.mark.parametrize("missing", list(DutyPart.Part.values))
def test_the_database_refuses_documenting_met_in_two_parts(
    school_channel: Channel, cast: Cast, missing: str
):
    """M-R5: not even code of ours can close it early."""
    case = make.case(school_channel, HURT)
    duty = case.duties.get(kind="document")
    record = meeting._seal(case, cast.anna, school_channel.mandates.get())
    for part in set(DutyPart.Part.values) - {missing}:
        DutyPart.objects.create(
            duty=duty,
            part=part,
            how="meet",
            by=cast.anna,
            record=record if part == "record" else None,
        )
    with pytest.raises(IntegrityError, match="three parts"), transaction.atomic():
        Duty.objects.filter(pk=duty.pk).update(
            outcome="met", closed_at=timezone.now(), closed_by=cast.anna
        )
    close_duties(case=case, kinds=Duty.Kind.values, by=cast.anna, how="reply")
    assert owed(case) == {"document"}


def test_a_letter_is_documented_by_its_record_of_arrival(
    school_channel: Channel, cast: Cast
):
    """K-17, M-R5: it was sealed when it came."""
    case = make.case(school_channel, HURT, kind="dm")
    part_done(case=case, part="notice", by=cast.anna, how="reply")
    assert part_done(case=case, part="referral", by=cast.anna, how="refer")
    assert case.duties.get(kind="document").record_id == case.received_record_id


def test_a_part_done_twice_is_done_once(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, HURT)
    for _again in range(2):
        part_done(case=case, part="notice", by=cast.anna, how="reply")
    assert DutyPart.objects.count() == 1
    none = make.case(school_channel, PRAISE)
    assert not part_done(case=none, part="notice", by=cast.anna, how="reply")


def test_a_removal_leaves_the_documenting_owed(school_channel: Channel, cast: Cast):
    """M-R5, K-19: what was reported in a comment that had to go is still passed on;
    its answers are no longer owed, nor claimed to have been given."""
    case = make.case(school_channel, f"{HURT} När svarar ni?")
    assert {"answer", "document"} <= owed(case) | {"answer"}
    decisions.remove(case=case, by=cast.anna, rule=make.rule(), reason="Names a child.")
    assert owed(case) == {"document"}
    assert not case.duties.filter(kind__in=Duty.REPLY).exclude(outcome="lifted")
    case.refresh_from_db()
    assert case.due_at is not None
    meeting.meet(case=case, by=cast.anna, what="notice", note="Telephone, 10:15.")
    meeting.meet(case=case, by=cast.anna, what="referral", note="To the head, 10:30.")
    meeting.seal_record(case=case, by=cast.anna)
    duty = case.duties.get(kind="document")
    assert (duty.outcome, duty.record.kind) == ("met", Record.Kind.REMOVAL)


def test_a_record_is_not_sealed_twice_for_one_text(school_channel, cast):
    case = make.case(school_channel, HURT)
    first = meeting.seal_record(case=case, by=cast.anna)
    assert meeting.seal_record(case=case, by=cast.anna) == first
    assert Record.objects.about(case.message.ref).count() == 1


def test_done_another_way_says_how(school_channel: Channel, cast: Cast):
    """K-13: by telephone is answered too, and the note is the proof."""
    case = make.case(school_channel, NEGATIVE)
    with pytest.raises(Refused, match="Say how"):
        meeting.meet(case=case, by=cast.anna, what="answer", note="  ")
    with pytest.raises(Refused, match="not done another way"):
        meeting.meet(case=case, by=cast.anna, what="review", note="x")
    with pytest.raises(Refused, match="not owed"):
        meeting.meet(case=case, by=cast.anna, what="thank", note="x")
    meeting.meet(case=case, by=cast.anna, what="answer", note="Rang upp 10:15.")
    duty = case.duties.get(kind="answer")
    assert (duty.outcome, duty.closed_with) == ("met", "meet")
    assert duty.note == "Rang upp 10:15."


def test_a_letter_is_registered_with_its_record(school_channel: Channel, cast: Cast):
    """K-17: proof is the record that was sealed when it came."""
    case = make.case(school_channel, QUESTION, kind="dm")
    record = meeting.register(case=case, by=cast.anna, number="KS 2026/17")
    duty = case.duties.get(kind="register")
    assert record.pk == case.received_record_id == duty.record_id
    assert (duty.outcome, duty.note) == ("met", "KS 2026/17")
    with pytest.raises(Refused, match="not owed"):
        meeting.register(case=case, by=cast.anna)


# -- Waived ------------------------------------------------------------------------


def waive(case: Case, by, kind: str, reason: str) -> Duty:
    return waiving.waive(case=case, by=by, kind=kind, reason=reason)


@pytest.mark.parametrize(
    ("text", "kind", "clause"),
    [
        (CLAIM, "correct", "M-R2d"),
        (HURT, "document", "M-R5"),
        (MATTER, "refer", "M-R4"),
        (QUESTION, "register", "K-17"),
        ("Vilken jävla skit är det här?", "review", "K-23"),
    ],
)
def test_what_is_never_waived(
    school_channel: Channel, cast: Cast, text: str, kind: str, clause: str
):
    """M-R2d, M-R4, M-R5, K-17, K-23: for no reason whatever."""
    message = "dm" if kind == "register" else "comment"
    case = make.case(school_channel, text, kind=message)
    for reason in Duty.Waiver.values:
        assert kind in owed(case)
        with pytest.raises(Refused, match=clause):
            waive(case, cast.anna, kind, reason)
    assert kind in owed(case)


def test_a_complaint_is_not_waived_before_a_first_answer(
    school_channel: Channel, cast: Cast
):
    """M-R2c: negative comments are always answered."""
    case = make.case(school_channel, NEGATIVE)
    for reason in Duty.Waiver.values:
        with pytest.raises(Refused, match="M-R2c"):
            waive(case, cast.anna, "answer", reason)
    assert owed(case) == {"answer"}


def test_a_later_turn_of_a_complaint_is_closed_with_a_reason(
    school_channel: Channel, cast: Cast
):
    """M-R2c: judge yourself how long the dialogue goes on, after a first answer that
    the platform has confirmed."""
    author = Author("a1", "Kim", "@kim", "")
    first = make.case(school_channel, NEGATIVE, author=author)
    second = make.case(school_channel, f"{NEGATIVE} Fortfarande!", author=author)
    answer = replies.reply(case=first, by=cast.anna, text="Vi har plogat i dag.")
    with pytest.raises(Refused, match="no answer yet"):
        waive(second, cast.anna, "answer", "enough_said")
    sent(answer)
    with pytest.raises(Refused, match="a reason that the guidelines know"):
        waive(second, cast.anna, "answer", "nothing_asked")
    duty = waive(second, cast.anna, "answer", "enough_said")
    assert (duty.outcome, duty.waived_for) == ("waived", "enough_said")
    assert (duty.closed_by, duty.closed_with) == (cast.anna, "waive")
    second.refresh_from_db()
    assert second.due_at is None

    stranger = make.case(school_channel, NEGATIVE, author=Author("a2", "Bo", "@bo", ""))
    with pytest.raises(Refused, match="no answer yet"):
        waive(stranger, cast.anna, "answer", "enough_said")


def test_an_answer_by_telephone_is_a_first_answer(school_channel: Channel, cast: Cast):
    """M-R2c: what counts is that the sender was answered."""
    author = Author("a1", "Kim", "@kim", "")
    first = make.case(school_channel, NEGATIVE, author=author)
    second = make.case(school_channel, f"{NEGATIVE} Igen!", author=author)
    meeting.meet(case=first, by=cast.anna, what="answer", note="Rang 10:15.")
    assert waive(second, cast.anna, "answer", "enough_said").outcome == "waived"


@pytest.mark.parametrize("reason", ["among_others", "nothing_asked"])
def test_a_neutral_comment_may_need_no_answer(
    school_channel: Channel, cast: Cast, reason: str
):
    """K-14, M-R2b: not all questions need the municipality's answer."""
    case = make.case(school_channel, QUESTION)
    assert waive(case, cast.anna, "answer", reason).waived_for == reason


def test_reasons_that_claim_something_are_checked(school_channel, cast):
    """K-14: answered already, asked before, taken away: only when it is so."""
    case = make.case(school_channel, QUESTION)
    for reason, words in {
        "answered": "not answered in this thread",
        "repeated": "No earlier message",
        "withdrawn": "still on the platform",
        "enough_said": "no answer yet",
        "thanked": "a reason that the guidelines know",
    }.items():
        with pytest.raises(Refused, match=words):
            waive(case, cast.anna, "answer", reason)
    Message.objects.filter(pk=case.message_id).update(visibility="gone")
    assert waive(case, cast.anna, "answer", "withdrawn").outcome == "waived"


def test_thanks_for_many_are_given_once(school_channel: Channel, cast: Cast):
    """M-R2a: one thank you under the post answers them all."""
    one, other = make.case(school_channel, PRAISE), make.case(school_channel, PRAISE)
    with pytest.raises(Refused, match="not answered in this thread"):
        waive(other, cast.anna, "thank", "thanked")
    sent(replies.reply(case=one, by=cast.anna, text="Tack ska ni ha!"))
    assert waive(other, cast.anna, "thank", "thanked").outcome == "waived"


def test_an_opinion_on_politics_may_ask_nothing(school_channel: Channel, cast: Cast):
    """M-R6: it is not for the administration to answer politics."""
    case = make.case(school_channel, POLITICS)
    assert waive(case, cast.anna, "refer", "nothing_asked").outcome == "waived"


def test_what_a_person_said_decides_what_may_be_waived(school_channel, cast):
    """M-R2c: a comment that an officer finds negative is answered."""
    case = make.case(school_channel, QUESTION)
    kinds.correct(case=case, by=cast.anna, kinds=["negative"])
    with pytest.raises(Refused, match="M-R2c"):
        waive(case, cast.anna, "answer", "nothing_asked")


def test_the_database_refuses_such_a_waiver(school_channel, cast):
    """M-R2d, M-R5, K-17, K-23, K-15: not even code of ours can."""
    case = make.case(school_channel, CHATTER)
    for kind in waiving.NEVER:
        with (
            pytest.raises(IntegrityError, match="duty_that_cannot_be_waived"),
            transaction.atomic(),
        ):
            Duty.objects.create(
                case=case,
                kind=kind,
                due_at=timezone.now(),
                closed_at=timezone.now(),
                closed_by=cast.anna,
                outcome="waived",
                waived_for="nothing_asked",
            )


def test_the_database_refuses_a_waiver_without_a_reason(school_channel, cast):
    duty = make.case(school_channel, QUESTION).duties.get()
    with (
        pytest.raises(IntegrityError, match="duty_waived_for_a_reason"),
        transaction.atomic(),
    ):
        Duty.objects.filter(pk=duty.pk).update(
            outcome="waived", closed_at=timezone.now(), closed_by=cast.anna
        )


def test_nobody_without_a_mandate_does_any_of_it(school_channel: Channel, cast: Cast):
    """K-6: the verb is the wall, not the page."""
    case = make.case(school_channel, QUESTION, kind="dm")
    for act in (
        lambda: waive(case, cast.bo, "answer", "nothing_asked"),
        lambda: meeting.meet(case=case, by=cast.bo, what="answer", note="x"),
        lambda: meeting.register(case=case, by=cast.bo),
        lambda: meeting.seal_record(case=case, by=cast.bo),
    ):
        with pytest.raises(Refused, match="no mandate in force"):
            act()
    registration.close(channel=school_channel, by=cast.hanna)
    with pytest.raises(Refused, match="not in use"):
        meeting.register(case=case, by=cast.anna)


def test_the_samples_here_are_what_they_are_called():
    """So that the tests above are about what they say."""
    top = {text: classify(text).kinds[0].kind for text in (PRAISE, NEGATIVE, CLAIM)}
    assert list(top.values()) == ["praise", "negative", "states_facts"]
