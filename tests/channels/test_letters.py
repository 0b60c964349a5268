"""Letters against a real SMTP server: TLS, refusals, lines cut at every step; nothing
lost, nothing sent twice."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.utils import timezone
from pytest_django import Settings

from archive import files
from channels import letters
from channels.delivery import Refused
from channels.models import Letter
from tests import make
from tests.peers.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class Trouble:
    """What goes wrong at the server, once each time `times` is left. `got` are the
    mails it took responsibility for, `envelopes` whom they were from and to."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.refuses: dict[str, str] = {}
        self.answer = "250 OK"
        self.cut = ""
        self.times = 1

    def cuts(self, where: str) -> bool:
        if self.cut != where or not self.times:
            return False
        self.times -= 1
        return True

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.cuts("before it is taken"):
            server.transport.abort()
            return "250 nobody hears this"
        if self.answer.startswith("250"):
            self.got.append(message_from_bytes(envelope.content, policy=policy.default))
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if self.cuts("after it is taken"):
            server.transport.abort()
        return self.answer


class Server(SMTP):
    """Hangs up in the middle of a letter when it is told to."""

    async def smtp_DATA(self, arg: str) -> None:
        trouble: Trouble = self.event_handler
        if trouble.cuts("at the command"):
            self.transport.abort()
            return
        if trouble.cuts("in the middle"):
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class Listening(Controller):
    def factory(self) -> SMTP:
        return Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def listening(trouble: Trouble, **options: Any) -> Iterator[int]:
    port = free_port()
    controller = Listening(trouble, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture
def trouble(settings: Settings) -> Iterator[Trouble]:
    trouble = Trouble()
    with listening(trouble) as port:
        settings.EMAIL_BACKEND = BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield trouble


def letter(**changes: Any) -> Letter:
    values = {"address": "maja@testnas.example", "subject": "Hej", "body": "Text."}
    return letters.write_to(**(values | changes))


def ripe(one: Letter) -> Letter:
    Letter.objects.filter(pk=one.pk).update(not_before=timezone.now())
    one.refresh_from_db()
    return one


def long_ago(one: Letter) -> Letter:
    """Two minutes later nobody waits for the server's answer any more."""
    Letter.objects.filter(pk=one.pk).exclude(unclear_at=None).update(
        unclear_at=timezone.now() - timedelta(minutes=3)
    )
    one.refresh_from_db()
    return one


def test_a_letter_bears_its_writer_and_its_files(trouble: Trouble, settings: Settings):
    """M-E: from the official address with role and unit."""
    settings.BOUNCE_ADDRESS = "returer@testnas.example"
    digest, _size = files.keep(BytesIO(b"\x89PNG picture"))
    one = letter(
        subject="Two\nlines",
        body="Råd\n.\n.. och punkter",
        from_name="Maja Öberg, kommunikatör, Skolan",
        from_email="skolan@testnas.example",
        reply_to="maja.oberg@testnas.example",
        files=[
            letters.Attached(
                name="a.html", mime="text/html", content="<p>å</p>".encode()
            ),
            letters.Attached(name="b.png", mime="image/png", sha256=digest),
        ],
    )
    assert letters.send_due() == 1
    mail = trouble.got[0]
    assert mail["From"].addresses[0].addr_spec == "skolan@testnas.example"
    assert mail["From"].addresses[0].display_name == "Maja Öberg, kommunikatör, Skolan"
    assert mail["Reply-To"] == "maja.oberg@testnas.example"
    assert mail["Subject"] == "Two lines"
    body, page, picture = mail.iter_parts()
    assert body.get_content().splitlines() == ["Råd", ".", ".. och punkter"]
    assert page.get_content().strip() == "<p>å</p>"
    assert picture.get_content() == b"\x89PNG picture"
    assert trouble.envelopes == [
        (f"returer+{one.key.hex}@testnas.example", ["maja@testnas.example"])
    ]
    one.refresh_from_db()
    assert (one.state, one.error) == (Letter.State.SENT, "")


def test_a_refused_receiver_is_final_and_named(trouble: Trouble):
    trouble.refuses["maja@testnas.example"] = "550 5.1.1 no such mailbox"
    refused, other = letter(), letter(address="bo@testnas.example")
    assert letters.send_due() == 1
    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.state, refused.attempts) == (Letter.State.FAILED, 1)
    assert refused.error == "550 5.1.1 no such mailbox"
    assert other.state == Letter.State.SENT
    assert list(Letter.objects.stuck()) == [refused]


