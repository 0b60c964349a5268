"""Regions of a picture painted over in a copy that is encoded anew.

Nothing of the original file goes along: no metadata, no thumbnail, no second frame. The
original is not touched. Faces are found by people: no detector is used or claimed.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageOps, UnidentifiedImageError

TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp")
# Larger pictures are withheld whole: opening them could take all memory.
PIXELS = 60_000_000
JPEG_QUALITY = 90
INK = (0, 0, 0)
# Of the longer side of what is shown before anybody asks for the picture.
BLURRED_PIXELS = 32
_ORIENTATION = 0x0112  # EXIF
# Pillow's names of the types that browsers show.
_SHOWN = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}


class NotAPicture(Exception):
    """The bytes cannot be opened as a picture of a size that we take."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture is by its content; `width` and `height` in pixels as it is shown,
    `orientation` which side is up (1 to 8, as in EXIF), `blurred` a JPEG of a few
    hundred bytes in which nothing can be made out."""

    mime: str
    width: int
    height: int
    orientation: int
    blurred: bytes


def kind_of(data: bytes) -> str:
    """The type that the first bytes tell, of those that browsers show; else ""."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return ""


def look(data: bytes, *, pixels: int = PIXELS) -> Look:
    """Opens the picture to its last byte. NotAPicture when it is none, is broken or cut
    off, or has more than `pixels`."""
    with _refusals():
        opened = Image.open(io.BytesIO(data), formats=list(_SHOWN))
        mime = _SHOWN[opened.format or ""]
        if mime != kind_of(data):
            raise NotAPicture("the beginning says another type")
        if opened.width * opened.height > pixels:
            raise NotAPicture(f"{opened.width} × {opened.height} pixels")
        width, height = opened.size
        orientation = opened.getexif().get(_ORIENTATION, 1)
        if orientation in (5, 6, 7, 8):  # lies on its side
            width, height = height, width
        opened.draft("RGB", (BLURRED_PIXELS * 8, BLURRED_PIXELS * 8))
        opened.load()
        opened.thumbnail((BLURRED_PIXELS, BLURRED_PIXELS), reducing_gap=None)
        small = _bare(ImageOps.exif_transpose(opened).convert("RGBA"))
    copy = io.BytesIO()
    small.filter(ImageFilter.GaussianBlur(4)).save(copy, "JPEG", quality=60)
    upright = orientation if orientation in range(1, 9) else 1
    return Look(mime, width, height, upright, copy.getvalue())


def size(data: bytes) -> tuple[int, int]:
    """(width, height) in pixels, as the picture is shown."""
    return _open(data).size


def painted(data: bytes, regions: Iterable[Sequence[int]]) -> tuple[bytes, str]:
    """(bytes, MIME type) of a copy in which each x, y, width, height is black.

    A region that reaches outside is cut at the edge. Photos stay JPEG, everything else
    becomes PNG. NotAPicture when the bytes cannot be opened.
    """
    picture = _open(data)
    pen = ImageDraw.Draw(picture)
    for x, y, width, height in regions:
        pen.rectangle((x, y, x + width - 1, y + height - 1), fill=INK)
    copy = io.BytesIO()
    if data[:2] == b"\xff\xd8":
        picture.save(copy, "JPEG", quality=JPEG_QUALITY)
        return copy.getvalue(), "image/jpeg"
    picture.save(copy, "PNG")
    return copy.getvalue(), "image/png"


def _open(data: bytes) -> Image.Image:
    """The first frame, turned as its EXIF says, as bare pixels on white."""
    with _refusals():
        opened = Image.open(io.BytesIO(data))
        if opened.width * opened.height > PIXELS:
            raise NotAPicture("too large")
        turned = ImageOps.exif_transpose(opened).convert("RGBA")
    return _bare(turned)


def _bare(picture: Image.Image) -> Image.Image:
    bare = Image.new("RGB", picture.size, (255, 255, 255))
    bare.paste(picture, mask=picture.getchannel("A"))
    return bare


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever a file does to Pillow, it is not a picture for us."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
        KeyError,
        EOFError,
    ) as error:
        raise NotAPicture(str(error)) from error
