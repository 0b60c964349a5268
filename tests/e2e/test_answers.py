"""Answering and referring in a real browser: by mouse and keyboard, without script, by
two people, at both widths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from channels import registration
from channels.models import Channel, Delivery, Letter
from moderation import answer_templates, referrals
from moderation.models import Case, Draft, Referral, ReferralAddress, Reply
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from channels.models import User
    from tests.conftest import Cast
    from tests.e2e.conftest import Check

SignIn = Callable[["User"], None]


@dataclass
class Desk:
    channel: Channel
    asked: Case
    letter: Case
    home: str

    def at(self, case: Case, page: str = "") -> str:
        return f"{self.home}{case.pk}/{page}"


@pytest.fixture
def desk(address: str, cast: Cast) -> Desk:
    cast.anna.job_title = "Kommunikatör"
    cast.anna.save()
    answer_templates.load_starters(by="tests")
    channel = make.channel(cast.anna, cast.schools, name="Schools of Testnäs")
    registration.give_mandate(channel=channel, person=cast.bo, by=cast.hanna)
    ReferralAddress.objects.create(
        kind="officer", name="Byggkontoret", email="bygg@testnas.example"
    )
    ReferralAddress.objects.create(
        kind="political", name="Politiska kansliet", email="politik@testnas.example"
    )
    asked = make.case(channel, "Hej! När börjar skolan efter lovet? Vi undrar.")
    letter = make.case(channel, "Kan någon ringa mig om skolskjutsen?", kind="dm")
    return Desk(channel, asked, letter, f"{address}/admin/desk/")


def opened(page: Page, desk: Desk, case: Case) -> None:
    page.goto(desk.at(case))
    page.locator("#answer > summary").click()


def text(page: Page) -> str:
    return page.locator("#reply-text").input_value()


def test_a_template_fills_the_answer_at_once(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """M-R3: offered in the enquiry's language, those that fit what is owed first."""
    sign_in(cast.anna)
    opened(page, desk, desk.asked)
    page.get_by_role("link", name="Svar på en fråga").click()
    assert text(page).startswith("Hej Kim! Tack för din fråga.")
    check(page, "answer-template")
    page.get_by_role("link", name="Vi tar reda på det").click()
    assert text(page).startswith("Hej Kim! Bra fråga.")
    page.locator("#reply-text").fill("Den 8 januari.")
    page.get_by_role("link", name="Svar på en fråga").click()
    assert text(page).startswith("Den 8 januari.\n\nHej Kim!"), "one's own words stay"
    expect(page.locator("#reply-room")).to_contain_text("characters left:")
    page.locator("#reply-text").fill("Den 8 januari.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("The answer is on its way.")).to_be_visible()
    sent = Reply.objects.get().delivery
    assert sent.text == (
        "Den 8 januari.\n\n/ Anna Test, Kommunikatör, Schools, webb@testnas.example"
    )
    page.goto(desk.at(desk.asked))
    expect(page.get_by_text("on its way to the platform")).to_be_visible()
    Delivery.objects.filter(pk=sent.pk).update(
        state=Delivery.State.DONE, settled_at=timezone.now()
    )
    page.reload()
    expect(page.get_by_text("confirmed by the platform")).to_be_visible()


def test_all_of_it_without_script(
    browser: Browser, desk: Desk, cast: Cast, address: str
):
    plain = browser.new_page(java_script_enabled=False)
    plain.goto(f"{address}/admin/login/")
    plain.fill("[name=username]", cast.anna.username)
    plain.fill("[name=password]", make.PASSWORD)
    plain.click("[type=submit]")
    plain.goto(desk.at(desk.asked, "reply/"))
    plain.get_by_role("link", name="Norsk bokmål").click()
    plain.get_by_role("link", name="Svar på et spørsmål").click()
    area = plain.locator("#reply-text")
    assert area.input_value().startswith("Hei Kim! Takk for spørsmålet.")
    area.fill("Ring Maja på 070-174 06 05.")
    plain.get_by_role("button", name="Send the answer").click()
    expect(plain.get_by_text("is it an office's")).to_be_visible()
    assert area.input_value() == "Ring Maja på 070-174 06 05."
    plain.get_by_role("button", name="Send all the same").click()
    assert Reply.objects.get().warned[0]["kind"] == "personal"
    plain.goto(desk.at(desk.asked, "refer/"))
    plain.get_by_label("Byggkontoret").check()
    plain.get_by_role("button", name="Seal the record and refer").click()
    assert Referral.objects.get().email == "bygg@testnas.example"
    plain.close()


def test_what_is_stopped_and_what_is_warned_of(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """K-10, M-R6, M-R7."""
    sign_in(cast.anna)
    opened(page, desk, desk.asked)
    page.locator("#reply-text").fill("Jävla bra fråga!")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("may not be sent like this")).to_be_visible()
    check(page, "answer-stopped")
    page.locator("#reply-text").fill("Moderaterna bestämde det i KS-2026-00123.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("Before it goes:")).to_be_visible()
    expect(page.get_by_text("names a party")).to_be_visible()
    expect(page.get_by_text("names a case")).to_be_visible()
    check(page, "answer-warned")
    assert not Reply.objects.exists()
    page.get_by_role("button", name="Send all the same").click()
    expect(page.get_by_text("The answer is on its way.")).to_be_visible()
    page.goto(desk.at(desk.asked))
    expect(page.get_by_text("Sent all the same:")).to_be_visible()


def test_a_second_reader_sends_back_and_then_releases(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """M-O2: the channel asks for it."""
    Channel.objects.filter(pk=desk.channel.pk).update(second_reader=True)
    sign_in(cast.anna)
    opened(page, desk, desk.asked)
    expect(page.get_by_role("button", name="Send the answer")).to_have_count(0)
    page.locator("#reply-text").fill("Den 8 januari.")
    page.get_by_role("button", name="Ask for a second reader").click()
    expect(page.get_by_text("A second reader is asked for.")).to_be_visible()

    sign_in(cast.bo)
    page.goto(desk.at(desk.asked))
    expect(page.get_by_text("Anna Test asks for a second reader.")).to_be_visible()
    check(page, "answer-to-read")
    page.goto(desk.home)
    expect(page.get_by_text("1 answer waits for a second reader:")).to_be_visible()
    check(page, "desk-queue-to-read")
    page.get_by_role("link", name="Anna Test, Schools of Testnäs").click()
    page.get_by_text("Send back").first.click()
    page.get_by_label("What should be different").fill("Skriv klockslag också.")
    page.get_by_role("button", name="Send back").click()
    expect(page.get_by_text("Sent back to Anna Test.")).to_be_visible()

    sign_in(cast.anna)
    opened(page, desk, desk.asked)
    expect(page.get_by_text("Bo Test sent it back:")).to_be_visible()
    check(page, "answer-sent-back")
    page.locator("#reply-text").fill("Den 8 januari klockan åtta.")
    page.get_by_role("button", name="Ask for a second reader").click()
    expect(page.get_by_text("A second reader is asked for.")).to_be_visible()

    sign_in(cast.bo)
    page.goto(desk.at(desk.asked))
    page.get_by_role("button", name="Release and send").click()
    expect(page.get_by_text("Anna Test's answer is on its way.")).to_be_visible()
    assert Reply.objects.get().released_by == cast.bo
    page.goto(desk.at(desk.asked))
    expect(page.get_by_text("released by Bo Test")).to_be_visible()


def test_a_draft_is_kept_and_colleagues_see_it(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    sign_in(cast.anna)
    page.clock.install()
    opened(page, desk, desk.asked)
    page.locator("#reply-text").fill("Den 8")
    page.clock.fast_forward(21_000)
    expect(page.locator("[data-saved]")).to_contain_text("Draft saved")
    assert Draft.objects.get().text == "Den 8"
    page.locator("#reply-text").fill("Den 8 januari")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved. Your colleagues can see it.")).to_be_visible()
    sign_in(cast.bo)
    page.goto(desk.at(desk.asked))
    page.get_by_text("Anna Test writes an answer").click()
    expect(page.get_by_text("Den 8 januari")).to_be_visible()
    check(page, "answer-draft-of-another")
    sign_in(cast.anna)
    opened(page, desk, desk.asked)
    assert text(page) == "Den 8 januari"
    page.get_by_role("button", name="Drop the draft").click()
    expect(page.get_by_text("Draft dropped.")).to_be_visible()


def test_a_referral_that_fails_comes_back_to_the_desk(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """K-13, K-17."""
    sign_in(cast.anna)
    page.goto(desk.at(desk.letter))
    page.locator("#refer > summary").click()
    page.get_by_label("Byggkontoret").check()
    page.locator("#refer-note").fill("Kan ni ringa upp?")
    check(page, "refer-form")
    page.get_by_role("button", name="Seal the record and refer").click()
    expect(page.get_by_text("the message goes to Byggkontoret")).to_be_visible()
    made = Referral.objects.get()
    Letter.objects.filter(pk=made.letter_id).update(
        failed_at=timezone.now(), error="550 5.1.1 no such mailbox"
    )
    assert referrals.notice_failures() == 1
    page.goto(desk.at(desk.letter))
    expect(page.get_by_text("came to nothing:")).to_be_visible()
    expect(page.get_by_text("550 5.1.1 no such mailbox").first).to_be_visible()
    check(page, "refer-failed")
    page.get_by_role("link", name="Other address").click()
    expect(page.get_by_text("Instead of Byggkontoret.")).to_be_visible()
    check(page, "refer-elsewhere")
    page.get_by_label("registrar's mailbox").check()
    page.get_by_role("button", name="Seal the record and refer").click()
    expect(page.get_by_text("the message goes to registrar's mailbox")).to_be_visible()
    page.goto(desk.at(desk.letter))
    expect(page.get_by_text("came to nothing:")).to_have_count(0)
    page.locator("#refer > summary").click()
    page.get_by_text("registrar's mailbox sent it back").click()
    page.get_by_label("Why they sent it back").fill("Skickat till fel kommun.")
    page.get_by_role("button", name="It is owed again").click()
    expect(page.get_by_text("Noted: it is owed again.")).to_be_visible()
    check(page, "refer-sent-back")


def test_an_answer_that_asks_to_write_to_the_mailbox(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn
):
    """K-17: the template says what it meets, and the officer can see it."""
    sign_in(cast.anna)
    opened(page, desk, desk.letter)
    page.get_by_role("link", name="Skriv till kommunens brevlåda").click()
    assert "registrator@testnas.example" in text(page)
    expect(page.get_by_label("It asks the sender to write to")).to_be_checked()
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("The answer is on its way.")).to_be_visible()
    assert desk.letter.duties.get(kind="register").outcome == "met"


def test_the_whole_of_it_by_keyboard(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn
):
    sign_in(cast.anna)
    page.goto(desk.at(desk.asked))
    page.keyboard.press("r")
    page.keyboard.type("Den 8 januari.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The answer is on its way.")).to_be_visible()
    assert Reply.objects.get().delivery.text.startswith("Den 8 januari.")


def test_letters_that_did_not_arrive(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    stuck = Letter.objects.all()[0]
    Letter.objects.filter(pk=stuck.pk).update(
        failed_at=timezone.now(), error="550 5.1.1 no such mailbox"
    )
    sign_in(cast.anna)
    page.goto(f"{desk.home}letters/")
    check(page, "letters-stuck")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("on its way once more")).to_be_visible()
    expect(page.get_by_text("Every letter has left.")).to_be_visible()
    stuck.refresh_from_db()
    assert stuck.state == "waiting"


def test_the_registers_of_templates_and_addresses(
    page: Page, desk: Desk, cast: Cast, sign_in: SignIn, check: Check
):
    """The information unit's own pages."""
    sign_in(cast.chief)
    page.goto(desk.home.replace("desk/", "moderation/answertemplate/"))
    check(page, "templates-list")
    page.get_by_role("link", name="Svar på en fråga").click()
    page.get_by_label("Text:").fill("Hej {sender}!")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("“{sender}” is no field.")).to_be_visible()
    check(page, "templates-fault")
    page.goto(desk.home.replace("desk/", "moderation/referraladdress/add/"))
    check(page, "addresses-add")
