"""Learning from the municipality's own decisions: a ranking, and a count per entry."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from celery.schedules import crontab
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from channels.models import Message
from moderation import decisions, learning, tasks, undoing
from moderation.models import Case, Decision, Duty, Finding, LearnedModel
from moderation.tallies import tallies
from policies import wording
from policies.screening import Entry
from policies.screening.ranking import from_bytes
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel
    from tests.conftest import Cast

BLAJA = Entry(
    term="blaja", kind="swear", rule="K-20.6", languages=("sv",), paradigm="n1"
)
# What this municipality takes away under K-22.4 and what it keeps.
OFF_TOPIC = ("hästar", "motorcyklar", "akvarier", "frimärken", "segelbåtar", "tapeter")
ON_TOPIC = ("skolmaten", "bussarna", "biblioteket", "snöröjningen", "sophämtningen")


def keep(case: Case, cast: Cast) -> None:
    decisions.keep(case=case, by=cast.anna)


def take(case: Case, cast: Cast, rule: str = "K-22.4", verb: str = "hide") -> None:
    act = decisions.hide if verb == "hide" else decisions.remove
    act(case=case, by=cast.anna, rule=make.rule(rule), reason="It breaks the rule.")


@pytest.fixture
def decided(cast: Cast, school_channel: Channel) -> Channel:
    """The channel after 210 decisions made by people: 60 hidden under K-22.4, 150
    kept. They are written in one go, as `decisions` would one by one."""
    texts = [
        f"Jag säljer {OFF_TOPIC[n % 6]} billigt, hör av er om {OFF_TOPIC[n % 5]} nr {n}"
        for n in range(60)
    ] + [
        f"Hur blir det med {ON_TOPIC[n % 5]} i vinter, undrar vi på väg {n}"
        for n in range(150)
    ]
    make.receive(school_channel, *[make.item(text) for text in texts])
    cases = list(Case.objects.select_related("message").order_by("pk"))
    taken = [case for case in cases if "säljer" in case.message.text]
    for case in taken[:3]:
        take(case, cast)
    model = Decision.objects.order_by("pk").first()
    assert model is not None
    rows = []
    for case in cases:
        if case in taken[:3]:
            continue
        off = case in taken
        rows.append(
            Decision(
                case=case,
                verb=Decision.Verb.HIDE if off else Decision.Verb.KEEP,
                rule_version=model.rule_version if off else None,
                reason="It breaks the rule." if off else "",
                record=model.record if off else None,
                mandate=model.mandate,
                by=cast.anna,
            )
        )
    Decision.objects.bulk_create(rows)
    return school_channel


def test_nothing_is_learned_from_too_few_decisions(
    cast: Cast, school_channel: Channel
) -> None:
    for number in range(3):
        keep(make.case(school_channel, f"Hej nummer {number}"), cast)

    assert learning.learn() == []
    assert not LearnedModel.objects.exists()
    assert {(s.decisions, s.of_class, s.enough) for s in learning.states()} == {
        (3, 0, False)
    }


def test_a_ranking_is_learned_under_the_rule_that_has_enough(decided: Channel) -> None:
    """K-22: learned from this municipality's decisions and from nothing else."""
    assert tasks.learn() == 1

    kept = LearnedModel.objects.get()
    assert kept.rule.code == "K-22.4"
    assert (kept.decisions, kept.of_class) == (210, 60)
    assert kept.figures["folds"] == 5
    assert kept.figures["f1"] > 0.9
    model = from_bytes(bytes(kept.model))
    assert (model.training_set, model.version) == (kept.training_set, kept.version)

    found = learning.resembles("Jag säljer hästar, hör av er")
    assert [one.rule.code for one in found] == ["K-22.4"]
    assert found[0].score > 0.5
    assert "säljer" in {reason.matched for reason in found[0].reasons}
    assert learning.resembles("Hur blir det med skolmaten i vinter") == []


def test_what_is_learned_decides_nothing(cast: Cast, decided: Channel) -> None:
    """K-23: the ranking stands beside a message and changes nothing about it."""
    learning.learn()
    before = (Finding.objects.count(), Duty.objects.count(), Decision.objects.count())

    case = make.case(decided, "Jag säljer hästar, hör av er på kvällen")

    assert learning.resembles(case.message.text)
    assert case.state == Case.State.NEW
    assert case.findings_count == 0
    assert not case.duties.filter(kind=Duty.Kind.REVIEW).exists()
    after = (Finding.objects.count(), Duty.objects.count(), Decision.objects.count())
    assert after[0] == before[0]
    assert after[2] == before[2]


