"""Every trap that WordPress lays, met on the real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from channels.platforms.base import (
    Ambiguous,
    AuthExpired,
    Forbidden,
    Item,
    NotFound,
    RateLimited,
    Ref,
    Seen,
    Transient,
    Undocumented,
)
from channels.platforms.wordpress import WordPress

if TYPE_CHECKING:
    from tests.peers.wordpress import Site

pytestmark = pytest.mark.peer_wp


def connector(site: Site, **changes: str) -> WordPress:
    given = {
        "address": site.base,
        "channel": "wp",
        "username": site.user,
        "application_password": site.password,
    } | changes
    return WordPress(**given)


def ref(number: int) -> Ref:
    return Ref("comment", str(number))


def test_a_wrong_password_is_not_taken_for_an_empty_wall(wp: Site):
    """`/comments` answers 200 to a wrong password, with the approved comments only."""
    wp.comment(wp.post("a"), "Syns för alla.")
    wrong = connector(wp, application_password="xxxx xxxx xxxx xxxx")
    for ask in (wrong.check, lambda: wrong.poll(None), lambda: wrong.recheck([ref(1)])):
        with pytest.raises(AuthExpired):
            ask()


def test_an_account_that_may_not_moderate_is_told_so(wp: Site):
    weak = connector(wp, username="reader", application_password=wp.weak)
    with pytest.raises(Forbidden):
        weak.check()
    with pytest.raises((Forbidden, AuthExpired)):
        weak.poll(None)


def test_the_citizens_user_agent_survives_our_hiding(wp: Site):
    """Any update overwrites it with ours unless the old one is sent along."""
    one = wp.comment(wp.post("a"), "Hm.")
    connector(wp).hide(ref(one), key="k")
    stored = wp.stored(one)
    assert stored is not None
    assert stored["comment_agent"] == "Citizen/1.0"
    assert stored["comment_approved"] == "0"


def test_address_and_e_mail_of_the_sender_are_kept_as_they_came(wp: Site):
    """K-19: all that is known of the sender is in the bytes that are kept."""
    one = wp.comment(wp.post("a"), "Hm.")
    (item,) = connector(wp).recheck([ref(one)]).changes
    assert isinstance(item, Item)
    assert b'"author_ip"' in item.raw
    assert b"kim@example.org" in item.raw
    assert wp.password.encode() not in item.raw
    assert item.author.url == "https://kim.example.org"


def test_times_are_utc_though_they_do_not_say_so(wp: Site):
    wp.rest("POST", "settings", {"timezone": "Europe/Stockholm"})
    one = wp.comment(wp.post("a"), "Nu.")
    (item,) = connector(wp).recheck([ref(one)]).changes
    assert isinstance(item, Item)
    assert abs(datetime.now(UTC) - item.created_at) < timedelta(minutes=1)


def test_an_edit_leaves_no_date_and_is_seen_by_its_text(wp: Site):
    one = wp.comment(wp.post("a"), "Först.")
    (before,) = connector(wp).recheck([ref(one)]).changes
    wp.edit(one, "Sedan.")
    (after,) = connector(wp).recheck([ref(one)]).changes
    assert isinstance(before, Item)
    assert isinstance(after, Item)
    assert before.digest != after.digest


@pytest.mark.parametrize(
    ("status", "seen"),
    [("hold", Seen.HIDDEN), ("spam", Seen.HIDDEN), ("trash", Seen.GONE)],
)
def test_held_spam_and_trash_are_seen_too(wp: Site, status: str, seen: Seen):
    one = wp.comment(wp.post("a"), f"Blir {status}.")
    wp.set_status(one, status)
    found = {i.id: i for i in connector(wp).poll(None).changes if isinstance(i, Item)}
    assert found[str(one)].state is seen


def test_a_trashed_comment_is_deleted_for_good_all_the_same(wp: Site):
    """Trashing twice is 410; we delete past the trash."""
    one = wp.comment(wp.post("a"), "I papperskorgen.")
    wp.set_status(one, "trash")
    assert connector(wp).delete(ref(one), key="k").seen is Seen.GONE
    assert wp.stored(one) is None


def test_an_unknown_status_is_ignored_with_200_so_every_act_is_read_back(
    wp: Site, monkeypatch: pytest.MonkeyPatch
):
    one = wp.comment(wp.post("a"), "Hm.")
    ours = connector(wp)
    original = ours._write

    def misspelt(method, path, data):
        return original(method, path, {**data, "status": "hidden-please"})

    monkeypatch.setattr(ours, "_write", misspelt)
    with pytest.raises(Undocumented):
        ours.hide(ref(one), key="k")


def test_the_flood_limit_is_waited_for(wp: Site):
    """A visitor who writes twice in 15 seconds gets 429; so might we."""
    wp.fail("POST", "/comments", status=400, code="comment_flood")
    one = wp.comment(wp.post("a"), "Fråga?")
    with pytest.raises(RateLimited) as error:
        connector(wp).reply(ref(one), "Svar.", key="k")
    assert error.value.retry_after == 15


def test_a_page_past_the_end_is_no_error(wp: Site):
    newest = max(int(i.id) for i in connector(wp).poll(None).changes)
    batch = connector(wp).poll(str(newest + 1000))
    assert batch.cursor == str(newest + 1000)


def test_comments_on_a_page_and_on_a_post_know_where_they_stand(wp: Site):
    page = int(
        wp.rest(
            "POST",
            "pages",
            {"title": "Om &amp; oss", "status": "publish", "comment_status": "open"},
        )["id"]
    )
    one = wp.comment(page, "På sidan.")
    (item,) = connector(wp).recheck([ref(one)]).changes
    assert isinstance(item, Item)
    assert item.post is not None
    assert item.post.title == "Om & oss"


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "rest_not_logged_in", AuthExpired),
        (401, "other", AuthExpired),
        (403, "rest_forbidden", Forbidden),
        (404, "rest_comment_invalid_id", NotFound),
        (410, "rest_already_trashed", NotFound),
        (429, "too_many", RateLimited),
        (500, "internal", Transient),
        (503, "maintenance", Transient),
    ],
)
def test_an_error_on_reading_has_its_name(wp_one: Site, status, code, error):
    wp_one.fail("GET", "/comments", status=status, code=code)
    with pytest.raises(error):
        connector(wp_one).poll(None)


def test_a_server_error_on_writing_is_unclear(wp_one: Site):
    one = wp_one.comment(wp_one.post("a"), "Hm.")
    wp_one.fail("POST", f"/comments/{one}", status=500, when="after")
    with pytest.raises(Ambiguous):
        connector(wp_one).hide(ref(one), key="k")
    assert connector(wp_one).hide(ref(one), key="k").already


def test_how_long_to_wait_is_read_as_number_and_as_date(wp_one: Site):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    for header, low, high in (("7", 7, 7), (soon, 60, 91)):
        wp_one.fail("GET", "/comments", status=429, headers={"Retry-After": header})
        with pytest.raises(RateLimited) as error:
            connector(wp_one).poll(None)
        assert error.value.retry_after is not None
        assert low <= error.value.retry_after <= high


@pytest.mark.parametrize("body", ["<html>Underhåll</html>", "", '"text"', "{}", "[1]"])
def test_an_answer_of_another_shape_is_named(wp_one: Site, body: str):
    wp_one.fail("GET", "/comments", status=200, body=body)
    with pytest.raises((Undocumented, AuthExpired)):
        connector(wp_one).poll(None)


def test_one_broken_comment_is_named_and_the_rest_is_read(wp_one: Site, monkeypatch):
    post = wp_one.post("a")
    broken, whole = wp_one.comment(post, "Trasig."), wp_one.comment(post, "Hel.")
    ours = connector(wp_one)
    original = ours._comments

    def damaged(**params):
        rows = original(**params)
        for row in rows:
            if row["id"] == broken:
                row["date_gmt"] = "i går"
        return rows

    monkeypatch.setattr(ours, "_comments", damaged)
    batch = ours.recheck([ref(broken), ref(whole)])
    assert [one.id for one in batch.refused] == [str(broken)]
    assert [c.id for c in batch.changes if isinstance(c, Item)] == [str(whole)]


def test_no_answer_after_sending_is_unclear(wp_one: Site, monkeypatch):
    import httpx

    monkeypatch.setattr("channels.platforms.http.TIMEOUT", httpx.Timeout(1.0))
    one = wp_one.comment(wp_one.post("a"), "Fråga?")
    wp_one.fail("POST", "/comments", sleep=3, when="after")
    ours = connector(wp_one)
    with pytest.raises(Ambiguous):
        ours.reply(ref(one), "Svar.", key="k")
    found = ours.find_reply(ref(one), "Svar.", key="k")
    assert found is not None
    assert wp_one.replies_to(one) == ["Svar."]
