"""One letter handed to the mail server, step by step (RFC 5321).

`smtplib.sendmail` ends in the same exception whether the server vanished before or
after it had the whole letter. Here the steps are taken one by one, so that the caller
knows which of the two it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.encoding import punycode

READY, TAKEN, GO_ON = 250, (250, 251), 354
# Seconds in which a server that has the whole letter may look it through.
PATIENCE = 100.0
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_STARTS_WITH_DOT = re.compile(rb"(?m)^\.")


class NotSent(Exception):
    """The server certainly does not have it. `permanent` when it will not take it
    another time either; `str()` is the server's answer, or the fault's name."""

    def __init__(self, said: str, *, permanent: bool = False) -> None:
        super().__init__(said)
        self.permanent = permanent


class Unclear(Exception):
    """The whole letter left, and no answer came: it may have been taken."""


def post(message: EmailMessage, *, sender: str, about_to: Callable[[], None]) -> None:
    """Hands one letter over. `sender` is the return address of the envelope; `about_to`
    is called just before the server gets what it needs to take the letter.

    Raises NotSent or Unclear.
    """
    backend = get_connection()
    if not isinstance(backend, EmailBackend):
        # The demonstration's folder and the tests' list take it whole or not at all.
        try:
            backend.send_messages([message])
        except OSError as error:
            raise NotSent(type(error).__name__) from error
        return
    try:
        _converse(backend, message, sender, about_to)
    finally:
        with suppress(OSError):
            backend.close()


def _converse(
    backend: EmailBackend,
    message: EmailMessage,
    sender: str,
    about_to: Callable[[], None],
) -> None:
    content = _LINE_END.sub(b"\r\n", message.message().as_bytes())
    content = _LINE_STARTS_WITH_DOT.sub(b"..", content)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    try:
        backend.open()
        server = backend.connection
        assert server is not None
        server.ehlo_or_helo_if_needed()
        code, said = server.mail(_address(sender))
        if code != READY:
            raise NotSent(_words(code, said))
        for recipient in message.recipients():
            code, said = server.rcpt(_address(recipient))
            if code not in TAKEN:
                raise NotSent(_words(code, said), permanent=code >= 500)
        code, said = server.docmd("DATA")
        if code != GO_ON:
            raise NotSent(_words(code, said), permanent=code >= 500)
        about_to()
        # What fails here failed before the final dot had left: not taken.
        server.send(content + b".\r\n")
    except OSError as error:  # smtplib's errors are OSErrors
        raise NotSent(type(error).__name__) from error
    try:
        if server.sock is not None:
            server.sock.settimeout(PATIENCE)
        code, said = server.getreply()
    except OSError as error:
        raise Unclear(type(error).__name__) from error
    if code != READY:
        raise NotSent(_words(code, said), permanent=code >= 500)


def _address(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local}@{punycode(domain)}"


def _words(code: int, said: bytes) -> str:
    return f"{code} {said.decode('utf-8', 'replace')}"[:300]
