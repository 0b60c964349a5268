"""The disclosure workbench in a real browser, with its script and without."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from archive import disclosure, sequencer
from archive.models import DisclosureMask, DisclosureRequest, RecordOpening
from archive.sealing import seal_many
from tests.archive.samples import facts, sealing
from tests.archive.test_disclosure import kept

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from archive.models import Record
    from tests.conftest import Cast
    from tests.e2e.conftest import Check

SignIn = Callable[[Any], None]
BY = "Arkiv Test (arkiv)"


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> None:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"


@pytest.fixture
def records(db: None) -> list[Record]:
    image = Image.new("RGB", (480, 320), (120, 170, 210))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 220, 480, 320), fill=(90, 130, 80))
    pen.ellipse((200, 90, 280, 190), fill=(230, 190, 160))
    photo = io.BytesIO()
    image.save(photo, "PNG")
    text = "Elin Bergqvist i klass 4B ligger på sjukhus, säger Elins syster 🙈."
    made = seal_many(
        [
            sealing(
                0,
                facts=facts(0, text=text),
                files=[kept(photo.getvalue(), "image/png", "skolgarden.png")],
            ),
            sealing(1, facts=facts(1, text="När öppnar badhuset?")),
            sealing(
                2,
                kind="direct_message",
                facts=facts(2, text="Elin mår bättre.", kind="dm"),
            ),
        ],
        by="Anna Ek (anna)",
    )
    sequencer.run()
    return made


def test_a_request_from_the_counter_to_the_files(
    page: Page,
    address: str,
    cast: Cast,
    records: list[Record],
    sign_in: SignIn,
    check: Check,
    tmp_path: Path,
) -> None:
    """K-19: registered, picked, masked by pointing, previewed, given out, fetched."""
    sign_in(cast.arkiv)
    page.get_by_role("link", name="Disclosure").click()
    expect(page.get_by_text("No request is open.")).to_be_visible()
    check(page, "disclosure-empty")
    page.get_by_role("link", name="New request").click()
    check(page, "disclosure-new")
    page.get_by_label("What is asked for").fill("Allt om olyckan på skolgården")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("Nothing has been picked.")).to_be_visible()
    check(page, "disclosure-request-empty")
    page.get_by_role("link", name="Pick records").click()
    page.get_by_label("Words").fill("sjukhus")
    page.get_by_role("button", name="Search").click()
    page.locator("tbody input[type=checkbox]").check()
    check(page, "disclosure-pick")
    page.get_by_role("button", name="Pick the ticked ones").click()
    expect(page.get_by_text("1 record picked.")).to_be_visible()
    page.get_by_role("link", name="Back to the request").click()
    check(page, "disclosure-request")
    page.locator(".picks a").click()
    expect(page.get_by_text("Drag a rectangle over the picture")).to_be_visible()
    # A stretch of the text, marked with the mouse.
    page.evaluate(
        """() => {
            const text = document.querySelector("[data-path='/facts/message/text']");
            const range = document.createRange();
            range.setStart(text.firstChild, 0);
            range.setEnd(text.firstChild, 14);
            document.getSelection().removeAllRanges();
            document.getSelection().addRange(range);
        }"""
    )
    words = page.locator("form[data-words]")
    expect(words.get_by_label("Words")).to_have_value("Elin Bergqvist")
    words.get_by_label("Legal paragraph").select_option("OSL-23-2")
    words.get_by_role("button", name="Mask").click()
    expect(page.get_by_text("Masked at the marked place.")).to_be_visible()
    one = DisclosureMask.objects.get()
    assert (one.path, one.starts, one.ends) == ("/facts/message/text", 0, 14)
    # A rectangle, drawn and then moved with the keyboard.
    picture = page.locator("[data-picture]")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 190, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 280, box["y"] + 190, steps=4)
    page.mouse.up()
    region = page.locator("form.region")
    left = int(region.get_by_label("From the left").input_value())
    assert abs(left - 189) <= 3
    page.keyboard.press("ArrowRight")
    moved = int(region.get_by_label("From the left").input_value())
    assert moved > left
    page.keyboard.press("Shift+ArrowDown")
    assert int(region.get_by_label("Height").input_value()) > 110
    region.get_by_label("Legal paragraph").select_option("OSL-23-2")
    check(page, "disclosure-mask-drawing")
    region.get_by_role("button", name="Blacken the region").click()
    expect(page.get_by_text("The region is black in the copy")).to_be_visible()
    # The same without pointing: a name wherever it stands, and whole fields.
    words.get_by_label("Words").fill("Elin")
    words.get_by_label("Legal paragraph").select_option("OSL-23-2")
    words.get_by_role("button", name="Mask").click()
    fields = page.locator("form", has=page.locator("ul.lines"))
    fields.get_by_role("checkbox", name="Handle").check()
    fields.get_by_label("Legal paragraph").select_option("OSL-21-7")
    fields.get_by_role("button", name="Mask the ticked fields").click()
    expect(page.get_by_text("What is masked can still be read here:")).to_be_visible()
    check(page, "disclosure-mask")
    page.get_by_role("button", name="It is looked through").click()
    expect(page.get_by_role("heading", name="What would be given out")).to_be_visible()
    expect(page.get_by_text("i klass 4B ligger på sjukhus").first).to_be_visible()
    page.get_by_label("Why something is masked").fill("Uppgifter om en elevs hälsa.")
    page.get_by_label("I have looked at each of these places").check()
    page.get_by_label("I have looked through what is shown").check()
    check(page, "disclosure-preview")
    page.get_by_role("button", name="Give out 1 record").click()
    expect(page.get_by_text("Given out: sealed, logged")).to_be_visible()
    check(page, "disclosure-given")
    with page.expect_download() as download:
        page.get_by_role("button", name="Fetch everything").click()
    download.value.save_as(tmp_path / "given.zip")
    with zipfile.ZipFile(tmp_path / "given.zip") as given:
        assert any(name.endswith("painted/0.png") for name in given.namelist())
        assert b"Bergqvist" not in b"".join(map(given.read, given.namelist()))
    page.get_by_role("link", name="the decision's own record").click()
    expect(page.get_by_text("The seal holds.")).to_be_visible()
    check(page, "disclosure-sealed")
    page.goto(f"{address}/admin/disclosure/?tab=settled")
    expect(page.locator(".queue li")).to_have_count(1)
    check(page, "disclosure-settled")


def test_a_refusal(
    page: Page, address: str, cast: Cast, sign_in: SignIn, check: Check
) -> None:
    one = disclosure.receive(asked="Allt om min granne", law="NO", by=BY)
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/disclosure/")
    check(page, "disclosure-list")
    page.goto(f"{address}/admin/disclosure/{one.pk}/refuse/")
    page.get_by_label("offentleglova § 14").check()
    page.get_by_role("button", name="Look at the letter").click()
    check(page, "disclosure-refuse")
    page.get_by_label("Reason").fill("Dokumentet er internt.")
    page.get_by_role("button", name="Look at the letter").click()
    expect(page.get_by_text("statsforvalteren").first).to_be_visible()
    check(page, "disclosure-refuse-sure")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_text("Refused; the letter is ready")).to_be_visible()
    check(page, "disclosure-refused")
    one.refresh_from_db()
    assert one.state == DisclosureRequest.State.REFUSED


def test_a_direct_message_is_opened_with_a_reason_and_marked(
    page: Page,
    address: str,
    cast: Cast,
    records: list[Record],
    sign_in: SignIn,
    check: Check,
) -> None:
    """K-17, M-R5: who opened what and why is there for the archivist to see."""
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/archive/record/")
    expect(page.get_by_text("Closed: open the record to read it.")).to_be_visible()
    page.get_by_text("Sender, rule, officer, markings").click()
    check(page, "archive-records-further")
    page.goto(f"{address}/admin/archive/record/{records[2].pk}/change/")
    expect(page.get_by_text("Elin mår bättre.")).to_have_count(0)
    check(page, "archive-record-closed")
    page.get_by_label("Why do you open it?").fill("Begäran på telefon")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("Elin mår bättre.").first).to_be_visible()
    assert RecordOpening.objects.get().reason == "Begäran på telefon"
    page.get_by_role("link", name="Mark the record").click()
    page.get_by_label("Secrecy").fill("23 kap. 2 § OSL")
    page.get_by_label("Diary number").fill("BUN 2026/114")
    check(page, "archive-record-mark")
    page.get_by_role("button", name="Mark").click()
    expect(page.get_by_text("BUN 2026/114").first).to_be_visible()
    check(page, "archive-record-marked")
    page.goto(f"{address}/admin/disclosure/openings/")
    expect(page.get_by_text("Begäran på telefon")).to_be_visible()
    check(page, "disclosure-openings")


def test_everything_about_one_sender(
    page: Page,
    address: str,
    cast: Cast,
    records: list[Record],
    sign_in: SignIn,
    check: Check,
) -> None:
    """K-19: the data-subject request."""
    disclosure.receive(asked="Mina uppgifter", law="SE", kind="subject", by=BY)
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/disclosure/sender/")
    check(page, "disclosure-sender-empty")
    page.get_by_label("Handle or id").fill("asa")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    check(page, "disclosure-sender")
    page.emulate_media(color_scheme="dark")
    check(page, "dark-disclosure-sender")
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Pick the ticked ones").click()
    expect(page.locator(".picks > li")).to_have_count(3)
    # The picking person has given the request as reason: the door is open.
    page.locator(".picks a").first.click()
    page.emulate_media(color_scheme="dark")
    check(page, "dark-disclosure-mask")
