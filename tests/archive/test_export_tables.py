"""The table of an export says what the documents say, whichever way it is written."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from archive import canonical
from archive.export import tables

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_values = (
    _texts
    | st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.lists(_texts | st.none())
)


def _of(section: str) -> st.SearchStrategy[dict[str, Any]]:
    names = [path[-1] for path in tables.COLUMNS.values() if path[-2] == section]
    return st.dictionaries(st.sampled_from([*names, "other"]), _values)


documents = st.fixed_dictionaries(
    {
        "record": _of("record"),
        "facts": st.fixed_dictionaries(
            {"message": _of("message") | st.just({})},
            optional={"sender": _of("sender"), "decision": _of("decision")},
        ),
    },
    optional={
        "files": st.just({})
        | st.dictionaries(
            st.sampled_from(["0", "1"]),
            st.fixed_dictionaries({"sha256": st.sampled_from(["aa", "bb"])}),
        )
    },
)


def expected(document: dict[str, Any]) -> list[str]:
    cells = []
    for path in tables.COLUMNS.values():
        value: Any = document
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        cells.append("" if value is None else str(value))
    files = " ".join(one["sha256"] for one in document.get("files", {}).values())
    return [*cells, "sealed", files]


@given(documents)
@example({"record": {"id": "x"}, "facts": {"message": {"text": 'a, "b"\r\nc\\'}}})
@example({"record": {"id": "x"}, "facts": {"message": {"text": ["],", '"']}}})
def test_a_line_has_the_cells_that_the_document_has(document: dict[str, Any]) -> None:
    if not document["record"]:
        document["record"] = {"id": "x"}
    sealed = canonical.dumps(document)
    fields = dict(canonical.flatten(document))
    salts = canonical.dumps(canonical.salts_for(fields)).decode()
    for _ in range(2):  # the second time its shape is known
        line = tables.line(sealed, salts, id="x", state="sealed")
        [cells] = csv.reader(io.StringIO(line, newline=""))
        assert cells == expected(json.loads(sealed))


def test_of_what_was_disposed_of_the_id_is_left() -> None:
    line = tables.line(None, None, id="the-id", state="disposed")
    [cells] = csv.reader(io.StringIO(line, newline=""))
    assert dict(zip(tables.header(), cells, strict=True)) == dict.fromkeys(
        tables.header(), ""
    ) | {"id": "the-id", "state": "disposed"}
