"""The log's signing key: a file that the database never sees."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import entries
from archive.models import LogKey
from archive.notes import Signer, Verifier


class KeyTrouble(Exception):
    """The log cannot be signed for want of its key; the text says what to do."""


def signer() -> Signer:
    """The log's signer. The key is made once, before anything was signed.

    KeyTrouble when the file is gone or holds another key than the log is signed with:
    nobody may take a new key for the old one.
    """
    path = Path(settings.ARCHIVE_KEY_FILE)
    known = LogKey.objects.last()
    if known is not None:
        _take_up(path, known.vkey)
    if not path.exists():
        if known is not None:
            raise KeyTrouble(
                _("The log's signing key %(path)s is missing: restore the file.")
                % {"path": path}
            )
        _make(path)
    found = _read(path)
    vkey = str(found.verifier)
    if known is None:
        LogKey.objects.create(vkey=vkey, made_at=timezone.now())
    elif known.vkey != vkey:
        raise KeyTrouble(
            _("%(path)s holds another key than the log is signed with.")
            % {"path": path}
        )
    return found


def verifier() -> Verifier | None:
    """The public key that signs now, None before the first checkpoint."""
    known = LogKey.objects.last()
    return None if known is None else Verifier.parse(known.vkey)


class Reign(NamedTuple):
    """A key and the first size of the log that it signed."""

    from_size: int
    verifier: Verifier


def reigns() -> list[Reign]:
    """All keys of the log, the oldest first."""
    return [
        Reign(key.from_size, Verifier.parse(key.vkey)) for key in LogKey.objects.all()
    ]


def of_size(known: Sequence[Reign], size: int) -> list[Verifier]:
    """Who must have signed the checkpoint of that size: the key of its time, and where
    a key begins also the one before it, which so vouches for it."""
    so_far = [reign for reign in known if reign.from_size <= size]
    if len(so_far) > 1 and so_far[-1].from_size == size:
        return [so_far[-1].verifier, so_far[-2].verifier]
    return [reign.verifier for reign in so_far[-1:]]


def prepare_next() -> Signer:
    """A new key in a file beside the old one; it counts once it is in the database.

    What an earlier change left there, and nothing was signed with, is overwritten.
    """
    path = _beside(Path(settings.ARCHIVE_KEY_FILE))
    path.unlink(missing_ok=True)
    _make(path)
    return _read(path)


def take_up() -> None:
    """Put the prepared key in the old one's place: from now on it signs alone."""
    known = LogKey.objects.last()
    if known is not None:
        _take_up(Path(settings.ARCHIVE_KEY_FILE), known.vkey)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _take_up(path: Path, vkey: str) -> None:
    """After a crash between the database's word and the file's."""
    prepared = _beside(path)
    if prepared.exists() and str(_read(prepared).verifier) == vkey:
        prepared.replace(path)


def _read(path: Path) -> Signer:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyTrouble(_("%(path)s holds no Ed25519 key.") % {"path": path})
    return Signer(entries.origin(), key)


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
    ) as f:
        f.write(pem)
