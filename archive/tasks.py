"""What the beat asks of the archive."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from archive import sequencer
from archive.export import jobs


@shared_task(ignore_result=True)
def sequence() -> None:
    """Order new entries, sign and publish. A Refusal or KeyTrouble fails the task
    loudly every time until a person has dealt with it."""
    sequencer.run()


@shared_task(ignore_result=True)
def stamp() -> None:
    """Have the newest checkpoint stamped once a day, where an authority is named."""
    if not settings.ARCHIVE_TSA_URL:
        return
    from archive import timestamps  # loads a library that nothing else here needs

    checkpoint = timestamps.due()
    if checkpoint is not None:
        timestamps.stamp(checkpoint)


@shared_task(ignore_result=True)
def export_next() -> None:
    """Write the export that somebody waits for, if there is one."""
    jobs.run_next()


@shared_task(ignore_result=True)
def clean_exports() -> None:
    """Take away the files of exports that have lain for a fortnight."""
    jobs.clean_old()
