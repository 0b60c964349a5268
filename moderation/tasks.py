from __future__ import annotations

from celery import shared_task

from moderation import polling


@shared_task(name="moderation.tasks.poll_due")
def poll_due() -> int:
    return polling.poll_due()
