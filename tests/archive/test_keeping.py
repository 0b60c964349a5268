"""The archivist's rooms: disposal list, holds, exports, a record with its proof."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bagit as outside
import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive import disposal, files, retention, sequencer, verification
from archive.export import bagit, jobs
from archive.models import Disposal, ExportJob, Hold, Package, Record, RetentionRule
from archive.retention import NotAllowed
from archive.sealing import FileFacts, seal_many
from tests import make
from tests.archive.samples import sealing

if TYPE_CHECKING:
    from channels.models import User
    from tests.conftest import Cast

pytestmark = pytest.mark.django_db
LATER = datetime(2040, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    settings.ARCHIVE_EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def second(cast: Cast) -> User:
    return make.person("Berit", "Archivist")


@pytest.fixture
def records(db: None) -> list[Record]:
    RetentionRule.objects.create(slug="two", title="Two years", years=2, basis="KS 1")
    digest, size = files.keep(io.BytesIO(b"a picture"))
    file = FileFacts(sha256=digest, size=size, mime="image/png", name="bild.png")
    return seal_many(
        [
            sealing(1, retention="two", files=[file]),
            sealing(2, retention="two"),
            sealing(3, retention="moderated-message"),
        ],
        by="Anna Ek (anna)",
    )


def at(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


# -- Disposal


def test_an_archivist_looks_through_the_list_and_another_one_confirms_it(
    records: list[Record], cast: Cast, second: User
) -> None:
    with time_machine.travel(LATER, tick=True):
        client = at(cast.arkiv)
        page = client.get(reverse("keeping:due"))
        shown = page.context["found"]
        assert set(shown.records) == set(records[:2])
        assert "Two years" in page.content.decode()
        told = {"seen": shown.seal, "decision": "KS 2040/7", "basis": "Plan 4.2"}
        answer = client.post(reverse("keeping:due"), told)
        proposed = Disposal.objects.get()
        assert answer["Location"] == reverse("keeping:disposal", args=[proposed.pk])
        confirm = reverse("keeping:confirm", args=[proposed.pk])
        own = client.get(reverse("keeping:disposal", args=[proposed.pk]))
        assert confirm not in own.content.decode()
        assert client.post(confirm, {"sure": "on"}).status_code == 422
        other = at(second)
        assert other.post(confirm, {}).status_code == 422
        assert Record.objects.filter(state="disposed").count() == 0
        assert other.post(confirm, {"sure": "on"}).status_code == 302
    assert Record.objects.filter(state="disposed").count() == 2
    page = at(cast.arkiv).get(reverse("keeping:register"))
    assert "KS 2040/7" in page.content.decode()
    assert second.signature in page.content.decode()


def test_a_list_that_changed_meanwhile_is_looked_through_again(
    records: list[Record], cast: Cast
) -> None:
    with time_machine.travel(LATER, tick=True):
        client = at(cast.arkiv)
        seen = client.get(reverse("keeping:due")).context["found"].seal
        retention.hold(record=records[0], reason="Court case", by="x")
        told = {"seen": seen, "decision": "KS 7", "basis": "Plan"}
        answer = client.post(reverse("keeping:due"), told)
        assert answer.status_code == 422
        assert not Disposal.objects.exists()
        fresh = answer.context["form"]["seen"].value()
        assert client.post(reverse("keeping:due"), {**told, "seen": fresh}).status_code
    assert Disposal.objects.get().items.get().record_id == records[1].pk


def test_only_the_records_of_one_rule_are_proposed_where_that_is_asked(
    records: list[Record], cast: Cast
) -> None:
    RetentionRule.objects.create(
        slug="moderated-message", title="Five", years=5, basis="KS 2"
    )
    with time_machine.travel(LATER, tick=True):
        client = at(cast.arkiv)
        page = client.get(reverse("keeping:due"), {"rule": "moderated-message"})
        found = page.context["found"]
        assert [group.count for group in found.groups] == [1, 2]
        told = {
            "rule": "moderated-message",
            "seen": found.seal,
            "decision": "KS 7",
            "basis": "Plan",
        }
        client.post(reverse("keeping:due"), told)
    assert Disposal.objects.get().items.get().record_id == records[2].pk


def test_a_cancelled_proposal_leaves_everything(
    records: list[Record], cast: Cast
) -> None:
    one = disposal.propose(records=records[:1], decision="KS 7", basis="x", by="x")
    client = at(cast.arkiv)
    client.post(reverse("keeping:cancel", args=[one.pk]))
    one.refresh_from_db()
    assert one.state == "cancelled"
    again = client.post(reverse("keeping:cancel", args=[one.pk]), follow=True)
    assert "settled already" in again.content.decode()


# -- Holds


def test_a_hold_is_set_and_released_for_a_reason(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    hold = reverse("keeping:hold", args=[records[0].pk])
    assert client.post(hold, {"reason": " "}).status_code == 422
    client.post(hold, {"reason": "Police report 12"})
    one = Hold.objects.get()
    assert (one.reason, one.set_by) == ("Police report 12", cast.arkiv.signature)
    page = client.get(reverse("admin:archive_record_change", args=[records[0].pk]))
    assert "Police report 12" in page.content.decode()
    assert "Police report 12" in client.get(reverse("keeping:holds")).content.decode()
    release = reverse("keeping:release", args=[one.pk])
    assert client.get(release).status_code == 200
    client.post(release, {"reason": "Closed by the police"})
    one.refresh_from_db()
    assert one.released_reason == "Closed by the police"
    assert client.post(release, {"reason": "Again"}).status_code == 422
    released = client.get(reverse("keeping:holds"), {"tab": "released"})
    assert "Closed by the police" in released.content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.filter(pk=one.pk).update(released_reason="Another")
    sequencer.run()
    assert verification.verify().faults == []


# -- Exports


def asked(**changes: Any) -> ExportJob:
    today = timezone.localdate()
    values = {"first": today, "last": today, "note": "Test", "by": "x"} | changes
    return jobs.ask(**values)


def test_an_export_is_asked_for_written_and_fetched_as_one_file(
    records: list[Record], cast: Cast, tmp_path: Path
) -> None:
    client = at(cast.arkiv)
    day = timezone.localdate().isoformat()
    told = {"first": day, "last": day, "note": "To the e-archive"}
    assert client.post(reverse("keeping:exports"), told).status_code == 302
    waiting = client.get(reverse("keeping:exports"))
    assert "Look again" in waiting.content.decode()
    job = ExportJob.objects.get()
    download = reverse("keeping:download", args=[job.pk])
    assert client.get(download).status_code == 404
    jobs.run_next()
    job.refresh_from_db()
    assert (job.state, job.written, job.total) == ("done", 3, 3)
    answer = client.get(download)
    assert answer["Content-Disposition"].startswith("attachment")
    (tmp_path / "export.zip").write_bytes(b"".join(answer))
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "fetched")
    [bag] = (tmp_path / "fetched").iterdir()
    outside.Bag(str(bag)).validate()
    verifier = [sys.executable, "-I", str(bag / "data" / "verify.py")]
    done = subprocess.run(verifier, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "3 records" in done.stdout
    assert job.package is not None
    assert (job.package.note, job.package.made_by) == (
        "To the e-archive",
        cast.arkiv.signature,
    )


def test_an_export_goes_on_where_a_stopped_worker_left_it(
    records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked()
    really = bagit._write_log

    def stop(*_arguments: Any) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(bagit, "_write_log", stop)
    jobs.run_next()
    job.refresh_from_db()
    assert (job.state, job.written) == ("waiting", 3)
    monkeypatch.setattr(bagit, "_write_log", really)
    jobs.run_next()
    job.refresh_from_db()
    assert job.state == "done"
    outside.Bag(str(jobs.folder(job))).validate()
    assert Package.objects.count() == 1


def test_a_crash_after_the_bag_was_finished_makes_no_second_one(
    records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked()
    monkeypatch.setattr(jobs, "_done", lambda job, _package: job)
    jobs.run_next()
    monkeypatch.undo()
    assert Package.objects.count() == 1
    assert jobs.run_next() is None
    with time_machine.travel(timezone.now() + jobs.LEASE, tick=True):
        jobs.run_next()
    job.refresh_from_db()
    assert job.state == "done"
    assert Package.objects.count() == 1


def test_a_damaged_attachment_fails_the_job_by_name(records: list[Record]) -> None:
    job = asked()
    digest = records[0].files.get().sha256
    files.forget(digest)
    jobs.run_next()
    job.refresh_from_db()
    assert job.state == "failed"
    assert digest in job.error


def test_old_exports_are_cleaned_away_and_the_register_stays(
    records: list[Record], cast: Cast
) -> None:
    job = asked()
    jobs.run_next()
    assert jobs.clean_old() == 0
    with time_machine.travel(timezone.now() + jobs.KEPT, tick=True):
        assert jobs.clean_old() == 1
    job.refresh_from_db()
    assert job.state == "cleaned"
    assert not jobs.folder(job).exists()
    assert Package.objects.count() == 1
    client = at(cast.arkiv)
    assert client.get(reverse("keeping:download", args=[job.pk])).status_code == 404
    said = client.post(reverse("keeping:clean", args=[job.pk]), follow=True)
    assert "Only a finished export" in said.content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        ExportJob.objects.filter(pk=job.pk).update(state="waiting", package=None)


def test_what_cannot_be_exported_is_refused_in_words(db: None) -> None:
    today = timezone.localdate()
    with pytest.raises(NotAllowed, match="before the first"):
        asked(last=today - timedelta(days=1))
    with pytest.raises(NotAllowed, match="what the export is for"):
        asked(note=" ")
    for _ in range(jobs.MOST_OPEN):
        asked()
    with pytest.raises(NotAllowed, match="waiting already"):
        asked()


# -- A record's page


def test_the_record_page_says_in_words_what_proves_it(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    page = reverse("admin:archive_record_change", args=[records[0].pk])
    said = client.get(page).content.decode()
    assert "within a minute" in said
    assert "Two years" in said
    assert "May be disposed of from" in said
    early = client.get(reverse("keeping:proof", args=[records[0].pk]), follow=True)
    assert "No checkpoint has been signed" in early.content.decode()
    sequencer.run()
    said = client.get(page).content.decode()
    assert "was signed with this record in it" in said
    other = reverse("admin:archive_record_change", args=[records[2].pk])
    assert "Kept for good." in client.get(other).content.decode()


def test_a_record_is_fetched_with_its_proof(
    records: list[Record], cast: Cast, tmp_path: Path
) -> None:
    sequencer.run()
    answer = at(cast.arkiv).get(reverse("keeping:proof", args=[records[0].pk]))
    (tmp_path / "proof.zip").write_bytes(b"".join(answer))
    with zipfile.ZipFile(tmp_path / "proof.zip") as archive:
        archive.extractall(tmp_path / "proof")
    [folder] = (tmp_path / "proof").iterdir()
    assert (folder / "files").is_dir()
    verifier = [sys.executable, "-I", str(folder / "verify.py")]
    done = subprocess.run(verifier, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_files_of_what_is_closed_are_not_fetched_without_a_reason(
    cast: Cast, records: list[Record]
) -> None:
    digest, size = files.keep(io.BytesIO(b"a secret"))
    file = FileFacts(sha256=digest, size=size, mime="image/png", name="s.png")
    [secret] = seal_many([sealing(9, kind="direct_message", files=[file])], by="x")
    sequencer.run()
    client = at(cast.arkiv)
    for address in ("keeping:file", "keeping:proof"):
        args = [secret.pk, 0] if address == "keeping:file" else [secret.pk]
        answer = client.get(reverse(address, args=args))
        assert answer.status_code == 302, address
    open_one = client.get(reverse("keeping:file", args=[records[0].pk, 0]))
    assert b"".join(open_one) == b"a picture"


# -- The same file kept while it is disposed of


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["keeper", "disposal"])
def test_a_file_that_is_kept_while_it_is_disposed_of_is_there_in_the_end(
    first: str,
) -> None:
    """Two connections: whoever comes second waits for the first one's transaction."""
    RetentionRule.objects.create(slug="two", title="Two", years=2, basis="KS 1")
    content = f"a picture that both have {first}".encode()

    def kept() -> FileFacts:
        digest, size = files.keep(io.BytesIO(content))
        return FileFacts(sha256=digest, size=size, mime="image/png", name="b.png")

    with transaction.atomic():
        [old] = seal_many([sealing(1, retention="two", files=[kept()])], by="x")
    digest = old.files.get().sha256
    proposed = disposal.propose(records=[old], decision="KS 7", basis="x", by="a")
    done: list[str] = []

    def aside(act: Any) -> threading.Thread:
        def run() -> None:
            try:
                act()
            finally:
                connection.close()
            done.append("aside")

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def dispose() -> None:
        disposal.confirm(disposal=proposed, by="b")

    def keep() -> None:
        with transaction.atomic():
            seal_many([sealing(2, files=[kept()])], by="x")

    with time_machine.travel(LATER, tick=True):
        if first == "keeper":
            with transaction.atomic():
                facts = kept()
                thread = aside(dispose)
                thread.join(0.7)
                assert done == []  # it waits: the file may get a name yet
                seal_many([sealing(2, files=[facts])], by="x")
        else:
            with transaction.atomic():
                files._lock("pg_advisory_xact_lock", digest)
                thread = aside(keep)
                thread.join(0.7)
                assert done == []
                files.forget(digest)
            thread.join(10)
            thread = aside(dispose)
        thread.join(10)
    assert done
    assert default_storage.exists(files.location(digest))
    assert verification.verify().faults == []
    assert b"".join(files.chunks(digest)) == content