@pytest.mark.parametrize(
    ("where", "attempts"), [("rcpt", 2), ("data", 2)], ids=["receiver", "letter"]
)
def test_a_server_that_asks_to_wait_is_asked_again(
    where: str, attempts: int, trouble: Trouble
):
    one = letter()
    if where == "rcpt":
        trouble.refuses[one.to] = "451 4.7.1 greylisted"
    else:
        trouble.answer = "452 4.3.1 full"
    assert letters.send_due() == 0
    one.refresh_from_db()
    assert (one.state, one.failed_at, one.unclear_at) == ("waiting", None, None)
    assert one.not_before > timezone.now()
    assert letters.send_due() == 0, "not before its time"
    trouble.refuses, trouble.answer = {}, "250 OK"
    assert letters.send_due(most=1) == 0
    ripe(one)
    assert letters.send_due() == 1
    one.refresh_from_db()
    assert (one.attempts, len(trouble.got)) == (attempts, 1)


def test_a_letter_that_the_server_will_not_have_is_final(trouble: Trouble):
    trouble.answer = "554 5.7.1 looks like advertising"
    one = letter()
    assert letters.send_due() == 0
    one.refresh_from_db()
    assert (one.state, one.unclear_at) == (Letter.State.FAILED, None)
    assert trouble.got == []


@pytest.mark.parametrize("where", ["at the command", "in the middle"])
def test_a_line_cut_before_the_end_is_tried_again_and_arrives_once(
    where: str, trouble: Trouble
):
    """The server never had the whole: nothing is unclear (RFC 5321, 4.1.1.4)."""
    trouble.cut = where
    # More than the sockets hold: the line breaks while the letter is still leaving.
    file = letters.Attached(
        name="a.bin", mime="application/octet-stream", content=b"x" * 16_000_000
    )
    one = letter(files=[file])
    assert letters.send_due() == 0
    one.refresh_from_db()
    assert trouble.got == []
    assert (one.state, one.unclear_at, one.failed_at) == ("waiting", None, None)
    ripe(one)
    trouble.refuses = {}
    Letter.objects.get(pk=one.pk).files.all().delete()
    assert letters.send_due() == 1
    assert len(trouble.got) == 1


@pytest.mark.parametrize("where", ["before it is taken", "after it is taken"])
def test_a_line_cut_after_the_end_is_a_persons_to_settle(where: str, trouble: Trouble):
    """From here the two look alike: nothing is sent twice and nothing is lost."""
    trouble.cut = where
    one = letter()
    assert letters.send_due() == 0
    one.refresh_from_db()
    assert one.unclear_at
    assert one.state == Letter.State.WAITING, "the answer may still come"
    ripe(one)
    assert letters.send_due() == 0
    assert len(trouble.got) == (where == "after it is taken")
    long_ago(one)
    assert one.state == Letter.State.UNCLEAR
    assert list(Letter.objects.stuck()) == [one]


def test_a_person_sends_an_unclear_letter_again_under_the_same_name(
    trouble: Trouble, cast: Any
):
    trouble.cut = "after it is taken"
    one = letter()
    letters.send_due()
    with pytest.raises(Refused, match="not waiting for a person"):
        letters.try_again(letter=one, by=cast.anna)
    letters.try_again(letter=long_ago(one), by=cast.anna)
    assert letters.send_due() == 1
    first, second = trouble.got
    assert first["Message-ID"] == second["Message-ID"] == f"<{one.key}@localhost>"
    one.refresh_from_db()
    assert (one.state, one.unclear_at) == (Letter.State.SENT, None)


def test_a_person_lets_an_unclear_letter_be(trouble: Trouble, cast: Any):
    trouble.cut = "after it is taken"
    one = letter()
    letters.send_due()
    letters.leave(letter=long_ago(one), by=cast.anna)
    assert not Letter.objects.stuck().exists()
    assert letters.send_due() == 0
    with pytest.raises(Refused):
        letters.leave(letter=one, by=cast.anna)


