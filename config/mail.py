"""Mail of the demonstration: kept in a folder and shown on a page, sent to nobody."""

import email
import email.policy
import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage as StdlibMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SHOWN = 100


class FolderBackend(BaseEmailBackend):
    """Writes each mail as one `.eml` file, whole or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder: Path = settings.MAIL_FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            # Sorts by time; the random part keeps two processes apart.
            name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
            unfinished = folder / f".{name}"
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(message.message().as_bytes())
            unfinished.rename(folder / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    sent_at: datetime
    sender: str
    to: str
    subject: str
    body: str


def kept_mails(folder: Path, *, newest: int = SHOWN) -> list[Mail]:
    """The newest mails of the folder, newest first."""
    files = sorted(folder.glob("*.eml"), reverse=True)[:newest]
    return [_read(file) for file in files]


def _read(file: Path) -> Mail:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, StdlibMessage)
    body = message.get_body(("plain", "html"))
    return Mail(
        sent_at=datetime.fromtimestamp(int(file.name.split("-")[0]) / 1e9, UTC),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        body=str(body.get_content()) if body is not None else "",
    )


@never_cache
@require_safe
def demonstration_mail(request: HttpRequest) -> HttpResponse:
    """What the demonstration would have sent. Outside it the page does not exist."""
    if not settings.DEMONSTRATION:
        raise Http404
    return render(
        request,
        "config/mail.html",
        {"mails": kept_mails(settings.MAIL_FOLDER), "shown": SHOWN},
    )


mail_urls = [path("demonstration/mail/", demonstration_mail, name="demonstration-mail")]
