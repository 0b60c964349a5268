"""Pictures at the desk: hidden until asked for, and only for who sees the message."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import structlog
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from archive import files
from channels.models import Attachment, Message
from moderation import bulk, decisions
from moderation.models import Case
from tests import make
from tests.channels.test_attachments import bomb

if TYPE_CHECKING:
    from channels.models import Channel, User
    from tests.conftest import Cast

RED, BLUE = make.picture("PNG", "red"), make.picture("JPEG", "blue", (300, 200))


@pytest.fixture
def case(school_channel: Channel) -> Case:
    return make.case(
        school_channel,
        "Vad är det här?",
        attachments=[
            make.attached(RED, name="röd bild.png"),
            make.attached(BLUE, name="blå.jpg"),
        ],
    )


def at(client: Client, user: User, case: Case) -> str:
    client.force_login(user)
    return client.get(f"/admin/desk/{case.pk}/").content.decode()


def address(case: Case, number: int = 0) -> str:
    one = Attachment.objects.filter(version__message=case.message_id)[number]
    return f"/admin/desk/{case.pk}/picture/{one.pk}/"


def test_pictures_are_hidden_until_asked_for(client: Client, case: Case, cast: Cast):
    page = at(client, cast.anna, case)
    for number in (1, 2):
        assert (
            f'alt="Picture {number} of 2 from the sender, hidden until you ask for it"'
            in page
        )
    assert page.count('<details class="sent-picture"') == 2
    assert '<details class="sent-picture" open' not in page
    assert page.count('loading="lazy"') == 2
    assert "style=" not in page


def test_what_stands_there_before_tells_nothing(client: Client, case: Case, cast: Cast):
    client.force_login(cast.anna)
    seen = client.get(f"{address(case, 1)}blurred/")
    assert seen["Content-Type"] == "image/jpeg"
    assert len(seen.content) < 2000
    assert max(Image.open(BytesIO(seen.content)).size) == 32


def test_a_picture_is_drawn_and_nothing_else_of_it_runs(
    client: Client, case: Case, cast: Cast
):
    client.force_login(cast.anna)
    shown = client.get(address(case))
    assert b"".join(shown.streaming_content) == RED
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"].startswith("inline; filename")
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in shown["Cache-Control"]
    assert shown["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "data",
    [b"<script>alert(1)</script>", b"<svg onload='x'/>", bomb(), b"%PDF-1 %%EOF"],
)
def test_what_is_no_picture_is_only_saved(
    client: Client, school_channel: Channel, cast: Cast, data: bytes
):
    one = make.case(
        school_channel,
        attachments=[make.attached(data, name="x.html", mime="image/png")],
    )
    page = at(client, cast.anna, one)
    assert "Save the file" in page
    assert "/blurred/" not in page
    saved = client.get(address(one))
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"] == 'attachment; filename="x.html"'
    assert b"".join(saved.streaming_content) == data
    assert client.get(f"{address(one)}blurred/").status_code == 404


def test_a_gap_is_named(client: Client, school_channel: Channel, cast: Cast):
    one = make.case(school_channel, attachments=[make.attached(name="<b>katt</b>.png")])
    page = at(client, cast.anna, one)
    assert "&lt;b&gt;katt&lt;/b&gt;.png" in page
    assert "has no address that may be called" in page
    assert client.get(address(one)).status_code == 404


def test_only_who_sees_the_message_sees_its_pictures(
    client: Client, case: Case, cast: Cast, school_channel: Channel
):
    for user, status in ((cast.anna, 200), (cast.hanna, 200), (cast.bo, 404)):
        client.force_login(user)
        assert client.get(address(case)).status_code == status
        assert client.get(f"{address(case)}blurred/").status_code == status
    another = make.case(school_channel, "Another")
    client.force_login(cast.anna)
    elsewhere = address(case).replace(f"/{case.pk}/picture", f"/{another.pk}/picture")
    assert client.get(elsewhere).status_code == 404
    client.logout()
    assert client.get(address(case)).status_code == 302


def test_who_opens_a_direct_messages_picture_is_logged(
    client: Client, school_channel: Channel, case: Case, cast: Cast
):
    letter = make.case(
        school_channel, "Se här", kind="dm", post=None, attachments=[make.attached(RED)]
    )
    client.force_login(cast.anna)
    with structlog.testing.capture_logs() as told:
        client.get(address(case))
        client.get(f"{address(letter)}blurred/")
        client.get(address(letter))
    [opened] = [line for line in told if line["event"] == "picture_opened"]
    assert (opened["case"], opened["by"]) == (letter.pk, cast.anna.pk)


def test_earlier_pictures_stand_with_their_version(
    client: Client, school_channel: Channel, cast: Cast
):
    first = make.item("A", id="e", attachments=[make.attached(RED, id="1")])
    make.receive(school_channel, first)
    make.receive(
        school_channel,
        make.item("B", id="e", attachments=[make.attached(BLUE, id="2")]),
    )
    page = at(client, cast.anna, Case.objects.get())
    history = page[page.index("2 versions") :]
    both = [f"/picture/{one.pk}/blurred/" for one in Attachment.objects.order_by("pk")]
    assert both[0] not in page[: page.index("2 versions")]
    assert both[1] in page[: page.index("2 versions")]
    assert both[0] in history


def test_pictures_of_the_thread_are_hidden_too(
    client: Client, school_channel: Channel, case: Case, cast: Cast
):
    answer = make.case(school_channel, "Svar", parent_id=case.message.external_id)
    page = at(client, cast.anna, answer)
    assert address(case) in page
    assert "hidden until you ask for it" in page


def test_the_list_says_that_there_are_pictures(
    client: Client, school_channel: Channel, case: Case, cast: Cast
):
    """No screening sees them, so no box keeps them unseen."""
    make.case(
        school_channel, "", kind="dm", post=None, attachments=[make.attached(RED)]
    )
    make.case(school_channel, "När öppnar ni?")
    client.force_login(cast.anna)
    page = client.get("/admin/desk/").content.decode()
    assert page.count("with pictures") == 2
    assert f'class="thumb" src="{address(case)}blurred/" alt=""' in page
    assert "No words, only pictures." in page
    assert page.count('name="case"') == 1
    outcome = bulk.keep(picks=[bulk.Pick(case.pk, case.turn)], by=cast.anna)
    [(_case, why)] = outcome.refused
    assert why == "Pictures came with it: open it and look at them."


def test_a_page_without_pictures_asks_for_none(
    client: Client, school_channel: Channel, cast: Cast
):
    one = make.case(school_channel, "Ord")
    client.force_login(cast.anna)
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/admin/desk/{one.pk}/")
    assert not [
        q for q in asked.captured_queries if "channels_attachment" in (q["sql"] or "")
    ]


def test_what_is_to_be_removed_is_shown_once_more_with_its_pictures(
    client: Client, case: Case, cast: Cast
):
    client.force_login(cast.anna)
    page = client.post(
        f"/admin/desk/{case.pk}/remove/",
        {"turn": case.turn, "rule": make.rule().pk, "reason": "X"},
    ).content.decode()
    assert "Seal the record and remove" in page
    assert page.count("hidden until you ask for it") == 2


def test_the_record_gives_the_file_to_the_archivist(
    client: Client, case: Case, cast: Cast
):
    decision = decisions.remove(case=case, by=cast.anna, rule=make.rule(), reason="X")
    client.force_login(cast.arkiv)
    file = client.get(f"/admin/keeping/record/{decision.record_id}/file/0/")
    assert b"".join(file.streaming_content) == RED
    assert Message.objects.filter(attachments_count=2).exists()
    assert files.is_kept(files.digest_of(RED))
