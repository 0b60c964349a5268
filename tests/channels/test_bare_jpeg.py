"""A photo on a public wall does not tell where it was taken."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from channels.bare_jpeg import bare
from tests import make

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def photo(orientation: int = 1, **how: object) -> bytes:
    """As a telephone makes it: with place, maker, comment and a colour profile."""
    image = Image.effect_noise((160, 120), 60).convert("RGB")
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKER] = "Telefon"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (65.0, 50.0, 0.0)
    made = io.BytesIO()
    image.save(
        made,
        "JPEG",
        exif=exif,
        comment=b"Hos Kim",
        icc_profile=b"a profile of colours",
        xmp=b"<x:xmpmeta>Kalix</x:xmpmeta>",
        **how,
    )
    return made.getvalue()


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("progressive", [False, True])
def test_the_place_goes_and_the_picture_stays(orientation: int, progressive: bool):
    with_place = photo(orientation, progressive=progressive)
    without = bare(with_place, orientation=orientation)
    for told in (b"Telefon", b"Kim", b"Kalix", b"xmpmeta"):
        assert told in with_place
        assert told not in without
    opened = Image.open(io.BytesIO(without))
    assert not opened.getexif().get_ifd(GPS)
    assert opened.getexif().get(ORIENTATION, 1) == orientation
    assert opened.info["icc_profile"] == b"a profile of colours"
    assert pixels(without) == pixels(with_place)
    assert bare(without, orientation=orientation) == without


def test_what_stands_behind_the_picture_goes():
    """Telephones hide a second picture, or a film, there."""
    plain = photo()
    assert bare(plain + photo()) == bare(plain + b"ftypmp4") == bare(plain)


def test_restart_markers_and_filling_are_part_of_it():
    plain = photo(restart_marker_rows=1)
    assert pixels(bare(plain)) == pixels(plain)
    head = plain.index(b"\xff\xdb")
    assert pixels(bare(plain[:head] + b"\xff\xff" + plain[head:])) == pixels(plain)


@pytest.mark.parametrize(
    "wrong",
    [b"", b"\xff\xd8", b"\xff\xd8\xff", photo()[:-2], photo()[:300], b"\xff\xd8\0\0"],
)
def test_what_is_cut_off_is_no_picture(wrong: bytes):
    with pytest.raises(ValueError, match=r"JPEG|cut off|marker"):
        bare(wrong)


def test_it_does_not_matter_what_made_it():
    data = make.picture("JPEG", "teal", (30, 40))
    assert pixels(bare(data)) == pixels(data)
