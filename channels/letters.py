"""E-mail that has to leave: written with what it tells of, sent afterwards."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from channels.models import Letter, User

log = structlog.get_logger()
MOST_ATTEMPTS = 10


def write(*, to: User, subject: str, body: str) -> Letter | None:
    """In the caller's transaction; None when the person has no address."""
    if not to.email:
        return None
    return Letter.objects.create(to=to.email, subject=subject, body=body)


def send_due(*, most: int = 100) -> int:
    """Sends what is ripe, one by one; answers how many left.

    The attempt is counted and the next time set before the attempt, so that a crash
    becomes a delay, never a storm.
    """
    sent = 0
    for _turn in range(most):
        letter = _claim()
        if letter is None:
            break
        try:
            message = EmailMessage(
                letter.subject, letter.body, settings.DEFAULT_FROM_EMAIL, [letter.to]
            )
            # Stable over attempts: a server that took it twice can tell.
            message.extra_headers["Message-ID"] = f"<letter-{letter.pk}@kanalvakt>"
            get_connection().send_messages([message])
        except OSError as error:  # smtplib's errors are OSErrors
            _failed(letter, error)
        else:
            Letter.objects.filter(pk=letter.pk).update(sent_at=timezone.now(), error="")
            sent += 1
    return sent


@transaction.atomic
def _claim() -> Letter | None:
    letter = (
        Letter.objects.due()
        .select_for_update(skip_locked=True)
        .order_by("not_before", "pk")
        .first()
    )
    if letter is None:
        return None
    letter.attempts += 1
    minutes = min(2**letter.attempts, 120)
    letter.not_before = timezone.now() + timedelta(minutes=minutes)
    letter.save(update_fields=["attempts", "not_before"])
    return letter


def _failed(letter: Letter, error: OSError) -> None:
    # The class alone: a server's words may repeat the address.
    log.warning("letter_not_sent", letter=letter.pk, error=type(error).__name__)
    changes: dict[str, object] = {"error": type(error).__name__}
    if letter.attempts >= MOST_ATTEMPTS:
        changes["failed_at"] = timezone.now()
    Letter.objects.filter(pk=letter.pk).update(**changes)
