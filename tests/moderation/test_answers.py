"""Answers: templates, drafts, second readers, and what our own words may hold (K-7,
K-10, K-11, M-R1 to M-R7)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from channels import registration
from channels.models import Channel, Delivery
from moderation import answer_templates, drafts, duties, kinds, replies
from moderation.decisions import settle
from moderation.models import AnswerTemplate, Case, Draft, DraftStep, Duty, Reply
from moderation.refusals import Refused
from policies.publishing import PackError
from tests import make

if TYPE_CHECKING:
    from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(school_channel: Channel) -> Case:
    return make.case(school_channel, "När öppnar badet i sommar?")


@pytest.fixture
def bo_too(school_channel: Channel, cast: Cast) -> None:
    registration.give_mandate(
        channel=school_channel, person=cast.bo, by=cast.schools.head
    )


def owe(case: Case, kind: str) -> Duty:
    found = case.duties.filter(kind=kind, closed_at=None).first()
    if found is None:
        owed = duties.Owed(kind, case.message.posted_at, [])
        found = duties.build(case, owed, duties.calendar())
        found.save()
        settle(case)
    return found


def warned(case: Case, cast: Cast, text: str) -> list[tuple[str, str]]:
    with pytest.raises(replies.NotConfirmed) as refused:
        replies.reply(case=case, by=cast.anna, text=text)
    return [(one.kind, one.sentence) for one in refused.value.warnings]


# -- Signed ------------------------------------------------------------------------


def test_an_answer_says_who_speaks_for_whom_and_where_to_turn(case: Case, cast: Cast):
    """K-7, M-R1."""
    cast.anna.job_title = "Communications officer"
    cast.anna.save()
    made = replies.reply(case=case, by=cast.anna, text=" Den 1 juni. ")
    assert made.delivery.text == (
        "Den 1 juni.\n\n"
        "/ Anna Test, Communications officer, Schools, webb@testnas.example"
    )
    assert made.mandate.person == cast.anna
    cast.schools.email = "skolan@testnas.example"
    cast.schools.save()
    second = replies.reply(case=case, by=cast.anna, text="Klockan 10.")
    assert second.delivery.text.endswith("Schools, skolan@testnas.example")


def test_the_signature_counts_against_the_platforms_limit(case: Case, cast: Cast):
    with pytest.raises(Refused, match="the platform takes 5000"):
        replies.reply(case=case, by=cast.anna, text="å" * 4990)
    assert replies.reply(case=case, by=cast.anna, text="å" * 4900)


# -- Screened ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["Ni är jävla idioter.", "Hans personnummer är 19640823-3234.", "  "],
    ids=["swearing", "identity number", "nothing"],
)
def test_what_may_never_be_said_is_stopped(text: str, case: Case, cast: Cast):
    """K-10, K-11: no confirming helps."""
    with pytest.raises(Refused) as refused:
        replies.reply(case=case, by=cast.anna, text=text, all_the_same=True)
    assert not isinstance(refused.value, replies.NotConfirmed)
    assert not Delivery.objects.filter(act="reply").exists()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("politics", "Rösta på Socialdemokraterna i höst!"),
        ("politics", "Det bestämde Moderaterna."),
        ("case", "Se KS-2026-00123."),
        ("case", "Ditt ärende ligger hos nämnden."),
        ("personal", "Ring Maja på 070-174 06 05."),
        ("personal", "Ring Maja på +46 70 174 06 05."),
        ("personal", "Skriv till maja@hemma.example."),
    ],
)
def test_what_is_doubtful_goes_only_when_the_officer_says_so(
    kind: str, text: str, case: Case, cast: Cast
):
    """M-R6, M-R7, K-11: and it is kept with the answer."""
    assert kind in [one for one, _sentence in warned(case, cast, text)]
    assert not Reply.objects.exists()
    made = replies.reply(case=case, by=cast.anna, text=text, all_the_same=True)
    assert kind in [one["kind"] for one in made.warned]
    assert all(one["sentence"] for one in made.warned)


@pytest.mark.parametrize(
    "text",
    [
        "Badet öppnar den 1 juni klockan 10, Badvägen 3.",
        "Skriv till webb@testnas.example så hjälper vi dig.",
        "Läs kommundirektörens förslag i KS-2026-00123.",
        "Ring växeln på 0923-650 00 så kopplar de dig.",
    ],
)
def test_an_ordinary_answer_goes_at_once(text: str, case: Case, cast: Cast):
    assert replies.reply(case=case, by=cast.anna, text=text).warned == []


def test_a_political_message_is_not_answered_in_substance(case: Case, cast: Cast):
    """M-R6."""
    kinds.correct(case=case, by=cast.anna, kinds=["political"])
    found = warned(case, cast, "Så tycker vi.")
    assert [one for one, _sentence in found] == ["politics"]
    assert "political secretariat" in found[0][1]


# -- What an answer meets ----------------------------------------------------------


def test_an_answer_meets_what_is_owed_and_what_it_tells_of(case: Case, cast: Cast):
    """M-R2, M-R4, M-R5: telling of the duty to document is one part of it."""
    for kind in ("answer", "correct", "refer", "document"):
        owe(case, kind)
    made = replies.reply(case=case, by=cast.anna, text="Hej!", tells=["document"])
    still = set(case.duties.filter(closed_at=None).values_list("kind", flat=True))
    assert still == {"refer", "document"}
    document = case.duties.get(kind="document")
    assert list(document.parts.values_list("part", flat=True)) == ["notice"]
    assert made.tells == ["document"]
    replies.reply(case=case, by=cast.anna, text="Skriv till oss.", tells=["refer"])
    assert case.duties.get(kind="refer").outcome == "met"


def test_asking_the_sender_to_write_to_the_mailbox_registers(
    school_channel: Channel, cast: Cast
):
    """K-17."""
    case = make.case(school_channel, "Kan ni ringa?", kind="dm")
    duty = owe(case, "register")
    replies.reply(case=case, by=cast.anna, text="Vi hörs.")
    duty.refresh_from_db()
    assert duty.closed_at is None
    replies.reply(
        case=case,
        by=cast.anna,
        text="Skriv till registrator@testnas.example.",
        tells=["register"],
    )
    duty.refresh_from_db()
    assert duty.outcome == "met"


def test_an_answer_tells_of_nothing_else(case: Case, cast: Cast):
    review = owe(case, "review")
    replies.reply(case=case, by=cast.anna, text="Hej!", tells=["review", "report"])
    review.refresh_from_db()
    assert review.closed_at is None


# -- Drafts and second readers -----------------------------------------------------


def test_a_draft_is_kept_per_person_and_goes_with_the_answer(case: Case, cast: Cast):
    """M-O2."""
    first = drafts.save(case=case, by=cast.anna, text="Den 1")
    again = drafts.save(case=case, by=cast.anna, text="Den 1 juni")
    assert (first.pk, first.number, again.number) == (again.pk, 1, 2)
    made = replies.reply(case=case, by=cast.anna, text="Den 1 juni.")
    assert made.draft == again
    again.refresh_from_db()
    assert (again.outcome, again.closed_at) == ("sent", made.at)
    assert drafts.save(case=case, by=cast.anna, text="Mer").pk != again.pk


def test_a_draft_needs_a_mandate_and_words(case: Case, cast: Cast):
    with pytest.raises(Refused, match="no mandate"):
        drafts.save(case=case, by=cast.bo, text="Hej")
    with pytest.raises(Refused, match="Write an answer"):
        drafts.save(case=case, by=cast.anna, text=" ")
    with pytest.raises(Refused, match="too long"):
        drafts.save(case=case, by=cast.anna, text="x" * 9000)


def test_only_the_writer_drops_a_draft(case: Case, cast: Cast, bo_too: None):
    draft = drafts.save(case=case, by=cast.anna, text="Hej")
    with pytest.raises(Refused, match="Only Anna Test"):
        drafts.drop(draft=draft, by=cast.bo)
    assert drafts.drop(draft=draft, by=cast.anna).outcome == "dropped"
    with pytest.raises(Refused, match="sent or dropped already"):
        drafts.drop(draft=draft, by=cast.anna)


def test_where_the_channel_asks_nobody_sends_alone(
    case: Case, cast: Cast, bo_too: None
):
    Channel.objects.filter(pk=case.channel_id).update(second_reader=True)
    with pytest.raises(Refused, match="Somebody else with a mandate"):
        replies.reply(case=case, by=cast.anna, text="Den 1 juni.")
    draft = drafts.ask(case=case, by=cast.anna, text="Den 1 juni.")
    with pytest.raises(Refused, match="somebody else than the writer"):
        drafts.release(draft=draft, by=cast.anna)
    made = drafts.release(draft=draft, by=cast.bo, number=draft.number)
    assert (made.by, made.released_by) == (cast.anna, cast.bo)
    assert made.delivery.text.startswith("Den 1 juni.\n\n/ Anna Test")
    assert [(step.act, step.by) for step in draft.steps.all()] == [
        ("asked", cast.anna),
        ("released", cast.bo),
        ("sent", cast.anna),
    ]


def test_a_second_reader_needs_a_mandate(case: Case, cast: Cast):
    draft = drafts.ask(case=case, by=cast.anna, text="Den 1 juni.")
    with pytest.raises(Refused, match="no mandate"):
        drafts.release(draft=draft, by=cast.bo)
    with pytest.raises(Refused, match="no mandate"):
        drafts.send_back(draft=draft, by=cast.bo, note="Nej")


def test_a_writer_who_asked_waits_for_the_reader(case: Case, cast: Cast, bo_too: None):
    draft = drafts.ask(case=case, by=cast.anna, text="Den 1 juni.")
    with pytest.raises(Refused, match="must read it first"):
        replies.reply(case=case, by=cast.anna, text="Den 1 juni.")
    drafts.send_back(draft=draft, by=cast.bo, note="Skriv klockslag också.")
    assert replies.reply(case=case, by=cast.anna, text="Den 1 juni klockan 10.")


def test_a_reader_releases_what_they_have_read(case: Case, cast: Cast, bo_too: None):
    draft = drafts.ask(case=case, by=cast.anna, text="Den 1 juni.")
    read = draft.number
    drafts.save(case=case, by=cast.anna, text="Den 2 juni.")
    with pytest.raises(Refused, match="still writing"):
        drafts.release(draft=draft, by=cast.bo, number=read)
    drafts.ask(case=case, by=cast.anna, text="Den 2 juni.")
    with pytest.raises(Refused, match="changed the text since"):
        drafts.release(draft=draft, by=cast.bo, number=read)


def test_a_reader_confirms_warnings_too(case: Case, cast: Cast, bo_too: None):
    draft = drafts.ask(case=case, by=cast.anna, text="Ring Maja på 070-174 06 05.")
    with pytest.raises(replies.NotConfirmed):
        drafts.release(draft=draft, by=cast.bo)
    assert not draft.steps.filter(act="released").exists()
    made = drafts.release(draft=draft, by=cast.bo, all_the_same=True)
    assert made.warned[0]["kind"] == "personal"


def test_a_writer_without_a_mandate_any_more_sends_nothing(
    case: Case, cast: Cast, bo_too: None
):
    """K-6: the reader's mandate does not stand in for the writer's."""
    draft = drafts.ask(case=case, by=cast.anna, text="Den 1 juni.")
    today = timezone.localdate()
    case.channel.mandates.filter(person=cast.anna).update(
        starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1)
    )
    with pytest.raises(Refused, match="no mandate"):
        drafts.release(draft=draft, by=cast.bo)


def test_what_would_be_stopped_asks_no_second_reader(case: Case, cast: Cast):
    with pytest.raises(Refused, match="may not be sent"):
        drafts.ask(case=case, by=cast.anna, text="Jävla bra!")
    assert not Draft.objects.waiting_for_reader().exists()


def test_steps_of_drafts_only_grow(case: Case, cast: Cast):
    drafts.ask(case=case, by=cast.anna, text="Den 1 juni.")
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        DraftStep.objects.update(text="Den 2 juni.")
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        DraftStep.objects.all().delete()


def test_nobody_releases_their_own_answer_whoever_asks(case: Case, cast: Cast):
    with pytest.raises(IntegrityError, match="somebody_else"), transaction.atomic():
        replies.reply(case=case, by=cast.anna, text="Hej!", released_by=cast.anna)


# -- Templates ---------------------------------------------------------------------


def test_the_starters_hold_every_kind_in_every_language():
    """M-R3: and each fits every platform with a signature."""
    assert answer_templates.load_starters(by="tests") == 65
    for language in AnswerTemplate.Language.values:
        found = AnswerTemplate.objects.filter(language=language)
        assert {one.kind for one in found} == set(AnswerTemplate.Kind.values)
    for one in AnswerTemplate.objects.all():
        one.full_clean()
        assert len(one.text) < 500
        assert "  " not in one.text


def test_loading_again_leaves_what_the_information_unit_wrote():
    answer_templates.load_starters(by="tests")
    AnswerTemplate.objects.filter(code="thank.praise.sv").update(text="Tack!")
    AnswerTemplate.objects.filter(code="thank.tip.sv").update(in_use=False)
    assert answer_templates.load_starters(by="tests") == 0
    assert AnswerTemplate.objects.get(code="thank.praise.sv").text == "Tack!"
    assert not AnswerTemplate.objects.get(code="thank.tip.sv").in_use


def test_they_come_with_the_rules(capsys: pytest.CaptureFixture[str]):
    call_command("load_rules")
    assert "answer templates added: 65" in capsys.readouterr().out


def test_templates_that_meet_what_is_owed_stand_first(case: Case, cast: Cast):
    answer_templates.load_starters(by="tests")
    found = answer_templates.offered(
        case, cast.anna, language="sv", owed=["answer", "document"]
    )
    fitting = {one.kind for one in found if one.fitting}
    assert fitting == {"answer", "document", "recommend"}
    assert [one.fitting for one in found] == sorted(
        (one.fitting for one in found), reverse=True
    )
    question = next(one for one in found if one.name == "Svar på en fråga")
    assert question.text.startswith("Hej Kim! Tack för din fråga.")
    assert "webb@testnas.example" in question.text
    AnswerTemplate.objects.update(in_use=False)
    assert answer_templates.offered(case, cast.anna, language="sv", owed=[]) == []


def test_a_template_without_room_for_the_signature_is_not_offered(
    case: Case, cast: Cast
):
    AnswerTemplate.objects.create(
        kind="answer", language="sv", name="Lång", text="å" * 4990
    )
    AnswerTemplate.objects.create(
        kind="answer", language="sv", name="Kort", text="å" * 4900
    )
    found = answer_templates.offered(case, cast.anna, language="sv", owed=[])
    assert [one.name for one in found] == ["Kort"]


def test_a_sender_is_never_read_as_a_pattern(school_channel: Channel, cast: Cast):
    from channels.platforms.base import Author

    case = make.case(school_channel, "Hej", author=Author("x", "{officer} {0}"))
    AnswerTemplate.objects.create(
        kind="answer", language="sv", name="A", text="Hej {sender_name}!"
    )
    found = answer_templates.offered(case, cast.anna, language="sv", owed=[])
    assert found[0].text == "Hej {officer}!"
    nameless = make.case(school_channel, "Hej", author=Author("y"))
    found = answer_templates.offered(nameless, cast.anna, language="sv", owed=[])
    assert found[0].text == "Hej!"


@pytest.mark.parametrize(
    "text",
    ["Hej {name}!", "Hej {", "Hej {officer!r}", "{officer.password}", "{}", "x" * 9000],
)
def test_a_template_with_a_fault_is_refused(text: str):
    template = AnswerTemplate(kind="answer", language="sv", name="A", text=text)
    with pytest.raises(ValidationError):
        template.full_clean()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("När öppnar badet i sommar? Vi vill gärna veta det.", "sv"),
        ("Når åpner badet i sommer? Vi vil gjerne vite det.", "nb"),
        ("When does the pool open this summer? We would like to know.", "en"),
        ("Milloin uimahalli avataan tänä kesänä? Haluaisimme tietää.", "fi"),
        ("👍", "sv"),
    ],
)
def test_the_answer_follows_the_enquirys_language(
    text: str, language: str, school_channel: Channel
):
    """M-R3."""
    case = make.case(school_channel, text)
    assert answer_templates.language_of(case) == language


@pytest.mark.parametrize(
    "pack",
    [
        "not toml [",
        '[[answer]]\nid = "a"\nkind = "unknown"\n',
        '[[answer]]\nid = "a"\nkind = "thank"\n',
        '[[answer]]\nid = "a"\nkind = "thank"\n[answer.words.sv]\nname = "A"\n',
        '[[answer]]\nid = "a"\nkind = "thank"\n'
        '[answer.words.sv]\nname = "A"\ntext = "{wrong}"\n',
    ],
)
def test_a_pack_with_a_fault_loads_nothing(pack: str, tmp_path: Path):
    path = tmp_path / "answers.toml"
    path.write_text(pack, encoding="utf-8")
    with pytest.raises(PackError):
        answer_templates.load_starters(path=path, by="tests")
    assert not AnswerTemplate.objects.exists()
