"""A JPEG without what a camera writes beside the picture: where, when, by whom.

Nothing is encoded anew: the picture's own bytes stay as they are. Kept is what it takes
to show it, and which side is up.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_START, _END, _SCAN, _APP0, _APP2, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE2, 0xEE
_WITHOUT_LENGTH = frozenset({0x01, _START, _END, *range(0xD0, 0xD8)})
# The colours' meaning: without it a picture is shown in other colours.
_PROFILE = b"ICC_PROFILE\0"


def bare(data: bytes, *, orientation: int = 1) -> bytes:
    """The picture of `data`, whose EXIF says `orientation` (1 to 8). ValueError when
    the bytes are no whole JPEG. What stands behind the picture's end, such as a second
    one, goes too."""
    kept = [b"\xff\xd8"]
    if orientation != 1:
        kept.append(_upright(orientation))
    for marker, piece in _pieces(data):
        told = 0xE0 <= marker <= 0xEF or marker == 0xFE
        needed = marker in (_APP0, _APP14) or (
            marker == _APP2 and piece[4:].startswith(_PROFILE)
        )
        if needed or not told:
            kept.append(piece)
    return b"".join(kept)


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each marker with its bytes, from behind the start to the end of the picture."""
    if data[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    at = 2
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            raise ValueError("no marker where one should be")
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        end = at + 2
        if marker not in _WITHOUT_LENGTH:
            if end + 2 > len(data):
                break
            end += struct.unpack_from(">H", data, at + 2)[0]
        if marker == _SCAN:
            end = _end_of_scan(data, end)
        if end > len(data):
            break
        yield marker, data[at:end]
        if marker == _END:
            return
        at = end
    raise ValueError("cut off")


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands that is not part of the picture's own bytes."""
    while (at := data.find(b"\xff", at)) >= 0:
        following = data[at + 1 : at + 2]
        if following and following[0] != 0 and not 0xD0 <= following[0] <= 0xD7:
            if following[0] != 0xFF:
                return at
            at += 1
        else:
            at += 2
    raise ValueError("cut off")


def _upright(orientation: int) -> bytes:
    """An EXIF segment that says which side is up, and nothing else."""
    tiff = b"MM\0\x2a\0\0\0\x08" + struct.pack(
        ">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0
    )
    content = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content
