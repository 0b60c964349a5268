"""The workbench, page by page, without a script."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from archive import disclosure, marking, sequencer
from archive.models import (
    DisclosurePick,
    DisclosureRequest,
    Record,
    RecordOpening,
)
from archive.sealing import seal_many
from tests import make
from tests.archive.samples import facts, sealing
from tests.archive.test_disclosure import BY, HEALTH, kept, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    return tmp_path


@pytest.fixture
def archivist(client: Client) -> Client:
    client.force_login(make.person("Arkiv", "Archivist"))
    return client


@pytest.fixture
def records() -> list[Record]:
    made = seal_many(
        [
            sealing(0, files=[kept(picture())]),
            sealing(1, facts=facts(1, text="Badhuset är stängt")),
            sealing(2, kind="direct_message", facts=facts(2, text="Hemligt brev")),
        ],
        by="Anna Ek (anna)",
    )
    sequencer.run()
    return made


@pytest.fixture
def asked() -> DisclosureRequest:
    return disclosure.receive(asked="Allt om badhuset", law="SE", by=BY)


def to(name: str, *args: Any) -> str:
    return reverse(f"disclosure:{name}", args=args)


def one_picked(asked: DisclosureRequest, record: Record) -> DisclosurePick:
    return disclosure.pick(request=asked, records=[record.pk], by=BY)[0]


def test_a_request_goes_from_the_register_to_the_files(
    archivist: Client, records: list[Record]
) -> None:
    """K-19: registered, picked, masked, looked through, given out, fetched."""
    sent = archivist.post(
        to("new"),
        {
            "asked": "Badhuset",
            "received_on": "2026-01-05",
            "kind": "public",
            "law": "SE",
        },
    )
    asked = DisclosureRequest.objects.get()
    assert sent.headers["location"] == to("request", asked.pk)
    page = archivist.get(to("register")).content.decode()
    assert asked.label in page
    found = archivist.post(to("pick", asked.pk), {"q": "badhus"})
    [(row, there)] = found.context["lines"]
    assert (row.found.record_id, there) == (records[1].pk, False)
    archivist.post(
        to("pick", asked.pk),
        {"q": "badhus", "step": "pick", "record": [str(records[1].pk)]},
    )
    pick = asked.picks.get()
    masking = to("mask", asked.pk, pick.pk)
    assert archivist.get(masking).status_code == 200
    archivist.post(masking, {"step": "words", "words": "badhuset", "paragraph": HEALTH})
    archivist.post(
        masking,
        {
            "step": "fields",
            "fields_masked": ["/facts/sender/name", "/facts/sender/handle"],
            "paragraph": "OSL-21-7",
        },
    )
    assert pick.masks.count() == 3
    page = archivist.get(masking).content.decode()
    assert '<mark class="hides">Badhuset</mark>' in page
    not_yet = archivist.get(to("preview", asked.pk)).context
    assert not_yet["ready"] is False
    done = archivist.post(masking, {"step": "check"})
    assert done.headers["location"] == to("preview", asked.pk)
    shown = archivist.get(to("preview", asked.pk))
    body = shown.content.decode()
    assert "█████[1] är stängt" in body
    assert "Badhuset" not in body.replace(asked.asked, "")
    draft = archivist.get(to("draft", asked.pk))
    assert "stängt" in PdfReader(io.BytesIO(draft.content)).pages[0].extract_text()
    give = {"seen": shown.context["seen"], "confirmed": "on", "reason": "Hälsa."}
    wrong = archivist.post(to("preview", asked.pk), give)
    assert wrong.status_code == 422
    assert "still be read" in wrong.content.decode()
    archivist.post(to("preview", asked.pk), give | {"despite_leftovers": "on"})
    asked.refresh_from_db()
    assert asked.state == "disclosed"
    file = archivist.post(to("fetch", asked.pk, 0))
    assert file.headers["content-type"] == "application/pdf"
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    assert asked.events.last().type == "fetched"
    assert archivist.get(to("request", asked.pk)).status_code == 200
    decided = reverse("admin:archive_record_change", args=[asked.decision.sealed_id])
    body = archivist.get(decided).content.decode()
    assert asked.label in body
    assert str(records[1].pk) in body
    assert "Badhuset" not in body
    assert archivist.get(to("register") + "?tab=settled").context["requests"] == [asked]
    assert archivist.get(to("register") + f"?number={asked.label}").status_code == 302


def test_the_front_page_nags_from_the_next_working_day_on(
    archivist: Client, asked: DisclosureRequest
) -> None:
    """A public record is given out without delay."""
    front = reverse("admin:index")
    assert archivist.get(front).context["disclosures"] == {"open": 1, "late": 0}
    with time_machine.travel(asked.due_at + timedelta(minutes=1), tick=False):
        archivist.force_login(make.person("Reg", "Registrar"))
        page = archivist.get(front)
        assert page.context["disclosures"] == {"open": 1, "late": 1}
        listed = archivist.get(to("register")).content.decode()
        assert "tag urgent" in listed


def test_what_was_filled_in_wrongly_is_said_beside_the_field(
    archivist: Client, asked: DisclosureRequest, records: list[Record]
) -> None:
    pick = one_picked(asked, records[0])
    masking = to("mask", asked.pk, pick.pk)
    for sent in (
        {"step": "words", "words": "", "paragraph": HEALTH},
        {"step": "words", "words": "x", "paragraph": ""},
        {"step": "fields", "paragraph": HEALTH},
        {"step": "fields", "fields_masked": ["/nothing"], "paragraph": HEALTH},
        {"step": "region", "position": "0", "x": "a", "paragraph": HEALTH},
        {"step": "file", "position": "0"},
    ):
        answer = archivist.post(masking, sent)
        assert answer.status_code == 422, sent
        assert b"field-error" in answer.content
    assert archivist.post(masking, {"step": "x"}).status_code == 404
    assert not pick.masks.exists()
    assert archivist.post(to("new"), {"asked": "x"}).status_code == 422
    assert archivist.post(to("refuse", asked.pk), {"reason": ""}).status_code == 422
    archivist.post(to("withdraw", asked.pk))
    asked.refresh_from_db()
    assert asked.is_open


def test_a_region_written_in_numbers_is_black_in_the_picture_shown(
    archivist: Client, asked: DisclosureRequest, records: list[Record]
) -> None:
    pick = one_picked(asked, records[0])
    masking = to("mask", asked.pk, pick.pk)
    region = {"x": 0, "y": 0, "width": 10, "height": 64, "position": 0}
    archivist.post(masking, {"step": "region", "paragraph": HEALTH, **region})
    shown = archivist.get(to("picture", asked.pk, pick.pk, 0))
    assert "no-store" in shown.headers["cache-control"]
    with Image.open(io.BytesIO(shown.content)) as image:
        assert max(image.getpixel((4, 30))) < 12
        assert image.getpixel((40, 30))[0] > 150
    archivist.post(masking, {"step": "unmask", "mask": [pick.masks.get().pk]})
    assert not pick.masks.exists()
    archivist.post(masking, {"step": "file", "position": 0, "paragraph": HEALTH})
    assert archivist.get(to("picture", asked.pk, pick.pk, 0)).status_code == 404


def test_a_refusal_is_shown_once_more_before_it_is_made(
    archivist: Client, asked: DisclosureRequest
) -> None:
    sent = {"reason": "Det finns ingen sådan handling.", "grounds": [HEALTH]}
    sure = archivist.post(to("refuse", asked.pk), sent)
    assert "kammarrätten" in sure.content.decode()
    asked.refresh_from_db()
    assert asked.is_open
    archivist.post(to("refuse", asked.pk), sent | {"confirmed": "on"})
    asked.refresh_from_db()
    assert asked.state == "refused"
    letter = archivist.post(to("fetch", asked.pk, 0))
    assert b"".join(letter.streaming_content).startswith(b"%PDF")
    assert archivist.post(to("fetch", asked.pk, 7)).status_code == 302


# -- Closed records


def test_a_direct_message_is_opened_with_a_reason_that_the_archivist_sees(
    archivist: Client, records: list[Record]
) -> None:
    """K-17, M-R5."""
    message = records[2]
    page = reverse("admin:archive_record_change", args=[message.pk])
    door = archivist.get(page).content.decode()
    assert "Hemligt brev" not in door
    listing = archivist.get(reverse("admin:archive_record_changelist"))
    assert "Hemligt brev" not in listing.content.decode()
    assert archivist.post(to("open", message.pk), {"reason": ""}).status_code == 422
    assert not RecordOpening.objects.exists()
    archivist.post(to("open", message.pk), {"reason": "Begäran i telefon"})
    assert "Hemligt brev" in archivist.get(page).content.decode()
    log = archivist.get(to("openings")).content.decode()
    assert "Begäran i telefon" in log
    assert "Arkiv Test" in log
    RecordOpening.objects.get()


def test_a_secrecy_marking_closes_a_record_for_everybody(
    archivist: Client, records: list[Record], asked: DisclosureRequest
) -> None:
    one_picked(asked, records[1])
    marking.mark(record=records[1], secrecy="21 kap. 1 § OSL", by=BY)
    page = reverse("admin:archive_record_change", args=[records[1].pk])
    assert "Badhuset" not in archivist.get(page).content.decode()
    pick = asked.picks.get()
    for closed in (
        to("mask", asked.pk, pick.pk),
        to("preview", asked.pk),
        to("draft", asked.pk),
        to("request", asked.pk),
    ):
        body = archivist.get(closed).content.decode()
        assert "Badhuset" not in body, closed
    archivist.post(to("open-picks", asked.pk), {"reason": "Begäran"})
    assert "Badhuset" in archivist.get(to("preview", asked.pk)).content.decode()


# -- All about one sender


def test_everything_about_one_sender_is_found_in_one_step_under_any_handle(
    archivist: Client, asked: DisclosureRequest
) -> None:
    """K-19: what a data-subject request asks for."""
    renamed = facts(1, text="Under det nya namnet")
    renamed["sender"] |= {"handle": "asa2", "platform_id": "u1"}
    other = facts(2, text="Någon annan")
    other["sender"] |= {"handle": "kim", "platform_id": "u2"}
    letter = facts(3, text="Brevet")
    letter["sender"] |= {"platform_id": "u1"}
    made = seal_many(
        [
            sealing(1),
            sealing(1, facts=renamed),
            sealing(2, facts=other),
            sealing(3, facts=letter, kind="direct_message"),
        ],
        by="x",
    )
    mine = {str(made[index].pk) for index in (0, 1, 3)}
    for known in ("asa", "asa2", "u1"):
        found = archivist.post(to("sender"), {"sender": known})
        assert {str(r.found.record_id) for r in found.context["lines"]} == mine, known
    assert b"Brevet" not in found.content
    wanted = {"sender": "u1", "record": sorted(mine)}
    refused = archivist.post(to("sender"), wanted | {"step": "json"})
    assert refused.status_code == 422
    given = archivist.post(
        to("sender"), wanted | {"step": "json", "reason": "Egen begäran"}
    )
    told = json.loads(given.content)
    assert {one["record_id"] for one in told} == mine
    assert RecordOpening.objects.get().reason == "Egen begäran"
    paper = archivist.post(to("sender"), wanted | {"step": "pdf"})
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(paper.content)).pages)
    assert "Brevet" in text
    archivist.post(to("sender"), wanted | {"step": "request", "request": asked.pk})
    assert {str(pick.record_id) for pick in asked.picks.all()} == mine
    nothing = archivist.post(to("sender"), {"sender": "nobody"})
    assert nothing.context["lines"] == []
    assert (
        archivist.post(to("sender"), {"sender": "u1", "step": "pdf"}).status_code == 422
    )
