"""Letters that came back: delivery status notifications (RFC 3464) read and matched."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import Message as Mail
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from channels.models import Letter

log = structlog.get_logger()

_HEX = r"[0-9a-f]{32}"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RETURN = re.compile(rf"\+({_HEX})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"<({_UUID})@", re.IGNORECASE)
_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")


@dataclass(frozen=True, slots=True)
class Notice:
    """What a mail server tells of a letter: its key, and why it could not be given
    to anybody (a status such as `5.1.1` and the server's words)."""

    key: UUID
    why: str


def read(raw: bytes) -> Notice | None:
    """None for what is no report of a failure, or of a letter that is not ours."""
    report = email.message_from_bytes(raw, policy=email.policy.compat32)
    failure = _failure(report)
    key = _key(report)
    return Notice(key, failure) if failure and key else None


@transaction.atomic
def take(raw: bytes) -> Letter | None:
    """Marks the letter that a report speaks of as returned. None when there is no such
    letter, or it was known already."""
    notice = read(raw)
    if notice is None:
        return None
    letter = (
        Letter.objects.select_for_update()
        .filter(key=notice.key, returned_at=None)
        .first()
    )
    if letter is None:
        return None
    letter.returned_at = timezone.now()
    letter.error = notice.why[:300]
    # A report answers what was unclear: it had been taken.
    if letter.unclear_at:
        letter.sent_at, letter.unclear_at = letter.unclear_at, None
    letter.save(update_fields=["returned_at", "error", "sent_at", "unclear_at"])
    log.warning("letter_returned", letter=letter.pk, status=notice.why.split(" ")[0])
    return letter


def _failure(report: Mail) -> str:
    """Status and words of the first recipient for whom it failed for good. A delay is
    no failure: the server still tries (RFC 3464, 2.3.3)."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            assert isinstance(block, Mail)
            if str(block.get("Action", "")).strip().lower() != "failed":
                continue
            status = str(block.get("Status", "")).split("(")[0].strip() or "5.0.0"
            words = str(block.get("Diagnostic-Code", ""))
            words = " ".join(words.partition(";")[2].split())
            return f"{status} {words}".strip()
    return ""


def _key(report: Mail) -> UUID | None:
    """The return address names the letter; without it, the copy that was sent back."""
    for header in _ADDRESSED:
        for value in report.get_all(header, []):
            named = _RETURN.search(str(value))
            if named:
                return UUID(named[1])
    for part in report.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            headers = (
                content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
            )
            found = re.search(rf"(?im)^message-id:\s*<({_UUID})@", headers)
            if found:
                return UUID(found[1])
        elif kind == "message/rfc822":
            inner = part.get_payload()
            for copy in inner if isinstance(inner, list) else []:
                assert isinstance(copy, Mail)
                found = _MESSAGE_ID.search(str(copy.get("Message-ID", "")))
                if found:
                    return UUID(found[1])
    return None
