"""The desk at speed, in a real browser: from message to message without loading a page,
undoing, keeping many at once, narrowing, saved views, keys and thumbs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from channels import delivery
from channels.models import Delivery
from moderation import decisions, reports
from moderation.models import Case, Decision, SavedView, Undoing
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Request
    from pytest_django.fixtures import SettingsWrapper

    from channels.models import Channel, User
    from tests.conftest import Cast
    from tests.e2e.conftest import Check

SignIn = Callable[["User"], None]
RUDE = "Ni är en jävla skitkommun! Rektorn borde skämmas."
NUMBER_OF_SECONDS = re.compile(r"^\d+ s$")


@pytest.fixture
def schools(cast: Cast) -> Channel:
    return make.channel(cast.anna, cast.schools, name="Schools of Testnäs")


@pytest.fixture
def home(address: str) -> str:
    return f"{address}/admin/desk/"


def five(schools: Channel) -> list[Case]:
    """In the order of the desk."""
    cases = [
        make.case(schools, f"När plogas gata {number}? Det är halt.")
        for number in range(5)
    ]
    return list(Case.objects.filter(pk__in=[case.pk for case in cases]).due())


def at(home: str, case: Case) -> str:
    return f"{home}{case.pk}/"


def reason(page: Page) -> Locator:
    """Of hiding and removing; other forms ask for reasons too."""
    return page.get_by_role("region", name="Decide", exact=True).get_by_label("Reason")


def mark(page: Page) -> None:
    """Gone when the browser loads a page anew."""
    page.evaluate("window.stillThere = true")


def never_loaded_anew(page: Page) -> bool:
    return bool(page.evaluate("window.stillThere === true"))


def fetched_ahead(page: Page, act: Callable[[], object]) -> None:
    """Does `act` and waits until the message after the one shown has come."""
    with page.expect_response(
        lambda answer: answer.request.headers.get("x-desk") == "ahead" and answer.ok
    ) as come:
        act()
    come.value.finished()
    page.wait_for_timeout(50)


# -- From one message to the next ------------------------------------------------------


def test_a_decision_shows_the_next_message_without_loading_a_page(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn, check: Check
):
    """One press, one request: the next message was there before."""
    cases = five(schools)
    sign_in(cast.anna)
    fetched_ahead(page, lambda: page.goto(at(home, cases[1])))
    mark(page)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))

    fetched_ahead(page, lambda: page.keyboard.press("k"))

    expect(page.locator("#text")).to_have_text(cases[2].message.text)
    assert never_loaded_anew(page)
    first = next(one for one in sent if one.resource_type == "fetch")
    assert (first.method, first.headers["x-desk"]) == ("POST", "part")
    loaded = [one for one in sent if one.resource_type == "document"]
    assert not loaded, "no page, neither of the act nor of the message"
    asked_again = [one for one in sent if one.url.startswith(f"{at(home, cases[2])}?")]
    assert not asked_again, "it was fetched while the other was read"
    assert page.url == f"{at(home, cases[2])}?done={cases[1].pk}"
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("#said[role=status]")).to_contain_text("Kept.")
    assert page.title().startswith("Message on Schools of Testnäs")
    check(page, "flow-next")

    page.go_back()
    expect(page.locator("#text")).to_have_text(cases[1].message.text)
    assert page.url == at(home, cases[1])
    page.go_forward()
    expect(page.locator("#text")).to_have_text(cases[2].message.text)
    assert never_loaded_anew(page)
    assert Decision.objects.count() == 1


def test_the_way_leads_on_and_not_back_to_what_was_passed_over(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn
):
    cases = five(schools)
    sign_in(cast.anna)
    page.goto(at(home, cases[0]))
    for number in (1, 2):
        page.keyboard.press("n")
        expect(page.locator("#text")).to_have_text(cases[number].message.text)
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#text")).to_have_text(cases[3].message.text)
    page.keyboard.press("n")
    expect(page.locator("#text")).to_have_text(cases[4].message.text)
    page.keyboard.press("n")
    expect(page.locator("#text")).to_have_text(cases[0].message.text)


def test_what_has_changed_since_it_was_fetched_is_fetched_anew(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn
):
    """M-O2: nobody decides on a page that a colleague has overtaken."""
    cases = five(schools)
    sign_in(cast.anna)
    fetched_ahead(page, lambda: page.goto(at(home, cases[0])))
    Case.objects.filter(pk=cases[1].pk).update(turn=7)
    page.keyboard.press("k")
    expect(page.locator("#text")).to_have_text(cases[1].message.text)
    assert page.locator("[data-case]").get_attribute("data-ready") == (
        f"{cases[1].pk}.7"
    )


def test_a_refusal_is_shown_in_place_with_what_was_written(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn, check: Check
):
    case = make.case(schools, RUDE)
    sign_in(cast.anna)
    page.goto(at(home, case))
    mark(page)
    page.get_by_role("radio").first.check()
    reason(page).fill("It insults a named person.")
    decisions.keep(case=case, by=cast.anna)
    page.get_by_role("button", name="Hide", exact=True).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("after you opened this")
    expect(alert).to_be_focused()
    assert reason(page).input_value() == "It insults a named person."
    assert never_loaded_anew(page)
    assert page.url == at(home, case)


def test_nothing_written_is_lost_when_one_is_signed_out_or_the_server_is_away(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn
):
    case = make.case(schools, RUDE)
    sign_in(cast.anna)
    page.goto(at(home, case))
    mark(page)
    page.get_by_role("radio").first.check()
    reason(page).fill("It insults a named person.")
    page.route("**/hide/**", lambda route: route.fulfill(status=403))
    button = page.get_by_role("button", name="Hide", exact=True)
    button.click()
    expect(page.locator("#said")).to_contain_text("The server did not answer.")
    page.unroute("**/hide/**")
    page.context.clear_cookies(name="sessionid")
    button.click()
    expect(page.locator("#said")).to_contain_text("You are signed out.")
    assert reason(page).input_value() == "It insults a named person."
    assert not Decision.objects.exists()

    other = page.context.new_page()
    other.goto(home)
    other.fill("[name=username]", cast.anna.username)
    other.fill("[name=password]", make.PASSWORD)
    other.click("[type=submit]")
    expect(other.get_by_role("heading", name="Desk")).to_be_visible()
    button.click()
    expect(page.locator("#said")).to_contain_text("Record sealed")
    assert Decision.objects.get().reason == "It insults a named person."
    assert never_loaded_anew(page)


def test_the_last_one_leads_back_to_the_queue(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn
):
    case = make.case(schools, RUDE)
    sign_in(cast.anna)
    page.goto(at(home, case) + "?tab=found")
    page.get_by_role("radio").first.check()
    reason(page).fill("It insults a named person.")
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(page.get_by_text("Nothing here.")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("Record sealed")
    assert "tab=found" in page.url


# -- Undoing ---------------------------------------------------------------------------


def test_a_hiding_is_undone_by_button_before_the_platform_is_told(
    page: Page,
    home: str,
    schools: Channel,
    cast: Cast,
    sign_in: SignIn,
    check: Check,
    settings: SettingsWrapper,
):
    """K-19: the page says until when, and that the sealed record stays."""
    settings.UNDO_SECONDS = 45
    case, other = make.case(schools, RUDE), make.case(schools, "Vad kostar bussen?")
    sign_in(cast.anna)
    page.goto(at(home, case))
    mark(page)
    page.get_by_role("radio").first.check()
    reason(page).fill("It insults a named person.")
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(page.locator("#text")).to_have_text(other.message.text)
    strip = page.locator("#said .undo")
    expect(strip).to_contain_text("the platform has not been told.")
    expect(strip).to_contain_text("The sealed record stays in the archive.")
    expect(strip.locator(".left")).to_have_text(NUMBER_OF_SECONDS)
    check(page, "flow-undo")

    strip.get_by_role("button", name="Undo").click()

    expect(page.locator("#text")).to_contain_text("jävla skitkommun")
    expect(page.locator("#said")).to_contain_text("Undone.")
    expect(page.get_by_text("taken back: the platform was never told")).to_be_visible()
    assert never_loaded_anew(page)
    case.refresh_from_db()
    assert case.state == Case.State.NEW
    assert delivery.deliver_due() == 0
    check(page, "flow-undone")


def test_undoing_by_key_and_what_is_said_when_it_is_too_late(
    page: Page,
    home: str,
    schools: Channel,
    cast: Cast,
    sign_in: SignIn,
    settings: SettingsWrapper,
):
    settings.UNDO_SECONDS = 45
    case, other = make.case(schools, RUDE), make.case(schools, "Vad kostar bussen?")
    sign_in(cast.anna)
    page.goto(at(home, other))
    page.keyboard.press("k")
    expect(page.locator("#said")).to_contain_text("Kept.")
    page.keyboard.press("z")
    expect(page.locator("#said")).to_contain_text("Undone.")
    assert Undoing.objects.get().case == other

    page.goto(at(home, case))
    page.get_by_role("radio").first.check()
    reason(page).fill("It insults a named person.")
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Record sealed")
    Delivery.objects.update(not_before=timezone.now())
    delivery.deliver_due()
    page.keyboard.press("z")
    expect(page.get_by_role("alert")).to_contain_text(
        "The platform has been told already."
    )
    assert Undoing.objects.count() == 1


# -- Many at once ----------------------------------------------------------------------


def test_harmless_ones_are_kept_together_and_put_back_together(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn, check: Check
):
    """By keyboard alone; what was found or reported has no box."""
    cases = five(schools)
    make.case(schools, RUDE)
    sign_in(cast.anna)
    page.goto(home)
    mark(page)
    expect(page.locator("[data-row]")).to_have_count(6)
    expect(page.get_by_role("checkbox", name="Tick to keep")).to_have_count(5)
    page.keyboard.press("a")
    expect(page.locator("#ticked")).to_have_text("5 ticked")
    page.locator("[data-row]", has_text="gata 3").focus()
    page.keyboard.press("x")
    expect(page.locator("#ticked")).to_have_text("4 ticked")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Keep these messages?")).to_be_visible()
    check(page, "flow-keep-many")
    decisions.keep(case=cases[0], by=cast.anna)
    expect(page.get_by_role("button", name="Keep 4 messages")).to_be_focused()
    page.keyboard.press("Enter")
    said = page.locator("#said")
    expect(said).to_contain_text("3 messages kept.")
    expect(said).to_contain_text(f"Number {cases[0].pk} on Schools of Testnäs is as")
    check(page, "flow-kept-many")
    assert Decision.objects.count() == 4
    page.keyboard.press("z")
    expect(said).to_contain_text("3 messages are as they were before.")
    assert Undoing.objects.count() == 3
    assert Case.objects.filter(state=Case.State.KEPT).count() == 1
    assert never_loaded_anew(page)


def test_many_are_kept_without_script_too(
    browser: Browser,
    page: Page,
    home: str,
    schools: Channel,
    cast: Cast,
    sign_in: SignIn,
):
    five(schools)
    sign_in(cast.anna)
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(home)
    plain.get_by_role("link", name="Tick all without findings").click()
    plain.get_by_role("button", name="Keep what is ticked").click()
    plain.get_by_role("button", name="Keep 5 messages").click()
    expect(plain.get_by_text("5 messages kept.")).to_be_visible()
    plain.get_by_role("button", name="Undo: put 5 messages back").click()
    expect(plain.get_by_text("5 messages are as they were before.")).to_be_visible()
    assert not Case.objects.exclude(state=Case.State.NEW).exists()
    context.close()


# -- Narrowed --------------------------------------------------------------------------


def test_the_queue_is_narrowed_saved_and_opened_with(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn, check: Check
):
    five(schools)
    rude = make.case(schools, RUDE)
    make.case(schools, "Hvorfor svarer dere aldri, deres jævla idioter?")
    sign_in(cast.anna)
    page.goto(home)
    mark(page)
    page.keyboard.press("/")
    page.get_by_label("Rule found").select_option("K-20.6")
    page.get_by_label("Language").select_option("Swedish")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("[data-row]")).to_have_count(1)
    assert page.url == f"{home}?tab=due&rule=K-20.6&language=sv"
    assert never_loaded_anew(page)
    page.get_by_text("Save what is shown").click()
    page.get_by_label("Name").fill("Rude in Swedish")
    page.get_by_label("Open the desk with it").check()
    check(page, "flow-filters")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The view is saved as “Rude in Swedish”.")).to_be_visible()
    side = page.get_by_role("navigation", name="Saved views")
    expect(side.get_by_role("link", name="Rude in Swedish")).to_have_attribute(
        "aria-current", "page"
    )

    page.goto(home)
    assert page.url.endswith("?rule=K-20.6&language=sv"), "the desk opens with it"
    page.locator("[data-row]").click()
    page.wait_for_url(f"{at(home, rude)}?rule=K-20.6&language=sv")
    assert page.locator("#next").count() == 0, "the only one of its kind"
    page.keyboard.press("g")
    page.wait_for_url(f"{home}?rule=K-20.6&language=sv")

    page.get_by_role("link", name="Rename or delete views").click()
    page.get_by_label("Name").fill("Rude")
    page.get_by_label("Open the desk with it").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Rude")).to_be_visible()
    check(page, "flow-views")
    assert not SavedView.objects.get(name="Rude").is_default
    page.get_by_role("button", name="Delete “Rude”").click()
    expect(page.get_by_text("You have saved no view yet.")).to_be_visible()
    check(page, "flow-views-empty")


# -- By key, by thumb ------------------------------------------------------------------


def test_rules_have_numbers_and_the_list_has_arrows(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn, check: Check
):
    cases = five(schools)
    rude = make.case(schools, RUDE)
    sign_in(cast.anna)
    page.goto(home)
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    focused = "document.activeElement.getAttribute('href')"
    assert page.evaluate(focused).endswith(f"/{cases[1].pk}/")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused).endswith(f"/{cases[0].pk}/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text(
        "keep what is ticked"
    )
    check(page, "flow-keys-queue")
    page.keyboard.press("Escape")

    page.goto(at(home, rude))
    page.keyboard.press("2")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    expect(page.get_by_role("radio").nth(1)).to_be_focused()


def test_a_text_on_violence_is_covered_until_asked_for(
    page: Page, home: str, schools: Channel, cast: Cast, sign_in: SignIn, check: Check
):
    """K-20.3: what the screening or a report tells of is not thrown at the officer."""
    told = make.case(schools, "Titta här.", permalink="https://social.example/c/v")
    reports.receive(
        address="https://social.example/c/v", what="Filmen visar grov misshandel."
    )
    sign_in(cast.anna)
    page.goto(at(home, told))
    expect(page.locator("#text")).to_be_hidden()
    check(page, "flow-covered")
    page.keyboard.press("v")
    expect(page.locator("#text")).to_be_visible()


def test_a_thumb_finds_everything_on_a_phone(
    browser: Browser,
    page: Page,
    home: str,
    schools: Channel,
    cast: Cast,
    sign_in: SignIn,
):
    """320 px wide: nothing scrolls sideways, and what is pressed is 44 px high."""
    cases = five(schools)
    rude = make.case(schools, RUDE)
    sign_in(cast.anna)
    context = browser.new_context(
        viewport={"width": 320, "height": 640},
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
    )
    context.add_cookies(page.context.cookies())
    phone = context.new_page()
    for name, address in (
        ("queue", home),
        ("case", at(home, rude)),
        ("plain", at(home, cases[0])),
    ):
        phone.goto(address)
        phone.screenshot(path=f"test-artifacts/flow-phone-{name}.png", full_page=True)
        wide = phone.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{name} is {wide} px wide"
        small = phone.evaluate(
            """() => Array.from(document.querySelectorAll(
                '#content .button, #content summary, #content .tabs a, .queue .row,'
                + ' #content select, .queue .tick, .rules label'))
                .filter(one => one.offsetParent)
                .filter(one => one.getBoundingClientRect().height < 44)
                .map(one => one.textContent.trim().slice(0, 40))"""
        )
        assert not small, f"{name}: {small}"
    phone.tap("button.keep")
    expect(phone.locator("#said")).to_contain_text("Kept.")
    context.close()