def test_a_night_without_news_trains_nothing(cast: Cast, decided: Channel) -> None:
    assert len(learning.learn()) == 1
    assert learning.learn() == []
    assert learning.learn(by=cast.chief) == []

    keep(make.case(decided, "Tack för svaret om snöröjningen"), cast)
    assert learning.learn() == []
    assert len(learning.learn(by=cast.chief)) == 1

    newest, first = LearnedModel.objects.order_by("-pk")
    assert newest.asked_for_by == cast.chief
    assert first.asked_for_by is None
    assert newest.training_set != first.training_set


def test_enough_new_decisions_train_by_themselves(cast: Cast, decided: Channel) -> None:
    learning.learn()
    texts = [f"Nu var {ON_TOPIC[n % 5]} bra igen, omgång {n}" for n in range(12)]
    make.receive(decided, *[make.item(text) for text in texts])
    for case in Case.objects.filter(message__text__startswith="Nu var"):
        keep(case, cast)

    assert len(learning.learn()) == 1


def test_the_text_that_was_decided_on_is_learned_not_a_later_one(
    cast: Cast, school_channel: Channel
) -> None:
    one = make.item("Den första texten")
    make.receive(school_channel, one)
    case = Case.objects.get()
    take(case, cast, "K-20.1")
    make.receive(school_channel, make.item("En helt annan text", id=one.id))

    assert [(j.text, j.rule) for j in learning.judged()] == [
        ("Den första texten", "K-20.1")
    ]


def test_only_the_newest_decision_on_a_message_counts(
    cast: Cast, school_channel: Channel
) -> None:
    case = make.case(school_channel, "Så kan man inte skriva")
    take(case, cast, "K-20.1")
    decisions.restore(case=case, by=cast.anna, reason="One may after all.")

    assert [one.rule for one in learning.judged()] == [""]
    under = learning.examples(learning.judged(), "K-20.1")
    assert [example.label for example in under] == [False]


