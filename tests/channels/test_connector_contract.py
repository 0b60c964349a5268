"""The contract that every platform keeps, met on real platforms: two versions of
WordPress and the practice wall. A third platform adds one `Peer` and nothing else."""

from __future__ import annotations

import html
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from channels import attachments, wall, wall_pictures
from channels.models import Channel, WallEntry, WallPost
from channels.platforms import PLATFORMS, connect
from channels.platforms.base import (
    AuthExpired,
    Cap,
    Connector,
    Invalid,
    Item,
    NotFound,
    PlatformError,
    Ref,
    Seen,
    Tombstone,
    Transient,
)
from channels.platforms.practice import PracticeWall
from channels.platforms.wordpress import WordPress
from tests import make
from tests.peers.services import free_port

if TYPE_CHECKING:
    from tests.peers.wordpress import Site

HARD_TEXT = 'Åh 😀 <b>fet</b> & "citat" \u202eomvänt'


@dataclass
class Peer:
    """A platform as its visitors use it, and our connector to it."""

    connector: Connector
    stranger: Connector  # with a credential that is not accepted
    shown: Callable[[str], bool]  # to everybody
    comment: Callable[[str], str]
    answer: Callable[[str, str], str]
    edit: Callable[[str, str], None]
    delete: Callable[[str], None]
    replies: Callable[[str], list[str]]
    # None where the platform's comments have no pictures.
    comment_with_pictures: Callable[[list[bytes]], str] | None = None


def wordpress_peer(site: Site) -> Peer:
    post = site.post(f"Inlägg {uuid.uuid4()}")
    wrong = site.login | {"application_password": "wrong wrong wrong"}
    return Peer(
        WordPress(address=site.base, channel="wp", **site.login),
        WordPress(address=site.base, channel="wp", **wrong),
        shown=lambda one: f'id="comment-{one}"' in site.public_page(post),
        comment=lambda text: str(site.comment(post, text)),
        answer=lambda text, parent: str(site.comment(post, text, parent=int(parent))),
        edit=lambda one, text: site.edit(int(one), text),
        delete=lambda one: site.delete(int(one)),
        replies=lambda one: site.replies_to(int(one)),
    )


def practice_peer(channel: Channel) -> Peer:
    post = WallPost.objects.create(channel=channel, title="Vinter", text="Snö.")

    def write(text: str, parent: WallEntry | None = None) -> str:
        entry = wall.write(
            channel=channel,
            kind="comment",
            author_name="Kim",
            author_key="k" * 32,
            text=text,
            post=post,
            parent=parent,
        )
        return str(entry.pk)

    def with_pictures(sent: list[bytes]) -> str:
        uploads = [SimpleUploadedFile(f"{n}.png", data) for n, data in enumerate(sent)]
        made = wall.write(
            channel=channel,
            kind="comment",
            author_name="Kim",
            author_key="k" * 32,
            text="Look",
            post=post,
            pictures=[wall_pictures.received(one) for one in uploads],
        )
        return str(made.pk)

    def entry(one: str) -> WallEntry:
        return WallEntry.objects.get(pk=one)

    return Peer(
        PracticeWall(address="", channel=channel.slug),
        PracticeWall(address="", channel="no-such-wall"),
        shown=lambda one: entry(one).state == WallEntry.State.VISIBLE,
        comment=write,
        answer=lambda text, parent: write(text, entry(parent)),
        edit=lambda one, text: wall.edit(entry=entry(one), text=text) and None,
        delete=lambda one: wall.set_state(entry=entry(one), state="removed") and None,
        replies=lambda one: [
            e.text for e in WallEntry.objects.filter(parent=one, is_ours=True)
        ],
        comment_with_pictures=with_pictures,
    )


@pytest.fixture(params=["wp_debian", "wp_playground", "practice"])
def peer(request: pytest.FixtureRequest, school_channel: Channel) -> Iterator[Peer]:
    if request.param == "practice":
        yield practice_peer(school_channel)
    else:
        site = request.getfixturevalue(request.param)
        site.mend()
        yield wordpress_peer(site)


