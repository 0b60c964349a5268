"""The public's pages in a real browser: seen, walked by keyboard, without script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from channels import wall
from channels.models import Channel, WallEntry, WallPost
from moderation.models import Report
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.conftest import Cast
    from tests.e2e.conftest import Check


@pytest.fixture
def walls(address: str, cast: Cast) -> Channel:
    """Three channels: a practice wall with a thread, a one-way channel, an import."""
    channel = make.channel(
        cast.anna,
        cast.schools,
        name="Schools of Testnäs",
        slug="schools",
        address=f"{address}/wall/schools/",
        purpose="What happens in our schools, before it happens.",
        comment_purpose="Questions about school days, meals and transport.",
    )
    make.channel(
        cast.anna,
        cast.streets,
        name="Streets and parks",
        platform="wordpress",
        address="https://streets.example/blog/",
        purpose="Where we dig, sweep and plough, and why it takes the time it takes.",
    )
    make.channel(
        cast.anna,
        cast.streets,
        name="Films from the council",
        platform="import",
        takes_comments=False,
        takes_direct_messages=False,
        comment_purpose="",
    )
    post = WallPost.objects.create(
        channel=channel,
        title="New school bus from Monday",
        text="Line 4 stops at the library from Monday.\n\nIt leaves at 07:40.",
    )

    def entry(text: str, name: str, **more: object) -> WallEntry:
        return wall.write(
            channel=channel,
            kind="comment",
            author_name=name,
            author_key="",
            text=text,
            post=post,
            **more,  # type: ignore[arg-type]
        )

    first = entry("Does it stop at Strandvägen too?", "Kim Karlsson")
    answer = entry("Yes, at 07:46.", "Schools", parent=first, is_ours=True)
    entry("Thank you! 👏", "Kim Karlsson", parent=answer)
    rude = entry("You are all idiots", "Angry", parent=None)
    entry("Calm down", "Lo", parent=rude)
    entry("متى يبدأ؟", "أحمد")
    wall.set_state(entry=rude, state="removed")
    return channel


def slow_enough(page: Page) -> None:
    """The form asks for three seconds between being shown and being sent."""
    page.wait_for_timeout(3100)


def test_every_public_page_is_accessible_wide_and_narrow(
    page: Page, address: str, walls: Channel, check: Check
):
    """K-1, K-3, K-4: axe finds nothing and nothing scrolls sideways at 320 px."""
    post = WallPost.objects.get()
    for path, name in {
        "/": "public-home",
        "/channels/": "public-channels",
        "/channels/schools/": "public-channel",
        "/report/": "public-report",
        "/report/status/": "public-status",
        "/report/received/": "public-received-nothing",
        "/accessibility/": "public-accessibility",
        "/wall/schools/": "public-wall",
        "/wall/schools/messages/": "public-wall-messages",
        f"/wall/schools/post/{post.pk}/comment/": "public-wall-comment",
        "/no-such-page/": "public-404",
    }.items():
        page.goto(f"{address}{path}")
        assert page.locator("h1").count() == 1
        check(page, name)


def test_an_empty_municipality_says_so(
    page: Page, address: str, db: None, check: Check
):
    page.goto(f"{address}/channels/")
    expect(page.get_by_text("No channel has been opened yet.")).to_be_visible()
    check(page, "public-channels-empty")


def test_a_citizen_reports_a_comment_and_follows_the_report(
    page: Page, address: str, walls: Channel, check: Check
):
    """K-15, K-24: from the comment's link to the receipt and the status page."""
    page.goto(f"{address}/wall/schools/")
    page.get_by_role("link", name="Report the comment by أحمد").click()
    entry = WallEntry.objects.get(author_name="أحمد")
    there = f"{address}/wall/schools/#entry-{entry.pk}"
    assert page.get_by_label("Address of the comment").input_value() == there
    slow_enough(page)
    page.get_by_label("What is wrong with it").fill("It is spam.")
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_url("**/report/received/")
    receipt = page.locator(".number").inner_text()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", receipt)
    assert receipt not in page.url
    check(page, "public-received")
    report = Report.objects.get()
    assert report.address == there
    assert report.channel == walls

    page.get_by_role("main").get_by_role("link", name="Follow a report").click()
    page.get_by_label("Receipt number").fill(receipt.lower().replace("-", " "))
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Received", exact=True)).to_be_visible()
    assert receipt not in page.url
    check(page, "public-status-received")
    report.closed_at = timezone.now()
    report.closed_by = walls.department.head
    report.outcome = Report.Outcome.REMOVED
    report.save()
    page.get_by_label("Receipt number").fill(receipt)
    page.get_by_role("button", name="Show").click()
    expect(
        page.get_by_role("heading", name="The comment has been removed.")
    ).to_be_visible()
    check(page, "public-status-decided")


def test_errors_are_told_in_a_summary_that_has_the_focus(
    page: Page, address: str, walls: Channel, check: Check
):
    page.goto(f"{address}/report/")
    page.get_by_role("button", name="Send the report").click()
    summary = page.get_by_role("alert")
    assert summary.evaluate("element => element === document.activeElement")
    assert page.title().startswith("Error:")
    field = page.get_by_label("What is wrong with it")
    told_by = field.get_attribute("aria-describedby") or ""
    assert "id_what_error" in told_by.split()
    expect(page.locator("#id_what_error")).to_be_visible()
    assert field.get_attribute("aria-invalid") == "true"
    check(page, "public-report-errors")
    summary.get_by_role("link", name="Say what is wrong with the comment.").click()
    assert field.evaluate("element => element === document.activeElement")


