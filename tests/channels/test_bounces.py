"""Reports of mail servers (RFC 3464) find the letter they speak of."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage, Message
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from channels import bounces, letters
from channels.models import Letter

pytestmark = pytest.mark.django_db


def report(
    letter: Letter,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    to: str = "",
    copy: str = "message/rfc822",
    diagnostic: str = "smtp; 550 5.1.1 <maja@testnas.example>: no such mailbox",
) -> bytes:
    """As Postfix writes them: a sentence, the machine's part, the letter."""
    told = EmailMessage()
    told["From"] = "MAILER-DAEMON@mx.testnas.example"
    told["To"] = to or "kanalvakt@localhost"
    told["Subject"] = "Undelivered Mail Returned to Sender"
    told.set_content("I'm sorry to have to inform you …")
    told.make_mixed()
    told.set_type("multipart/report")
    told.set_param("report-type", "delivery-status")
    machine = Message()
    machine.add_header("Content-Type", "message/delivery-status")
    host, recipient = Message(), Message()
    host["Reporting-MTA"] = "dns; mx.testnas.example"
    recipient["Final-Recipient"] = "rfc822; maja@testnas.example"
    recipient["Action"] = action
    recipient["Status"] = status
    recipient["Diagnostic-Code"] = diagnostic
    machine.set_payload([host, recipient])
    told.attach(machine)
    sent = letters.mail_of(letter).message()
    back = Message()
    if copy == "text/rfc822-headers":
        back.add_header("Content-Type", copy)
        back.set_payload("".join(f"{name}: {value}\n" for name, value in sent.items()))
    else:
        back.add_header("Content-Type", copy)
        back.set_payload([sent])
    told.attach(back)
    return told.as_bytes()


@pytest.fixture
def letter() -> Letter:
    one = letters.write_to(address="maja@testnas.example", subject="Hej", body="Text.")
    Letter.objects.filter(pk=one.pk).update(sent_at=timezone.now())
    return one


@pytest.mark.parametrize("copy", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_finds_its_letter_by_the_copy_in_it(letter: Letter, copy: str):
    returned = bounces.take(report(letter, copy=copy))
    assert returned == letter
    letter.refresh_from_db()
    assert letter.state == Letter.State.RETURNED
    assert letter.error == "5.1.1 550 5.1.1 <maja@testnas.example>: no such mailbox"
    assert list(Letter.objects.stuck()) == [letter]


def test_a_report_finds_its_letter_by_the_address_it_comes_back_to(
    letter: Letter, settings: Any
):
    settings.BOUNCE_ADDRESS = "returer@testnas.example"
    stranger = Letter(key=uuid4(), to="x@testnas.example", subject="x", body="y")
    stranger.save()
    raw = report(stranger, to=letters.return_address(letter))
    assert bounces.take(raw) == letter


def test_the_same_report_twice_counts_once(letter: Letter):
    assert bounces.take(report(letter))
    assert bounces.take(report(letter)) is None


def test_a_delay_is_no_failure(letter: Letter):
    """RFC 3464, 2.3.3: the server is still trying."""
    assert bounces.take(report(letter, action="delayed", status="4.4.1")) is None
    letter.refresh_from_db()
    assert letter.returned_at is None


def test_a_report_settles_what_was_unclear(letter: Letter):
    moment = timezone.now() - timedelta(minutes=5)
    Letter.objects.filter(pk=letter.pk).update(sent_at=None, unclear_at=moment)
    bounces.take(report(letter))
    letter.refresh_from_db()
    assert (letter.sent_at, letter.unclear_at) == (moment, None)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00 nothing of a mail",
        b"Content-Type: multipart/report; boundary=x\n\n--x\n",
        b"Content-Type: message/delivery-status\n\nAction: failed\n",
        b"Content-Type: multipart/report\n\nno boundary",
        b"From: maja@testnas.example\nSubject: Holiday\n\nBack on Monday.",
    ],
)
def test_what_is_no_report_of_ours_is_nothing(raw: bytes, letter: Letter):
    assert bounces.take(raw) is None


def test_a_report_of_somebody_elses_letter_is_nothing(letter: Letter):
    stranger = Letter(key=uuid4(), to="x@testnas.example", subject="x", body="y", pk=9)
    assert bounces.take(report(stranger)) is None


def test_the_mail_server_pipes_reports_in(
    letter: Letter, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any
):
    source = tmp_path / "report"
    source.write_bytes(report(letter))
    with source.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        call_command("take_bounces")
    assert "letters returned: 1" in capsys.readouterr().out
    letter.refresh_from_db()
    assert letter.returned_at


def test_a_maildir_is_read_once(letter: Letter, tmp_path: Any, capsys: Any):
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.a.host").write_bytes(report(letter))
    (tmp_path / "new" / "2.b.host").write_bytes(b"Subject: Holiday\n\nBack soon.")
    call_command("take_bounces", "--maildir", str(tmp_path))
    assert "reports read: 2, letters returned: 1" in capsys.readouterr().out
    call_command("take_bounces", "--maildir", str(tmp_path))
    assert "reports read: 0, letters returned: 0" in capsys.readouterr().out
    assert len(list((tmp_path / "cur").iterdir())) == 2
    with pytest.raises(CommandError, match="no Maildir"):
        call_command("take_bounces", "--maildir", str(tmp_path / "none"))