def ref(one: str) -> Ref:
    return Ref("comment", one)


def read_all(peer: Peer, cursor: str | None = None) -> tuple[list[Item], str | None]:
    items: dict[str, Item] = {}
    for _turn in range(50):
        batch = peer.connector.poll(cursor)
        items |= {one.id: one for one in batch.changes if isinstance(one, Item)}
        cursor = batch.cursor
        if not batch.more:
            return list(items.values()), cursor
    raise AssertionError("never came to an end")


def state_of(peer: Peer, one: str) -> Seen | None:
    (change,) = peer.connector.recheck([ref(one)]).changes
    return Seen.GONE if isinstance(change, Tombstone) else change.state


def test_it_proves_who_we_are(peer: Peer):
    assert peer.connector.check().id
    assert peer.connector.check().name
    assert Cap.READ_COMMENTS in peer.connector.capabilities()


def test_a_credential_that_is_not_accepted_stops_everything(peer: Peer):
    one = ref(peer.comment("Hm."))
    ours = peer.stranger
    for ask in (
        ours.check,
        lambda: ours.poll(None),
        lambda: ours.recheck([one]),
    ):
        with pytest.raises(AuthExpired):
            ask()
    for act in (ours.hide, ours.unhide):
        with pytest.raises(PlatformError):
            act(one, key="k")
    assert peer.shown(one.id)


def test_it_reads_what_came_with_sender_time_place_and_text(peer: Peer):
    """K-19: the sender's data comes with the comment."""
    before = timezone.now()
    one = peer.comment(HARD_TEXT)
    items, _cursor = read_all(peer)
    (item,) = [item for item in items if item.id == one]
    # WordPress keeps HTML: a lone & is an entity there, and is left as it stands.
    assert html.unescape(item.text) == HARD_TEXT
    assert (item.kind, item.author.name, item.is_ours) == ("comment", "Kim", False)
    assert item.author.id
    assert abs((item.created_at - before).total_seconds()) < 30
    assert item.post is not None
    assert item.post.title
    assert item.permalink.startswith("http")
    assert item.state is Seen.VISIBLE
    assert item.created_at.tzinfo is not None
    assert "Kim" in json.dumps(json.loads(item.raw), ensure_ascii=False)


def test_reading_goes_on_where_it_stopped(peer: Peer):
    peer.comment("Den första.")
    _items, cursor = read_all(peer)
    second = peer.comment("Den andra.")
    items, after = read_all(peer, cursor)
    assert second in {item.id for item in items}
    assert after != cursor
    third = peer.comment("Den tredje.")
    again, _cursor = read_all(peer, after)
    assert third in {item.id for item in again}
    twice, _cursor = read_all(peer, cursor)
    assert {second, third} <= {item.id for item in twice}


def test_many_comments_are_read_in_several_turns_and_none_is_lost(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
):
    for module in ("wordpress", "wordpress_site", "practice"):
        monkeypatch.setattr(f"channels.platforms.{module}.PAGE", 5)
    wanted = {peer.comment(f"Nummer {n}") for n in range(17)}
    items, cursor = read_all(peer)
    assert not peer.connector.poll(cursor).more
    assert wanted <= {item.id for item in items}
    late = {peer.comment(f"Sen {n}") for n in range(12)}
    items, _cursor = read_all(peer, cursor)
    assert late <= {item.id for item in items}


def test_an_answer_names_what_it_answers(peer: Peer):
    parent = peer.comment("Fråga?")
    child = peer.answer("Svar.", parent)
    items, _cursor = read_all(peer)
    assert {i.id: i.parent_id for i in items}[child] == parent


