"""The demonstration's mail: kept, shown, and gone outside it."""

from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from pytest_django import Settings

from config.mail import kept_mails
from tests.peers.services import SmtpServer

# The page for "not found" names the municipality.
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.MAIL_FOLDER = tmp_path / "mail"
    return tmp_path / "mail"


def send(
    subject: str, body: str, *, backend: str = "config.mail.FolderBackend"
) -> None:
    message = EmailMultiAlternatives(
        subject,
        body,
        "kommun@example.org",
        ["chef@example.org"],
        connection=get_connection(backend),
    )
    message.attach_alternative("<p>not shown</p>", "text/html")
    assert message.send() == 1


def test_a_mail_is_kept_whole_and_readable_to_its_owner_alone(folder: Path) -> None:
    send("Ny kanal föreslagen", "Hej Åsa,\nkanalen väntar på dig.")
    send("Nästa", "…")
    newest, first = kept_mails(folder)
    assert newest.subject == "Nästa"
    assert (first.subject, first.to) == ("Ny kanal föreslagen", "chef@example.org")
    assert first.body.splitlines() == ["Hej Åsa,", "kanalen väntar på dig."]
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_the_page_shows_mails_as_text(
    client: Client, folder: Path, settings: Settings
) -> None:
    settings.DEMONSTRATION = True
    send("<script>alert(1)</script>", "<b>not bold</b>\nhttp://localhost:8000/x/")
    page = client.get("/demonstration/mail/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;not bold&lt;/b&gt;<br>" in page
    assert 'href="http://localhost:8000/x/"' in page


def test_the_page_does_not_exist_outside_the_demonstration(
    client: Client, folder: Path
) -> None:
    send("Hemligt", "…")
    assert client.get("/demonstration/mail/").status_code == 404


def test_with_a_mail_server_given_mail_goes_there(
    smtp: SmtpServer, settings: Settings
) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp.port
    send("Till servern", "Åäö", backend="django.core.mail.backends.smtp.EmailBackend")
    assert [str(mail["Subject"]) for mail in smtp.mails] == ["Till servern"]
    body = smtp.mails[0].get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Åäö"
