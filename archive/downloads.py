"""Files that leave through the browser: to be kept, or pictures to be drawn in a page,
never shown as a page of ours."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from archive import files

# What a browser may draw inside a page of ours; nothing else is given a type to run.
DRAWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


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


def shown(
    digest: str, *, name: str, mime: str, size: int | None = None
) -> StreamingHttpResponse:
    """A kept picture as a part of a page; anything else is only to be saved. Http404
    when its bytes are gone."""
    if not files.is_kept(digest):
        raise Http404
    drawn = mime in DRAWN
    response = attachment(
        files.chunks(digest),
        name=name,
        mime=mime if drawn else "application/octet-stream",
        size=size,
    )
    if drawn:
        header = content_disposition_header(False, name)
        response["Content-Disposition"] = header or "inline"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