def test_hide_and_unhide_may_be_done_twice(peer: Peer):
    one = peer.comment("Hm.")
    done = peer.connector.hide(ref(one), key="k1")
    again = peer.connector.hide(ref(one), key="k1")
    assert (done.seen, done.already) == (Seen.HIDDEN, False)
    assert (again.seen, again.already) == (Seen.HIDDEN, True)
    assert state_of(peer, one) is Seen.HIDDEN
    assert not peer.shown(one)
    assert peer.connector.unhide(ref(one), key="k2").seen is Seen.VISIBLE
    assert peer.connector.unhide(ref(one), key="k2").already
    assert state_of(peer, one) is Seen.VISIBLE
    assert peer.shown(one)


def test_delete_may_be_done_twice(peer: Peer):
    one, other = peer.comment("Bort."), peer.comment("Kvar.")
    assert peer.shown(one)
    assert peer.connector.delete(ref(one), key="k").seen is Seen.GONE
    again = peer.connector.delete(ref(one), key="k")
    assert (again.seen, again.already) == (Seen.GONE, True)
    assert state_of(peer, one) is Seen.GONE
    assert not peer.shown(one)
    assert peer.shown(other)


def test_a_reply_sent_twice_is_one_reply(peer: Peer):
    one = peer.comment("När öppnar ni?")
    text = "Klockan tio, <b>inte</b> 5 < 6. Å & Ö “så” 😀\n\n/ Anna, Skolan"
    key = str(uuid.uuid4())
    first = peer.connector.reply(ref(one), text, key=key)
    second = peer.connector.reply(ref(one), text, key=key)
    assert first.id == second.id
    assert second.already
    assert len(peer.replies(one)) == 1
    found = peer.connector.find_reply(ref(one), text, key=key)
    assert found is not None
    assert found.id == first.id
    assert html.unescape(peer.replies(one)[0]) == text


def test_our_reply_is_known_as_ours(peer: Peer):
    one = peer.comment("När?")
    reply = peer.connector.reply(ref(one), "Snart.", key=str(uuid.uuid4()))
    items, _cursor = read_all(peer)
    assert [i.is_ours for i in items if i.id == reply.id] == [True]


def test_a_reply_that_is_not_there_is_not_found(peer: Peer):
    one = peer.comment("När?")
    assert peer.connector.find_reply(ref(one), "Aldrig sagt.", key="none") is None


def test_an_edit_shows_on_looking_again(peer: Peer):
    one = peer.comment("Först.")
    peer.edit(one, "Sedan.")
    (item,) = peer.connector.recheck([ref(one)]).changes
    assert isinstance(item, Item)
    assert item.text == "Sedan."


def test_what_a_visitor_deleted_is_a_tombstone(peer: Peer):
    """It says that it is gone, and not who did it."""
    one, other = peer.comment("Ångrar mig."), peer.comment("Står kvar.")
    peer.delete(one)
    changes = {c.id: c for c in peer.connector.recheck([ref(one), ref(other)]).changes}
    assert isinstance(changes[one], Tombstone)
    assert isinstance(changes[other], Item)


def test_looking_again_answers_for_each_and_more_than_a_page(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
):
    for module in ("wordpress", "wordpress_site", "practice"):
        monkeypatch.setattr(f"channels.platforms.{module}.PAGE", 3)
    there = [peer.comment(f"Nummer {n}") for n in range(7)]
    wanted = [*there, "987654321", "nothing", ""]
    changes = peer.connector.recheck([ref(one) for one in wanted]).changes
    assert sorted(c.id for c in changes) == sorted(wanted)
    assert {c.id for c in changes if isinstance(c, Item)} == set(there)


@pytest.mark.parametrize("verb", ["hide", "unhide", "reply"])
def test_what_is_not_there_is_not_found(peer: Peer, verb: str):
    nowhere = ref("987654321")
    more = ("text",) if verb == "reply" else ()
    with pytest.raises(NotFound):
        getattr(peer.connector, verb)(nowhere, *more, key="k")


