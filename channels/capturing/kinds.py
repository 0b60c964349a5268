"""What kind of file was uploaded, told by its content and not by its name."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib

from channels.capturing import wacz

PNG, JPEG, PDF = "image/png", "image/jpeg", "application/pdf"
WARC = "application/warc"
HTML = "multipart/related"  # a page saved whole (MHTML)

ENDINGS = {
    PNG: ".png",
    JPEG: ".jpg",
    PDF: ".pdf",
    WARC: ".warc.gz",
    wacz.TYPE: ".wacz",
    HTML: ".mhtml",
}


def kind_of(data: bytes) -> str | None:
    """The media type of a capture in a form that we keep, whole as far as its ends
    show; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in data[-16:]:
        return PNG
    if data.startswith(b"\xff\xd8\xff") and data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return JPEG
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:]:
        return PDF
    if data.startswith(b"PK"):
        return wacz.TYPE if _is_wacz(data) else None
    if data.startswith(b"WARC/") or _unpacked(data).startswith(b"WARC/"):
        return WARC
    head = data[:2048].lower()
    if b"multipart/related" in head and b"mime-version:" in head:
        return HTML
    return None


def _is_wacz(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            return "datapackage.json" in names and any(
                name.startswith("archive/") for name in names
            )
    # The last is how zipfile refuses a version of ZIP that it does not know.
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return b""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(16)
    except (OSError, EOFError, zlib.error):
        return b""