def test_a_visitor_comments_answers_corrects_and_writes_directly(
    page: Page, address: str, walls: Channel, check: Check
):
    page.goto(f"{address}/wall/schools/")
    page.get_by_role("link", name="Write a comment on “New school bus").click()
    slow_enough(page)
    page.get_by_label("Your name").fill("Robin")
    page.get_by_label("Text").fill("Good news <b>indeed</b>")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/wall/schools/#entry-*")
    mine = WallEntry.objects.get(author_name="Robin")
    line = page.locator(f"#entry-{mine.pk}")
    assert "Good news <b>indeed</b>" in line.inner_text()
    check(page, "public-wall-commented")
    line.get_by_role("link", name="Change your comment").click()
    slow_enough(page)
    page.get_by_label("Text").fill("Good news")
    page.get_by_role("button", name="Save the change").click()
    page.wait_for_url("**/wall/schools/#entry-*")
    mine.refresh_from_db()
    assert mine.text == "Good news"
    assert mine.edited_at is not None

    page.get_by_role("link", name="Write to us directly").click()
    slow_enough(page)
    page.get_by_label("Your name").fill("Robin")
    page.get_by_role("textbox", name="Your message").fill("May I visit the school?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("May I visit the school?")).to_be_visible()
    letter = WallEntry.objects.get(kind="dm")
    wall.write(
        channel=walls,
        kind="dm",
        author_name="Schools",
        author_key=letter.author_key,
        text="You are welcome on Tuesday.",
        parent=letter,
        is_ours=True,
    )
    page.reload()
    expect(page.get_by_text("You are welcome on Tuesday.")).to_be_visible()
    check(page, "public-wall-answered")


def test_what_was_taken_away_is_not_seen(page: Page, address: str, walls: Channel):
    page.goto(f"{address}/wall/schools/")
    assert "idiots" not in page.content()
    assert "Angry" not in page.content()
    expect(page.get_by_text("A comment is no longer shown here.")).to_be_visible()
    expect(page.get_by_text("Calm down")).to_be_visible()


def test_the_whole_way_works_without_script(
    browser: Browser, address: str, walls: Channel
):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/channels/")
    page.get_by_role("button", name="Norsk (bokmål)").click()
    assert page.locator("html").get_attribute("lang") == "nb"
    assert page.url == f"{address}/channels/"
    page.get_by_role("button", name="English").click()
    page.goto(f"{address}/report/")
    slow_enough(page)
    page.get_by_label("Address of the comment").fill("under the film on the bridge")
    page.get_by_label("What is wrong with it").fill("It threatens a named person.")
    page.get_by_role("button", name="Send the report").click()
    assert page.url == f"{address}/report/received/"
    assert page.locator(".number").inner_text() == Report.objects.get().receipt
    assert not page.get_by_role("button", name="Print this page").is_visible()
    context.close()


def test_everything_is_reached_by_keyboard_with_a_visible_focus(
    page: Page, address: str, walls: Channel
):
    page.goto(f"{address}/report/")
    seen = []
    for _turn in range(30):
        page.keyboard.press("Tab")
        outline, text = page.evaluate(
            "() => { const e = document.activeElement;"
            " return [getComputedStyle(e).outlineStyle, e.innerText || e.name || ''] }"
        )
        if text in seen or not text:
            break
        assert outline != "none", text
        seen.append(text)
    assert seen[0] == "Skip to the content"
    assert {"address", "what", "contact", "Send the report"} <= set(seen)
    assert "more" not in seen


@pytest.mark.parametrize("language", ["sv", "nb"])
def test_the_other_languages_fit_as_well(
    page: Page, address: str, walls: Channel, check: Check, language: str
):
    """Longer words, the same narrow screen."""
    page.context.add_cookies(
        [{"name": "django_language", "value": language, "url": address}]
    )
    for path, name in {
        "/": "home",
        "/channels/": "channels",
        "/report/": "report",
        "/accessibility/": "accessibility",
        "/wall/schools/": "wall",
    }.items():
        page.goto(f"{address}{path}")
        assert page.locator("html").get_attribute("lang") == language
        check(page, f"public-{name}-{language}")


def test_the_receipt_prints_on_one_page(page: Page, address: str, walls: Channel):
    page.goto(f"{address}/report/")
    slow_enough(page)
    page.get_by_label("Address of the comment").fill("somewhere")
    page.get_by_label("What is wrong with it").fill("It is spam.")
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_url("**/report/received/")
    page.emulate_media(media="print")
    expect(page.locator(".number")).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("button", name="Print this page")).to_be_hidden()
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_forced_colours_keep_every_edge(page: Page, address: str, walls: Channel):
    """Windows' high contrast: what colour said is still said by a line."""
    page.emulate_media(forced_colors="active")
    page.goto(f"{address}/report/")
    here = page.get_by_role("navigation").get_by_role("link", name="Report a comment")
    assert here.evaluate("e => getComputedStyle(e).borderBottomStyle") == "solid"
    send = page.get_by_role("button", name="Send the report")
    assert send.evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
