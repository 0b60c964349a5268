"""Every trap that WordPress lays, met on the real server."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from channels.platforms.base import (
    Ambiguous,
    AuthExpired,
    Forbidden,
    Invalid,
    Item,
    NotFound,
    NotSupported,
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
    return WordPress(**{"address": site.base, "channel": "wp", **site.login, **changes})


def everything(ours: WordPress) -> dict[str, Item]:
    """All comments of the site, however many other tests have left there."""
    found: dict[str, Item] = {}
    cursor: str | None = None
    while True:
        batch = ours.poll(cursor)
        found |= {item.id: item for item in batch.changes if isinstance(item, Item)}
        cursor = batch.cursor
        if not batch.more:
            return found


def ref(number: int) -> Ref:
    return Ref("comment", str(number))


def test_a_wrong_password_is_not_taken_for_an_empty_wall(wp: Site):
    """`/comments` answers 200 to a wrong password, with the approved comments only."""
    wp.comment(wp.post("a"), "Syns för alla.")
    silent = httpx.get(
        f"{wp.base}/wp-json/wp/v2/comments", auth=(wp.user, "wrong"), timeout=30
    )
    assert silent.status_code == 200
    assert "raw" not in silent.json()[0]["content"]
    wrong = connector(wp, application_password="xxxx xxxx xxxx xxxx")
    for ask in (wrong.check, lambda: wrong.poll(None), lambda: wrong.recheck([ref(1)])):
        with pytest.raises(AuthExpired):
            ask()


def test_an_answer_as_to_an_anonymous_visitor_is_refused(wp: Site):
    """Something in front of the site that drops the login or answers from a cache."""
    one = wp.comment(wp.post("a"), "Syns för alla.")
    public = httpx.get(f"{wp.base}/wp-json/wp/v2/comments", timeout=30).text
    ours = connector(wp)
    wp.fail("GET", "/wp/v2/comments", status=200, body=public)
    with pytest.raises(AuthExpired):
        ours.poll(None)
    alone = httpx.get(f"{wp.base}/wp-json/wp/v2/comments/{one}", timeout=30).text
    wp.fail("GET", "/wp/v2/comments", status=200, body=alone)
    with pytest.raises(AuthExpired):
        ours.hide(ref(one), key="k")
    wp.fail("GET", "/wp/v2/comments", status=200, body="[]")
    (found,) = connector(wp).recheck([ref(one)]).changes
    assert isinstance(found, Item), "an empty list proves no deletion"


def test_an_account_that_may_not_moderate_is_told_so(wp: Site):
    weak = connector(wp, username="reader", application_password=wp.weak)
    with pytest.raises(Forbidden):
        weak.check()
    with pytest.raises(Forbidden):
        weak.poll(None)


def test_what_the_account_may_not_see_is_not_taken_for_deleted(wp: Site):
    """A moderator who may not edit a post does not get its held comments listed."""
    narrow = wp.php(
        "$role = get_role('narrow') ?: add_role('narrow', 'Narrow',"
        " ['read' => true, 'edit_posts' => true, 'moderate_comments' => true]);"
        "$id = wp_insert_user(['user_login' => uniqid('narrow'), 'user_pass' => 'x',"
        " 'user_email' => uniqid().'@example.org', 'role' => 'narrow']);"
        "echo get_userdata($id)->user_login, ' ',"
        "WP_Application_Passwords::create_new_application_password("
        "$id, ['name' => 'kanalvakt'])[0];"
    )
    name, password = narrow.split()
    one = wp.comment(wp.post("a"), "Hålls inne.")
    wp.set_status(one, "hold")
    ours = connector(wp, username=name, application_password=password)
    batch = ours.recheck([ref(one)])
    assert batch.changes == []
    assert [refused.id for refused in batch.refused] == [str(one)]


@pytest.mark.parametrize("agent", ["Citizen/1.0", ""])
def test_the_citizens_user_agent_survives_our_hiding(wp: Site, agent: str):
    """Any update overwrites it with ours unless the old one is sent along."""
    post = wp.post("a")
    one, other = wp.comment(post, "Hm.", agent=agent), wp.comment(post, "Hå.")
    before = wp.stored(one)
    connector(wp).hide(ref(one), key="k")
    assert wp.stored(one) == {**(before or {}), "comment_approved": "0"}
    connector(wp).unhide(ref(one), key="k")
    assert wp.stored(one) == before
    wp.set_status(other, "hold")
    overwritten = wp.stored(other)
    assert overwritten is not None
    assert overwritten["comment_agent"].startswith("python-httpx")


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
    ("there", "back"), [("hold", "approved"), ("spam", "unspam"), ("trash", "untrash")]
)
def test_held_spam_and_trash_are_hidden_until_taken_out(
    wp: Site, there: str, back: str
):
    ours = connector(wp)
    one = wp.comment(wp.post("a"), f"Blir {there}.")
    wp.set_status(one, there)
    found = everything(ours)
    assert found[str(one)].state is Seen.HIDDEN
    hidden = ours.hide(ref(one), key="k")
    assert hidden.already
    wp.set_status(one, back)
    (again,) = ours.recheck([ref(one)]).changes
    assert isinstance(again, Item)
    assert again.state is Seen.VISIBLE


def test_what_came_on_hold_is_read_and_its_approval_is_seen(wp: Site):
    wp.php("update_option('comment_moderation', '1');")
    try:
        post = wp.post("a")
        answer = wp.form(post, "Väntar.")
        # The form tells the visitor a secret address; it is no business of ours.
        secret = re.search(r"moderation-hash=(\w+)", answer.headers["location"])
        assert secret is not None
    finally:
        wp.php("update_option('comment_moderation', '0');")
    ours = connector(wp)
    newest = max(everything(ours).values(), key=lambda item: int(item.id))
    assert (newest.text, newest.state) == ("Väntar.", Seen.HIDDEN)
    assert secret[1].encode() not in newest.raw
    assert "hash" not in newest.permalink
    wp.set_status(int(newest.id), "approved")
    (later,) = ours.recheck([ref(int(newest.id))]).changes
    assert isinstance(later, Item)
    assert later.state is Seen.VISIBLE


def test_a_trashed_comment_is_deleted_for_good_all_the_same(wp: Site):
    """Trashing twice is 410; we delete past the trash."""
    one = wp.comment(wp.post("a"), "I papperskorgen.")
    for status in (200, 410):
        trashed = httpx.delete(
            f"{wp.base}/wp-json/wp/v2/comments/{one}",
            auth=(wp.user, wp.password),
            timeout=30,
        )
        assert trashed.status_code == status
    assert connector(wp).delete(ref(one), key="k").seen is Seen.GONE
    assert wp.stored(one) is None


def test_an_unknown_status_is_ignored_with_200_so_every_act_is_read_back(wp: Site):
    one = wp.comment(wp.post("a"), "Hm.")
    answer = httpx.post(
        f"{wp.base}/wp-json/wp/v2/comments/{one}",
        json={"status": "hidden-please"},
        auth=(wp.user, wp.password),
        timeout=30,
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")
    for method, act in (("POST", "hide"), ("DELETE", "delete")):
        wp.fail(method, f"/comments/{one}", status=200, body="{}")
        with pytest.raises(Undocumented):
            getattr(connector(wp), act)(ref(one), key="k")


def test_the_flood_limit_of_visitors_is_not_ours_and_is_waited_for(wp: Site):
    """A visitor who writes twice in 15 seconds gets 429."""
    post = wp.post("a")
    one = wp.comment(post, "Fråga?", name="Flod")
    wp.flood_limit()
    assert wp.form(post, "Fråga igen?", name="Flod").status_code == 429
    ours = connector(wp)
    for text in ("Ett svar.", "Ett till."):
        assert ours.reply(ref(one), text, key="k").id
    wp.fail("POST", "/comments", status=400, code="comment_flood")
    with pytest.raises(RateLimited) as error:
        ours.reply(ref(one), "Ett tredje.", key="k")
    assert error.value.retry_after == 15


def test_a_page_past_the_end_is_no_error(wp: Site):
    past = httpx.get(f"{wp.base}/wp-json/wp/v2/comments?offset=100000", timeout=30)
    assert (past.status_code, past.json()) == (200, [])
    newest = max(map(int, everything(connector(wp))))
    for cursor in (f"{newest + 1000}", f"{newest}@90000"):
        batch = connector(wp).poll(cursor)
        assert not batch.more
        assert batch.cursor == cursor.partition("@")[0]


def test_what_is_deleted_between_two_turns_makes_us_lose_nothing(
    wp: Site, monkeypatch: pytest.MonkeyPatch
):
    """Places among the comments move up when one below is deleted."""
    for module in ("wordpress", "wordpress_site"):
        monkeypatch.setattr(f"channels.platforms.{module}.PAGE", 5)
    ours, post = connector(wp), wp.post("a")
    first = [wp.comment(post, f"Nummer {n}") for n in range(8)]
    wanted = {str(wp.comment(post, f"Senare {n}")) for n in range(14)}
    seen, cursor = set(), str(first[0])
    batch = ours.poll(cursor)
    assert batch.more
    seen |= {change.id for change in batch.changes}
    for number in first[:4]:
        wp.delete(number)
    wanted |= {str(number) for number in first[4:]}
    while batch.more:
        batch = ours.poll(batch.cursor)
        seen |= {change.id for change in batch.changes}
    assert wanted <= seen


def test_the_same_reply_twice_is_refused_by_wordpress_and_found_by_us(wp: Site):
    one = wp.comment(wp.post("a"), "Fråga?")
    ours = connector(wp)
    first = ours.reply(ref(one), "Svar & <mer>.", key="k")
    again = ours.reply(ref(one), "Svar & <mer>.", key="other")
    assert (again.id, again.already) == (first.id, True)
    wp.fail("GET", "/wp/v2/comments", status=200, body="[]", times=9)
    wp.fail("POST", "/wp/v2/comments", status=409, code="comment_duplicate")
    with pytest.raises(Invalid):
        ours.reply(ref(one), "Något annat.", key="k")


def test_our_plain_text_is_no_script_on_the_site(wp: Site):
    post = wp.post("a")
    one = wp.comment(post, "Fråga?")
    connector(wp).reply(ref(one), "<script>alert(1)</script> 5 < 6 & 7", key="k")
    page = wp.public_page(post)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 5 &lt; 6" in page


def test_addresses_may_be_plain(wp: Site):
    """Without pretty addresses there is no /wp-json/."""
    one = wp.comment(wp.post("a"), "Hm.")
    wp.php("update_option('permalink_structure', ''); flush_rewrite_rules(false);")
    try:
        (item,) = connector(wp).recheck([ref(one)]).changes
        assert isinstance(item, Item)
        assert item.post is not None
        assert item.post.title == "a"
        assert connector(wp).hide(ref(one), key="k").seen is Seen.HIDDEN
    finally:
        wp.php(
            "update_option('permalink_structure', '/%postname%/');"
            "flush_rewrite_rules(false);"
        )


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
        (404, "rest_no_route", NotSupported),
        (404, "other", Undocumented),
        (410, "other", Undocumented),
        (301, "other", Undocumented),
        (429, "too_many", RateLimited),
        (500, "internal", Transient),
        (503, "maintenance", Transient),
    ],
)
def test_an_error_on_reading_has_its_name(wp_one: Site, status, code, error):
    wp_one.fail("GET", "/comments", status=status, code=code)
    with pytest.raises(error):
        connector(wp_one).poll(None)


def test_a_404_of_something_in_front_is_not_the_comment_gone(wp_one: Site):
    one = wp_one.comment(wp_one.post("a"), "Hm.")
    wp_one.fail("DELETE", f"/comments/{one}", status=404, body="<h1>404</h1>")
    with pytest.raises(Undocumented):
        connector(wp_one).delete(ref(one), key="k")
    assert wp_one.stored(one) is not None


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AuthExpired), (403, Forbidden), (429, RateLimited), (400, Invalid)],
)
@pytest.mark.parametrize("act", ["hide", "delete", "reply"])
def test_an_error_on_writing_has_its_name(wp_one: Site, status, error, act):
    one = wp_one.comment(wp_one.post("a"), "Hm.")
    method = "DELETE" if act == "delete" else "POST"
    wp_one.fail(method, "/wp/v2/comments", status=status)
    more = ("Svar.",) if act == "reply" else ()
    with pytest.raises(error):
        getattr(connector(wp_one), act)(ref(one), *more, key="k")
    assert wp_one.replies_to(one) == []


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


@pytest.mark.parametrize("body", ["<html>Underhåll</html>", "", '"text"', "{}"])
def test_an_answer_of_another_shape_is_named(wp_one: Site, body: str):
    wp_one.fail("GET", "/comments", status=200, body=body)
    with pytest.raises(Undocumented):
        connector(wp_one).poll(None)


def test_one_broken_comment_is_named_and_the_rest_is_read(wp: Site):
    """A comment without its date, as imports from other systems leave it."""
    post = wp.post("a")
    whole = [wp.comment(post, "Hel."), wp.comment(post, "Hel också.")]
    broken = wp.comment(post, "Trasig.")
    wp.php(
        "$wpdb->query(\"SET SESSION sql_mode=''\");"
        '$wpdb->query("UPDATE $wpdb->comments SET '
        f"comment_date_gmt='0000-00-00 00:00:00' WHERE comment_ID={broken}\");"
    )
    try:
        ours = connector(wp)
        for batch in (
            ours.recheck([ref(one) for one in (*whole, broken)]),
            ours.poll(str(whole[0] - 1)),
        ):
            assert [one.id for one in batch.refused] == [str(broken)]
            assert {str(one) for one in whole} <= {c.id for c in batch.changes}
        assert batch.cursor == str(broken)
    finally:
        wp.delete(broken)


def test_a_text_of_ten_megabytes_is_passed_on(wp: Site):
    """What is too long to keep is for the intake to say."""
    one = wp.comment(wp.post("a"), "Hm.")
    row = connector(wp).site.comment(ref(one))
    row["content"]["raw"] = "lång text " * 1_000_000
    wp.fail("GET", "/wp/v2/comments", status=200, body=json.dumps([row]))
    (item,) = connector(wp).recheck([ref(one)]).changes
    assert isinstance(item, Item)
    assert len(item.text) == 10_000_000


def test_a_page_that_is_too_large_is_parted_and_one_comment_stops_no_channel(
    wp: Site, monkeypatch: pytest.MonkeyPatch
):
    post = wp.post("a")
    before, long, huge, after = (wp.comment(post, f"Nummer {n}") for n in range(4))
    wp.php(
        '$wpdb->query("ALTER TABLE $wpdb->comments MODIFY comment_content LONGTEXT");'
        f"foreach ([{long} => 60, {huge} => 200] as $id => $kb)"
        "$wpdb->update($wpdb->comments, ['comment_content' => str_repeat('lång text ',"
        " $kb * 100)], ['comment_ID' => $id]);"
    )
    monkeypatch.setattr("channels.platforms.http.LARGEST", 300_000)
    try:
        batch = connector(wp).recheck([ref(n) for n in (before, long, huge, after)])
        assert [one.id for one in batch.refused] == [str(huge)]
        assert {c.id for c in batch.changes} == {str(n) for n in (before, long, after)}
        polled = connector(wp).poll(str(before - 1))
        assert polled.cursor == str(after)
        assert str(huge) in [one.id for one in polled.refused]
    finally:
        wp.delete(long)
        wp.delete(huge)


def test_bytes_that_are_no_text_are_passed_on(wp: Site):
    """NUL and halves of characters, as other programs leave them in the database."""
    one = wp.comment(wp.post("a"), "Hm.")
    wp.fail(
        "GET",
        "/wp/v2/comments",
        status=200,
        body=json.dumps([connector(wp).site.comment(ref(one))]).replace(
            '"Hm."', '"a\\u0000b\\ud83d"'
        ),
    )
    (item,) = connector(wp).recheck([ref(one)]).changes
    assert isinstance(item, Item)
    assert item.text == "a\x00b\ud83d"
    assert item.digest
    assert json.loads(item.raw)["content"]["raw"] == item.text


def test_no_answer_after_sending_is_unclear(wp_one: Site, monkeypatch):
    monkeypatch.setattr("channels.platforms.http.TIMEOUT", httpx.Timeout(5.0))
    one = wp_one.comment(wp_one.post("a"), "Fråga?")
    wp_one.fail("POST", "/comments", sleep=8, when="after")
    ours = connector(wp_one)
    with pytest.raises(Ambiguous):
        ours.reply(ref(one), "Svar.", key="k")
    found = ours.find_reply(ref(one), "Svar.", key="k")
    assert found is not None
    assert wp_one.replies_to(one) == ["Svar."]
