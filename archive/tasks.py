"""What the beat asks of the archive."""

from __future__ import annotations

from celery import shared_task

from archive import sequencer


@shared_task(ignore_result=True)
def sequence() -> None:
    """Order new entries, sign and publish. A Refusal or KeyTrouble fails the task
    loudly every time until a person has dealt with it."""
    sequencer.run()
