"""Exports that people ask for: written by a worker, resumed after a crash, fetched as
one file, cleaned away after a while."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import sequencer
from archive.export import bagit, source
from archive.export.faults import ExportError
from archive.export.selection import FILTERS, Selection
from archive.keys import KeyTrouble
from archive.models import ExportJob, Package
from archive.retention import NotAllowed

LEASE = timedelta(minutes=6)
KEPT = timedelta(days=14)
# Waiting or being written at the same time, on the whole installation.
MOST_OPEN = 5
_LOCK = 0x65787074


def ask(
    *,
    first: date,
    last: date,
    note: str,
    by: str,
    filters: Mapping[str, str] | None = None,
) -> ExportJob:
    """Put an export of whole days on the list, the last one included; `filters` narrow
    it (`archive.export.selection`).

    `note` says what for; it stands in the register. NotAllowed says why not.
    """
    wanted = {name: (filters or {}).get(name, "").strip() for name in FILTERS}
    wanted = {name: value for name, value in wanted.items() if value}
    if last < first:
        raise NotAllowed(_("The last day is before the first."))
    if not note.strip():
        raise NotAllowed(_("Say what the export is for."))
    open_ones = ExportJob.objects.filter(
        state__in=[ExportJob.State.WAITING, ExportJob.State.RUNNING]
    )
    if open_ones.count() >= MOST_OPEN:
        raise NotAllowed(_("Several exports are waiting already. Try again later."))
    if wanted and not source.count(Selection.of_days(first, last, wanted)):
        raise NotAllowed(_("No record fits. Write names as they stand on the records."))
    return ExportJob.objects.create(
        first=first, last=last, filters=wanted, note=note.strip(), asked_by=by
    )


def selection_of(job: ExportJob) -> Selection:
    """What the job is of: nothing that was sealed after it was asked for."""
    whole = Selection.of_days(job.first, job.last, job.filters)
    return replace(whole, end=min(whole.end, job.asked_at))


def folder(job: ExportJob) -> Path:
    """Where the finished bag lies: outside every web root."""
    return Path(settings.ARCHIVE_EXPORT_DIR) / str(job.pk)


def run_next() -> ExportJob | None:
    """Write the export that has waited longest, or as much of it as time allows.

    None when there is none or another worker writes one: the others are left for what
    officers wait for. A worker that is stopped in the middle leaves what it has
    written; the next goes on from there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return None
    try:
        job = _claim()
        return None if job is None else _write(job)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@transaction.atomic
def _claim() -> ExportJob | None:
    due = ExportJob.objects.due().select_for_update(skip_locked=True)
    job = due.order_by("asked_at", "id").first()
    if job is not None:
        job.state = ExportJob.State.RUNNING
        job.leased_until = timezone.now() + LEASE
        job.save(update_fields=["state", "leased_until"])
    return job


def _write(job: ExportJob) -> ExportJob:
    selection = selection_of(job)
    out = folder(job)
    out.parent.mkdir(parents=True, exist_ok=True)
    package = Package.objects.filter(pk=job.pk).first()
    try:
        if package is None:
            # A folder that no register knows was never finished.
            shutil.rmtree(out, ignore_errors=True)
            _sign()
            ExportJob.objects.filter(pk=job.pk).update(total=source.count(selection))
            package = bagit.write(
                selection=selection,
                out=out,
                by=job.asked_by,
                note=job.note,
                id_=job.pk,
                tell=lambda records: _told(job, records),
            )
    except SoftTimeLimitExceeded:
        return _put_back(job)
    except (ExportError, OSError) as error:
        return _fail(job, str(error))
    return _done(job, package)


def _sign() -> None:
    """So that the checkpoint that goes along covers all of it, where that is possible;
    what stands against it is for the sequencer's own task to tell."""
    try:
        sequencer.run()
    except (sequencer.Refusal, KeyTrouble):
        return


def _told(job: ExportJob, records: int) -> None:
    ExportJob.objects.filter(pk=job.pk).update(
        written=records, leased_until=timezone.now() + LEASE
    )


def _put_back(job: ExportJob) -> ExportJob:
    job.refresh_from_db()
    job.state = ExportJob.State.WAITING
    job.leased_until = None
    job.save(update_fields=["state", "leased_until"])
    return job


def _fail(job: ExportJob, why: str) -> ExportJob:
    job.refresh_from_db()
    job.state = ExportJob.State.FAILED
    job.error = why[:300]
    job.leased_until = None
    job.finished_at = timezone.now()
    job.save()
    return job


def _done(job: ExportJob, package: Package) -> ExportJob:
    job.refresh_from_db()
    job.state = ExportJob.State.DONE
    job.package = package
    job.written = job.total = package.records
    job.leased_until = None
    job.finished_at = timezone.now()
    job.save()
    return job


def clean(*, job: ExportJob) -> ExportJob:
    """Remove the files of a finished export; the register keeps that it was made."""
    with transaction.atomic():
        locked = ExportJob.objects.select_for_update().get(pk=job.pk)
        if locked.state != ExportJob.State.DONE:
            raise NotAllowed(_("Only a finished export can be cleaned away."))
        locked.state = ExportJob.State.CLEANED
        locked.save(update_fields=["state"])
    shutil.rmtree(folder(locked), ignore_errors=True)
    return locked


def clean_old() -> int:
    """Clean away what has lain for `KEPT`, and what failures have left; how many."""
    before = timezone.now() - KEPT
    old = ExportJob.objects.filter(finished_at__lt=before)
    for job in old.filter(state=ExportJob.State.DONE):
        clean(job=job)
    failed = old.filter(state=ExportJob.State.FAILED)
    for job in failed:
        bagit.discard_unfinished(folder(job))
    return len(old)