def test_direct_messages_are_not_learned_from(
    cast: Cast, school_channel: Channel
) -> None:
    keep(make.case(school_channel, "Ett brev till er", kind="dm"), cast)

    assert learning.judged() == []
    assert Message.objects.get().kind == Message.Kind.DM


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE moderation_learnedmodel SET figures = '{}'",
        "DELETE FROM moderation_learnedmodel",
        "TRUNCATE moderation_learnedmodel",
    ],
)
def test_what_was_learned_is_kept_as_it_was(cast: Cast, sql: str) -> None:
    LearnedModel.objects.create(
        rule=make.rule(),
        model=b"",
        version="1",
        training_set="0" * 64,
        decisions=200,
        of_class=20,
        figures={},
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            cursor.execute(sql)


def test_the_case_page_says_what_a_comment_resembles(
    client: Any, cast: Cast, decided: Channel
) -> None:
    """K-23: a sentence with what weighs most, for the person who decides."""
    learning.learn()
    case = make.case(decided, "Säljer hästar, hör av er till mig")
    client.force_login(cast.anna)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    page = client.get(case.get_absolute_url()).content.decode()

    assert "Similar to what you took away under K-22.4 before:" in page
    assert "<q>Säljer</q>" in page
    assert "it ranks and decides nothing" in page
    keep(case, cast)
    assert "Similar to what" not in client.get(case.get_absolute_url()).content.decode()


def test_the_page_says_what_is_missing_and_trains_when_it_is_there(
    client: Any, cast: Cast, decided: Channel
) -> None:
    client.force_login(cast.chief)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(reverse("words:learning")).content.decode()
    so_far = "So far 210 decisions of the 200 needed"
    assert f"{so_far}, 60 of this class of the 20 needed." in page
    assert f"{so_far}, 0 of this class of the 20 needed." in page

    answer = client.post(reverse("words:train"), follow=True).content.decode()

    assert "Trained 1 ranking." in answer
    assert "from 210 decisions, 60 of them of this class" in answer
    assert LearnedModel.objects.get().asked_for_by == cast.chief
    again = client.post(reverse("words:train"), follow=True).content.decode()
    assert "Nothing has been decided since the last training." in again


def test_with_too_few_decisions_the_button_says_so(client: Any, cast: Cast) -> None:
    client.force_login(cast.chief)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    answer = client.post(reverse("words:train"), follow=True).content.decode()

    assert "There is not enough to learn from yet" in answer


def test_many_decisions_are_learned_from_in_the_background(
    client: Any, cast: Cast, decided: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(learning, "AT_ONCE", 100)
    monkeypatch.setattr(tasks.learn, "delay", lambda **given: asked.append(given))
    client.force_login(cast.chief)

    client.post(reverse("words:train"))

    assert asked == [{"by": cast.chief.pk}]
    assert not LearnedModel.objects.exists()


def test_the_training_is_planned_for_the_night() -> None:
    planned = settings.CELERY_BEAT_SCHEDULE["moderation.tasks.learn"]
    assert planned["task"] == tasks.learn.name
    assert isinstance(planned["schedule"], crontab)
    assert planned["schedule"].hour == {1}


# -- How often an entry was upheld -------------------------------------------------


@pytest.fixture
def blaja(cast: Cast, school_channel: Channel) -> Channel:
    wording.publish(changes=[wording.add(BLAJA)], note="Heard.", by="Chief")
    return school_channel


def test_an_entry_counts_how_often_people_agreed(cast: Cast, blaja: Channel) -> None:
    """K-23: what people decided moves the confidence that the next person sees."""
    for number in range(4):
        take(make.case(blaja, f"Vilken blaja {number}"), cast, "K-20.6", "remove")
    take(make.case(blaja, "En blaja och blajor"), cast, "K-20.6")
    keep(make.case(blaja, "Citerar bara ordet blaja"), cast)
    take(make.case(blaja, "Reklam för blaja"), cast, "K-20.7")
    make.case(blaja, "En blaja som ingen har sett")

    counted = tallies(["sv:blaja", "sv:skit"])

    assert (counted["sv:blaja"].upheld, counted["sv:blaja"].seen) == (5, 6)
    assert counted["sv:skit"].seen == 0


def test_a_finding_in_a_text_nobody_decided_on_does_not_count(
    cast: Cast, blaja: Channel
) -> None:
    first, second = make.item("Vilken blaja"), make.item("Helt vanligt")
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=True):
        make.receive(blaja, first, second)
    # Mended before the decision; and found only after it.
    make.receive(blaja, make.item("Vilken vinter", id=first.id))
    for case in Case.objects.all():
        keep(case, cast)
    make.receive(blaja, make.item("Vilken blaja ändå", id=second.id))

    assert Finding.objects.filter(entry="sv:blaja").count() == 2
    assert tallies(["sv:blaja"])["sv:blaja"].seen == 0


def test_a_restored_message_was_not_upheld(cast: Cast, blaja: Channel) -> None:
    case = make.case(blaja, "Vilken blaja")
    take(case, cast, "K-20.6")
    decisions.restore(case=case, by=cast.anna, reason="A dialect word.")

    counted = tallies(["sv:blaja"])["sv:blaja"]
    assert (counted.upheld, counted.seen) == (0, 1)


def test_what_was_undone_says_nothing(
    cast: Cast, blaja: Channel, settings: Any
) -> None:
    settings.UNDO_SECONDS = 60
    case = make.case(blaja, "Vilken blaja")
    take(case, cast, "K-20.6", "remove")
    assert tallies(["sv:blaja"])["sv:blaja"].upheld == 1
    assert len(learning.judged()) == 1

    undoing.undo(case=case, by=cast.anna)

    assert tallies(["sv:blaja"])["sv:blaja"].seen == 0
    assert learning.judged() == []


def test_a_page_of_findings_costs_one_query(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        tallies([f"sv:{number}" for number in range(50)])
    with django_assert_num_queries(0):
        assert tallies([]) == {}


def test_the_count_stands_beside_the_finding(
    client: Any, cast: Cast, blaja: Channel
) -> None:
    for number in range(8):
        keep(make.case(blaja, f"Ordet blaja i dikt {number}"), cast)
    case = make.case(blaja, "Vilken blaja")
    finding = case.findings.get()
    client.force_login(cast.anna)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    page = client.get(case.get_absolute_url()).content.decode()

    assert "upheld 0 of 8" in page
    moved = (finding.confidence + 0.1) / 2
    assert f"confidence {round(moved * 100)} %" in page
    finding.refresh_from_db()
    assert finding.confidence > moved
