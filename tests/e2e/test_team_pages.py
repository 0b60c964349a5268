"""The team's pages and the figures in a real browser, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from channels import registration
from channels.models import Channel, Delivery
from moderation import absences, assignment, decisions, replies
from moderation.models import Absence, Case, Duty
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from channels.models import User
    from tests.conftest import Cast
    from tests.e2e.conftest import Check

SignIn = Callable[["User"], None]
DAY = timedelta(days=1)


@pytest.fixture
def schools(cast: Cast, address: str) -> Channel:
    """Anna and Bo answer for the schools."""
    channel = make.channel(cast.anna, cast.schools, name="Schools of Testnäs")
    registration.give_mandate(channel=channel, person=cast.bo, by=cast.hanna)
    return channel


def late(case: Case, days: float) -> Case:
    moment = timezone.now() - days * DAY
    Duty.objects.filter(case=case).update(due_at=moment)
    Case.objects.filter(pk=case.pk).update(due_at=moment)
    return case


def bo_is_away(cast: Cast) -> Absence:
    today = timezone.localdate()
    return absences.register(
        person=cast.bo,
        cover=cast.anna,
        starts_on=today,
        ends_on=today + DAY,
        by=cast.bo,
    )


# -- Who answers -------------------------------------------------------------------


def test_a_message_is_taken_put_back_and_given_by_keyboard(
    page: Page,
    schools: Channel,
    cast: Cast,
    address: str,
    sign_in: SignIn,
    check: Check,
):
    """M-O2: one key to take it and one to put it back; giving it away opens a form."""
    case = make.case(schools, "När börjar skolan efter lovet?")
    sign_in(cast.anna)
    page.goto(f"{address}{case.get_absolute_url()}")
    expect(page.get_by_text("Nobody has taken it yet.")).to_be_visible()
    check(page, "team-case-free")
    page.keyboard.press("t")
    expect(page.get_by_text("It is with you.")).to_be_visible()
    expect(page.get_by_text("Anna Test took it")).to_be_visible()
    check(page, "team-case-mine")
    page.keyboard.press("p")
    expect(page.get_by_text("Nobody has taken it yet.")).to_be_visible()
    page.keyboard.press("a")
    page.locator("#assign-to").select_option(label="Bo Test")
    page.locator("#assign-to").press("Control+Enter")
    expect(page.get_by_text("It is with Bo Test.")).to_be_visible()
    case.refresh_from_db()
    assert case.assigned_to == cast.bo


def test_without_a_mandate_the_box_says_why(
    page: Page, schools: Channel, cast: Cast, address: str, sign_in: SignIn
):
    case = make.case(schools, "När börjar skolan efter lovet?")
    sign_in(cast.hanna)
    page.goto(f"{address}{case.get_absolute_url()}")
    box = page.locator(".lies-with")
    expect(box.get_by_text("Your account may not do this.")).to_be_visible()
    expect(box.get_by_role("button")).to_have_count(0)


def test_a_message_of_somebody_away_can_be_taken_by_who_covers(
    page: Page,
    schools: Channel,
    cast: Cast,
    address: str,
    sign_in: SignIn,
    check: Check,
):
    """M-O2: it stands among the cover's own, and says whose it was."""
    case = make.case(schools, "När börjar skolan efter lovet?")
    assignment.claim(case=case, by=cast.bo)
    bo_is_away(cast)
    sign_in(cast.anna)
    expect(page.get_by_text("You cover for Bo Test")).to_be_visible()
    page.goto(f"{address}/admin/desk/?tab=mine")
    page.locator("[data-row]").first.click()
    expect(page.get_by_text("covered by Anna Test")).to_be_visible()
    check(page, "team-case-covered")
    page.keyboard.press("t")
    expect(page.get_by_text("It is with you.")).to_be_visible()


# -- Away --------------------------------------------------------------------------


def test_an_absence_is_entered_refused_and_ended(
    page: Page,
    schools: Channel,
    cast: Cast,
    address: str,
    sign_in: SignIn,
    check: Check,
):
    """M-O2: for oneself; a cover without the mandates is refused in words."""
    streets = make.channel(cast.bo, cast.streets, name="Streets and parks")
    sign_in(cast.bo)
    page.get_by_role("link", name="Team").click()
    page.get_by_role("link", name="Away and cover").click()
    expect(page.get_by_text("Nobody is away, and you cover")).to_be_visible()
    check(page, "team-away-empty")
    today = timezone.localdate()
    page.get_by_label("First day away").fill(today.isoformat())
    page.get_by_label("Last day away").fill((today + 7 * DAY).isoformat())
    page.get_by_label("Covered by").select_option(label="Anna Test")
    page.get_by_role("button", name="Save").click()
    expect(
        page.get_by_text(
            "Anna Test has no mandate on those days for Streets and parks."
        )
    ).to_be_visible()
    check(page, "team-away-refused")
    registration.give_mandate(channel=streets, person=cast.anna, by=cast.otto)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Anna Test covers for Bo Test")).to_be_visible()
    check(page, "team-away")
    page.get_by_role("button", name="Back already").click()
    expect(page.get_by_text("Bo Test is back.")).to_be_visible()
    assert Absence.objects.get().ended_by == cast.bo


def test_a_head_enters_the_absence_of_one_of_their_people(
    page: Page,
    schools: Channel,
    cast: Cast,
    address: str,
    sign_in: SignIn,
    check: Check,
):
    sign_in(cast.hanna)
    page.goto(f"{address}/admin/desk/team/away/")
    page.get_by_label("Who is away").select_option(label="Bo Test")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Enter the first day.")).to_be_visible()
    expect(page.get_by_text("Choose who covers.")).to_be_visible()
    check(page, "team-away-unfinished")


