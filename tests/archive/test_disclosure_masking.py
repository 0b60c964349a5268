"""Hypothesis: what is masked survives nowhere, what is not masked can be proved."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules_of_hypothesis
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from archive import canonical, copies, masking, paper, pictures, proving, sequencer
from archive.masking import BLOCK, Mask, NoSuchText
from archive.models import DisclosureMask, Record
from archive.sealing import seal
from tests.archive.samples import facts, sealing

NAMES = st.text("zqxåäöøæéßñĸ", min_size=3, max_size=9)
FILLING = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="█\x00"),
    max_size=30,
)
slow = rules_of_hypothesis(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def said(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A name, and fields in which it stands anywhere, in any dress."""
    name = draw(NAMES)

    def text() -> str:
        dressed = draw(
            st.sampled_from(
                [name, name.upper(), unicodedata.normalize("NFD", name), ""]
            )
        )
        return draw(FILLING) + dressed + draw(FILLING)

    return name, {
        "/facts/message/text": name + text(),
        "/facts/message/versions": [
            {"number": 1, "text": text(), "sha256": "ab", "seen_at": "2026"},
            {"number": 2, "text": text(), "sha256": "cd", "seen_at": "2026"},
        ],
        "/facts/sender/name": text(),
        "/facts/sender/known": draw(st.booleans()),
        "/facts/context/parent": draw(st.sampled_from([None, [], [text()]])),
    }


def masks_of(fields: dict[str, Any], words: str) -> list[Mask]:
    return [
        Mask(path, "21 kap. 1 § OSL", start, end)
        for path, start, end in masking.find(fields, words)
    ]


@given(said())
@rules_of_hypothesis(deadline=None)
def test_masked_words_stand_in_no_shown_value(pair: tuple[str, dict[str, Any]]) -> None:
    name, fields = pair
    masks = masks_of(fields, name)
    shown = masking.shown(fields, masks)
    everything = json.dumps([one.value for one in shown], ensure_ascii=False)
    for dress in (name, unicodedata.normalize("NFD", name)):
        assert dress not in everything
    assert [one.path for one in shown] == list(fields)
    touched = {masking.field_of(mask.path, fields) for mask in masks}
    for one in shown:
        assert (one.state == "partly") is (one.path in touched)
        if one.state == "whole":
            assert one.value == fields[one.path]


@given(
    st.text(min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), min_size=1, max_size=6),
)
@rules_of_hypothesis(deadline=None)
def test_a_block_tells_neither_how_long_nor_how_many(
    text: str, spans: list[tuple[int, int]]
) -> None:
    """What stands outside the spans is there in order; of what is inside, nothing."""
    spans = [(a % len(text), n) for a, n in spans]
    masks = [Mask("/a", "§", a, min(a + n, len(text))) for a, n in spans]
    [shown] = masking.shown({"/a": text}, masks)
    hidden = [any(m.start <= i < m.end for m in masks) for i in range(len(text))]
    expected, at = "", 0
    while at < len(text):
        if hidden[at]:
            expected += f"{BLOCK}[1]"
            while at < len(text) and hidden[at]:
                at += 1
        else:
            expected += text[at]
            at += 1
    assert shown.value == expected


@pytest.mark.parametrize(
    "mask",
    [
        Mask("/b", "§"),
        Mask("/a/0", "§"),
        Mask("/a", "§", 2, 99),
        Mask("/a", "§", 2, 2),
        Mask("/c", "§", 0, 1),
        Mask("/d/1/text", "§"),
    ],
)
def test_a_mask_that_fits_nothing_is_an_error(mask: Mask) -> None:
    fields = {"/a": "text", "/c": 7, "/d": [{"text": "x"}]}
    with pytest.raises(NoSuchText):
        masking.shown(fields, [mask])


def test_overlapping_masks_name_both_paragraphs_and_fields_are_hidden_whole() -> None:
    masks = [Mask("/a", "A", 0, 3), Mask("/a", "B", 2, 5), Mask("/b", "B")]
    shown = masking.shown({"/a": "abcdefg", "/b": ["x"], "/c": 1}, masks)
    assert [(one.value, one.state) for one in shown] == [
        (f"{BLOCK}[1][2]fg", "partly"),
        (None, "hidden"),
        (1, "whole"),
    ]


def test_hidden_words_are_found_whatever_they_wear() -> None:
    fields = {
        "/a": "Åsa",
        "/b": "A\u030asa",
        "/c": "ÅSA!",
        "/d": "Å\u200bsa",
        "/e": "Asa",
    }
    masks = [Mask("/a", "§")]
    copy = masking.shown(fields, masks)
    found = masking.leftovers(copy, masking.hidden_words(fields, masks))
    assert [path for path, _text in found] == ["/b", "/c", "/d"]


