"""What is owed, in a real browser: read, confirmed by a key, waived, met in parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from channels.models import Channel
from moderation import kinds
from moderation.models import Case, Confirmation
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from channels.models import User
    from tests.conftest import Cast
    from tests.e2e.conftest import Check

SignIn = Callable[["User"], None]

QUESTION = "Hej kommunen, när öppnar biblioteket på lördag?"
NEGATIVE = "Ni är så dåliga på att ploga, det är helt under all kritik!"
HURT = (
    "Min dotter skadades i gungan på Strandskolan den 3 november. Hur anmäler jag det, "
    "och stämmer det inte att gungan har varit trasig sedan 2019?"
)


@pytest.fixture
def schools(cast: Cast) -> Channel:
    return make.channel(cast.anna, cast.schools, name="Schools of Testnäs")


def at(address: str, case: Case) -> str:
    return f"{address}/admin/desk/{case.pk}/"


def owed(case: Case) -> set[str]:
    return set(case.duties.open().values_list("kind", flat=True))


def test_a_message_with_much_owed(
    page: Page, address: str, schools: Channel, cast: Cast, sign_in: SignIn,
    check: Check,
):  # fmt: skip
    """M-R5, K-14, K-17: all that is owed, by when and why, wide and narrow."""
    case = make.case(schools, HURT, kind="dm")
    sign_in(cast.anna)
    page.goto(at(address, case))
    expect(page.get_by_text("Sealed in the archive: done on arrival")).to_be_visible()
    expect(page.get_by_text("Received").first).to_be_visible()
    for summary in page.locator(".owed .act summary, .kinds .act summary").all():
        summary.click()
    check(page, "duties-open")


def test_one_key_confirms_and_the_page_goes_on(
    page: Page, address: str, schools: Channel, cast: Cast, sign_in: SignIn,
    check: Check,
):  # fmt: skip
    """K-13, K-23: c says that the proposal is right; it is kept who said so."""
    case = make.case(schools, QUESTION)
    sign_in(cast.anna)
    page.goto(at(address, case))
    expect(page.get_by_text("Neutral, to the municipality").first).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_text("The kinds are confirmed.")).to_be_visible()
    said = Confirmation.objects.get(case=case)
    assert (said.outcome, said.by) == ("accepted", cast.anna)
    assert owed(case) == {"answer"}
    check(page, "duties-confirmed")


def test_kinds_are_corrected_by_keyboard(
    page: Page, address: str, schools: Channel, cast: Cast, sign_in: SignIn
):
    """M-R2: what is owed follows what a person says it is."""
    case = make.case(schools, QUESTION)
    sign_in(cast.anna)
    page.goto(at(address, case))
    page.keyboard.press("e")
    page.get_by_label("Neutral, to the municipality").uncheck()
    page.get_by_label("States facts to be checked").check()
    page.get_by_role("button", name="Correct the kinds").click()
    expect(page.get_by_text("what is owed follows them")).to_be_visible()
    assert owed(case) == {"correct"}


def test_a_complaint_cannot_be_waived_and_a_question_can(
    page: Page, address: str, schools: Channel, cast: Cast, sign_in: SignIn
):
    """M-R2c, K-14."""
    complaint, question = make.case(schools, NEGATIVE), make.case(schools, QUESTION)
    sign_in(cast.anna)
    page.goto(at(address, complaint))
    page.keyboard.press("w")
    expect(page.get_by_text("The sender has had no answer yet")).to_be_visible()
    expect(page.get_by_role("button", name="Waive a duty")).to_have_count(0)
    page.goto(at(address, question))
    page.keyboard.press("w")
    page.get_by_label("Answer: nothing is asked (K-14)").check()
    page.get_by_role("button", name="Waive a duty").click()
    expect(page.get_by_text("Waived: answer.")).to_be_visible()
    assert owed(question) == set()


def test_without_script_it_all_works(
    browser: Browser, address: str, schools: Channel, cast: Cast
):
    """The desk is plain pages and forms; script only makes it quicker."""
    case = make.case(schools, HURT, kind="dm")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/admin/login/")
    page.fill("[name=username]", cast.anna.username)
    page.fill("[name=password]", make.PASSWORD)
    page.click("[type=submit]")
    page.goto(at(address, case))
    page.get_by_text("Registered", exact=False).first.click()
    page.get_by_label("Number in the ordinary system").fill("KS 2026/17")
    page.get_by_role("button", name="Registered").click()
    page.get_by_text("Done another way").first.click()
    page.get_by_label("Document: the sender is told").check()
    page.get_by_label("How, when and to whom").fill("By telephone, 10:15.")
    page.get_by_role("button", name="Done another way").click()
    expect(page.get_by_text("The sender is told: done")).to_be_visible()
    assert "register" not in owed(case)
    context.close()


def test_how_proposals_fare(
    page: Page, address: str, schools: Channel, cast: Cast, sign_in: SignIn,
    check: Check,
):  # fmt: skip
    """K-23: the share of accepted proposals per kind, from the desk."""
    one, other = make.case(schools, QUESTION), make.case(schools, QUESTION)
    kinds.confirm(case=one, by=cast.anna)
    kinds.correct(case=other, by=cast.anna, kinds=["negative"])
    last = make.case(schools, QUESTION)
    sign_in(cast.anna)
    page.goto(at(address, last))
    page.get_by_role("link", name="How proposals fare").click()
    expect(page.get_by_role("heading", name="How proposals fare")).to_be_visible()
    expect(page.get_by_text("50 %")).to_be_visible()
    check(page, "proposals")
