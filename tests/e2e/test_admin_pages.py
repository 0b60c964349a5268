"""The rooms around the desk in a real browser: the way in, the front page, the reading
room of the archive, rules, people and roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import expect

from archive.models import Record
from archive.sealing import seal_many
from channels.models import WallPost
from moderation import decisions
from tests import make
from tests.archive.samples import sealing

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import Cast
    from tests.e2e.conftest import Check

SignIn = Callable[[Any], None]


def test_the_way_in_and_out(
    page: Page, address: str, cast: Cast, sign_in: SignIn, check: Check
):
    page.goto(f"{address}/admin/")
    check(page, "admin-login")
    page.get_by_label("Username").fill("anna")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Please enter the correct")).to_be_visible()
    check(page, "admin-login-refused")
    sign_in(cast.anna)
    page.get_by_role("link", name="Change password").click()
    check(page, "admin-password")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Log in again")).to_be_visible()
    check(page, "admin-logged-out")


def test_the_front_page_shows_each_their_own(
    page: Page, address: str, cast: Cast, sign_in: SignIn, check: Check
):
    """K-6: what waits for a head's decision stands on that head's front page alone."""
    channel = make.channel(cast.anna, cast.schools)
    make.case(channel, "När öppnar badet?")
    make.proposal(cast.anna, cast.schools, name="The school choir")
    for person, choir, figures in (
        (cast.anna, False, True),
        (cast.hanna, True, True),
        (cast.otto, False, True),
        (cast.arkiv, False, False),
        (cast.chief, False, True),
    ):
        sign_in(person)
        waiting = page.get_by_role("link", name="The school choir")
        assert waiting.count() == int(choir), person
        assert (page.locator(".figures").count() > 0) is figures, person
        check(page, f"admin-index-{person.username}")


def test_an_installation_without_a_municipality_says_what_to_do(
    page: Page, address: str, db: None, sign_in: SignIn, check: Check
):
    sign_in(make.person("Root", is_superuser=True))
    expect(page.get_by_role("link", name="Enter the municipality")).to_be_visible()
    check(page, "admin-index-new")


def test_the_reading_room(
    page: Page, address: str, cast: Cast, sign_in: SignIn, check: Check
):
    """K-19: what was unpublished or deleted is found again, and nothing is edited."""
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/archive/record/")
    expect(page.get_by_text("No record has been sealed yet.")).to_be_visible()
    check(page, "archive-records-empty")
    seal_many([sealing(number) for number in range(120)], by="Anna Ek (anna)")
    page.reload()
    check(page, "archive-records")
    rows = page.locator("table.records tbody tr")
    first = rows.first.inner_text()
    page.get_by_role("button", name="Further").click()
    assert rows.first.inner_text() != first or rows.count() < 120
    page.get_by_label("Words").fill("no such word anywhere")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No record matches.")).to_be_visible()
    check(page, "archive-records-none")
    record = Record.objects.order_by("-sealed_at").first()
    assert record is not None
    page.goto(f"{address}/admin/archive/record/{record.pk}/change/")
    expect(page.get_by_text("The seal holds.")).to_be_visible()
    content = page.locator("#content")
    assert content.get_by_role("textbox").count() == 0
    assert content.get_by_role("button").count() == 0
    check(page, "archive-record")


def test_both_records_of_one_message_lead_to_each_other(
    page: Page, address: str, cast: Cast, sign_in: SignIn, check: Check
):
    channel = make.channel(cast.anna, cast.schools)
    case = make.case(channel, "Fult sagt")
    hidden = decisions.hide(
        case=case, by=cast.anna, rule=make.rule(), reason="Swears."
    ).record
    decisions.restore(case=case, by=cast.anna, reason="A quotation.")
    assert hidden is not None
    sign_in(cast.arkiv)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/admin/archive/record/{hidden.pk}/change/")
    check(page, "dark-archive-record")
    others = page.get_by_role("region", name="Other records of the same message")
    others.get_by_role("link").click()
    expect(page.get_by_text("A quotation.")).to_be_visible()
    page.goto(f"{address}/admin/archive/record/")
    check(page, "dark-archive-records")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("policies/rule/", "rules"),
        ("policies/rule/{rule}/change/", "rule"),
        ("auth/group/", "roles"),
        ("auth/group/{group}/change/", "role"),
        ("channels/user/", "people"),
        ("channels/user/add/", "person-add"),
        ("channels/user/{bo}/change/", "person"),
        ("channels/user/{bo}/password/", "person-password"),
        ("channels/user/{bo}/history/", "person-history"),
        ("channels/department/", "departments"),
        ("channels/department/{schools}/change/", "department"),
        ("channels/municipality/{municipality}/change/", "municipality"),
        ("channels/mandate/", "mandates"),
        ("channels/wallpost/{post}/change/", "wall-post"),
        ("no-such-page/", "404"),
    ],
)
def test_the_registers_are_accessible(
    path: str,
    name: str,
    page: Page,
    address: str,
    cast: Cast,
    sign_in: SignIn,
    check: Check,
):
    channel = make.channel(cast.anna, cast.schools)
    root = make.person("Root", is_superuser=True)
    post = WallPost.objects.create(channel=channel, title="Winter", text="Snow.")
    sign_in(root)
    filled = path.format(
        rule=make.rule().pk,
        group=Group.objects.get(name="Archivist").pk,
        bo=cast.bo.pk,
        schools=cast.schools.pk,
        municipality=cast.municipality.pk,
        post=post.pk,
    )
    page.goto(f"{address}/admin/{filled}")
    check(page, f"admin-{name}")


def test_a_refusal_is_a_page_in_words(
    page: Page, address: str, cast: Cast, sign_in: SignIn, check: Check
):
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/desk/")
    expect(page.get_by_text("Your account has no place at the desk.")).to_be_visible()
    check(page, "admin-403")
