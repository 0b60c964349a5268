"""Pictures on the practice wall: what may be sent, and how they come and go."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from archive import files
from archive import pictures as opened
from channels import attachments, bare_jpeg
from channels.models import WallPicture
from channels.platforms.base import NotFound, storable

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import QuerySet

    from channels.models import WallEntry

MOST = 4
MOST_BYTES = 8 * 1024 * 1024
# A telephone's best camera has this many; opening more takes too much memory here.
PIXELS = 50_000_000
TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that somebody has sent and that has been opened."""

    name: str
    data: bytes
    mime: str
    width: int
    height: int


def received(upload: UploadedFile) -> Picture:
    """What was sent, if it is a picture that the wall shows, without what a camera
    tells of the place in a photo. ValidationError says in words why not."""
    name = storable(upload.name or "", 200)
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError(
            _("“%(name)s” is larger than %(most)s. Choose a smaller picture."),
            params={"name": name, "most": filesizeformat(MOST_BYTES)},
        )
    data = upload.read()
    if opened.kind_of(data) not in TYPES:
        raise ValidationError(
            _("“%(name)s” is no picture. PNG, JPEG, WebP and GIF can be sent."),
            params={"name": name},
        )
    try:
        look = opened.look(data, pixels=PIXELS)
        if look.mime == "image/jpeg":
            data = bare_jpeg.bare(data, orientation=look.orientation)
    except (opened.NotAPicture, ValueError) as error:
        raise ValidationError(
            _("“%(name)s” cannot be opened: it is broken or much too large."),
            params={"name": name},
        ) from error
    return Picture(name, data, look.mime, look.width, look.height)


def hang(entry: WallEntry, pictures: Sequence[Picture]) -> None:
    """In the caller's transaction."""
    if not pictures:
        return
    last = entry.pictures.order_by("-position").first()
    first = last.position + 1 if last else 1
    hung = []
    for position, one in enumerate(pictures, first):
        digest, size = files.keep(io.BytesIO(one.data))
        hung.append(
            WallPicture(
                entry=entry,
                position=position,
                name=one.name,
                sha256=digest,
                size=size,
                mime=one.mime,
                width=one.width,
                height=one.height,
            )
        )
    WallPicture.objects.bulk_create(hung)


def take_down(pictures: QuerySet[WallPicture]) -> None:
    """In the caller's transaction. The bytes go too, unless a message or a record of
    the municipality's has them by then."""
    digests = set(pictures.values_list("sha256", flat=True))
    if digests:
        pictures.delete()
        transaction.on_commit(partial(attachments.forget, digests))


def read(picture: WallPicture) -> bytes:
    """The bytes as the wall's connector asks for them. NotFound when they have been
    taken down meanwhile."""
    try:
        return b"".join(files.chunks(picture.sha256))
    except FileNotFoundError as error:
        raise NotFound("taken down") from error


def same(entry: WallEntry, pictures: Iterable[Picture]) -> bool:
    """Whether the entry has just these pictures."""
    sent = [files.digest_of(one.data) for one in pictures]
    return list(entry.pictures.values_list("sha256", flat=True)) == sent
