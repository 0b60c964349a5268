"""Regions of a picture painted over in a copy that is encoded anew.

Nothing of the original file goes along: no metadata, no thumbnail, no second frame. The
original is not touched. Faces are found by people: no detector is used or claimed.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp")
# Larger pictures are withheld whole: opening them could take all memory.
PIXELS = 60_000_000
JPEG_QUALITY = 90
INK = (0, 0, 0)


class NotAPicture(Exception):
    """The bytes cannot be opened as a picture of a size that we take."""


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data))
            if opened.width * opened.height > PIXELS:
                raise NotAPicture("too large")
            turned = ImageOps.exif_transpose(opened).convert("RGBA")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
    ) as error:
        raise NotAPicture(str(error)) from error
    bare = Image.new("RGB", turned.size, (255, 255, 255))
    bare.paste(turned, mask=turned.getchannel("A"))
    return bare
