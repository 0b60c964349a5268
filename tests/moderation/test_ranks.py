"""The desk ordered by what most resembles earlier breaches: only where an officer asks
for it, and only once something has been learned (K-23)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Message
from moderation import desk_pages, ranks
from moderation.desk_filters import Filters
from moderation.models import Case, LearnedModel, SavedView
from policies.screening.learning import Example, train
from policies.screening.ranking import Model
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel
    from tests.conftest import Cast

OFFER = "Jag säljer hästar billigt, hör av er"
QUESTION = "När plogas vägen vid skolan i vinter?"
LIKELY = reverse("desk:queue") + "?order=likely"


@pytest.fixture(scope="module")
def trained() -> Model:
    """From 210 decisions: what was offered for sale was taken away."""
    goods = ("hästar", "motorcyklar", "akvarier", "frimärken", "tapeter")
    things = ("skolmaten", "bussarna", "biblioteket", "snöröjningen", "vägen")
    given = [
        Example(f"Jag säljer {goods[n % 5]} billigt, hör av er nr {n}", True)
        for n in range(60)
    ] + [
        Example(f"Hur blir det med {things[n % 5]} i vinter vid nummer {n}?", False)
        for n in range(150)
    ]
    model = train(given)
    assert isinstance(model, Model)
    return model


@pytest.fixture
def learned(cast: Cast, trained: Model) -> Iterator[LearnedModel]:
    """The ranking under the rule on messages that are off topic."""
    yield _kept(trained)
    ranks.forget()


def _kept(model: Model) -> LearnedModel:
    kept = LearnedModel.objects.create(
        rule=make.rule("K-22.4"),
        model=model.to_bytes(),
        version=model.version,
        training_set=model.training_set,
        decisions=model.figures.examples,
        of_class=model.figures.of_class,
        figures=model.figures.as_dict(),
    )
    ranks.forget()
    return kept


def desk(cast: Cast, address: str = LIKELY) -> str:
    client = Client()
    client.force_login(cast.anna)
    return client.get(address).content.decode()


def listed(page: str) -> list[int]:
    """Keys of the cases on a page of the queue, from top to bottom."""
    return [int(pk) for pk in re.findall(r'id="row-(\d+)"', page)]


def due(case: Case, hours: float) -> Case:
    moment = timezone.now() + timedelta(hours=hours)
    Case.objects.filter(pk=case.pk).update(due_at=moment)
    return case


def test_while_nothing_is_learned_the_desk_has_one_order(
    cast: Cast, school_channel: Channel
) -> None:
    ranks.forget()
    later = due(make.case(school_channel, OFFER), 9)
    sooner = due(make.case(school_channel, QUESTION), 1)

    page = desk(cast)

    assert listed(page) == [sooner.pk, later.pk]
    assert "Most likely breach first" not in page
    assert "likeness" not in page


def test_an_officer_can_have_the_likeliest_breach_first(
    cast: Cast, school_channel: Channel, learned: LearnedModel
) -> None:
    """K-23: it says what the score is, and changes nothing about a message."""
    later = due(make.case(school_channel, OFFER), 9)
    sooner = due(make.case(school_channel, QUESTION), 1)

    page = desk(cast)

    assert listed(page) == [later.pk, sooner.pk]
    later.refresh_from_db()
    assert later.likeness > 500
    assert f"likeness {later.likeness // 10} %" in page
    assert "still for a person to decide" in page
    assert later.state == Case.State.NEW


def test_the_desk_opens_with_what_is_due_first_all_the_same(
    cast: Cast, school_channel: Channel, learned: LearnedModel
) -> None:
    later = due(make.case(school_channel, OFFER), 9)
    sooner = due(make.case(school_channel, QUESTION), 1)

    page = desk(cast, reverse("desk:queue"))

    assert listed(page) == [sooner.pk, later.pk]
    assert "Most likely breach first" in page, "the choice is there"
    assert "likeness" not in page


def test_page_after_page_holds_each_message_once(
    cast: Cast,
    school_channel: Channel,
    learned: LearnedModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_pages, "PAGE", 2)
    texts = [OFFER, QUESTION] * 3 + [OFFER + " nu"]
    cases = [
        due(make.case(school_channel, text), 20 - number)
        for number, text in enumerate(texts)
    ]
    seen: list[int] = []
    address = LIKELY
    for _page in range(len(cases)):
        page = desk(cast, address)
        seen += listed(page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        if further is None:
            break
        address = reverse("desk:queue") + further[1].replace("&amp;", "&")

    assert sorted(seen) == sorted(case.pk for case in cases)
    scores = dict(Case.objects.values_list("pk", "likeness"))
    assert [scores[pk] for pk in seen] == sorted(scores.values(), reverse=True)


def test_after_an_act_the_next_likeliest_is_taken(
    cast: Cast, school_channel: Channel, learned: LearnedModel
) -> None:
    first = due(make.case(school_channel, OFFER), 9)
    question = due(make.case(school_channel, QUESTION), 1)
    second = due(make.case(school_channel, OFFER), 10)
    place = desk_pages.place_of(first.pk)

    asked = Filters(order="likely")
    following = desk_pages.next_due(cast.anna, first, asked, place)

    assert following == second
    assert desk_pages.next_due(cast.anna, first, Filters(), place) == second
    place = desk_pages.place_of(second.pk)
    assert desk_pages.next_due(cast.anna, second, asked, place) == question


def test_a_saved_view_keeps_its_order(
    cast: Cast, school_channel: Channel, learned: LearnedModel
) -> None:
    make.case(school_channel, OFFER)
    client = Client()
    client.force_login(cast.anna)
    client.post(
        reverse("desk:save-view"),
        {"name": "Worst first", "order": "likely", "opens": "on"},
    )

    assert SavedView.objects.get().filters == "order=likely"
    answer = client.get(reverse("desk:queue"), follow=True)
    assert answer.redirect_chain[0][0].endswith("?order=likely")


def test_what_came_before_the_training_is_scored_by_it(
    cast: Cast, school_channel: Channel, trained: Model
) -> None:
    ranks.forget()
    case = make.case(school_channel, OFFER)
    direct = make.case(school_channel, OFFER, kind="dm")
    assert case.likeness == 0

    _kept(trained)
    assert ranks.score_anew() == 1
    assert ranks.score_anew() == 0, "the same ranking moves nothing twice"

    case.refresh_from_db()
    direct.refresh_from_db()
    assert case.likeness > 500
    assert direct.message.kind == Message.Kind.DM
    assert direct.likeness == 0, "a direct message is never taken away"
    ranks.forget()


def test_the_order_is_a_walk_of_one_index(
    cast: Cast, school_channel: Channel, learned: LearnedModel
) -> None:
    """However many wait: the plan sorts nothing."""
    for _number in range(3):
        make.case(school_channel, OFFER)
    cases = Filters(order="likely").cases(cast.anna)[: desk_pages.PAGE]
    sql, values = cases.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        [[plan]] = cursor.fetchall()

    said = json.dumps(plan)
    assert "case_due_likeliest" in said
    assert '"Sort"' not in said
