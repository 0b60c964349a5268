"""Files that leave through the browser: to be kept, never shown as a page of ours."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header


def attachment(
    pieces: Iterable[bytes], *, name: str, mime: str, size: int | None = None
) -> StreamingHttpResponse:
    """An answer that a browser saves under `name`, whatever the bytes are."""
    response = StreamingHttpResponse(pieces, content_type=mime)
    header = content_disposition_header(True, name)
    assert header is not None, "an attachment always has its header"
    response["Content-Disposition"] = header
    if size is not None:
        response["Content-Length"] = str(size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