@pytest.fixture
def outside(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    return tmp_path


def sealed(fields: dict[str, Any]) -> Record:
    document = canonical.unflatten(fields.items())
    return seal(
        kind="removal",
        subject=sealing().subject,
        facts=document["facts"],
        retention="preserve",
        by="x",
    )


def copy_with(record: Record, masks: list[Mask]) -> copies.Copy:
    return copies.of_record(
        record,
        [
            DisclosureMask(
                path=m.path, starts=m.start, ends=m.end, paragraph="OSL-21-1"
            )
            for m in masks
        ],
    )


@pytest.mark.django_db
@given(pair=said(), data=st.data())
@slow
def test_a_masked_word_is_in_no_byte_that_is_given_out_and_the_rest_verifies(
    pair: tuple[str, dict[str, Any]], data: st.DataObject, outside: Path
) -> None:
    """JSON, PDF text and PDF bytes; each unmasked field passes the archive's own
    verify.py, and a change in any of them does not."""
    name, fields = pair
    record = sealed(fields)
    document = dict(canonical.flatten(record.document))
    masks = masks_of(document, name)
    for path in data.draw(st.sets(st.sampled_from(sorted(document)), max_size=3)):
        masks.append(Mask(path, "21 kap. 1 § OSL"))
    copy = copy_with(record, masks)
    given_out = json.dumps(copy.as_json(), ensure_ascii=False)
    pdf = paper.copy_of_records(
        title="2026-0001", authority="", facts=[], copies=[copy]
    )
    reader = PdfReader(io.BytesIO(pdf))
    set_ = "".join(page.extract_text() for page in reader.pages)
    squeezed = "".join(set_.split())
    told = "".join(str(value) for value in (reader.metadata or {}).values())
    streams = b"".join(
        part.get_object().get_data()
        for part in (page["/Contents"] for page in reader.pages)
    )
    for dress in {name, unicodedata.normalize("NFD", name)}:
        assert dress not in given_out
        assert dress not in set_
        assert dress not in squeezed
        assert dress not in told
        for encoding in ("utf-8", "utf-16-be", "utf-16-le"):
            assert dress.encode(encoding) not in pdf
            assert dress.encode(encoding) not in streams
    assert str(record.pk) in squeezed or any(m.path == "/record/id" for m in masks)
    # Outside: the commitment is what the fields and digests give.
    shown = copy.as_json()
    assert commitment_of(shown) == shown["commitment"] == record.commitment.hex()
    hidden = {masking.field_of(m.path, document) for m in masks}
    assert {path for _salt, path, _value in shown["fields"]} == set(document) - hidden
    if shown["fields"]:
        at = data.draw(st.integers(0, len(shown["fields"]) - 1))
        shown["fields"][at][2] = ["changed"]
        assert commitment_of(shown) != shown["commitment"]


def commitment_of(shown: dict[str, Any]) -> str:
    """As verify.py does it, loaded from the file that goes along."""
    space: dict[str, Any] = {"__name__": "verify"}
    exec(compile(proving.VERIFIER.read_text("utf-8"), "verify.py", "exec"), space)
    digests = [space["digest"](*field) for field in shown["fields"]]
    digests += [field["digest"] for field in shown["masked"]]
    result: str = space["commitment"](digests)
    return result


@pytest.mark.django_db
def test_a_partly_masked_copy_verifies_in_a_process_of_its_own(outside: Path) -> None:
    record = sealed(dict(canonical.flatten({"facts": facts(1)})))
    masks = masks_of(dict(canonical.flatten(record.document)), "rektorn")
    assert len(masks) >= 3
    sequencer.run()
    copy = copy_with(record, masks)
    proving.write(record, outside / "p", masks=copy.masks, partly=copy.partly)
    done = subprocess.run(
        [sys.executable, "-I", outside / "p" / "verify.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "shown in part, unproved" in done.stdout


# -- Pictures


@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    regions=st.lists(
        st.tuples(*[st.integers(0, 70)] * 2, *[st.integers(1, 70)] * 2), max_size=4
    ),
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]),
    turned=st.sampled_from([1, 3, 6, 8]),
)
@rules_of_hypothesis(max_examples=60, deadline=None)
def test_a_region_is_black_the_rest_is_as_it_was_and_nothing_else_goes_along(
    size: tuple[int, int],
    regions: list[tuple[int, int, int, int]],
    seed: int,
    kind: str,
    turned: int,
) -> None:
    import random

    noise = random.Random(seed).randbytes(size[0] * size[1] * 3)
    original = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010E] = "Hemlig Hemligsson"
    image = Image.frombytes("RGB", size, noise)
    extra = {} if kind == "GIF" else {"exif": exif}
    image.save(original, kind, **extra)
    before = original.getvalue()
    data, mime = pictures.painted(before, regions)
    assert original.getvalue() == before
    assert b"Hemlig" not in data
    assert b"Exif" not in data
    upright = pictures._open(before)
    with Image.open(io.BytesIO(data)) as copy:
        assert copy.size == upright.size == pictures.size(before)
        assert copy.size == (size if kind == "GIF" or turned < 5 else size[::-1])
        assert not copy.getexif()
        assert mime == ("image/jpeg" if kind == "JPEG" else "image/png")
        if kind == "JPEG":
            return
        for y in range(copy.height):
            for x in range(copy.width):
                inside = any(
                    a <= x < a + w and b <= y < b + h for a, b, w, h in regions
                )
                expected = (0, 0, 0) if inside else upright.getpixel((x, y))
                assert copy.getpixel((x, y)) == expected


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 broken"])
def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(pictures.NotAPicture):
        pictures.size(data)


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    """A few kilobytes that unpack to gigabytes."""
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    with pytest.raises(pictures.NotAPicture):
        pictures.size(bomb.getvalue())


# -- Paper


def test_every_character_is_set_or_spelt_out() -> None:
    assert paper.settable("Å æøå – 🙈\r\n日\tx") == (
        "Å æøå – [SEE-NO-EVIL MONKEY]\n[CJK UNIFIED IDEOGRAPH-65E5]    x"
    )
    assert paper.settable("\x01\uf8ff") == "[U+0001][U+F8FF]"


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=300))
@rules_of_hypothesis(max_examples=40, deadline=None)
def test_no_text_breaks_the_paper(text: str) -> None:
    pdf = paper.letter(
        title="x", authority="", facts=[(text[:40], text)], parts=[(text[:40], text)]
    )
    assert PdfReader(io.BytesIO(pdf)).pages
