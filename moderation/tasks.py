from __future__ import annotations

from celery import shared_task

from channels.models import User
from moderation import digests, learning, outside, polling, purging, ranks, referrals


@shared_task(name="moderation.tasks.poll_due")
def poll_due() -> int:
    return polling.poll_due()


@shared_task(name="moderation.tasks.write_digests")
def write_digests() -> int:
    """What is due and overdue, once to a person and working day."""
    return digests.write_due()


@shared_task(name="moderation.tasks.see_to_referrals")
def see_to_referrals() -> int:
    """Direct messages to the registrar where that happens by itself, and what did not
    arrive back to the desk."""
    return referrals.forward_direct_messages() + referrals.notice_failures()


@shared_task(name="moderation.tasks.purge_outside")
def purge_outside() -> int:
    return outside.purge()


@shared_task(name="moderation.tasks.purge_settled")
def purge_settled() -> int:
    """The words of messages that the municipality's rules let go."""
    return purging.run()


@shared_task(name="moderation.tasks.learn")
def learn(by: int | None = None) -> int:
    """Nightly, and when a person asks (`by` is their key): how many were trained."""
    person = User.objects.filter(pk=by).first() if by else None
    trained = len(learning.learn(by=person))
    if trained:
        ranks.score_anew()
    return trained


@shared_task(name="moderation.tasks.score_anew")
def score_anew() -> int:
    """What waits at the desk by what a person had trained just now."""
    return ranks.score_anew()
