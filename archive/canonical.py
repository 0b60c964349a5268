"""The canonical form of a record and its salted field digests.

A record is one JSON document. Its bytes are those of RFC 8785 (JCS), narrowed to
strings, true, false, null, integers within ±(2^53 - 1), lists and objects. Every
member that is not itself an object is one *field*, named by its JSON pointer
(RFC 6901); a list is one value. Each field has its own random salt, so that one field
can be shown, masked or erased while the rest still verifies:

    digest_i   = SHA-256(JCS([salt_i, path_i, value_i]))
    commitment = SHA-256(JCS(sorted list of the hex digests))

Nothing here knows Django; ``verify.py`` in an exported package does the same with the
standard library alone.
"""

from __future__ import annotations

import json
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

import rfc8785

SAFE_INTEGER = 2**53 - 1
SALT_BYTES = 16

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# First bytes of a code point beyond the Basic Multilingual Plane, in UTF-8.
_ASTRAL = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode


class FactsError(ValueError):
    """A fact that has no canonical form; `path` is its JSON pointer."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path or '/'}: {problem}")


def pointer(parent: str, key: str) -> str:
    """The JSON pointer of member `key` under `parent` (RFC 6901 section 3)."""
    if "~" in key or "/" in key:
        key = key.replace("~", "~0").replace("/", "~1")
    return f"{parent}/{key}"


def check(value: object, path: str = "") -> None:
    """Raise FactsError when `value` or anything inside it has no canonical form."""
    if value is None or value is True or value is False:
        return
    if isinstance(value, str):
        found = _UNSTORABLE.search(value)
        if found:
            raise FactsError(path, f"contains U+{ord(found[0]):04X}")
    elif isinstance(value, int):
        if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
            raise FactsError(path, "is an integer beyond 2^53 - 1; store it as text")
    elif isinstance(value, dict):
        for key, member in value.items():
            if not isinstance(key, str):
                raise FactsError(path, "has a key that is not text")
            check(key, path)
            check(member, pointer(path, key))
    elif isinstance(value, list | tuple):
        for index, member in enumerate(value):
            check(member, f"{path}/{index}")
    else:
        raise FactsError(path, f"is of type {type(value).__name__}")


def dumps(value: object) -> bytes:
    """The JCS bytes of a value that `check` has passed.

    Object keys sort by UTF-16 code units. The fast encoder sorts by code points,
    which is the same order unless a key leaves the Basic Multilingual Plane.
    """
    encoded = _encode(value).encode()
    if (
        not encoded.isascii()
        and any(first in encoded for first in _ASTRAL)
        and _has_astral_key(value)
    ):
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    return encoded


def _has_astral_key(value: object) -> bool:
    if isinstance(value, dict):
        if not all(map(str.isascii, value)) and max("".join(value)) > "\uffff":
            return True
        value = list(value.values())
    return isinstance(value, list | tuple) and any(map(_has_astral_key, value))


def flatten(document: Mapping[str, Any], parent: str = "") -> Iterator[tuple[str, Any]]:
    """(JSON pointer, value) of every field; an empty object is a value of its own."""
    for key, value in document.items():
        path = pointer(parent, key)
        if type(value) is dict and value:
            yield from flatten(value, path)
        else:
            yield path, value


def unflatten(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The document whose `flatten` gives these fields."""
    document: dict[str, Any] = {}
    for path, value in fields:
        *parents, last = (
            part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]
        )
        at = document
        for part in parents:
            at = at.setdefault(part, {})
        at[last] = value
    return document


@lru_cache(maxsize=4096)
def middle(path: str) -> str:
    """What stands between salt and value in the source of a field's digest."""
    return f'",{encode_basestring(path)},'


def field_digest(salt: str, path: str, value: object) -> str:
    """SHA-256 of JCS([salt, path, value]), in hex."""
    text = encode_basestring(value) if type(value) is str else dumps(value).decode()
    return sha256(f'["{salt}{middle(path)}{text}]'.encode()).hexdigest()


def salts_for(paths: Iterable[str]) -> dict[str, str]:
    """A fresh 128-bit salt for each path, base64url without padding."""
    paths = list(paths)
    noise = os.urandom(SALT_BYTES * len(paths))
    return {
        path: urlsafe_b64encode(noise[i : i + SALT_BYTES])[:22].decode()
        for path, i in zip(paths, range(0, len(noise), SALT_BYTES), strict=True)
    }


def digests_of(
    fields: Iterable[tuple[str, Any]], salts: Mapping[str, str]
) -> dict[str, str]:
    """The digest of every field that `flatten` gives. KeyError names one without a
    salt."""
    return {path: field_digest(salts[path], path, value) for path, value in fields}


def column(values: Mapping[str, str]) -> str:
    """Salts or digests as their column holds them: JSON, the keys in the order of
    PostgreSQL's jsonb, shorter ones first."""
    return _encode_column({key: values[key] for key in _in_order(tuple(values))})


_encode_column = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


@lru_cache(maxsize=512)
def _in_order(keys: tuple[str, ...]) -> list[str]:
    return sorted(keys, key=lambda key: (len(key.encode()), key.encode()))


def commitment(digests: Iterable[str]) -> bytes:
    """SHA-256 over the JCS of the sorted hex digests: 32 bytes that say nothing."""
    joined = '","'.join(sorted(digests))
    return sha256(f'["{joined}"]'.encode() if joined else b"[]").digest()
