"""Pictures on the practice wall: sent without script, shown, hidden and removed with
their comment, and read by the connector like those of any platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from archive import files
from channels import wall, wall_pictures
from channels.bare_jpeg import bare
from channels.models import Attachment, Channel, Message, Stream, WallEntry, WallPicture
from channels.platforms.base import Item
from channels.platforms.practice import PracticeWall
from moderation import polling
from tests import make
from tests.channels.test_attachments import bomb
from tests.channels.test_bare_jpeg import photo
from tests.channels.test_wall import (
    ADDRESS,
    WRITE_DIRECTLY,
    client,
    comment_address,
    django_client_other,
    page_of,
    post,
    send,
    square,
)

if TYPE_CHECKING:
    from django.test import Client

__all__ = ["client", "comment_address", "django_client_other", "post", "square"]

RED, BLUE = make.picture("PNG", "red"), make.picture("WEBP", "blue")


def upload(data: bytes, name: str = "bild.png", mime: str = "image/png") -> Any:
    return SimpleUploadedFile(name, data, mime)


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_comment_has_pictures(client: Client, comment_address: str, square: Channel):
    answer = send(
        client, comment_address, pictures=[upload(RED), upload(BLUE, "b.webp")]
    )
    assert answer.status_code == 302
    first, second = WallPicture.objects.all()
    assert (first.mime, first.width, first.height) == ("image/png", 40, 30)
    assert (second.mime, second.position) == ("image/webp", 2)
    page = page_of(client)
    assert 'alt="Picture 1 of 2 by Kim"' in page
    shown = client.get(f"{ADDRESS}picture/{first.pk}/")
    assert body_of(shown) == RED
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"] == 'inline; filename="bild.png"'
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in shown["Cache-Control"]


def test_a_photo_does_not_tell_where_it_was_taken(client: Client, comment_address: str):
    taken = photo(orientation=6)
    send(client, comment_address, pictures=[upload(taken, "IMG_1.jpg")])
    one = WallPicture.objects.get()
    assert (one.width, one.height) == (120, 160)
    shown = body_of(client.get(f"{ADDRESS}picture/{one.pk}/"))
    assert b"Telefon" not in shown
    assert shown == bare(taken, orientation=6)


def test_a_picture_without_a_word_is_a_comment(client: Client, comment_address: str):
    assert send(client, comment_address, text="").status_code == 422
    assert send(
        client, comment_address, text="", pictures=[upload(RED)]
    ).status_code == (302)
    assert WallEntry.objects.get().text == ""


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ([upload(b"<script>alert(1)</script>")], "“bild.png” is no picture."),
        ([upload(b"<svg/>", "a.svg", "image/svg+xml")], "“a.svg” is no picture."),
        ([upload(b"%PDF-1.7 %%EOF", "a.pdf")], "“a.pdf” is no picture."),
        ([upload(RED[:-30])], "“bild.png” cannot be opened"),
        ([upload(bomb(), "bomb.png")], "“bomb.png” cannot be opened"),
        ([upload(RED + b"x" * 8 * 1024 * 1024, "stor.png")], "“stor.png” is larger"),
        ([upload(RED)] * 5, "Choose at most 4 pictures."),
        ([upload(b"", "tom.png")], "A file without content cannot be sent."),
        ([upload(RED), upload(b"x", "b.png")], "“b.png” is no picture."),
    ],
)
def test_what_is_no_picture_is_refused_in_words(
    client: Client, comment_address: str, sent: list[Any], words: str
):
    answer = send(client, comment_address, pictures=sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Hello" in answer.content.decode()
    assert not WallEntry.objects.exists()


def test_a_form_that_comes_back_asks_for_the_pictures_again(
    client: Client, comment_address: str
):
    answer = send(client, comment_address, name="", pictures=[upload(RED)])
    assert "Choose your pictures once more." in answer.content.decode()
    assert (
        "Choose your pictures"
        not in send(client, comment_address, name="").content.decode()
    )


def test_much_too_much_is_refused_as_a_whole(client: Client, comment_address: str):
    sent = [upload(b"x" * 30_000_000, f"{n}.png") for n in range(2)]
    answer = send(client, comment_address, pictures=sent)
    assert answer.status_code == 413


def test_the_same_form_sent_twice_is_one_comment_and_other_pictures_are_another(
    client: Client, comment_address: str
):
    send(client, comment_address, pictures=[upload(RED)])
    send(client, comment_address, pictures=[upload(RED)])
    assert WallEntry.objects.count() == WallPicture.objects.count() == 1
    send(client, comment_address, pictures=[upload(BLUE)])
    assert WallEntry.objects.count() == 2


def test_pictures_are_taken_away_and_added_by_their_writer(
    client: Client, comment_address: str
):
    send(client, comment_address, pictures=[upload(RED), upload(BLUE)])
    own = WallEntry.objects.get()
    first, second = own.pictures.all()
    edit = f"{ADDRESS}entry/{own.pk}/edit/"
    assert "Take picture 2 away" in client.get(edit).content.decode()
    green = make.picture("GIF", "green")
    assert (
        send(
            client, edit, without=[first.pk], pictures=[upload(green, "g.gif")]
        ).status_code
        == 302
    )
    assert [one.mime for one in own.pictures.all()] == ["image/webp", "image/gif"]
    assert send(client, edit, pictures=[upload(RED)] * 3).status_code == 422
    somebody_elses = WallPicture.objects.create(
        entry=wall.write(
            channel=own.channel,
            kind="comment",
            author_name="X",
            author_key="",
            text="x",
        ),
        position=1,
        name="x",
        sha256=second.sha256,
        size=1,
        mime="image/png",
        width=1,
        height=1,
    )
    assert send(client, edit, without=[somebody_elses.pk]).status_code == 422
    assert WallPicture.objects.filter(pk=somebody_elses.pk).exists()
    both = [one.pk for one in own.pictures.all()]
    assert send(client, edit, text="", without=both).status_code == 422
    assert send(client, edit, text="Bare", without=both).status_code == 302
    assert not own.pictures.exists()


@pytest.mark.parametrize("state", ["hidden", "removed"])
def test_pictures_are_hidden_and_removed_with_their_comment(
    client: Client,
    comment_address: str,
    state: str,
    django_capture_on_commit_callbacks: Any,
):
    colour = make.picture("PNG", "orange" if state == "removed" else "brown")
    send(client, comment_address, pictures=[upload(colour)])
    own = WallEntry.objects.get()
    address = f"{ADDRESS}picture/{own.pictures.get().pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        wall.set_state(entry=own, state=state)
    assert client.get(address).status_code == 404
    assert "picture/" not in page_of(client)
    if state == "removed":
        assert not WallPicture.objects.exists()
        with pytest.raises(FileNotFoundError):
            list(files.chunks(files.digest_of(colour)))
    else:
        wall.set_state(entry=own, state="visible")
        assert client.get(address).status_code == 200


def test_a_direct_messages_picture_is_its_writers_alone(
    client: Client, django_client_other: Client, square: Channel, comment_address: str
):
    send(client, WRITE_DIRECTLY, pictures=[upload(RED)])
    address = f"{ADDRESS}picture/{WallPicture.objects.get().pk}/"
    assert client.get(address).status_code == 200
    assert address in client.get(WRITE_DIRECTLY).content.decode()
    assert django_client_other.get(address).status_code == 404
    send(django_client_other, comment_address)
    assert django_client_other.get(address).status_code == 404


def test_a_picture_belongs_to_its_wall(client: Client, comment_address: str, cast: Any):
    make.channel(cast.anna, cast.schools, slug="another")
    send(client, comment_address, pictures=[upload(RED)])
    one = WallPicture.objects.get()
    assert client.get(f"/wall/another/picture/{one.pk}/").status_code == 404


def test_the_connector_gives_the_pictures(
    client: Client, comment_address: str, square: Channel
):
    send(client, comment_address, pictures=[upload(RED, "röd.png")])
    [item] = PracticeWall(address="", channel="square").poll(None).changes
    assert isinstance(item, Item)
    [one] = item.attachments
    assert (one.name, one.mime, one.size) == ("röd.png", "image/png", len(RED))
    assert one.read is not None
    assert one.read() == RED


def test_from_the_wall_to_the_desk_and_on_when_the_wall_forgets(
    client: Client,
    comment_address: str,
    square: Channel,
    django_capture_on_commit_callbacks: Any,
):
    """What was seen stays with us when its writer takes it away."""
    send(client, comment_address, pictures=[upload(RED), upload(BLUE)])
    polling.poll(Stream.objects.get(channel=square))
    own = WallEntry.objects.get()
    first = own.pictures.first()
    assert first is not None
    with django_capture_on_commit_callbacks(execute=True):
        wall.edit(entry=own, text=own.text, without=[first.pk])
    polling.poll(Stream.objects.get(channel=square))
    message = Message.objects.get()
    assert (message.versions_count, message.attachments_count) == (2, 3)
    digests = {one.sha256 for one in Attachment.objects.all()}
    assert digests == {files.digest_of(RED), files.digest_of(BLUE)}
    with django_capture_on_commit_callbacks(execute=True):
        wall.set_state(entry=own, state="removed")
    assert b"".join(files.chunks(files.digest_of(RED))) == RED


def test_what_was_taken_down_between_two_looks_is_a_gap(
    client: Client, comment_address: str, square: Channel
):
    send(client, comment_address, pictures=[upload(make.picture("PNG", "pink"))])
    batch = PracticeWall(address="", channel="square").poll(None)
    files.forget(WallPicture.objects.get().sha256)
    make.receive(square, *batch.changes)
    assert Attachment.objects.get().missing == "not_found"
    assert Message.objects.exists()


def test_the_types_that_the_form_asks_for_are_those_that_are_shown():
    from archive.downloads import DRAWN

    assert set(wall_pictures.TYPES) == DRAWN
