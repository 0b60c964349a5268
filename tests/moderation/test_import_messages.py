"""`manage.py import_messages`: every line is received or named, none is lost."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from channels import registration
from channels.models import Channel, Message, Unread
from moderation import imports
from moderation.models import Case, Duty
from tests import make

if TYPE_CHECKING:
    from tests.conftest import Cast

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "comment",
        "id": f"c{number}",
        "author": {
            "id": f"a{number}",
            "name": "Kim Snöstam",
            "handle": "kim",
            "url": "https://people.example.org/kim",
        },
        "text": "När plogas Kvarnvägen?",
        "created_at": YESTERDAY.isoformat(),
        "parent_id": "",
        "permalink": f"https://social.example.org/p1#c{number}",
    } | changes


def json_lines(*rows: Any) -> bytes:
    return "".join(
        (one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows
    ).encode()


def csv_bytes(*rows: dict[str, Any], delimiter: str = ",", bom: bool = False) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, imports.COLUMNS, delimiter=delimiter)
    writer.writeheader()
    for one in rows:
        flat = {key: value for key, value in one.items() if key != "author"}
        author = {f"author_{key}": value for key, value in one["author"].items()}
        writer.writerow(flat | author)
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def read(content: bytes) -> list[imports.Line | imports.Broken]:
    return list(imports.read(io.BytesIO(content)))


def only(content: bytes) -> imports.Line | imports.Broken:
    (one,) = read(content)
    return one


# -- reading, no database ---------------------------------------------------------


def test_json_and_csv_say_the_same() -> None:
    from_json, from_csv = only(json_lines(row())), only(csv_bytes(row()))
    assert isinstance(from_json, imports.Line)
    assert isinstance(from_csv, imports.Line)
    one, other = from_json.item, from_csv.item
    assert (one.kind, one.id, one.author, one.text) == (
        other.kind,
        other.id,
        other.author,
        other.text,
    )
    assert (one.created_at, one.permalink) == (other.created_at, other.permalink)
    assert one.author.name == "Kim Snöstam"


def test_what_came_is_kept_as_it_came() -> None:
    line = only(json_lines(row(likes=7)))
    assert isinstance(line, imports.Line)
    assert json.loads(line.item.raw)["likes"] == 7


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [True, False])
def test_csv_from_a_spreadsheet_is_read(delimiter: str, bom: bool) -> None:
    text = 'Rad ett; rad "två",\nrad tre'
    line = only(csv_bytes(row(text=text), delimiter=delimiter, bom=bom))
    assert isinstance(line, imports.Line)
    assert line.item.text == text
    assert line.number == 2


def test_a_byte_order_mark_before_json_is_dropped() -> None:
    assert isinstance(only(b"\xef\xbb\xbf" + json_lines(row())), imports.Line)


def test_numbers_count_the_lines_of_the_file() -> None:
    """A record over three lines is named by its first."""
    content = csv_bytes(row(1, text="a\nb\nc"), row(2), row(3, created_at="nonsense"))
    numbers = {type(one): one.number for one in read(content)}
    assert [one.number for one in read(content)] == [2, 5, 6]
    assert numbers[imports.Broken] == 6
    spaced = b"\n\n" + json_lines(row(1), "", row(2))
    assert [one.number for one in read(spaced)] == [3, 5]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{not json", "not_json"),
        ("{" * 100_000, "not_json"),
        ('{"kind":' + "[" * 100_000, "not_json"),
        ("[1, 2]", "not_an_object"),
        (row(created_at="2026-01-15T12:00:00"), "no_zone"),
        (row(created_at="2026-01-15"), "no_zone"),
        (row(created_at="yesterday"), "bad_created_at"),
        (row(created_at=1768478400), "bad_created_at"),
        (row(text=None), "missing: text"),
        (row(kind="", id=""), "missing: kind, id"),
        (row(text=["a"]), "bad_text"),
        (row(id=True), "bad_id"),
        (row(author="Kim"), "bad_author"),
        (row(permalink="javascript:alert(1)"), "bad_permalink"),
        (row(author={"url": "data:text/html,x"}), "bad_url"),
    ],
)
def test_a_broken_line_is_named_and_the_next_is_read(line: Any, error: str) -> None:
    first, second, third = read(json_lines(row(1), line, row(3)))
    assert isinstance(second, imports.Broken)
    assert second.number == 2
    assert second.error.startswith(error)
    assert isinstance(first, imports.Line)
    assert isinstance(third, imports.Line)


def test_bytes_that_are_not_utf8_spoil_one_line_only() -> None:
    latin = json.dumps(row(2), ensure_ascii=False).encode("latin-1") + b"\n"
    one, two, three = read(json_lines(row(1)) + latin + json_lines(row(3)))
    assert isinstance(two, imports.Broken)
    assert two.error.startswith("not_utf8")
    assert isinstance(one, imports.Line)
    assert isinstance(three, imports.Line)
    heading, first, second = csv_bytes(row(1), row(2)).splitlines(keepends=True)
    foreign = first.decode().encode("latin-1")
    broken, good = read(heading + foreign + second)
    assert isinstance(broken, imports.Broken)
    assert isinstance(good, imports.Line)


def test_a_row_with_too_many_cells_is_named() -> None:
    content = csv_bytes(row(1), row(2)).replace(
        b"comment,c1,", b"comment,c1,one,more,", 1
    )
    broken, good = read(content)
    assert isinstance(broken, imports.Broken)
    assert "cells" in broken.error
    assert isinstance(good, imports.Line)


def test_a_line_without_end_is_not_taken_into_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "LONGEST_LINE", 2_000)
    content = json_lines(row(1), row(2, text="x" * 9_000), row(3))
    one, two, three = read(content)
    assert isinstance(two, imports.Broken)
    assert two.error.startswith("line_too_long")
    assert [one.number, two.number, three.number] == [1, 2, 3]
    in_csv = read(csv_bytes(row(1), row(2, text="x" * 9_000), row(3)))
    assert sorted(line.number for line in in_csv) == [2, 3, 4]


def test_an_empty_file_is_nothing() -> None:
    assert read(b"") == []
    assert read(b"\n \n") == []


@pytest.mark.parametrize(
    "content",
    [b"a photograph", b"kind;id;text\n", "kind".encode("utf-16"), b"kind,kind\n"],
)
def test_a_file_of_another_sort_is_refused_whole(content: bytes) -> None:
    with pytest.raises(imports.FileError):
        read(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes) -> None:
    for start in (b"", b"{", csv_bytes()):
        with contextlib.suppress(imports.FileError):
            assert all(line.number > 0 for line in read(start + content))


# -- the command ------------------------------------------------------------------


def load(path: Path, content: bytes, channel: Channel) -> tuple[str, str, int]:
    """Standard output, standard error, exit code."""
    path.write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(
            "import_messages", path, channel=channel.slug, stdout=out, stderr=err
        )
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}", error.returncode
    return out.getvalue(), err.getvalue(), 0


def test_a_file_goes_through_the_ordinary_intake(
    tmp_path: Path, school_channel: Channel
) -> None:
    """Screened, duties opened, direct messages sealed (K-14, K-17)."""
    rows = [row(1), row(2, text="Din jävla idiot"), row(3, kind="dm", permalink="")]
    out, _err, code = load(tmp_path / "in.jsonl", json_lines(*rows), school_channel)
    assert code == 0
    assert out == "3 read: 3 new, 0 changed, 0 known already, 0 refused.\n"
    case = Case.objects.get(message__external_id="c2")
    assert case.findings.exists()
    assert Duty.objects.filter(case__message__external_id="c1", kind="answer").exists()
    direct = Case.objects.get(message__kind=Message.Kind.DM)
    assert direct.received_record is not None
    assert direct.message.source == "import"


def test_importing_again_changes_nothing_and_an_edit_is_a_version(
    tmp_path: Path, school_channel: Channel
) -> None:
    path = tmp_path / "in.csv"
    load(path, csv_bytes(row(1), row(2)), school_channel)
    out, _err, _code = load(path, csv_bytes(row(1), row(2)), school_channel)
    assert "0 new, 0 changed, 2 known already" in out
    out, _err, _code = load(path, csv_bytes(row(1, text="Other")), school_channel)
    assert "1 changed" in out
    message = Message.objects.get(external_id="c1")
    assert [version.number for version in message.versions.all()] == [1, 2]


def test_broken_lines_are_named_and_the_rest_is_kept(
    tmp_path: Path, school_channel: Channel
) -> None:
    rows: list[Any] = [
        row(1),
        "{",
        row(3, created_at="2026-01-15T12:00:00"),
        row(4, kind="rumour"),
        row(5, text="x" * 10_000_000),
        row(6, text="nul \x00 and \ud800 alone"),
        row(7, created_at="1815-06-18T12:00:00Z"),
        row(8),
    ]
    out, err, code = load(tmp_path / "in.jsonl", json_lines(*rows), school_channel)
    assert code == 1
    assert "8 read: 3 new" in out
    assert "5 refused" in out
    lines = err.splitlines()
    assert lines[0].startswith("line 2: not_json")
    assert lines[1].startswith("line 3: no_zone")
    assert lines[2].startswith("line 4: unknown_kind")
    assert lines[3].startswith("line 5: text_too_long")
    assert lines[4].startswith("line 7: impossible_time")
    assert "Snöstam" not in err
    stored = Message.objects.get(external_id="c6")
    assert stored.text == "nul \ufffd and \ufffd alone"
    assert b"\\ud800" in bytes(stored.versions.get().raw)
    assert Unread.objects.filter(channel=school_channel).count() == 5


def test_more_than_one_batch_is_received_with_its_threads(
    tmp_path: Path, school_channel: Channel
) -> None:
    rows = [row(number) for number in range(1, 1_101)]
    rows[-1]["parent_id"] = "c1"
    out, _err, code = load(tmp_path / "in.jsonl", json_lines(*rows), school_channel)
    assert code == 0
    assert "1100 new" in out
    assert Message.objects.get(external_id="c1100").parent_id_there == "c1"


def test_nothing_is_received_before_the_head_has_approved(
    tmp_path: Path, cast: Cast
) -> None:
    """K-6."""
    waiting = make.proposal(cast.anna, cast.schools)
    _out, err, code = load(tmp_path / "in.jsonl", json_lines(row()), waiting)
    assert code == 1
    assert "approved" in err
    registration.approve(channel=waiting, by=cast.hanna)
    _out, _err, code = load(tmp_path / "in.jsonl", json_lines(row()), waiting)
    assert code == 0


@pytest.mark.usefixtures("db")
def test_an_unknown_channel_and_a_missing_file_are_sentences(
    tmp_path: Path, cast: Cast, school_channel: Channel
) -> None:
    with pytest.raises(CommandError, match="There is no channel 'nowhere'"):
        call_command("import_messages", tmp_path / "x", channel="nowhere")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_messages", tmp_path / "x", channel=school_channel.slug)
    with pytest.raises(CommandError, match="directory"):
        call_command("import_messages", tmp_path, channel=school_channel.slug)
