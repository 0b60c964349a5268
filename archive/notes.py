"""C2SP signed notes, checkpoints and tlog-proofs, with Ed25519. Pure of Django."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

ED25519 = b"\x01"
KEY_ID_BYTES = 4


class NoteError(ValueError):
    """A note that cannot be read or is not signed by the key asked for."""


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise NoteError("not base64") from error


def key_id(name: str, public: bytes) -> bytes:
    """First 4 bytes of SHA-256(name || LF || 0x01 || public key)."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name and an Ed25519 public key of 32 bytes."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """From `name+hexid+base64(0x01 || key)`."""
        try:
            name, hex_id, encoded = text.strip().split("+", 2)
        except ValueError as error:
            raise NoteError("not a verifier key") from error
        key = _bytes(encoded)
        if key[:1] != ED25519 or len(key) != 33:
            raise NoteError("not an Ed25519 key")
        verifier = cls(name, key[1:])
        if key_id(name, verifier.public).hex() != hex_id:
            raise NoteError("the key's id does not fit the key")
        return verifier

    def __str__(self) -> str:
        identity = key_id(self.name, self.public).hex()
        return f"{self.name}+{identity}+{_base64(ED25519 + self.public)}"

    def open(self, note: str) -> str:
        """The text of a note that this key has signed; NoteError otherwise."""
        text, separator, signatures = note.rpartition("\n\n")
        if not separator or not signatures.endswith("\n"):
            raise NoteError("not a signed note")
        text += "\n"
        identity = key_id(self.name, self.public)
        for line in signatures.splitlines():
            dash, name, encoded = [*line.split(" "), "", ""][:3]
            if dash != "—" or name != self.name:
                continue
            signature = _bytes(encoded)
            if signature[:KEY_ID_BYTES] != identity:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(self.public).verify(
                    signature[KEY_ID_BYTES:], text.encode()
                )
            except InvalidSignature as error:
                raise NoteError("the signature is wrong") from error
            return text
        raise NoteError(f"not signed by {self.name}")


@dataclass(frozen=True, slots=True)
class Signer:
    name: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The note: text, an empty line, and the signature's line."""
        if not text.endswith("\n"):
            raise NoteError("a note's text ends with a line feed")
        return f"{text}\n{self._line(text)}"

    def sign_too(self, note: str) -> str:
        """The note with one more signature."""
        text, _, _ = note.rpartition("\n\n")
        return note + self._line(f"{text}\n")

    def _line(self, text: str) -> str:
        signature = key_id(self.name, self.verifier.public) + self.key.sign(
            text.encode()
        )
        return f"— {self.name} {_base64(signature)}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log's signature is about: origin, number of leaves, root hash."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0]:
            raise NoteError("not a checkpoint")
        origin, size, root = lines[:3]
        if not size.isdecimal() or not size.isascii() or size != str(int(size)):
            raise NoteError("the size is not a number")
        hash_ = _bytes(root)
        if len(hash_) != 32:
            raise NoteError("the root is not 32 bytes")
        return cls(origin, int(size), hash_)

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


PROOF_HEADER = "c2sp.org/tlog-proof@v1"


def tlog_proof(index: int, hashes: Sequence[bytes], checkpoint_note: str) -> str:
    """A proof file: place, hashes, and the signed checkpoint that they lead to."""
    lines = [PROOF_HEADER, f"index {index}", *map(_base64, hashes)]
    return "\n".join(lines) + f"\n\n{checkpoint_note}"
