"""The word list in a real browser: add a word after a look, try a text, learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from moderation.models import Finding
from policies.models import WordVersion
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
Check = Callable[..., None]


def test_a_word_is_added_after_seeing_what_it_would_have_flagged(
    page: Page, address: str, sign_in: Callable[[Any], None], check: Check, cast: Any
) -> None:
    """K-20: the information unit sees past messages before a change takes effect."""
    channel = make.channel(cast.anna, cast.schools)
    make.case(channel, "Vad är det för blajor ni håller på med?")
    sign_in(cast.chief)

    page.goto(f"{address}/admin/words/?q=skit")
    check(page, "words")
    page.get_by_role("link", name="Add a word").click()
    page.get_by_label("Word", exact=True).fill("blaja")
    page.get_by_label("Swedish").first.check()
    page.get_by_label("Inflection").select_option("sv/n1")
    check(page, "words-add")
    page.get_by_role("button", name="Look at what it would do").click()

    expect(page.locator(".touched mark")).to_have_text("blajor")
    check(page, "words-preview")
    page.get_by_role("button", name="Back to the form").click()
    expect(page.get_by_label("Word", exact=True)).to_have_value("blaja")
    page.get_by_role("button", name="Look at what it would do").click()
    page.get_by_label("Why the words are changed").fill("Heard in the spring.")
    page.get_by_role("button", name="Put it into force").click()

    expect(page.locator(".messagelist")).to_contain_text("Version 1")
    assert WordVersion.objects.get().note == "Heard in the spring."
    page.get_by_role("link", name="Versions").click()
    check(page, "words-versions")
    make.case(channel, "En blaja till")
    assert Finding.objects.get().engine.endswith("+1")


def test_a_text_is_tried_without_being_stored(
    page: Page, address: str, sign_in: Callable[[Any], None], check: Check, cast: Any
) -> None:
    sign_in(cast.chief)
    page.goto(f"{address}/admin/words/try/")
    page.get_by_label("Text").fill("Vilken skitkommun! Ring 070-123 45 67.")
    page.get_by_role("button", name="Try").click()

    expect(page.locator("mark").first).to_have_text("skitkommun")
    check(page, "words-try")
    page.get_by_role("link", name="Learning").click()
    check(page, "words-learning")
    assert not Finding.objects.exists()
