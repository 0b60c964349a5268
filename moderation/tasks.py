from __future__ import annotations

from celery import shared_task

from channels.models import User
from moderation import learning, polling


@shared_task(name="moderation.tasks.poll_due")
def poll_due() -> int:
    return polling.poll_due()


@shared_task(name="moderation.tasks.learn")
def learn(by: int | None = None) -> int:
    """Nightly, and when a person asks (`by` is their key): how many were trained."""
    person = User.objects.filter(pk=by).first() if by else None
    return len(learning.learn(by=person))
