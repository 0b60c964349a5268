"""Pictures in a real browser: sent from the public wall, hidden at the desk until asked
for, masked in the room where records are given out; with and without script."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from archive import disclosure
from channels import guards
from channels.models import Channel, Stream, WallPicture, WallPost
from moderation import decisions, polling
from moderation.models import Case
from tests import make

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from channels.models import User
    from tests.conftest import Cast
    from tests.e2e.conftest import Check

SignIn = Callable[["User"], None]


def drawing(sky: str, size: tuple[int, int] = (640, 420)) -> bytes:
    """A house under a sky, so that one sees on a screenshot what is blurred."""
    image = Image.new("RGB", size, sky)
    pen = ImageDraw.Draw(image)
    width, height = size
    pen.rectangle((0, height * 2 // 3, width, height), fill="seagreen")
    pen.rectangle(
        (width // 3, height // 3, width * 2 // 3, height * 4 // 5), fill="maroon"
    )
    pen.polygon(
        [
            (width // 4, height // 3),
            (width // 2, height // 8),
            (width * 3 // 4, height // 3),
        ],
        fill="black",
    )
    pen.ellipse((width * 3 // 4, 20, width * 3 // 4 + 70, 90), fill="gold")
    made = BytesIO()
    image.save(made, "JPEG")
    return made.getvalue()


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> None:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"


@pytest.fixture
def wall(cast: Cast) -> Channel:
    channel = make.channel(cast.anna, cast.schools, name="The square", slug="square")
    WallPost.objects.create(
        channel=channel, title="The new bus stop", text="What do you think of it?"
    )
    return channel


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    found = []
    for name, sky in (("busshållplats.jpg", "skyblue"), ("kväll.jpg", "slateblue")):
        path = tmp_path / name
        path.write_bytes(drawing(sky))
        found.append(str(path))
    return found


def read(channel: Channel) -> None:
    polling.poll(Stream.objects.get(channel=channel))


def written(page: Page, address: str, pictures: list[str], text: str) -> None:
    """A visitor's comment with pictures, sent by the form."""
    page.goto(f"{address}/wall/square/")
    page.get_by_role("link", name="Write a comment").click()
    page.get_by_label("Your name").fill("Kim")
    page.get_by_label("Text").fill(text)
    page.get_by_label("Pictures").set_input_files(pictures)
    page.wait_for_timeout(guards.FASTEST_S * 1000)
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/wall/square/#entry-*")


def drawn(page: Page, selector: str) -> None:
    """Waits until the browser has every such picture."""
    for one in page.locator(selector).all():
        one.scroll_into_view_if_needed()
        for _turn in range(100):
            if one.evaluate("image => image.complete && image.naturalWidth > 0"):
                break
            page.wait_for_timeout(50)
        else:
            raise AssertionError(f"{selector} never came")


def test_from_the_wall_to_the_desk_and_into_the_masked_copy(
    page: Page,
    address: str,
    wall: Channel,
    cast: Cast,
    pictures: list[str],
    sign_in: SignIn,
    check: Check,
):
    """K-19: a citizen's pictures, the officer who asks for them, the masked copy."""
    page.goto(f"{address}/wall/square/")
    page.get_by_role("link", name="Write a comment").click()
    check(page, "wall-comment-pictures")
    written(page, address, pictures, "Vad är det här? Se på bilderna!")
    expect(page.get_by_alt_text("Picture 1 of 2 by Kim")).to_be_visible()
    drawn(page, ".pictures img")
    check(page, "wall-pictures")
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_label("Take picture 2 away")).to_be_visible()
    check(page, "wall-edit-pictures")

    read(wall)
    case = Case.objects.get()
    sign_in(cast.anna)
    page.goto(f"{address}/admin/desk/")
    expect(page.locator(".queue").get_by_text("with pictures")).to_be_visible()
    check(page, "desk-queue-pictures")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.locator("[data-row]").first.click()
    hidden = page.get_by_alt_text(
        "Picture 1 of 2 from the sender, hidden until you ask for it"
    )
    expect(hidden).to_be_visible()
    drawn(page, ".blurred")
    check(page, "desk-pictures-hidden")
    # What nobody has asked for has not left the server.
    pictures_asked = [url for url in asked if "/picture/" in url]
    assert pictures_asked
    assert all(url.endswith("/blurred/") for url in pictures_asked)

    page.locator(".sent-picture summary").first.focus()
    page.keyboard.press("Enter")
    first = page.get_by_alt_text("Picture 1 of 2 from the sender", exact=True)
    second = page.get_by_alt_text("Picture 2 of 2 from the sender", exact=True)
    expect(first).to_be_visible()
    expect(second).not_to_be_visible()
    page.locator("#content h1").click()
    page.keyboard.press("y")
    page.keyboard.press("y")
    expect(second).to_be_visible()
    drawn(page, ".sent-picture > img")
    check(page, "desk-pictures-shown")

    decision = decisions.remove(
        case=case, by=cast.anna, rule=make.rule(), reason="Swears."
    )
    wanted = disclosure.receive(asked="The pictures", law="SE", by="Arkiv")
    [pick] = disclosure.pick(request=wanted, records=[decision.record_id], by="Arkiv")
    sign_in(cast.arkiv)
    page.goto(address + reverse("disclosure:mask", args=[wanted.pk, pick.pk]))
    check(page, "disclosure-wall-picture")
    form = page.locator("form.region").first
    drawn(page, "[data-picture] img")
    values = {"From the left": 200, "From the top": 140, "Width": 230, "Height": 200}
    for label, value in values.items():
        form.get_by_label(label).fill(str(value))
    form.get_by_label("Legal paragraph").select_option("OSL-23-2")
    form.get_by_role("button", name="Blacken the region").click()
    expect(page.get_by_text("The region is black in the copy")).to_be_visible()
    check(page, "disclosure-wall-picture-masked")
    [mask] = pick.masks.all()
    assert mask.region == [200, 140, 230, 200]


def test_pictures_without_script(
    browser: Browser, address: str, wall: Channel, cast: Cast, pictures: list[str]
):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(15_000)
    try:
        written(page, address, pictures[:1], "Titta. Vad är det?")
        assert WallPicture.objects.count() == 1
        read(wall)
        page.goto(f"{address}/admin/login/")
        page.fill("[name=username]", "anna")
        page.fill("[name=password]", make.PASSWORD)
        page.click("[type=submit]")
        page.goto(f"{address}/admin/desk/{Case.objects.get().pk}/")
        shown = page.get_by_alt_text("Picture 1 of 1 from the sender", exact=True)
        expect(shown).not_to_be_visible()
        page.locator(".sent-picture summary").click()
        expect(shown).to_be_visible()
    finally:
        page.goto("about:blank")
        context.close()


def test_a_form_with_wrong_pictures_says_so(
    page: Page, address: str, wall: Channel, check: Check, tmp_path: Path
):
    wrong = tmp_path / "brev.pdf"
    wrong.write_bytes(b"%PDF-1.7 %%EOF")
    page.goto(f"{address}/wall/square/messages/")
    page.get_by_label("Your name").fill("Kim")
    page.get_by_role("textbox", name="Your message").fill("Se här")
    page.get_by_label("Pictures").set_input_files(str(wrong))
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("“brev.pdf” is no picture.")
    check(page, "wall-message-wrong-picture")
