"""Exports narrowed like the search, and what going on with an interrupted one costs."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import bagit as outside
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive import disposal, files, marking, sequencer
from archive.export import bagit, copying, jobs, side_notes, source
from archive.export.faults import ExportError
from archive.export.selection import Selection
from archive.models import ExportJob, LogEntry, Package, Record, RetentionRule
from archive.retention import NotAllowed
from archive.sealing import FileFacts, seal, seal_many
from tests.archive.samples import facts, sealing
from tests.archive.test_bagit_export import EVER, check

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _places(settings: Any, tmp_path: Path) -> None:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    settings.ARCHIVE_EXPORT_DIR = tmp_path / "exports"


def file(content: bytes) -> FileFacts:
    digest, size = files.keep(io.BytesIO(content))
    return FileFacts(sha256=digest, size=size, mime="image/png", name="a.png")


@pytest.fixture
def records(db: None) -> list[Record]:
    """Two of the schools removed, one a letter, one of the baths hidden and secret."""
    baths = facts(4, channel_name="Badet", department="Fritid")
    baths["decision"]["rule"] = "K-20.6"
    letter = facts(3)
    del letter["decision"]
    made = seal_many(
        [
            sealing(1, files=[file(b"one")]),
            sealing(2, files=[file(b"two")]),
            sealing(3, kind="direct_message", facts=letter),
            sealing(4, kind="hide", facts=baths, files=[file(b"four")]),
        ],
        by="x",
    )
    marking.mark(
        record=made[3],
        by="x",
        secrecy="OSL 21:1",
        classification="1.2",
        diary_number="",
        remark="",
    )
    return made


def lines(bag: Path, name: str) -> list[Any]:
    return [json.loads(x) for x in (bag / "data" / name).read_bytes().splitlines()]


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"channel": "Badet"}, [3]),
        ({"channel": "Skolan på nätet"}, [0, 1, 2]),
        ({"department": "Fritid"}, [3]),
        ({"rule": "K-20.1"}, [0, 1]),
        ({"kind": "direct_message"}, [2]),
        ({"kind": "removal", "channel": "Skolan på nätet"}, [0, 1]),
        ({"classification": "1.2"}, [3]),
        ({"secrecy": "marked"}, [3]),
        ({"secrecy": "unmarked"}, [0, 1, 2]),
        ({"channel": "Ingenstans"}, []),
    ],
)
def test_only_what_was_chosen_goes_and_the_package_says_what(
    records: list[Record], tmp_path: Path, filters: dict[str, str], wanted: list[int]
):
    chosen = Selection(EVER.start, EVER.end, **filters)
    sequencer.run()
    bag = tmp_path / "bag"
    package = bagit.write(selection=chosen, out=bag, by="x")
    ids = {str(records[n].pk) for n in wanted}
    assert {line["id"] for line in lines(bag, "records.jsonl")} == ids
    assert {line["leaf"]["record_id"] for line in lines(bag, "log.jsonl")} == ids
    assert package.files == len({0, 1, 3} & set(wanted))
    assert (len(lines(bag, "markings.jsonl")), package.filters) == (
        int(3 in wanted),
        filters,
    )
    assert json.loads((bag / "data/selection.json").read_text("utf-8")) == {
        "sealed_from": EVER.start.isoformat(),
        "sealed_before": EVER.end.isoformat(),
        **filters,
    }
    found = outside.Bag(str(bag))
    found.validate()
    for name, value in filters.items():
        assert f"{name} = {value}" in found.info["Selection"]
    status, said = check(bag)
    assert status == 0, said
    assert source.count(chosen) == len(wanted)


def test_what_is_gone_is_left_out_of_a_narrowed_export(
    records: list[Record], tmp_path: Path
):
    RetentionRule.objects.create(slug="preserve", title="x", years=0, starts="sealed")
    listed = disposal.propose(records=records[:1], decision="KS 1", basis="x", by="a")
    disposal.confirm(disposal=listed, by="b")
    narrowed = Selection(EVER.start, EVER.end, channel="Skolan på nätet")
    assert source.count(narrowed) == 2
    by_kind = Selection(EVER.start, EVER.end, kind="removal")
    assert source.count(by_kind) == 2
    bagit.write(selection=narrowed, out=tmp_path / "bag", by="x")
    assert check(tmp_path / "bag")[0] == 0


def test_the_command_takes_the_same_filters(records: list[Record], tmp_path: Path):
    day = timezone.localdate().isoformat()
    days = ["--from", day, "--to", day, "--out", str(tmp_path / "bag")]
    call_command(
        "export_archive", *days, "--kind", "hide", "--secrecy", "marked",
        "--channel", "Badet", "--department", "Fritid", "--rule", "K-20.6",
        "--classification", "1.2", stdout=io.StringIO(),
    )  # fmt: skip
    assert Package.objects.get().records == 1
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("export_archive", *days, "--kind", "gossip")


def test_a_narrowed_job_tells_what_it_is_of(records: list[Record]):
    today = timezone.localdate()
    asked: dict[str, Any] = {"first": today, "last": today, "note": "x", "by": "x"}
    with pytest.raises(NotAllowed, match="No record fits"):
        jobs.ask(**asked, filters={"channel": "Ingenstans"})
    job = jobs.ask(**asked, filters={"channel": " Badet ", "rule": ""})
    assert job.filters == {"channel": "Badet"}
    # What is sealed after it was asked for is of another export.
    seal(kind="hide", subject=job.pk, facts={}, retention="preserve", by="x")
    jobs.run_next()
    job = ExportJob.objects.select_related("package").get()
    assert (job.state, job.total) == ("done", 1)
    assert job.package is not None
    assert job.package.filters == {"channel": "Badet"}


def test_a_selection_that_becomes_another_while_it_is_written_is_refused(
    records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    really = bagit._write_log

    def marked_meanwhile(*args: Any) -> None:
        marking.mark(
            record=records[0],
            by="x",
            secrecy="OSL 21:1",
            classification="",
            diary_number="",
            remark="",
        )
        really(*args)

    monkeypatch.setattr(bagit, "_write_log", marked_meanwhile)
    secret = Selection(EVER.start, EVER.end, secrecy="marked")
    with pytest.raises(ExportError, match="has become another"):
        bagit.write(selection=secret, out=tmp_path / "bag", by="x")
    assert not LogEntry.objects.filter(type="export").exists()


def test_going_on_reads_nothing_again_that_was_finished(
    records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Stopped at the checkpoint: records, log, markings and files are done."""
    out = tmp_path / "bag"
    sequencer.run()

    def stop(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bagit, "_write_checkpoint", stop)
        with pytest.raises(KeyboardInterrupt):
            bagit.write(selection=EVER, out=out, by="x")
    hashed: list[str] = []
    really = copying._hash_of
    monkeypatch.setattr(
        copying, "_hash_of", lambda path: hashed.append(path.name) or really(path)
    )
    opened: list[str] = []
    monkeypatch.setattr(
        bagit,
        "_File",
        lambda bag, name, size=0: opened.append(name) or _File(bag, name, size),
    )
    # One was changed by another hand meanwhile: that one is read, and redone.
    partial = out.with_name("bag.partial")
    spoilt = next((partial / "data/files").glob("*/*"))
    spoilt.write_bytes(b"f")
    package = bagit.write(selection=EVER, out=out, by="x")
    assert not {"data/records.jsonl", "data/records.csv", "data/log.jsonl"} & set(
        opened
    )
    assert hashed == []  # its size alone says that it is another
    assert package.records == len(records)
    assert not (out / side_notes.NAME).exists()
    outside.Bag(str(out)).validate()
    assert check(out)[0] == 0


_File = bagit._File


def test_what_was_noted_before_the_machine_started_anew_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "a").write_bytes(b"whole")
    noted = side_notes.Finished(tmp_path)
    noted.add("a", "11" * 32)
    assert side_notes.Finished(tmp_path).digest("a") == "11" * 32
    monkeypatch.setattr(side_notes, "_boot", lambda: "another run")
    assert side_notes.Finished(tmp_path).digest("a") == ""
    monkeypatch.setattr(side_notes, "_boot", lambda: "")
    side_notes.Finished(tmp_path).add("a", "11" * 32)
    assert side_notes.Finished(tmp_path).digest("a") == ""
