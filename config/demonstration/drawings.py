"""The pictures that the invented citizens send: drawn here, so that nobody's street or
face is in them."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

from channels.wall_pictures import Picture

SIZE = WIDTH, HEIGHT = 960, 640
Pen = ImageDraw.ImageDraw


def _street(pen: Pen, sky: str, ground: str) -> None:
    pen.rectangle((0, 0, WIDTH, 260), fill=sky)
    pen.rectangle((0, 240, WIDTH, HEIGHT), fill=ground)
    for left, colour in ((40, "#8c2f2b"), (300, "#d9b45b"), (600, "#8c2f2b")):
        pen.rectangle((left, 120, left + 200, 260), fill=colour)
        pen.polygon(
            [(left - 15, 120), (left + 100, 50), (left + 215, 120)], fill="#3b3b3f"
        )
        for window in (left + 30, left + 120):
            pen.rectangle((window, 160, window + 50, 215), fill="#f3f0e4")


def _hole(pen: Pen) -> None:
    _street(pen, "#b9d7ea", "#6f9a58")
    pen.polygon([(330, 260), (520, 260), (960, 640), (60, 640)], fill="#5b5d63")
    pen.ellipse((340, 430, 640, 560), fill="#3a3530")
    pen.ellipse((375, 455, 610, 545), fill="#1f1b18")
    pen.ellipse((420, 490, 560, 535), fill="#5d7d8f")


def _mailbox(pen: Pen) -> None:
    _street(pen, "#c9d3dd", "#eef2f5")
    pen.polygon([(470, 640), (510, 640), (560, 380), (530, 370)], fill="#6b4a2f")
    pen.polygon([(600, 520), (820, 470), (850, 590), (630, 630)], fill="#2f6d4a")
    pen.polygon([(600, 520), (820, 470), (790, 440), (590, 490)], fill="#24543a")
    pen.line([(660, 560), (730, 500), (790, 560)], fill="#173524", width=10)


def _snow(pen: Pen) -> None:
    _street(pen, "#aab6c4", "#f4f7fa")
    for left, top in ((0, 420), (220, 380), (480, 410), (700, 370)):
        pen.ellipse((left - 80, top, left + 380, top + 340), fill="#fdfefe")
        pen.arc((left - 80, top, left + 380, top + 340), 190, 340, fill="#c8d4df")
    pen.rectangle((780, 200, 800, 460), fill="#50545a")
    pen.ellipse((735, 130, 845, 240), fill="#1f5fa8")
    pen.polygon([(790, 150), (770, 200), (810, 200)], fill="white")


DRAWN: dict[str, Callable[[Pen], None]] = {
    "hål i vägen": _hole,
    "brevlåda": _mailbox,
    "igensnöad gångväg": _snow,
}


def picture(name: str) -> Picture:
    """One of DRAWN as its sender sent it."""
    image = Image.new("RGB", SIZE)
    DRAWN[name](ImageDraw.Draw(image))
    made = io.BytesIO()
    image.save(made, "JPEG", quality=88)
    return Picture(f"{name}.jpg", made.getvalue(), "image/jpeg", *SIZE)