# -- Overdue -----------------------------------------------------------------------


def test_the_chief_sees_what_is_overdue_everywhere(
    page: Page,
    schools: Channel,
    cast: Cast,
    address: str,
    sign_in: SignIn,
    check: Check,
):
    """K-14: from the front page to what is late, whose it is and since when."""
    streets = make.channel(cast.otto, cast.streets, name="Streets and parks")
    taken = late(make.case(schools, "När börjar skolan efter lovet?"), 3)
    assignment.claim(case=taken, by=cast.bo)
    bo_is_away(cast)
    for number in range(60):
        late(make.case(streets, f"När plogas gata {number}? Det är halt."), 1 + number)
    sign_in(cast.chief)
    check(page, "team-front-chief")
    page.get_by_role("link", name="61 messages are overdue").click()
    expect(page.locator("[data-row]")).to_have_count(50)
    expect(page.get_by_text("with nobody").first).to_be_visible()
    check(page, "team-overdue")
    page.get_by_role("link", name="Further").click()
    expect(page.locator("[data-row]")).to_have_count(11)
    expect(page.get_by_text("Anna Test covers")).to_be_visible()
    page.get_by_label("Department").select_option(label="Schools")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-row]")).to_have_count(1)


def test_nothing_overdue_and_no_channel(
    page: Page,
    schools: Channel,
    cast: Cast,
    address: str,
    sign_in: SignIn,
    check: Check,
):
    sign_in(cast.hanna)
    expect(page.get_by_text("Nothing is overdue.")).to_be_visible()
    page.goto(f"{address}/admin/desk/team/")
    expect(page.get_by_text("Nothing is overdue.")).to_be_visible()
    check(page, "team-overdue-none")
    sign_in(cast.otto)
    page.goto(f"{address}/admin/desk/team/")
    expect(page.get_by_text("You see no channel yet")).to_be_visible()


# -- Figures -----------------------------------------------------------------------


@pytest.fixture
def a_busy_time(schools: Channel, cast: Cast) -> tuple[Channel, Channel]:
    """Thirteen weeks of duties of every fate, answers, removals."""
    streets = make.channel(
        cast.anna, cast.streets, name="Streets and parks " + "x" * 60
    )
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    for number in range(52):
        channel = (schools, streets)[number % 2]
        case = make.case(channel, f"Fråga {number}: när öppnar badet?")
        Duty.objects.filter(case=case).delete()
        due = _noon(monday - timedelta(weeks=number // 4))
        duty = Duty(case=case, kind=("answer", "review")[number % 3 == 0], due_at=due)
        if number % 5 != 4:
            duty.closed_at = due + timedelta(hours=(-3, 5)[number % 4 == 1])
            duty.closed_by, duty.outcome = cast.anna, "met"
        duty.save()
        if number % 3 == 1:
            replies.reply(case=case, by=cast.anna, text="Klockan tio.")
    for delivery in Delivery.objects.filter(state="waiting"):
        type(delivery).objects.filter(pk=delivery.pk).update(
            state=Delivery.State.DONE,
            settled_at=timezone.now() - timedelta(weeks=delivery.pk % 11),
        )
        type(delivery.message).objects.filter(pk=delivery.message_id).update(
            posted_at=timezone.now() - timedelta(weeks=delivery.pk % 11, days=2)
        )
    for number in range(5):
        rude = make.case(schools, f"Fult {number}")
        rule = make.rule(("K-20.6", "K-20.1")[number % 2])
        verb = (decisions.hide, decisions.remove)[number % 2]
        verb(case=rude, by=cast.anna, rule=rule, reason="It swears at staff.")
    return schools, streets


def _noon(day: date) -> datetime:
    return datetime.combine(
        day, datetime.min.time(), timezone.get_current_timezone()
    ) + timedelta(hours=12)


def test_the_figures_full(
    page: Page,
    a_busy_time: tuple[Channel, Channel],
    cast: Cast,
    address: str,
    sign_in: SignIn,
    check: Check,
):
    """K-14, M-R1: every chart has its table beside it and its file."""
    sign_in(cast.chief)
    page.get_by_role("link", name="Figures").first.click()
    expect(page.get_by_role("heading", name="Answered in time")).to_be_visible()
    charts = page.get_by_role("img")
    tables = page.get_by_role("table")
    expect(charts).to_have_count(11)
    expect(tables).to_have_count(11)
    check(page, "figures")
    with page.expect_download() as download:
        page.get_by_role("link", name="In time by channel: CSV").click()
    assert download.value.suggested_filename.startswith("in-time-by-channel-")
    page.get_by_label("Channel", exact=True).select_option(label="Schools of Testnäs")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#in-time-by-channel tbody tr")).to_have_count(1)


def test_the_figures_with_nothing_in_them_and_with_days_that_make_no_sense(
    page: Page,
    schools: Channel,
    cast: Cast,
    address: str,
    sign_in: SignIn,
    check: Check,
):
    sign_in(cast.anna)
    page.goto(f"{address}/admin/desk/figures/")
    expect(page.get_by_text("Nothing was due in this time.").first).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(0)
    check(page, "figures-empty")
    page.get_by_label("From", exact=True).fill("2026-05-01")
    page.get_by_label("To", exact=True).fill("2026-04-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_have_text(
        "The last day comes before the first."
    )
    check(page, "figures-fault")
