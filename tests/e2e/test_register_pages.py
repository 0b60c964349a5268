"""The register in a real browser: proposed, approved, connected, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from channels import registration
from channels.models import Channel, Mandate
from tests import make

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.conftest import Cast
    from tests.e2e.conftest import Check

    SignIn = Callable[[Any], None]


@pytest.fixture
def blog(cast: Cast) -> Channel:
    return make.channel(
        cast.anna,
        cast.schools,
        name="The school blog",
        slug="blog",
        platform="wordpress",
        address="http://127.0.0.1:9/",
    )


def test_a_channel_is_proposed_and_approved_with_the_mouse_alone(
    page: Page, address: str, cast: Cast, sign_in: SignIn, check: Check
):
    """K-4, K-6, K-8: officer proposes, head approves and gives a mandate."""
    sign_in(cast.anna)
    page.goto(f"{address}/admin/channels/channel/add/")
    check(page, "register-propose")
    page.get_by_label("Name:", exact=True).fill("School lunch")
    page.get_by_label("Platform:").select_option("practice")
    page.get_by_label("Department:").select_option(label="Schools")
    page.get_by_label("Purpose:").fill("What is for lunch.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Visitors are told what commenting is for")).to_be_visible()
    check(page, "register-propose-errors")
    page.get_by_label("What commenting is for:").fill("Questions about food.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Hanna Test, head of Schools, decides")).to_be_visible()
    check(page, "register-list")
    channel = Channel.objects.get()

    page.goto(f"{address}/admin/channels/channel/{channel.pk}/change/")
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()
    check(page, "register-channel-waiting")

    sign_in(cast.hanna)
    page.goto(f"{address}/admin/channels/channel/{channel.pk}/change/")
    check(page, "register-channel-head")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("School lunch is in use.")).to_be_visible()
    channel.refresh_from_db()
    assert channel.is_active
    page.get_by_role("link", name="Give a mandate").click()
    page.get_by_label("Person:").select_option(label="Anna Test")
    check(page, "register-mandate")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/channels/mandate/")
    assert Mandate.objects.get().person == cast.anna
    check(page, "register-mandates")


def test_a_login_is_entered_and_checked(
    page: Page, address: str, cast: Cast, blog: Channel, sign_in: SignIn, check: Check
):
    """K-9: nothing listens at this address, and the page says so in words."""
    sign_in(cast.anna)
    page.goto(f"{address}/admin/channels/channel/{blog.pk}/change/")
    expect(page.get_by_text("No login has been entered yet.")).to_be_visible()
    page.get_by_label("User name at WordPress").fill("kanalvakt")
    page.get_by_label("Application password").fill("abcd efgh ijkl mnop")
    page.get_by_role("button", name="Keep the login").click()
    expect(page.get_by_text("The login is kept, encrypted.")).to_be_visible()
    assert "abcd efgh" not in page.content()
    page.get_by_role("button", name="Check the connection").click()
    expect(page.get_by_text("The platform cannot be reached just now.")).to_be_visible()
    check(page, "register-channel-connected")


def test_the_other_registers_are_accessible(
    page: Page, address: str, cast: Cast, blog: Channel, sign_in: SignIn, check: Check
):
    root = make.person("Root", is_superuser=True)
    registration.close(channel=blog, by=cast.hanna)
    sign_in(root)
    for path, name in {
        f"channel/{blog.pk}/change/": "register-channel-closed",
        f"channel/{blog.pk}/history/": "register-channel-history",
        "department/": "register-departments",
        f"department/{cast.schools.pk}/change/": "register-department",
        "department/add/": "register-department-add",
        f"municipality/{cast.municipality.pk}/change/": "register-municipality",
        "user/": "register-people",
        "user/add/": "register-person-add",
        f"user/{cast.anna.pk}/change/": "register-person",
        f"user/{cast.anna.pk}/password/": "register-password",
    }.items():
        page.goto(f"{address}/admin/channels/{path}")
        assert page.locator("h1").count() == 1, path
        check(page, name)