@pytest.mark.parametrize(
    "odd", ["", "abc", "1 or 1=1", "../../users/1", "٣", "9" * 40, "²"]
)
def test_an_odd_number_is_an_answer_and_never_a_crash(peer: Peer, odd: str):
    with pytest.raises(PlatformError):
        peer.connector.hide(ref(odd), key="k")
    assert peer.connector.delete(ref(odd), key="k").seen is Seen.GONE


@pytest.mark.parametrize("cursor", ["", "nonsense", "-1", "1@x", "²"])
def test_a_cursor_that_is_none_reads_from_the_beginning(peer: Peer, cursor: str):
    one = peer.comment("Hm.")
    items, after = read_all(peer, cursor)
    assert one in {item.id for item in items}
    assert after


def test_direct_messages_are_read_and_answered_where_there_are_any(
    peer: Peer, school_channel: Channel
):
    if Cap.READ_DMS not in peer.connector.capabilities():
        assert Cap.REPLY_DM not in peer.connector.capabilities()
        return
    entry = wall.write(
        channel=school_channel,
        kind="dm",
        author_name="Kim",
        author_key="k" * 32,
        text="Mellan oss.",
    )
    items, _cursor = read_all(peer)
    (item,) = [item for item in items if item.id == str(entry.pk)]
    assert (item.kind, item.permalink) == ("dm", "")
    answer = peer.connector.reply(Ref("dm", item.id), "Tack.", key="k")
    stored = WallEntry.objects.get(pk=answer.id)
    assert (stored.kind, stored.author_key) == ("dm", "k" * 32)


@pytest.mark.parametrize("text", ["half \ud83d", "NUL \x00"])
def test_a_reply_that_cannot_be_stored_is_refused_or_sent_but_never_a_crash(
    peer: Peer, text: str
):
    one = peer.comment("När?")
    try:
        peer.connector.reply(ref(one), text, key=str(uuid.uuid4()))
    except Invalid:
        assert peer.replies(one) == []
    else:
        assert len(peer.replies(one)) == 1


def test_every_platform_of_the_registry_can_be_made():
    secrets = {"username": "u", "application_password": "p"}
    for name, platform in PLATFORMS.items():
        given = {key: secrets[key] for key in platform.settings or {}}
        made = connect(name, address="https://x.example", channel="c", secrets=given)
        assert (made is None) == (not platform.path)
        if made is not None:
            assert made.platform == name


def test_a_platform_that_is_down_is_asked_again_later():
    gone = WordPress(
        address=f"http://127.0.0.1:{free_port()}",
        channel="c",
        username="u",
        application_password="p",
    )
    one = ref("1")
    for ask in (
        lambda: gone.poll(None),
        lambda: gone.recheck([one]),
        lambda: gone.delete(one, key="k"),
        lambda: gone.reply(one, "text", key="k"),
    ):
        with pytest.raises(Transient):
            ask()


def test_what_came_with_a_message_is_told_and_can_be_read(peer: Peer):
    """The same files under the same ids at every reading; a message without any has
    none, and a platform without any says none."""
    plain = peer.comment("Only words")
    items, _cursor = read_all(peer)
    assert [one.attachments for one in items if one.id == plain] in ([()], [[]])
    if peer.comment_with_pictures is None:
        assert all(not one.attachments for one in items)
        return
    sent = [make.picture("PNG", "red"), make.picture("JPEG", "blue")]
    one = peer.comment_with_pictures(sent)
    items, _cursor = read_all(peer)
    [found] = [item for item in items if item.id == one]
    [again] = peer.connector.recheck([ref(one)]).changes
    assert isinstance(again, Item)
    assert found.digest == again.digest
    assert [a.id for a in found.attachments] == [a.id for a in again.attachments]
    got = attachments.fetch(found.attachments)
    assert [got[a].mime for a in found.attachments] == ["image/png", "image/jpeg"]
    assert [got[a].size for a in found.attachments] == [len(data) for data in sent]
    peer.delete(one)
    assert state_of(peer, one) == Seen.GONE
