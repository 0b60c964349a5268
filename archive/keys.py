"""The log's signing key: a file that the database never sees."""

from __future__ import annotations

import os
from pathlib import Path

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

    KeyTrouble when the file is gone or holds another key than the log began with:
    nobody may take a new key for the old one.
    """
    path = Path(settings.ARCHIVE_KEY_FILE)
    known = LogKey.objects.last()
    if not path.exists():
        if known is not None:
            raise KeyTrouble(
                _("The log's signing key %(path)s is missing: restore the file.")
                % {"path": path}
            )
        _make(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyTrouble(_("%(path)s holds no Ed25519 key.") % {"path": path})
    found = Signer(entries.origin(), key)
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
    """The public key, None before the first checkpoint."""
    known = LogKey.objects.last()
    return None if known is None else Verifier.parse(known.vkey)


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