def test_a_worker_that_dies_after_handing_over_sends_nothing_twice(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch
):
    one = letter()

    def die(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    original = letters.posting.post

    def post(message: Any, *, sender: str, about_to: Any) -> None:
        original(message, sender=sender, about_to=about_to)
        die()

    monkeypatch.setattr(letters.posting, "post", post)
    with pytest.raises(SystemExit):
        letters.send_due()
    monkeypatch.setattr(letters.posting, "post", original)
    ripe(one)
    assert letters.send_due() == 0
    assert len(trouble.got) == 1
    assert long_ago(one).state == Letter.State.UNCLEAR


def test_a_letter_is_not_kept_for_ever(trouble: Trouble):
    """What it said stands in the case and its record."""
    file = letters.Attached(name="a.txt", mime="text/plain", content=b"x")
    old, new, back = (letter(files=[file]) for _number in range(3))
    assert letters.send_due() == 3
    then = timezone.now() - timedelta(days=31)
    Letter.objects.filter(pk__in=[old.pk, back.pk]).update(sent_at=then)
    Letter.objects.filter(pk=back.pk).update(returned_at=then)
    assert letters.forget_sent() == 1
    assert letters.forget_sent() == 0
    for one, kept in ((old, 0), (new, 1), (back, 1)):
        one.refresh_from_db()
        assert (bool(one.body), one.files.count()) == (bool(kept), kept)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_fault_of_ours_loses_and_doubles_nothing(
    after: bool, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
):
    """What breaks before the letter has left is tried again, and only that."""
    broken, behind = letter(), letter(address="bo@testnas.example")
    original = letters.posting.post

    def post(message: Any, *, sender: str, about_to: Any) -> None:
        if message.to == [broken.to]:
            if after:
                original(message, sender=sender, about_to=about_to)
            raise ZeroDivisionError
        original(message, sender=sender, about_to=about_to)

    monkeypatch.setattr(letters.posting, "post", post)
    assert letters.send_due() == 1
    monkeypatch.setattr(letters.posting, "post", original)
    behind.refresh_from_db()
    assert behind.state == Letter.State.SENT
    ripe(broken)
    assert letters.send_due() == (not after)
    assert sum(mail["To"] == broken.to for mail in trouble.got) == 1
    if after:
        assert long_ago(broken).state == Letter.State.UNCLEAR


def test_no_server_at_all_loses_nothing(settings: Settings, trouble: Trouble):
    right, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    one = letter()
    assert letters.send_due() == 0
    one.refresh_from_db()
    assert (one.error, one.state) == ("ConnectionRefusedError", "waiting")
    settings.EMAIL_PORT = right
    ripe(one)
    assert letters.send_due() == 1
    assert len(trouble.got) == 1


def test_in_the_end_a_person_is_told(settings: Settings):
    settings.EMAIL_BACKEND = BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    one = letter()
    for _attempt in range(letters.MOST_ATTEMPTS):
        assert not Letter.objects.stuck().exists()
        assert letters.send_due() == 0
        ripe(one)
    assert list(Letter.objects.stuck()) == [one]
    assert letters.send_due() == 0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    return folder


def test_over_tls_the_letter_and_nothing_else_arrives(
    certificate: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """A server that demands STARTTLS; one whose certificate nobody vouches for gets
    nothing, and the letter waits."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    trouble = Trouble()
    with listening(trouble, tls_context=context, require_starttls=True) as port:
        settings.EMAIL_BACKEND = BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", port
        settings.EMAIL_USE_TLS = False
        one = letter()
        assert letters.send_due() == 0
        one.refresh_from_db()
        assert one.error.startswith("530"), "it will not talk in clear"
        settings.EMAIL_USE_TLS = True
        ripe(one)
        assert letters.send_due() == 0
        one.refresh_from_db()
        assert one.error == "SSLCertVerificationError"
        assert (trouble.got, one.state) == ([], "waiting")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
        ripe(one)
        assert letters.send_due() == 1
    assert len(trouble.got) == 1


def test_only_numbers_of_refusals_are_logged(
    trouble: Trouble, capfd: pytest.CaptureFixture[str]
):
    trouble.refuses["maja@testnas.example"] = "550 <maja@testnas.example> is gone"
    letter()
    letters.send_due()
    told = "".join(capfd.readouterr())
    assert "maja@" not in told


def test_writing_to_somebody_without_an_address_is_nothing(cast: Any):
    nobody = make.person("Nils")
    nobody.email = ""
    assert letters.write(to=nobody, subject="x", body="y") is None
