"""The desk in a real browser: seen wide, narrow and dark, worked by mouse, by keyboard
and without script, by one officer and by two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from archive.models import Record
from channels import registration
from channels.models import Channel, Delivery
from channels.platforms.base import Author
from moderation import decisions, replies, reports
from moderation.models import Case, Decision, Duty, Report
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from channels.models import User
    from tests.conftest import Cast
    from tests.e2e.conftest import Check

RUDE = (
    "Ni är en jävla skitkommun! Rektorn på Strandskolan borde skämmas, "
    "ring mig på 070-174 06 05 så ska jag förklara varför."
)
SignIn = Callable[["User"], None]


@dataclass
class Desk:
    """Anna's desk: what came in on the schools' channel, and where it is seen."""

    schools: Channel
    streets: Channel
    rude: Case
    asked: Case
    letter: Case
    home: str

    def at(self, case: Case) -> str:
        return f"{self.home}{case.pk}/"


@pytest.fixture
def desk(address: str, cast: Cast) -> Desk:
    schools = make.channel(cast.anna, cast.schools, name="Schools of Testnäs")
    streets = make.channel(cast.anna, cast.streets, name="Streets and parks")
    lo = Author("a7", "Lo Lundgren", "@lo", "https://social.example/lo")
    asked = make.case(schools, "När börjar skolan efter lovet?", author=lo)
    rude = make.case(
        schools,
        RUDE,
        permalink="https://social.example/c/rude",
        parent_id=asked.message.external_id,
    )
    letter = make.case(
        schools, "Kan någon ringa mig om min dotters skolskjuts?", kind="dm"
    )
    return Desk(schools, streets, rude, asked, letter, f"{address}/admin/desk/")


def overdue(case: Case) -> None:
    earlier = timezone.now() - timedelta(days=2)
    Duty.objects.filter(case=case).update(due_at=earlier)
    Case.objects.filter(pk=case.pk).update(due_at=earlier)


def said(page: Page) -> str:
    return page.locator(".messagelist").inner_text()


def reason(page: Page) -> Locator:
    """Of hiding and removing; other forms ask for reasons too."""
    return page.get_by_role("region", name="Decide", exact=True).get_by_label("Reason")


def asks_to_remove(page: Page) -> None:
    page.get_by_role("radio").first.check()
    reason(page).fill("It insults a named person.")
    page.get_by_role("button", name="Remove …").click()


# -- Seen --------------------------------------------------------------------------


def test_the_queue_with_nothing_in_it(
    page: Page, address: str, cast: Cast, sign_in: SignIn, check: Check
):
    sign_in(cast.bo)
    page.goto(f"{address}/admin/desk/")
    expect(page.get_by_text("You have no channel to look after yet.")).to_be_visible()
    expect(page.get_by_text("Nothing is due.")).to_be_visible()
    check(page, "desk-queue-empty")


def test_the_queue_full_and_overdue(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """K-14: the most urgent first, and what is overdue stands out."""
    make.receive(
        desk.streets,
        *(make.item(f"När plogas gata {number}? Det är halt.") for number in range(60)),
    )
    overdue(desk.asked)
    reports.receive(address=desk.rude.message.permalink, what="It insults a person.")
    registration.give_mandate(channel=desk.schools, person=cast.bo, by=cast.hanna)
    replies.hand_over(case=desk.letter, by=cast.anna, to=cast.bo, note="Yours?")
    sign_in(cast.anna)
    page.goto(desk.home)
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(50)
    assert "När börjar skolan" in rows.first.inner_text()
    expect(page.locator(".queue .overdue")).to_have_count(1)
    check(page, "desk-queue")

    page.get_by_role("link", name="Further").click()
    expect(page.locator("[data-row]")).not_to_have_count(50)
    expect(page.locator("[data-row]").first).to_be_visible()
    page.get_by_role("navigation", name="What to show").get_by_text("Overdue").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    check(page, "desk-queue-overdue")
    page.get_by_label("Channel", exact=True).select_option("Streets and parks")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Nothing that is due fits")).to_be_visible()


def test_a_message_with_findings_and_a_report(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """K-15, K-20, K-23: marked words, the reason in words, the citizen's report, and
    the decision left to a person."""
    reports.receive(address=desk.rude.message.permalink, what="It insults a person.")
    sign_in(cast.anna)
    page.goto(desk.at(desk.rude))
    marks = page.locator("#text mark")
    assert "jävla" in marks.first.inner_text() + marks.nth(1).inner_text()
    expect(
        page.get_by_text("The software proposes. You decide.", exact=True)
    ).to_be_visible()
    expect(page.get_by_text("It insults a person.")).to_be_visible()
    check(page, "desk-case-found")


def test_a_direct_message_and_one_that_was_removed(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """K-17, K-19: a received record stays; a removed comment leads to its record."""
    replies.reply(case=desk.asked, by=cast.anna, text="Den 8 januari klockan åtta.")
    decisions.remove(
        case=desk.rude, by=cast.anna, rule=make.rule(), reason="It insults a person."
    )
    sign_in(cast.anna)
    page.goto(desk.at(desk.letter))
    expect(page.get_by_text("sealed on arrival").first).to_be_visible()
    page.get_by_text("Hide or remove").click()
    expect(page.get_by_text("A direct message is a received record")).to_be_visible()
    check(page, "desk-case-dm")

    page.goto(desk.at(desk.rude))
    expect(page.get_by_text("sealed record")).to_be_visible()
    assert page.get_by_role("button", name="Keep").is_disabled()
    check(page, "desk-case-removed")
    page.goto(desk.at(desk.asked))
    expect(page.get_by_text("klockan åtta.\n\n/ Anna Test, Schools")).to_be_visible()
    check(page, "desk-case-answered")


def test_a_message_whose_words_are_long_or_run_the_other_way(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    sign_in(cast.anna)
    texts = "x" * 600, "<script>alert(1)</script> \u202eomvänt", "متى يبدأ؟ 👏"
    for number, text in enumerate(texts):
        case = make.case(desk.schools, text, author=Author("a9", "N" * 120, "@n" * 40))
        page.goto(desk.at(case))
        assert page.locator("#text").inner_text() == text.strip()
        check(page, f"desk-case-awkward-{number}")
    page.goto(desk.home)
    check(page, "desk-queue-awkward")


def test_what_needs_a_person_and_the_reports(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """K-15: a report on no known message is put beside its message by hand."""
    decision = decisions.remove(
        case=desk.rude, by=cast.anna, rule=make.rule(), reason="It insults a person."
    )
    Delivery.objects.filter(pk=decision.delivery_id).update(
        state=Delivery.State.FAILED,
        settled_at=timezone.now(),
        attempts=1,
        error_code="rest_cannot_edit",
        error="PermissionDenied: the account may not delete comments",
    )
    report = reports.receive(
        address=f"{desk.schools.address}/?c=77", what="Fult språk om rektorn."
    )
    sign_in(cast.anna)
    page.goto(desk.home)
    page.get_by_role("link", name="1 act has not reached its platform").click()
    check(page, "desk-stuck")
    page.get_by_role("button", name="Try again").click()
    assert "On its way once more." in said(page)
    expect(page.get_by_text("Everything that was decided")).to_be_visible()
    check(page, "desk-stuck-empty")

    page.get_by_role("navigation", name="Rooms").get_by_text("Reports").click()
    check(page, "desk-reports")
    page.get_by_role("link", name="Find its message").click()
    check(page, "desk-report")
    field = page.get_by_label("Address of the message, or its number at the desk")
    field.fill("https://elsewhere.example/")
    page.get_by_role("button", name="Put the report beside that message").click()
    expect(page.get_by_text("No message is known by that address.")).to_be_visible()
    check(page, "desk-report-unknown")
    field.fill(str(desk.asked.pk))
    page.get_by_role("button", name="Put the report beside that message").click()
    assert page.url == desk.at(desk.asked)
    expect(page.get_by_text("Fult språk om rektorn.")).to_be_visible()
    assert Report.objects.get(pk=report.pk).case == desk.asked


@pytest.mark.parametrize("how", ["by the system", "by the button"])
def test_the_desk_in_the_dark(
    how: str, page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    decisions.hide(case=desk.asked, by=cast.anna, rule=make.rule(), reason="Swears.")
    reports.receive(address=desk.rude.message.permalink, what="It insults a person.")
    overdue(desk.letter)
    sign_in(cast.anna)
    name = f"dark-{how.rpartition(' ')[2]}"
    if how == "by the system":
        page.emulate_media(color_scheme="dark")
    else:
        toggle = page.get_by_role("button", name="Toggle theme")
        while page.locator("html").get_attribute("data-theme") != "dark":
            toggle.click()
    page.reload()
    check(page, f"{name}-index")
    page.goto(desk.home)
    check(page, f"{name}-queue")
    for state, case in (("found", desk.rude), ("hidden", desk.asked)):
        page.goto(desk.at(case))
        check(page, f"{name}-case-{state}")
    page.keyboard.press("?")
    check(page, f"{name}-keys")


# -- Worked ------------------------------------------------------------------------


def test_removing_asks_once_more_and_says_what_is_kept(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """K-19, K-23: ground and reason are asked for, and the record is told of first."""
    sign_in(cast.anna)
    page.goto(desk.at(desk.rude))
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Remove …").click()
    field = reason(page)
    assert field.evaluate("field => field.validity.valueMissing")
    field.fill("It insults a named person.")
    page.get_by_role("button", name="Remove …").click()
    expect(page.get_by_text("made before the platform is told")).to_be_visible()
    assert not Decision.objects.exists()
    check(page, "desk-confirm")
    page.get_by_role("link", name="Back").click()
    assert page.url == desk.at(desk.rude)
    asks_to_remove(page)
    page.get_by_role("button", name="Seal the record and remove").click()
    assert "Record sealed" in said(page)
    assert Decision.objects.get().record is not None
    assert page.url != desk.at(desk.rude), "on to the next message"
    check(page, "desk-case-after")


def test_the_queue_and_a_message_by_keyboard_alone(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    overdue(desk.asked)
    sign_in(cast.anna)
    page.goto(desk.home)
    focused = "document.activeElement.getAttribute('href')"
    page.keyboard.press("j")
    first = page.evaluate(focused)
    page.keyboard.press("j")
    second = page.evaluate(focused)
    page.keyboard.press("k")
    assert page.evaluate(focused) == first != second
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    check(page, "desk-keys")
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog", name="Keys").is_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url(desk.at(desk.asked))
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url.endswith(second))
    page.keyboard.press("g")
    page.wait_for_url(desk.home)

    page.goto(desk.at(desk.asked))
    page.keyboard.press("k")
    page.wait_for_url(lambda url: f"done={desk.asked.pk}" in url)
    assert Decision.objects.get().verb == "keep"

    page.goto(desk.at(desk.rude))
    page.keyboard.press("h")
    page.keyboard.press("Space")  # the rule in focus
    reason(page).focus()
    page.keyboard.type("It insults a named person, kjhr?")
    assert page.url == desk.at(desk.rude), "letters in a field are letters"
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: f"done={desk.rude.pk}" in url)
    assert Decision.objects.get(verb="hide").reason.endswith("person, kjhr?")

    page.goto(desk.at(desk.letter))
    page.keyboard.press("r")
    page.keyboard.type("Vi ringer i dag.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != desk.at(desk.letter))
    assert desk.letter.replies.get().delivery.text.startswith("Vi ringer i dag.")


def test_single_keys_can_be_switched_off(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn
):
    """WCAG 2.1.4: who speaks to the machine, or trembles, decides nothing by it."""
    sign_in(cast.anna)
    page.goto(desk.at(desk.asked))
    page.keyboard.press("?")
    page.get_by_label("Single keys are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("k")
    page.goto(desk.home)
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert not Decision.objects.exists()
    page.keyboard.press("?")
    page.get_by_label("Single keys are on").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.hasAttribute('data-row')")


def test_the_whole_decision_without_script(
    browser: Browser, desk: Desk, cast: Cast, sign_in: SignIn, page: Page
):
    """Script adds comfort and nothing else."""
    sign_in(cast.anna)
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(desk.home)
    plain.locator("[data-row]", has_text="skitkommun").click()
    asks_to_remove(plain)
    plain.get_by_role("button", name="Seal the record and remove").click()
    assert "Record sealed" in said(plain)
    assert Record.objects.filter(kind=Record.Kind.REMOVAL).count() == 1
    plain.goto(desk.at(desk.asked))
    plain.get_by_text("Reply", exact=False).first.click()
    plain.get_by_role("textbox", name="Answer").fill("Den 8 januari.")
    plain.get_by_role("button", name="Send the answer").click()
    assert "The answer is on its way." in said(plain)
    plain.goto(desk.at(desk.letter))
    plain.get_by_role("button", name="Keep").click()
    assert "Kept." in said(plain)
    context.close()


def test_two_officers_see_each_other_and_only_one_decides(
    browser: Browser, page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """M-O2, K-23: the second is told what the first decided, and keeps their words."""
    registration.give_mandate(channel=desk.schools, person=cast.bo, by=cast.hanna)
    sign_in(cast.bo)
    theirs = browser.new_context(locale="en-GB")
    theirs.add_cookies(page.context.cookies())
    bo = theirs.new_page()
    bo.goto(desk.at(desk.rude))
    sign_in(cast.anna)
    page.goto(desk.at(desk.rude))
    expect(page.get_by_text("Bo Test has this message open too.")).to_be_visible()
    check(page, "desk-case-two")
    # The open page of the other asks again every quarter of a minute.
    others = bo.locator("#others", has_text="Anna Test has this message open too.")
    others.wait_for(timeout=20_000)

    page.get_by_role("button", name="Keep").click()
    assert "Kept." in said(page)
    bo.get_by_role("radio").first.check()
    reason(bo).fill("It insults a named person.")
    bo.get_by_role("button", name="Hide", exact=True).click()
    refused = bo.get_by_role("alert")
    assert "Anna Test decided “keep” at" in refused.inner_text()
    assert reason(bo).input_value() == "It insults a named person."
    assert bo.get_by_role("radio").first.is_checked()
    check(bo, "desk-case-refused")
    theirs.close()
    assert list(Decision.objects.values_list("verb", flat=True)) == ["keep"]
