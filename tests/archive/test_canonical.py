"""The canonical form, held against an independent implementation."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from archive import canonical

# Every code point that can be stored: surrogates and NUL are refused by `check`.
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
)
KEYS = TEXT | st.sampled_from(["\ue000", "\uffff", "\U00010000", "😀", "a/b", "~", "€"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-canonical.SAFE_INTEGER, canonical.SAFE_INTEGER)
    | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)


@given(VALUES)
def test_the_fast_form_has_the_bytes_of_rfc_8785(value: Any) -> None:
    canonical.check(value)
    assert canonical.dumps(value) == rfc8785.dumps(value)


def test_keys_sort_by_utf_16_code_units() -> None:
    """RFC 8785 section 3.2.3: U+1F600 is D83D DE00 in UTF-16, before U+E000."""
    assert canonical.dumps({"\ue000": 1, "😀": 2}) == '{"😀":2,"\ue000":1}'.encode()
    assert canonical.dumps([{"a": {"\uffff": 1, "\U00010000": 2}}]) == (
        '[{"a":{"\U00010000":2,"\uffff":1}}]'.encode()
    )


def test_control_characters_are_written_as_the_standard_says() -> None:
    assert canonical.dumps('\x01\x08\t\n\x0b\x0c\r\x1f"\\/\x7fé') == (
        '"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\/\x7fé"'.encode()
    )


@given(DOCUMENTS)
def test_fields_rebuild_the_document(document: dict[str, Any]) -> None:
    fields = list(canonical.flatten(document))
    assert len({path for path, _ in fields}) == len(fields)
    assert canonical.unflatten(fields) == document


@given(TEXT, KEYS, VALUES)
def test_a_field_digest_is_that_of_its_canonical_triple(
    salt: str, key: str, value: Any
) -> None:
    path = canonical.pointer("", key)
    salt = salt.encode().hex()
    expected = sha256(rfc8785.dumps([salt, path, value])).hexdigest()
    assert canonical.field_digest(salt, path, value) == expected


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=6))
def test_the_commitment_is_that_of_the_sorted_digests(digests: list[bytes]) -> None:
    texts = [digest.hex() for digest in digests]
    expected = sha256(rfc8785.dumps(sorted(texts))).digest()
    assert canonical.commitment(texts) == expected


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": {"b/c": 1.5}}, "/a/b~1c"),
        ({"a": "x\x00y"}, "/a"),
        ({"a": ["fine", "\ud800"]}, "/a/1"),
        ({"\udfff": 1}, ""),
        ({"a": 2**53}, "/a"),
        ({"a": {1: "x"}}, "/a"),
        ({"a": b"bytes"}, "/a"),
        ({"a": {"x"}}, "/a"),
    ],
)
def test_what_has_no_canonical_form_is_refused_by_name(value: Any, path: str) -> None:
    with pytest.raises(canonical.FactsError) as caught:
        canonical.check(value)
    assert caught.value.path == path


@given(DOCUMENTS)
def test_salts_are_fresh_and_fit_the_encoding(document: dict[str, Any]) -> None:
    paths = [path for path, _ in canonical.flatten(document)]
    salts = canonical.salts_for(paths)
    assert list(salts) == paths
    assert len(set(salts.values())) == len(paths)
    assert all(len(salt) == 22 and salt.isascii() for salt in salts.values())
    assert json.loads(canonical.dumps(document)) == document
