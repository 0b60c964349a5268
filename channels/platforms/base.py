"""What a platform connector takes and gives.

A connector is plain HTTP with no database: it is handed an address, a credential
and a cursor, and answers with facts. Storing, deciding, sealing and retrying are
done elsewhere. To add a platform: one file beside this one with a class that has
`Connector`'s methods, and one line in `channels.platforms.PLATFORMS`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Cap(StrEnum):
    """What this credential may do on this platform, not what the platform can."""

    READ_COMMENTS = "read_comments"
    READ_DMS = "read_dms"
    RECHECK = "recheck"
    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"
    REPLY = "reply"
    REPLY_DM = "reply_dm"


class Seen(StrEnum):
    """How the public sees a message on the platform."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    # No longer found by us. Deleted by its author, blocked and made private look alike.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Author:
    id: str = ""
    name: str = ""
    handle: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """The municipality's own post that a comment stands under."""

    id: str
    title: str = ""
    text: str = ""
    url: str = ""
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """A picture or another file that came with a message, not fetched yet.

    `id` tells it from every other of its message, also when its address is signed anew
    at each reading; where the platform has none, it is the address. `mime` and `size`
    (bytes) are as the platform tells and prove nothing. `read` answers the bytes where
    they do not stand at `address` for anyone, raising PlatformError; it is called with
    no transaction open. An `address` holds no token.
    """

    id: str
    name: str = ""
    mime: str = ""
    size: int | None = None
    address: str = ""
    read: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One comment or direct message as the platform gives it, at one moment.

    `kind` is "comment" or "dm"; `created_at` is aware; `id` is opaque text, never a
    number to sort by. `raw` is the platform's own answer without tokens: the bytes
    that are kept. `state` is None where the platform does not tell.
    """

    kind: str
    id: str
    author: Author
    text: str
    created_at: datetime
    parent_id: str = ""
    permalink: str = ""
    post: Post | None = None
    edited_at: datetime | None = None
    state: Seen | None = None
    is_ours: bool = False
    raw: bytes = b""
    attachments: Sequence[Attached] = ()

    @property
    def digest(self) -> str:
        """Tells one version from another (hex SHA-256): by the text, and by which
        files came with it."""
        if not self.attachments:
            return text_digest(self.text)
        return text_digest(
            "\0".join([self.text, *(one.id for one in self.attachments)])
        )


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Not visible to us any more since we last looked; who did it is not known."""

    kind: str
    id: str
    noticed_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that could not be read: named, kept out, and the rest goes on."""

    id: str
    error: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes in any order; `cursor` is saved in the transaction that stores them."""

    changes: Sequence[Item | Tombstone] = ()
    cursor: str | None = None
    more: bool = False
    refused: Sequence[Refused] = ()
    source: str = "poll"


@dataclass(frozen=True, slots=True)
class Ref:
    """What it takes to act on a message again."""

    kind: str
    id: str
    post_id: str = ""
    parent_id: str = ""
    author_id: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the platform showed when asked again after the act.

    `already` says that it stood so before we came: success all the same. `id` and
    `permalink` are those of our reply.
    """

    seen: Seen | None = None
    already: bool = False
    id: str = ""
    permalink: str = ""


class PlatformError(Exception):
    """The only error that leaves a connector. `str()` holds no personal data.

    `code` is the platform's own code, `permanent` means that trying again by itself
    is no use: a person must see it.
    """

    permanent = False

    def __init__(
        self, message: str, *, code: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


class Transient(PlatformError):
    """Nothing was done; try again later (no connection, 5xx on a read)."""


class RateLimited(PlatformError):
    """Asked to wait `retry_after` seconds."""


class Ambiguous(PlatformError):
    """Sent, but no answer: it may have been done. Look before repeating."""


class AuthExpired(PlatformError):
    """The credential is not accepted: the channel pauses and a person is told."""

    permanent = True


class Forbidden(PlatformError):
    permanent = True


class NotSupported(PlatformError):
    permanent = True


class NotFound(PlatformError):
    """The message is not there (any more)."""

    permanent = True


class Invalid(PlatformError):
    """The platform refuses what we sent."""

    permanent = True


class Edited(PlatformError):
    """The message says something else by now than the record of it holds."""

    permanent = True


class Undocumented(PlatformError):
    """An answer of a shape that nobody documented."""

    permanent = True


class Connector(Protocol):
    """One platform seen with one credential. Every method may raise PlatformError."""

    platform: str

    def capabilities(self) -> frozenset[Cap]: ...

    def check(self) -> Author:
        """Proves the credential and says who we are."""
        ...

    def poll(self, cursor: str | None) -> Batch: ...

    def recheck(self, refs: Sequence[Ref]) -> Batch:
        """Reads the given messages again: edits as items, missing as tombstones."""
        ...

    def hide(self, ref: Ref, *, key: str) -> Outcome: ...

    def unhide(self, ref: Ref, *, key: str) -> Outcome: ...

    def delete(self, ref: Ref, *, key: str) -> Outcome: ...

    def reply(self, ref: Ref, text: str, *, key: str) -> Outcome: ...

    def find_reply(self, ref: Ref, text: str, *, key: str) -> Outcome | None:
        """Looks for our reply after an unclear send; None when it is not there."""
        ...


def storable(text: str, most: int | None = None) -> str:
    """The text as PostgreSQL and JSON can hold it: NUL and lone surrogates become
    U+FFFD; at most `most` characters of it."""
    if "\x00" in text or not text.isprintable():
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text[:most] if most else text


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
