"""Files that come with messages: fetched, looked at and kept before the transaction
that stores the message, and named in it.

A message is never lost for the sake of a file: what cannot be had is written down with
the reason, and what was only out of reach is asked for again at the next reading.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import structlog
from django.db import transaction
from django.utils import timezone

from archive import files, pictures
from archive.sealing import FileFacts
from channels.capturing import kinds
from channels.models import Attachment, Message, WallPicture
from channels.platforms import http
from channels.platforms.base import (
    Attached,
    AuthExpired,
    Forbidden,
    Invalid,
    NotFound,
    PlatformError,
    storable,
)

if TYPE_CHECKING:
    from channels.models import Version

log = structlog.get_logger()

MOST_BYTES = 16 * 1024 * 1024
MOST_FILES = 20
# Seconds for all files of a batch: a slow server must not keep a channel from being
# read. What is left over is out of reach for now.
LONGEST = 300.0
_REDIRECTS = 3
_UNKNOWN = "application/octet-stream"

Missing = Attachment.Missing


@dataclass(frozen=True, slots=True)
class Got:
    """What became of one file: kept, with its type by content, or `missing`."""

    sha256: str = ""
    size: int | None = None
    mime: str = ""
    width: int | None = None
    height: int | None = None
    blurred: bytes = b""
    missing: str = ""
    detail: str = ""


NOT_YET = Got(missing=Missing.UNREACHABLE.value, detail="not asked for yet")


def clean(one: Attached) -> Attached:
    """As the database and a record can hold it, with an id in any case."""
    return replace(
        one,
        id=storable(one.id or one.address or one.name, 300),
        name=storable(one.name, 255),
        mime=storable(one.mime, 127),
        address=storable(one.address, 2000),
    )


def fetch(wanted: Iterable[Attached]) -> dict[Attached, Got]:
    """Fetches and keeps each, with no transaction open. Raises nothing for a file that
    cannot be had."""
    end = time.monotonic() + LONGEST
    got: dict[Attached, Got] = {}
    for one in wanted:
        if one in got:
            continue
        if time.monotonic() > end:
            got[one] = Got(missing=Missing.UNREACHABLE, detail="no time was left")
            continue
        got[one] = _one(one)
        if got[one].missing:
            log.warning("attachment_missing", why=str(got[one].missing))
    return got


def _one(one: Attached) -> Got:
    if one.size is not None and one.size > MOST_BYTES:
        return Got(missing=Missing.TOO_LARGE, detail=f"{one.size} bytes")
    if one.read is None and not one.address:
        return Got(missing=Missing.NO_ADDRESS)
    try:
        data = one.read() if one.read is not None else _called(one.address)
    except PlatformError as error:
        return Got(missing=_why(error), detail=f"{error} {error.code}".strip()[:200])
    except OSError as error:
        return Got(missing=Missing.UNREACHABLE, detail=type(error).__name__)
    if len(data) > MOST_BYTES:
        return Got(missing=Missing.TOO_LARGE, detail=f"{len(data)} bytes")
    return keep(data)


def keep(data: bytes) -> Got:
    """Keeps the bytes and says what they are."""
    digest, size = files.keep(io.BytesIO(data))
    try:
        look = pictures.look(data)
    except pictures.NotAPicture:
        mime = kinds.kind_of(data) or pictures.kind_of(data) or _UNKNOWN
        return Got(digest, size, mime)
    return Got(digest, size, look.mime, look.width, look.height, look.blurred)


def _called(address: str) -> bytes:
    """The bytes at an address that anyone may call. No credential goes along, so a few
    redirects are followed, each checked like an address of its own."""
    for _turn in range(_REDIRECTS + 1):
        answer = http.call("GET", address, largest=MOST_BYTES)
        if answer.status == 200:
            return answer.body
        where = answer.headers.get("location", "")
        if answer.status not in (301, 302, 303, 307, 308) or not where:
            break
        address = urljoin(address, where)
    code = f"HTTP {answer.status}"
    if answer.status in (404, 410):
        raise NotFound("not there", code=code)
    if answer.status in (401, 403):
        raise Forbidden("not given", code=code)
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise PlatformError("not now", code=code)
    raise Invalid("no file there", code=code)


def _why(error: PlatformError) -> str:
    if isinstance(error, http.TooLarge):
        return Missing.TOO_LARGE
    if isinstance(error, NotFound):
        return Missing.NOT_FOUND
    if isinstance(error, Forbidden | AuthExpired):
        return Missing.REFUSED
    if isinstance(error, Invalid):
        return Missing.NO_ADDRESS
    return Missing.UNREACHABLE


def rows(
    version: Version, attached: Sequence[Attached], got: Mapping[Attached, Got]
) -> list[Attachment]:
    """Unsaved, in the order of the message."""
    return [
        Attachment(
            version=version,
            position=position,
            platform_id=one.id,
            name=one.name,
            told_mime=one.mime,
            address=one.address,
            **_as_fields(
                Got(missing=Missing.TOO_MANY, detail=f"at most {MOST_FILES}")
                if position > MOST_FILES
                else got.get(one, NOT_YET)
            ),
        )
        for position, one in enumerate(attached, 1)
    ]


def fill(gaps: Iterable[tuple[Attachment, Got]]) -> list[Attachment]:
    """In the caller's transaction: what was out of reach has been had, or is known not
    to be had. Answers those that have their bytes now."""
    filled = []
    for gap, got in gaps:
        if got.missing == Missing.UNREACHABLE:
            continue
        done = Attachment.objects.filter(pk=gap.pk, missing=Missing.UNREACHABLE).update(
            noted_at=timezone.now(), **_as_fields(got)
        )
        if done and got.sha256:
            filled.append(gap)
    return filled


def _as_fields(got: Got) -> dict[str, object]:
    return {
        "sha256": got.sha256,
        "size": got.size,
        "mime": got.mime,
        "width": got.width,
        "height": got.height,
        "blurred": got.blurred,
        "missing": str(got.missing),
        "detail": got.detail,
    }


def got_from(row: Attachment) -> Got:
    """What became of a file before, for a later version that has it too."""
    return Got(
        row.sha256,
        row.size,
        row.mime,
        row.width,
        row.height,
        bytes(row.blurred),
        row.missing,
        row.detail,
    )


def of_messages(messages: Iterable[Message]) -> dict[int, list[Attachment]]:
    """Message key -> the files of all its versions in their order. Asks the database
    only when a message has any."""
    keys = [message.pk for message in messages if message.attachments_count]
    found: dict[int, list[Attachment]] = {}
    if keys:
        for row in (
            Attachment.objects.filter(version__message__in=keys)
            .select_related("version")
            .defer("version__text", "version__raw", "blurred")
            .order_by("version__number", "position")
        ):
            found.setdefault(row.version.message_id, []).append(row)
    return found


def as_files(attachments: Iterable[Attachment]) -> list[FileFacts]:
    """The kept files, each once, as a record names them."""
    found: dict[str, FileFacts] = {}
    for one in attachments:
        if one.sha256 and one.sha256 not in found:
            found[one.sha256] = FileFacts(
                sha256=one.sha256,
                size=one.size or 0,
                mime=one.mime,
                name=file_name(one),
            )
    return list(found.values())


_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
}


def file_name(one: Attachment) -> str:
    """The sender's name for the file without any path, or one made of its place."""
    name = one.name.replace("\\", "/").rpartition("/")[2].strip(". ")
    name = "".join(letter for letter in name if letter.isprintable())[:200]
    return name or f"{one.position}{_ENDINGS.get(one.mime, '')}"


def let_go(messages: Iterable[int]) -> int:
    """In the caller's transaction, after the messages (keys) have lost their words: the
    files go too, unless something else names them. Answers how many rows."""
    rows = Attachment.objects.filter(version__message__in=list(messages)).exclude(
        missing=Missing.LET_GO
    )
    digests = set(rows.exclude(sha256="").values_list("sha256", flat=True))
    count = rows.update(
        platform_id="",
        name="",
        address="",
        noted_at=timezone.now(),
        **_as_fields(Got(missing=Missing.LET_GO)),
    )
    transaction.on_commit(partial(forget, digests))
    return count


def forget(digests: Iterable[str]) -> None:
    for digest in sorted(digests):
        files.forget_unnamed(digest)


def names(digest: str) -> bool:
    """Whether a message, or an entry of the practice wall, has the file."""
    return (
        Attachment.objects.filter(sha256=digest).exists()
        or WallPicture.objects.filter(sha256=digest).exists()
    )
