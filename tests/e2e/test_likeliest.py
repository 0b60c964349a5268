"""The desk in the order of likeness, and an answer that was taken back, as an officer
sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from moderation import ranks, replies, undoing
from moderation.models import LearnedModel
from policies.screening.learning import Example, train
from policies.screening.ranking import Model
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from channels.models import Channel, User
    from tests.conftest import Cast
    from tests.e2e.conftest import Check

SignIn = Callable[["User"], None]


@pytest.fixture
def learned(cast: Cast) -> Iterator[None]:
    """A ranking from 210 decisions: what was offered for sale was taken away."""
    given = [
        Example(f"Jag säljer motorcyklar billigt, hör av er nr {n}", True)
        for n in range(60)
    ] + [
        Example(f"Hur blir det med bussarna i vinter, {n}?", False) for n in range(150)
    ]
    model = train(given)
    assert isinstance(model, Model)
    LearnedModel.objects.create(
        rule=make.rule("K-22.4"),
        model=model.to_bytes(),
        version=model.version,
        training_set=model.training_set,
        decisions=model.figures.examples,
        of_class=model.figures.of_class,
        figures=model.figures.as_dict(),
    )
    ranks.forget()
    yield
    ranks.forget()


@pytest.mark.usefixtures("learned")
def test_the_likeliest_breach_comes_first_where_an_officer_asks_for_it(
    page: Page,
    sign_in: SignIn,
    check: Check,
    address: str,
    cast: Cast,
    school_channel: Channel,
) -> None:
    make.case(school_channel, "När plogas vägen till skolan?")
    make.case(school_channel, "Tack för en fin konsert i går!")
    make.case(school_channel, "Jag säljer motorcyklar billigt, hör av er!")
    sign_in(cast.anna)
    page.goto(f"{address}/admin/desk/")
    expect(page.locator("a.row").first).to_contain_text("plogas")

    page.get_by_label("Order").select_option("likely")
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page.locator("a.row").first).to_contain_text("säljer")
    expect(page.locator("a.row").first).to_contain_text("likeness")
    check(page, "desk-likeliest")


def test_an_answer_that_is_taken_back_is_there_to_be_mended(
    page: Page,
    sign_in: SignIn,
    check: Check,
    address: str,
    cast: Cast,
    school_channel: Channel,
) -> None:
    case = make.case(school_channel, "När börjar skolan efter lovet?")
    replies.reply(case=case, by=cast.anna, text="Skolan börjar den 8 januari.")
    undoing.undo(case=case, by=cast.anna)
    sign_in(cast.anna)

    page.goto(f"{address}{case.get_absolute_url()}")

    expect(page.locator("#reply-text")).to_have_value("Skolan börjar den 8 januari.")
    check(page, "answer-taken-back")
