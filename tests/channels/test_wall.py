"""The practice wall: what visitors write and see."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import timezone

from channels import guards, registration, wall
from channels.models import Channel, WallEntry, WallPost
from channels.platforms.practice import permalink
from tests import make

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from tests.conftest import Cast

ADDRESS = "/wall/square/"
WRITE_DIRECTLY = "/wall/square/messages/"


@pytest.fixture
def client(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def square(cast: Cast) -> Channel:
    return make.channel(cast.anna, cast.schools, name="The square", slug="square")


@pytest.fixture
def post(square: Channel) -> WallPost:
    return WallPost.objects.create(channel=square, title="Bus", text="A new bus.")


@pytest.fixture
def comment_address(post: WallPost) -> str:
    return f"{ADDRESS}post/{post.pk}/comment/"


def stamp(seconds_ago: float = 60) -> str:
    moment = timezone.now() - timedelta(seconds=seconds_ago)
    with time_machine.travel(moment, tick=False):
        return guards.new_stamp()


def send(client: Client, address: str, **fields: Any) -> HttpResponse:
    values = {"name": "Kim", "text": "Hello", "stamp": stamp(), "more": ""} | fields
    return client.post(address, values)


def entry(post: WallPost, text: str = "A comment", **more: Any) -> WallEntry:
    values = {
        "channel": post.channel,
        "kind": "comment",
        "author_name": "Robin",
        "author_key": "",
        "text": text,
        "post": post,
    } | more
    return wall.write(**values)


def page_of(client: Client) -> str:
    return client.get(ADDRESS).content.decode()


def test_anyone_comments_and_answers(
    client: Client, post: WallPost, comment_address: str
):
    answer = send(client, comment_address, text="When?\r\nSoon?")
    first = WallEntry.objects.get()
    assert answer.url == f"{ADDRESS}#entry-{first.pk}"
    assert first.text == "When?\nSoon?"
    assert first.post == post
    assert first.change == 1
    send(client, f"{ADDRESS}entry/{first.pk}/answer/", text="At eight.")
    second = WallEntry.objects.get(parent=first)
    assert second.change == 2
    page = page_of(client)
    assert page.index("When?") < page.index("At eight.")


def test_the_wall_is_open_only_while_its_channel_is_in_use(cast: Cast, client: Client):
    """K-6"""
    proposed = make.proposal(cast.anna, cast.schools, slug="square")
    post = WallPost.objects.create(channel=proposed, title="Bus", text="A bus.")
    addresses = (ADDRESS, WRITE_DIRECTLY, f"{ADDRESS}post/{post.pk}/comment/")

    def answers() -> set[int]:
        return {send(client, one).status_code for one in addresses[1:]} | {
            client.get(one).status_code for one in addresses
        }

    assert answers() == {404}
    registration.approve(channel=proposed, by=cast.hanna)
    assert 404 not in answers()
    registration.close(channel=proposed, by=cast.hanna)
    assert answers() == {404}


def test_other_platforms_have_no_wall(cast: Cast, client: Client):
    make.channel(cast.anna, cast.schools, slug="square", platform="wordpress")
    assert client.get(ADDRESS).status_code == 404


def test_what_the_channel_does_not_take_has_no_form(cast: Cast, client: Client):
    """K-2"""
    channel = make.channel(
        cast.anna,
        cast.schools,
        slug="square",
        takes_comments=False,
        takes_direct_messages=False,
    )
    post = WallPost.objects.create(channel=channel, title="Bus", text="A bus.")
    page = page_of(client)
    assert "Write a comment" not in page
    assert WRITE_DIRECTLY not in page
    assert send(client, WRITE_DIRECTLY).status_code == 404
    assert send(client, f"{ADDRESS}post/{post.pk}/comment/").status_code == 404


@pytest.mark.parametrize("state", ["hidden", "removed"])
def test_what_was_taken_away_shows_neither_text_nor_author(
    client: Client, post: WallPost, state: str
):
    gone = entry(post, "Foul words", author_name="Somebody")
    wall.set_state(entry=gone, state=state)
    page = page_of(client)
    assert "Foul words" not in page
    assert "Somebody" not in page
    assert "no longer shown" not in page
    assert f"entry-{gone.pk}" not in page
    entry(post, "Still here", parent=gone)
    page = page_of(client)
    assert "Foul words" not in page
    assert "Somebody" not in page
    assert "A comment is no longer shown here." in page
    assert "Still here" in page
    answer = f"{ADDRESS}entry/{gone.pk}/answer/"
    assert client.get(answer).status_code == 404
    wall.set_state(entry=gone, state="visible")
    assert "Somebody" in page_of(client)


def test_ones_own_comment_is_changed_by_its_writer_alone(
    client: Client, comment_address: str, django_client_other: Client
):
    send(client, comment_address)
    own = WallEntry.objects.get()
    edit = f"{ADDRESS}entry/{own.pk}/edit/"
    assert edit in page_of(client)
    assert edit not in page_of(django_client_other)
    assert send(django_client_other, edit, text="Mine now").status_code == 404
    send(django_client_other, comment_address, text="Now I have a key")
    assert send(django_client_other, edit, text="Mine now").status_code == 404
    assert send(client, edit, text="Hello again").status_code == 302
    own.refresh_from_db()
    assert own.text == "Hello again"
    assert own.edited_at is not None
    assert own.change == 3
    assert send(client, edit, text="Hello again").status_code == 302
    own.refresh_from_db()
    assert own.change == 3


@pytest.fixture
def django_client_other() -> Client:
    from django.test import Client

    return Client(headers={"accept-language": "en"})


def test_what_was_hidden_can_no_longer_be_changed(client: Client, comment_address: str):
    send(client, comment_address)
    own = WallEntry.objects.get()
    wall.set_state(entry=own, state="hidden")
    assert send(client, f"{ADDRESS}entry/{own.pk}/edit/").status_code == 404
    own.refresh_from_db()
    assert own.state == "hidden"


def test_a_forged_cookie_opens_nothing(
    client: Client, django_client_other: Client, comment_address: str
):
    send(client, comment_address)
    own = WallEntry.objects.get()
    django_client_other.cookies["wall"] = own.author_key
    edit = f"{ADDRESS}entry/{own.pk}/edit/"
    assert django_client_other.get(edit).status_code == 404
    assert edit not in page_of(django_client_other)


def test_a_direct_message_and_its_answer_are_seen_by_the_sender_alone(
    client: Client, django_client_other: Client, square: Channel
):
    answer = send(client, WRITE_DIRECTLY, text="Between us")
    assert answer.status_code == 302
    assert answer.cookies["wall"]["httponly"]
    assert answer.cookies["wall"]["samesite"] == "Lax"
    letter = WallEntry.objects.get(kind="dm")
    wall.write(
        channel=square,
        kind="dm",
        author_name="Schools",
        author_key=letter.author_key,
        text="Welcome in",
        parent=letter,
        is_ours=True,
    )
    own = client.get(WRITE_DIRECTLY).content.decode()
    assert own.index("Between us") < own.index("Welcome in")
    for other in (django_client_other.get(WRITE_DIRECTLY), client.get(ADDRESS)):
        assert "Between us" not in other.content.decode()
        assert "Welcome in" not in other.content.decode()
    # An answer carries the visitor's key; it is not the visitor's to change.
    theirs = WallEntry.objects.get(is_ours=True)
    assert client.get(f"{ADDRESS}entry/{theirs.pk}/edit/").status_code == 404


def test_a_form_sent_twice_is_one_comment(client: Client, comment_address: str):
    same = stamp()
    send(client, comment_address, stamp=same)
    client.cookies.clear()  # the answer to the first never arrived
    send(client, comment_address, stamp=same)
    assert WallEntry.objects.count() == 1
    send(client, comment_address, text="Something else")
    assert WallEntry.objects.count() == 2


def test_each_comment_has_a_report_link_with_the_connectors_address(
    client: Client, post: WallPost, settings
):
    """K-15"""
    one = entry(post)
    there = permalink("square", one)
    assert there == f"{settings.BASE_URL}{ADDRESS}#entry-{one.pk}"
    link = re.search(r'href="(/report/\?[^"]+)"', page_of(client))
    assert link is not None
    assert parse_qs(urlsplit(link[1]).query)["address"] == [there]
    form = client.get(link[1]).context["form"]
    assert form["address"].value() == there


def test_a_robot_is_sent_back_with_what_it_wrote(client: Client, comment_address: str):
    for fields, words in (
        ({"more": "http://buy.example"}, "automatic message"),
        ({"stamp": stamp(1)}, "very quick"),
        ({"stamp": stamp(3 * 60 * 60)}, "open for too long"),
        ({"stamp": ""}, "open for too long"),
        ({"stamp": stamp() + "x"}, "open for too long"),
    ):
        answer = send(client, comment_address, text="Kept words", **fields)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert words in page
        assert "Kept words" in page
        fresh = answer.context["form"]
        assert fresh["more"].value() == ""
    assert not WallEntry.objects.exists()


def test_a_network_that_writes_too_much_has_to_wait(
    client: Client, comment_address: str, monkeypatch
):
    monkeypatch.setattr("channels.wall_views.MOST_WRITINGS", 2)
    answers = [
        send(client, comment_address, text=f"No {n}").status_code for n in range(3)
    ]
    assert answers == [302, 302, 429]
    elsewhere = client.post(
        comment_address,
        {"name": "Kim", "text": "From afar", "stamp": stamp()},
        REMOTE_ADDR="203.0.113.9",
    )
    assert elsewhere.status_code == 302


BAD = {
    "nul": "a\x00b",
    "surrogates": "a\ud800b",
    "html": "<script>alert(1)</script><b>bold</b>",
    "right to left": "שלום \u202egnp.exe",
    "emoji": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "control": "a\x07\x1b[31mb",
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_text_is_stored_as_text(client: Client, comment_address: str, kind: str):
    text = BAD[kind].encode("utf-8", "surrogatepass")
    body = (
        b"--x\r\nContent-Disposition: form-data; name=stamp\r\n\r\n"
        + stamp().encode()
        + b"\r\n--x\r\nContent-Disposition: form-data; name=name\r\n\r\n"
        + text
        + b"\r\n--x\r\nContent-Disposition: form-data; name=text\r\n\r\n"
        + text
        + b"\r\n--x--\r\n"
    )
    answer = client.post(
        comment_address, body, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 302, answer.context["form"].errors
    stored = WallEntry.objects.get().text
    assert "\x00" not in stored
    page = page_of(client)
    assert "<script>alert" not in page
    if kind == "html":
        assert "&lt;script&gt;alert(1)" in page


def test_a_charset_that_smuggles_surrogates_does_no_harm(
    client: Client, comment_address: str
):
    body = (
        "--x\r\nContent-Disposition: form-data; name=stamp\r\n\r\n"
        f"{stamp()}\r\n--x\r\nContent-Disposition: form-data; name=name\r\n\r\nKim"
        "\r\n--x\r\nContent-Disposition: form-data; name=text\r\n\r\na+2AA-b"
        "\r\n--x--\r\n"
    )
    answer = client.post(
        comment_address,
        body.encode(),
        content_type="multipart/form-data; boundary=x; charset=utf-7",
    )
    assert answer.status_code in (302, 400, 422)
    assert client.get(ADDRESS).status_code == 200


def test_too_long_is_refused_in_words(client: Client, comment_address: str):
    answer = send(client, comment_address, text="x" * 5001)
    assert answer.status_code == 422
    assert "5000" in answer.content.decode()
    answer = send(client, comment_address, text="x" * 10_000_000)
    assert answer.status_code == 413
    assert "too much at once" in answer.content.decode()
    answer = send(client, comment_address, text="x" * 21 * 1024 * 1024)
    assert answer.status_code in (400, 413)
    assert not WallEntry.objects.exists()


def test_numbers_beyond_the_database_are_not_found(client: Client, square: Channel):
    huge = 10**30
    for address in (
        f"{ADDRESS}post/{huge}/comment/",
        f"{ADDRESS}entry/{huge}/answer/",
    ):
        assert client.get(address).status_code == 404


def test_a_long_wall_is_read_in_a_few_questions(
    client: Client, post: WallPost, django_assert_max_num_queries
):
    parent = None
    for number in range(30):
        parent = entry(post, f"Comment {number}", parent=parent)
    with django_assert_max_num_queries(6):
        page = page_of(client)
    assert "Comment 29" in page


def test_officers_with_a_mandate_post_on_their_own_wall(
    cast: Cast, square: Channel, client: Client
):
    from django.urls import reverse

    add = reverse("admin:channels_wallpost_add")
    data = {"channel": square.pk, "title": "Snow", "text": "It will snow."}
    for who in (cast.bo, cast.arkiv, cast.chief, cast.otto):
        client.force_login(who)
        assert client.post(add, data).status_code == 403, who
    client.force_login(cast.anna)
    assert client.post(add, data).status_code == 302
    client.logout()
    assert "It will snow." in page_of(client)
