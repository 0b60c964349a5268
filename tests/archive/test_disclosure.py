"""Disclosure: the register, the freeze, masks, what is given out, what is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from archive import (
    copies,
    disclosure,
    disposal,
    files,
    handing_out,
    retention,
    sequencer,
    verification,
)
from archive.models import (
    DisclosureDecision,
    DisclosureEvent,
    DisclosurePick,
    DisclosureRequest,
    LogEntry,
    Record,
    RecordOpening,
    RetentionRule,
)
from archive.retention import NotAllowed
from archive.sealing import FileFacts, seal_many
from tests.archive.samples import facts, sealing

pytestmark = pytest.mark.django_db
BY = "Arkiv Test (arkiv)"
LATER = datetime(2040, 1, 1, tzinfo=UTC)
HEALTH = "OSL-21-1"


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    return tmp_path


def picture(**changes: Any) -> bytes:
    """A JPEG of four colours that was taken lying on its side, with names in it."""
    image = Image.new("RGB", (64, 48), (200, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned clockwise
    exif[0x010E] = "Elin Bergqvist vid badhuset"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"Elin Bergqvist", **changes)
    return out.getvalue()


def kept(data: bytes, mime: str = "image/jpeg", name: str = "bild.jpg") -> FileFacts:
    digest, size = files.keep(io.BytesIO(data))
    return FileFacts(sha256=digest, size=size, mime=mime, name=name)


@pytest.fixture
def records() -> list[Record]:
    text = "Elin Bergqvist ligger på sjukhus, säger elin bergqvists syster 🙈"
    made = seal_many(
        [
            sealing(0, facts=facts(0, text=text), files=[kept(picture())]),
            sealing(1),
        ],
        by="Anna Ek (anna)",
    )
    sequencer.run()
    return made


@pytest.fixture
def asked(records: list[Record]) -> DisclosureRequest:
    return disclosure.receive(
        asked="Allt om Elin Bergqvist", requester="Elin", law="SE", by=BY
    )


def picked(asked: DisclosureRequest, *records: Record) -> list[DisclosurePick]:
    return disclosure.pick(request=asked, records=[r.pk for r in records], by=BY)


def look_through(asked: DisclosureRequest) -> str:
    for pick in asked.picks.all():
        disclosure.check(pick=pick, by=BY)
    return copies.fingerprint(handing_out.copies_of(asked))


def give(asked: DisclosureRequest, **changes: Any) -> DisclosureDecision:
    return handing_out.give_out(
        request=asked,
        **{"seen": look_through(asked), "by": BY, "reason": "Sjukdom."} | changes,
    )


def paper_of(decision: DisclosureDecision) -> str:
    file = decision.sealed.files.get(position=0)
    reader = PdfReader(io.BytesIO(b"".join(files.chunks(file.sha256))))
    return "\n".join(page.extract_text() for page in reader.pages)


def packed(decision: DisclosureDecision, out: Path) -> Path:
    file = decision.sealed.files.get(position=1)
    with zipfile.ZipFile(io.BytesIO(b"".join(files.chunks(file.sha256)))) as zip_:
        zip_.extractall(out)
    [folder] = out.iterdir()
    return folder


def checked_outside(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-I", folder / "verify.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# -- The register


def test_numbers_run_by_the_year_and_who_asks_need_not_say() -> None:
    with time_machine.travel(datetime(2026, 3, 6, 10, tzinfo=UTC), tick=False):
        first = disclosure.receive(asked="Allt om badet", law="SE", by=BY)
        second = disclosure.receive(asked="Mer", law="NO", by=BY)
        late = disclosure.receive(
            asked="Förra året", law="SE", received_on=date(2025, 12, 30), by=BY
        )
        assert [first.label, second.label, late.label] == [
            "2026-0001",
            "2026-0002",
            "2025-0001",
        ]
        assert first.requester == ""
        # Friday; the register nags from Monday on.
        assert timezone.localtime(first.due_at).date() == date(2026, 3, 9)
        assert not first.is_late()
        assert late.is_late()
    assert [e.type for e in first.events.all()] == ["received"]


@pytest.mark.parametrize(
    "wrong",
    [{"asked": " "}, {"law": "DK"}, {"received_on": date(2099, 1, 1)}],
)
def test_a_request_says_what_when_and_by_which_law(wrong: dict[str, Any]) -> None:
    values = {"asked": "Allt", "law": "SE", "by": BY}
    with pytest.raises(NotAllowed):
        disclosure.receive(**(values | wrong))
    assert not DisclosureRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_requests_in_the_same_moment_get_two_numbers() -> None:
    labels = []

    def register() -> None:
        try:
            labels.append(disclosure.receive(asked="x", law="SE", by=BY).label)
        finally:
            connection.close()

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(set(labels)) == 4
    assert max(labels).endswith("-0004")


# -- The freeze


@pytest.fixture
def rule() -> RetentionRule:
    return RetentionRule.objects.create(
        slug="preserve", title="x", years=2, basis="KS 12/26"
    )


def dispose(*records: Record) -> None:
    with time_machine.travel(LATER, tick=False):
        listed = disposal.propose(records=records, decision="KS 1", basis="x", by="a")
        disposal.confirm(disposal=listed, by="b")


def erase(record: Record) -> None:
    disposal.erase(
        record=record,
        paths=["/facts/sender/name"],
        basis="x",
        proposed_by="a",
        by="b",
    )


@pytest.mark.parametrize("end", ["unpicked", "given out", "refused", "withdrawn"])
def test_an_open_request_freezes_what_it_picked_until_it_is_settled(
    end: str, asked: DisclosureRequest, records: list[Record], rule: RetentionRule
) -> None:
    """K-19: nothing that somebody has asked for is disposed of under their hands."""
    [pick] = picked(asked, records[0])
    assert retention.due(LATER) == records[1:]
    with pytest.raises(NotAllowed, match=asked.label):
        dispose(*records)
    with pytest.raises(NotAllowed, match=asked.label):
        erase(records[0])
    assert not Record.objects.exclude(state="sealed").exists()
    match end:
        case "unpicked":
            disclosure.mask(pick=pick, path="/record/id", paragraph=HEALTH, by=BY)
            disclosure.unpick(pick=pick, by=BY)
        case "given out":
            give(asked)
        case "refused":
            handing_out.refuse(request=asked, grounds=[HEALTH], reason="x", by=BY)
        case "withdrawn":
            disclosure.withdraw(request=asked, by=BY)
    assert set(records) <= set(retention.due(LATER))
    dispose(*records)


def test_the_database_itself_refuses_to_empty_a_frozen_record(
    asked: DisclosureRequest, records: list[Record]
) -> None:
    picked(asked, records[0])
    LogEntry.objects.create(
        type="disposal",
        record_id=records[0].pk,
        leaf_bytes=b"{}",
        leaf_hash=b"x",
        created_at=records[0].sealed_at,
    )
    with pytest.raises(DatabaseError, match=asked.label), transaction.atomic():
        Record.objects.filter(pk=records[0].pk).update(
            canonical=None, salts=None, state="disposed"
        )


def test_what_is_gone_is_not_picked(
    asked: DisclosureRequest, records: list[Record], rule: RetentionRule
) -> None:
    dispose(records[0])
    with pytest.raises(NotAllowed, match="disposed"):
        picked(asked, *records)
    assert not asked.picks.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["disposal", "erasure"])
def test_a_request_that_comes_in_the_same_moment_as_a_disposal_waits_for_it(
    what: str,
    asked: DisclosureRequest,
    records: list[Record],
    rule: RetentionRule,
) -> None:
    """Two real connections: the one that comes later sees what the other did."""
    told: list[str] = []

    def pick() -> None:
        try:
            picked(asked, records[0])
            told.append("picked")
        except NotAllowed:
            told.append("too late")
        finally:
            connection.close()

    with transaction.atomic():
        if what == "disposal":
            dispose(records[0])
        else:
            erase(records[0])
        thread = threading.Thread(target=pick)
        thread.start()
        thread.join(0.5)
        assert told == []
    thread.join(10)
    assert told == ["too late" if what == "disposal" else "picked"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [dispose, erase])
def test_a_disposal_that_comes_while_a_request_picks_is_refused(
    act: Any, asked: DisclosureRequest, records: list[Record], rule: RetentionRule
) -> None:
    told: list[str] = []

    def go() -> None:
        try:
            act(records[0])
            told.append("gone")
        except NotAllowed as error:
            told.append(str(error))
        finally:
            connection.close()

    with transaction.atomic():
        picked(asked, records[0])
        thread = threading.Thread(target=go)
        thread.start()
        thread.join(0.5)
        assert told == []
    thread.join(10)
    [words] = told
    assert asked.label in words
    assert Record.objects.get(pk=records[0].pk).state == "sealed"


# -- Masks and what is given out


def test_words_fields_and_regions_are_masked_and_the_rest_is_proved(
    asked: DisclosureRequest, records: list[Record], outside: Path
) -> None:
    """K-19: a copy that may be given out, of a record that stays as it was."""
    original = records[0].files.get()
    one, _two = picked(asked, *records)
    masks = disclosure.mask_words(
        pick=one, words="Elin Bergqvist", paragraph=HEALTH, by=BY
    )
    assert len(masks) == 2
    disclosure.mask(pick=one, path="/facts/sender/name", paragraph="OSL-21-7", by=BY)
    disclosure.mask_region(
        pick=one, position=0, region=[4, 6, 20, 30], paragraph=HEALTH, by=BY
    )
    decision = give(asked)
    assert decision.outcome == "partly"
    said = paper_of(decision)
    assert "sjukhus" in said
    assert "█████[1]" in said
    assert "21 kap. 1 § OSL" in said
    assert "kammarrätten" in said
    assert "text: Rektorn" in said, "the earlier versions are part of the copy"
    folder = packed(decision, outside / "given")
    first, second = folder / "0001", folder / "0002"
    assert "(1 of them shown in part, unproved)" in checked_outside(first)
    assert "0 masked" in checked_outside(second)
    copy = json.loads((first / "record.json").read_text("utf-8"))
    text = next(f for f in copy["masked"] if f["path"] == "/facts/message/text")
    assert text["shown"].startswith("█████[1] ligger på sjukhus, säger █████[1]s")
    assert text["provable"] is False
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            assert b"bergqvist" not in data, path
    # The picture: turned upright, black where it was masked, bare of everything else.
    with Image.open(first / "painted" / "0.jpeg") as image:
        assert image.size == (48, 64)
        assert max(image.getpixel((14, 20))) < 8
        assert image.getpixel((40, 50))[0] > 150
        assert not image.getexif()
        assert "comment" not in image.info
    assert not (first / "files").exists()
    assert sha256(b"".join(files.chunks(original.sha256))).hexdigest() == (
        original.sha256
    )
    sequencer.run()
    assert verification.verify().faults == []


def test_a_changed_word_in_a_masked_copy_is_found(
    asked: DisclosureRequest, records: list[Record], outside: Path
) -> None:
    [one] = picked(asked, records[0])
    disclosure.mask(pick=one, path="/facts/message/text", paragraph=HEALTH, by=BY)
    folder = packed(give(asked, despite_leftovers=True), outside / "given") / "0001"
    checked_outside(folder)
    copy = (folder / "record.json").read_text("utf-8")
    (folder / "record.json").write_text(copy.replace("Skolan på", "Skulan på"), "utf-8")
    done = subprocess.run([sys.executable, "-I", folder / "verify.py"], check=False)
    assert done.returncode == 1


def test_what_is_given_is_sealed_logged_and_never_rewritten(
    asked: DisclosureRequest, records: list[Record]
) -> None:
    [one] = picked(asked, records[1])
    disclosure.mask(pick=one, path="/facts/sender/name", paragraph=HEALTH, by=BY)
    decision = give(asked)
    asked.refresh_from_db()
    assert asked.state == "disclosed"
    sealed = decision.sealed
    assert sealed.kind == "disclosure"
    told = sealed.facts["disclosure"]
    assert told["outcome"] == "partly"
    assert told["records"][0]["record"] == str(records[1].pk)
    assert told["records"][0]["masked"] == {"/facts/sender/name": "21 kap. 1 § OSL"}
    assert "Elin" not in json.dumps(told)
    assert [file["name"] for file in sealed.document["files"].values()] == [
        f"{asked.label}.pdf",
        f"{asked.label}.zip",
    ]
    for file in sealed.files.all():
        assert files.measure(file.sha256) == (file.sha256, file.size)
    kinds = LogEntry.objects.filter(record_id=records[1].pk).order_by("id")
    assert [entry.type for entry in kinds] == ["record.create", "disclosure"]
    assert (
        json.loads(bytes(kinds[1].leaf_bytes))["commitment"]
        == bytes(sealed.commitment).hex()
    )
    types = [event.type for event in asked.events.all()]
    assert types == ["received", "picked", "masked", "checked", "disclosed"]
    for rows in (
        asked.events.all(),
        DisclosureDecision.objects.filter(pk=decision.pk),
        DisclosurePick.objects.filter(pk=one.pk),
        one.masks.all(),
        DisclosureRequest.objects.filter(pk=asked.pk),
    ):
        with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
            rows.update(id=rows.first().pk + 1000)
    for again in (
        lambda: picked(asked, records[0]),
        lambda: give(asked),
        lambda: disclosure.withdraw(request=asked, by=BY),
        lambda: disclosure.mask(pick=one, path="/record/id", paragraph=HEALTH, by=BY),
    ):
        with pytest.raises(NotAllowed, match="settled"):
            again()


def test_only_what_somebody_has_looked_at_goes_out(
    asked: DisclosureRequest, records: list[Record]
) -> None:
    one, two = picked(asked, *records)
    with pytest.raises(NotAllowed, match="looked through"):
        handing_out.give_out(request=asked, seen="", by=BY)
    seen = look_through(asked)
    disclosure.mask(pick=one, path="/facts/sender/name", paragraph=HEALTH, by=BY)
    with pytest.raises(NotAllowed, match="looked through"):
        handing_out.give_out(request=asked, seen=seen, by=BY, reason="x")
    disclosure.check(pick=one, by=BY)
    with pytest.raises(NotAllowed, match="changed"):
        handing_out.give_out(request=asked, seen=seen, by=BY, reason="x")
    disclosure.unpick(pick=two, by=BY)
    with pytest.raises(NotAllowed, match="Say why"):
        give(asked, reason=" ")
    assert give(asked).outcome == "partly"


def test_masked_words_that_stand_elsewhere_stop_the_disclosure(
    asked: DisclosureRequest, records: list[Record]
) -> None:
    """A name hidden in one place and left in another is hidden nowhere."""
    [one] = picked(asked, records[1])
    disclosure.mask(pick=one, path="/facts/sender/handle", paragraph=HEALTH, by=BY)
    [copy] = handing_out.copies_of(asked)
    assert [path for path, _text in copy.leftovers] == ["/facts/sender/profile_url"]
    with pytest.raises(NotAllowed, match="still be read"):
        give(asked)
    with pytest.raises(NotAllowed, match="reason itself"):
        give(asked, reason="Asa är en privatperson.", despite_leftovers=True)
    assert give(asked, despite_leftovers=True).outcome == "partly"


def test_a_digest_beside_a_masked_text_is_masked_with_it(
    asked: DisclosureRequest, records: list[Record]
) -> None:
    """An unsalted digest of a short text is the text for whoever can guess."""
    [one] = picked(asked, records[1])
    disclosure.mask_words(pick=one, words="rektorn", paragraph=HEALTH, by=BY)
    [copy] = handing_out.copies_of(asked)
    [version] = copy.partly["/facts/message/versions"]
    assert version["text"] == version["hash"].replace("█████", "█████[1]")
    assert "a1" not in json.dumps(version)


def test_a_withheld_file_is_named_nowhere(
    asked: DisclosureRequest, records: list[Record], outside: Path
) -> None:
    [one] = picked(asked, records[0])
    disclosure.mask(pick=one, path="/files/0", paragraph=HEALTH, by=BY)
    folder = packed(give(asked), outside / "given")
    everything = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert b"bild.jpg" not in everything
    assert records[0].files.get().sha256.encode() not in everything
    checked_outside(folder / "0001")


def test_masks_that_fit_nothing_are_refused(
    asked: DisclosureRequest, records: list[Record]
) -> None:
    [one] = picked(asked, records[0])
    mask = {"pick": one, "path": "/facts/message/text", "paragraph": HEALTH, "by": BY}
    for wrong in (
        {"path": "/facts/nothing"},
        {"path": "/facts/message/text/0"},
        {"path": "/files/7"},
        {"start": 5, "end": 5000},
        {"paragraph": "OFFL-14"},
        {"paragraph": "x"},
    ):
        with pytest.raises(NotAllowed):
            disclosure.mask(**(mask | wrong))
    with pytest.raises(NotAllowed, match="stand there"):
        disclosure.mask_words(pick=one, words="finns ej", paragraph=HEALTH, by=BY)
    with pytest.raises(NotAllowed, match="48 × 64"):
        disclosure.mask_region(
            pick=one, position=0, region=[48, 0, 5, 5], paragraph=HEALTH, by=BY
        )
    with pytest.raises(NotAllowed, match="no such file"):
        disclosure.mask_region(
            pick=one, position=3, region=[0, 0, 5, 5], paragraph=HEALTH, by=BY
        )
    assert not one.masks.exists()


def test_a_record_without_a_proof_yet_waits(asked: DisclosureRequest) -> None:
    [new] = seal_many([sealing(5)], by="x")
    picked(asked, new)
    with pytest.raises(NotAllowed, match="recently"):
        give(asked)
    sequencer.run()
    assert give(asked).outcome == "disclose"


# -- Refusal


@pytest.mark.parametrize(
    ("law", "ground", "words"),
    [
        ("SE", HEALTH, ("21 kap. 1 § OSL", "6 kap. 3 §", "kammarrätten", "tre veckor")),
        ("NO", "OFFL-13-PERS", ("offentleglova § 13", "§ 32", "statsforvalteren")),
    ],
)
def test_a_refusal_says_why_and_how_to_appeal(
    law: str, ground: str, words: tuple[str, ...], records: list[Record]
) -> None:
    request = disclosure.receive(asked="Allt om Elin Bergqvist", law=law, by=BY)
    with pytest.raises(NotAllowed, match="reason"):
        handing_out.refuse(request=request, grounds=[ground], reason=" ", by=BY)
    with pytest.raises(NotAllowed, match="paragraphs"):
        handing_out.refuse(request=request, grounds=["x"], reason="Hälsa.", by=BY)
    decision = handing_out.refuse(
        request=request, grounds=[ground], reason="Det gäller hälsa.", by=BY
    )
    said = " ".join(paper_of(decision).split())
    for one in (*words, request.label, "Det gäller hälsa."):
        assert one in said
    assert "Bergqvist" not in said
    assert decision.sealed.facts["disclosure"]["outcome"] == "refuse"
    request.refresh_from_db()
    assert request.state == "refused"
    assert list(decision.sealed.files.values_list("name", flat=True)) == [
        f"{request.label}.pdf"
    ]


# -- Direct messages


def test_picking_a_direct_message_is_an_opening_with_the_request_as_reason(
    asked: DisclosureRequest, records: list[Record]
) -> None:
    """K-17, M-R5: nobody reads a direct message without leaving a reason."""
    [message] = seal_many([sealing(9, kind="direct_message")], by="x")
    picked(asked, message, records[0])
    opening = RecordOpening.objects.get()
    assert opening.record_id == message.pk
    assert asked.label in opening.reason
    assert opening.opened_by == BY


def test_every_event_keeps_names_and_texts_out(
    asked: DisclosureRequest, records: list[Record]
) -> None:
    [one] = picked(asked, records[0])
    disclosure.mask_words(pick=one, words="Elin", paragraph=HEALTH, by=BY)
    disclosure.unmask(masks=list(one.masks.all()), by=BY)
    told = " ".join(DisclosureEvent.objects.values_list("detail", flat=True))
    assert "/facts/message/text" in told
    assert "Elin" not in told
    assert not one.masks.exists()
