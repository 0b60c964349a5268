"""The quick check says of any record what the slow one says."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archive import canonical, shapes

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_leaves: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | _texts
    | st.lists(_texts | st.none() | st.integers(-5, 5), max_size=3)
    | st.just({})
)
documents = st.dictionaries(
    _texts,
    _leaves | st.dictionaries(_texts, _leaves, min_size=1, max_size=4),
    min_size=2,
    max_size=5,
)


def sealed(document: dict[str, Any]) -> tuple[bytes, str, str, bytes]:
    """The four columns, the two JSON ones as PostgreSQL writes them."""
    salts = canonical.salts_for(path for path, _ in canonical.flatten(document))
    digests = canonical.digests_of(canonical.flatten(document), salts)

    def jsonb(columns: dict[str, str]) -> str:
        keys = sorted(columns, key=lambda key: (len(key.encode()), key.encode()))
        return json.dumps({key: columns[key] for key in keys}, ensure_ascii=False)

    return (
        canonical.dumps(document),
        jsonb(salts),
        jsonb(digests),
        canonical.commitment(digests.values()),
    )


@given(documents)
def test_every_sealed_document_is_sound_twice(document: dict[str, Any]) -> None:
    """The second time its shape is known."""
    columns = sealed(document)
    if len(json.loads(columns[1])) < 2:
        return
    for _ in range(2):
        assert shapes.sound(*columns) is not None


@given(documents, st.data())
def test_no_changed_byte_is_sound(
    document: dict[str, Any], data: st.DataObject
) -> None:
    columns = sealed(document)
    shapes.sound(*columns)
    content = bytearray(columns[0])
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    assert shapes.sound(bytes(content), *columns[1:]) is None


@given(documents, documents)
def test_another_documents_columns_do_not_fit(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    first, second = sealed(one), sealed(other)
    if first[0] == second[0]:
        return
    shapes.sound(*second)
    assert shapes.sound(first[0], *second[1:]) is None
    assert shapes.sound(*first[:3], second[3]) is None


@given(documents)
def test_other_writings_of_the_same_values_are_not_sound(
    document: dict[str, Any],
) -> None:
    """Blanks, escapes and another order: the sealed bytes are one way of writing."""
    columns = sealed(document)
    shapes.sound(*columns)
    turned = dict(reversed(list(json.loads(columns[0]).items())))
    for text in (
        json.dumps(json.loads(columns[0])),
        json.dumps(turned, ensure_ascii=False, separators=(",", ":")),
        columns[0].decode().replace(":", ": "),
    ):
        if text.encode() != columns[0]:
            assert shapes.sound(text.encode(), *columns[1:]) is None
