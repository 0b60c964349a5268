"""Files of records, kept once each under the SHA-256 of their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from archive.models import RecordFile

CHUNK_BYTES = 1 << 20
# Who else names files: the layers above say so when they are loaded.
_named_elsewhere: list[Callable[[str], bool]] = []


class Vanished(Exception):
    """A file that was kept a moment ago is not there any more."""


def location(digest: str) -> str:
    """Where the storage holds the file with this SHA-256 (hex)."""
    return f"archive/{digest[:2]}/{digest[2:4]}/{digest}"


def digest_of(data: bytes) -> str:
    """The SHA-256 in hex under which the bytes are, or would be, kept."""
    return sha256(data).hexdigest()


def keep(stream: IO[bytes]) -> tuple[str, int]:
    """Keep the bytes of `stream`; returns (SHA-256 in hex, size in bytes).

    A file that is there in its full size is not written again; half a file, left by a
    crash, is replaced. Call it in the transaction that seals the record: until its end
    nobody forgets the file; or `hold` the file there. A roll-back leaves a file that no
    record names, which harms nobody.
    """
    hash_ = sha256()
    size = 0
    while chunk := stream.read(CHUNK_BYTES):
        hash_.update(chunk)
        size += len(chunk)
    digest = hash_.hexdigest()
    address = location(digest)
    _lock("pg_advisory_xact_lock_shared", digest)
    if default_storage.exists(address):
        if default_storage.size(address) == size:
            return digest, size
        default_storage.delete(address)
    stream.seek(0)
    name = default_storage.save(address, File(stream, name=digest))
    if name != address:  # somebody kept the same file in the same moment
        default_storage.delete(name)
    return digest, size


def hold(kept: Iterable[tuple[str, int]]) -> None:
    """In the caller's transaction: until its end nobody forgets these files, kept
    earlier as (digest, size). Vanished when somebody already has."""
    for digest, size in sorted(set(kept)):
        _lock("pg_advisory_xact_lock_shared", digest)
        address = location(digest)
        if not default_storage.exists(address) or default_storage.size(address) != size:
            raise Vanished(digest)


def also_named_by(asks: Callable[[str], bool]) -> None:
    """`asks` answers whether a file (its digest) is named by something of its own."""
    if asks not in _named_elsewhere:
        _named_elsewhere.append(asks)


def chunks(digest: str) -> Iterator[bytes]:
    """The bytes of a kept file, in pieces. FileNotFoundError when it is gone."""
    with default_storage.open(location(digest), "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def is_kept(digest: str) -> bool:
    """Whether the storage has a file under the digest; not under an empty one."""
    return bool(digest) and default_storage.exists(location(digest))


def open_kept(digest: str) -> IO[bytes]:
    """A kept file, opened for reading. FileNotFoundError when it is gone."""
    return default_storage.open(location(digest), "rb")


def measure(digest: str) -> tuple[str, int]:
    """(SHA-256 in hex, size) of what the storage really holds under an address."""
    hash_ = sha256()
    size = 0
    for chunk in chunks(digest):
        hash_.update(chunk)
        size += len(chunk)
    return hash_.hexdigest(), size


def forget(digest: str) -> None:
    """Delete a file, whoever names it."""
    default_storage.delete(location(digest))


@transaction.atomic
def forget_unnamed(digest: str) -> bool:
    """Delete a file unless a record, or a message, names it; whether it went.

    Whoever keeps the same file meanwhile holds the lock until their record is there:
    then it is named. Or they come after us and find no file: then they write it anew.
    """
    _lock("pg_advisory_xact_lock", digest)
    if RecordFile.objects.filter(sha256=digest).exists():
        return False
    if any(asks(digest) for asks in _named_elsewhere):
        return False
    forget(digest)
    return True


def _lock(function: str, digest: str) -> None:
    """Until the transaction's end; the first 8 bytes name the file well enough."""
    key = int.from_bytes(bytes.fromhex(digest[:16]), signed=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [key])
