"""E-mail that has to leave: written with what it tells of, sent afterwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import formataddr, parseaddr
from functools import partial

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import files as kept
from channels import posting
from channels.delivery import Refused
from channels.models import Letter, LetterFile, User

log = structlog.get_logger()
MOST_ATTEMPTS = 10
# A report of a failure comes within days (RFC 5321, 4.5.4.1).
KEPT_FOR = timedelta(days=30)
FORGOTTEN_AT_ONCE = 10_000
# Seconds: a round ends before the worker's own limit could cut a letter in two.
LONGEST_ROUND = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file to send along: `content`, or `sha256` of what `archive.files` keeps."""

    name: str
    mime: str
    content: bytes = b""
    sha256: str = ""


def write(*, to: User, subject: str, body: str) -> Letter | None:
    """In the caller's transaction; None when the person has no address."""
    if not to.email:
        return None
    return write_to(address=to.email, subject=subject, body=body)


def write_to(
    *,
    address: str,
    subject: str,
    body: str,
    from_name: str = "",
    from_email: str = "",
    reply_to: str = "",
    files: Sequence[Attached] = (),
) -> Letter:
    """In the caller's transaction. `from_name` and `from_email` say whom the writer
    speaks for (M-E); empty means the system's own address."""
    letter = Letter.objects.create(
        to=address,
        # A line break would end the header.
        subject=" ".join(subject.split())[:200],
        body=body,
        from_name=" ".join(from_name.split())[:200],
        from_email=from_email,
        reply_to=reply_to,
    )
    LetterFile.objects.bulk_create(
        LetterFile(
            letter=letter,
            position=position,
            name=file.name[:255],
            mime=file.mime,
            content=file.content,
            sha256=file.sha256,
        )
        for position, file in enumerate(files)
    )
    return letter


def send_due(*, most: int = 100) -> int:
    """Sends what is ripe, one by one; answers how many left.

    The attempt is counted and the next time set before the attempt, so that a crash
    becomes a delay, never a storm. A crash after the server was given the letter
    leaves it unclear, which is a person's to settle: it is not sent twice.
    """
    sent = 0
    started = time.monotonic()
    for _turn in range(most):
        if time.monotonic() - started > LONGEST_ROUND:
            break
        letter = _claim()
        if letter is None:
            break
        try:
            posting.post(
                mail_of(letter),
                sender=return_address(letter),
                about_to=partial(_about_to, letter),
            )
        except posting.Unclear as error:
            log.warning("letter_unclear", letter=letter.pk, error=str(error))
            Letter.objects.filter(pk=letter.pk).update(
                unclear_at=timezone.now(), error=str(error)
            )
        except posting.NotSent as error:
            _not_sent(letter, str(error), permanent=error.permanent)
        except Exception as error:
            # A fault of ours must not stop the letters behind it. What broke after the
            # letter had left stays unclear.
            log.exception("letter_crashed", letter=letter.pk)
            letter.refresh_from_db(fields=["unclear_at"])
            if letter.unclear_at is None:
                _not_sent(letter, type(error).__name__, permanent=False)
        else:
            Letter.objects.filter(pk=letter.pk).update(
                sent_at=timezone.now(), unclear_at=None, error=""
            )
            sent += 1
    return sent


def mail_of(letter: Letter) -> EmailMessage:
    """The letter as it is sent. The Message-ID is the same at every attempt: a server
    that is given it twice can tell."""
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message = EmailMessage(
        letter.subject,
        letter.body,
        formataddr((letter.from_name, letter.from_email or ours)),
        [letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={
            "Message-ID": f"<{letter.key}@{ours.rpartition('@')[2]}>",
            # No holiday notice shall answer what a machine posts.
            "Auto-Submitted": "auto-generated",
        },
    )
    for file in letter.files.all():
        content = bytes(file.content)
        if file.sha256:
            content = b"".join(kept.chunks(file.sha256))
        message.attach(file.name, content, file.mime)
    return message


def return_address(letter: Letter) -> str:
    """Where refusals go: it names the letter when BOUNCE_ADDRESS is set."""
    address: str = settings.BOUNCE_ADDRESS
    if address:
        local, _at, domain = address.rpartition("@")
        return f"{local}+{letter.key.hex}@{domain}"
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


@transaction.atomic
def try_again(*, letter: Letter, by: User) -> Letter:
    """A person sends a letter on its way once more, under the same Message-ID."""
    letter = _stuck(letter)
    log.info("letter_tried_again", letter=letter.pk, by=by.pk)
    letter.attempts = 0
    letter.not_before = timezone.now()
    letter.sent_at = letter.failed_at = letter.unclear_at = letter.returned_at = None
    letter.save()
    return letter


@transaction.atomic
def leave(*, letter: Letter, by: User) -> Letter:
    """A person has seen to it otherwise, or knows that it arrived."""
    letter = _stuck(letter)
    letter.left_at = timezone.now()
    letter.left_by = by
    letter.save(update_fields=["left_at", "left_by"])
    return letter


@transaction.atomic
def forget_sent() -> int:
    """Empties letters that left long ago and did not come back: what they said stands
    in the case and its record, not here too. Answers how many."""
    long_ago = timezone.now() - KEPT_FOR
    old = Letter.objects.filter(sent_at__lt=long_ago, returned_at=None).exclude(body="")
    keys = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    LetterFile.objects.filter(letter__in=keys).delete()
    return Letter.objects.filter(pk__in=keys).update(body="")


def _stuck(letter: Letter) -> Letter:
    found = (
        Letter.objects.stuck()
        .select_for_update(of=("self",))
        .filter(pk=letter.pk)
        .first()
    )
    if found is None:
        raise Refused(_("This letter is not waiting for a person."))
    return found


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


def _about_to(letter: Letter) -> None:
    Letter.objects.filter(pk=letter.pk).update(unclear_at=timezone.now())


def _not_sent(letter: Letter, error: str, *, permanent: bool) -> None:
    # Only the answer's number is logged: a server's words may repeat the address.
    log.warning("letter_not_sent", letter=letter.pk, error=error.split(" ")[0])
    changes: dict[str, object] = {"error": error[:300], "unclear_at": None}
    if permanent or letter.attempts >= MOST_ATTEMPTS:
        changes["failed_at"] = timezone.now()
    Letter.objects.filter(pk=letter.pk).update(**changes)
