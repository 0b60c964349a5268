"""What WordPress answers, in our own words: comments, errors, times."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import nh3

from channels.platforms.base import (
    Ambiguous,
    AuthExpired,
    Author,
    Forbidden,
    Invalid,
    Item,
    NotFound,
    NotSupported,
    PlatformError,
    Post,
    RateLimited,
    Seen,
    Transient,
    Undocumented,
)
from channels.platforms.http import Answer

# Only the approved are shown. Spam and trash lie on the server still and can be taken
# out again, so they are hidden; gone is what the server no longer knows.
SEEN = {
    "approved": Seen.VISIBLE,
    "hold": Seen.HIDDEN,
    "spam": Seen.HIDDEN,
    "trash": Seen.HIDDEN,
    "post-trashed": Seen.HIDDEN,
}
# The limit that WordPress sets visitors between two comments.
FLOOD_S = 15.0
_POST_ROUTE = re.compile(r"/wp/v2/([a-z0-9_-]+)/\d+$")


def seen(row: Mapping[str, Any]) -> Seen:
    """A status that a plugin made up is not shown by WordPress itself."""
    return SEEN.get(str(row.get("status")), Seen.HIDDEN)


def item(row: Mapping[str, Any], posts: Mapping[int, Post], me: str) -> Item:
    """Raises KeyError, TypeError or ValueError on what is no whole comment.

    The text is as stored: HTML and entities untouched. E-mail, IP address and user
    agent stay in `raw`; a visitor without an account is known by the e-mail alone.
    """
    created = utc(row["date_gmt"])
    if created is None:
        raise ValueError("no date")
    text = row["content"]["raw"]
    if not isinstance(text, str):
        raise TypeError("the text is no text")
    account = str(int(row.get("author") or 0))
    email = str(row.get("author_email") or "")
    parent = int(row.get("parent") or 0)
    return Item(
        kind="comment",
        id=str(int(row["id"])),
        author=Author(
            id=email if account == "0" else account,
            name=html.unescape(str(row.get("author_name") or "")),
            handle=email,
            url=str(row.get("author_url") or ""),
        ),
        text=text,
        created_at=created,
        parent_id=str(parent) if parent else "",
        permalink=str(row.get("link") or ""),
        post=posts.get(int(row.get("post") or 0)),
        state=seen(row),
        is_ours=account == me != "0",
        raw=json.dumps(row, ensure_ascii=False, sort_keys=True).encode(
            "utf-8", "surrogatepass"
        ),
    )


def post(row: Mapping[str, Any]) -> Post:
    return Post(
        id=str(int(row["id"])),
        title=_plain(str(row.get("title", {}).get("rendered", ""))),
        text=_plain(str(row.get("excerpt", {}).get("rendered", ""))),
        url=str(row.get("link") or ""),
        posted_at=utc(row.get("date_gmt")),
    )


def post_of(row: Mapping[str, Any]) -> Post:
    """All that a comment itself tells of its post."""
    address = str(row.get("link") or "")
    return Post(id=str(int(row.get("post") or 0)), url=address.partition("#")[0])


def post_route(row: Mapping[str, Any]) -> str:
    """ "posts", "pages" or the site's own kind; "" where it cannot be read."""
    up = (row.get("_links") or {}).get("up") or [{}]
    found = _POST_ROUTE.search(str(up[0].get("href") or ""))
    return found[1] if found else ""


def number(row: Mapping[str, Any]) -> int:
    return int(row["id"])


def utc(text: Any) -> datetime | None:
    """`date_gmt` has no zone in its text; None where there is no date."""
    return datetime.fromisoformat(str(text)).replace(tzinfo=UTC) if text else None


def as_html(text: str) -> str:
    """Our plain text as a comment, whose text is HTML: shown as it was written."""
    return html.escape(text, quote=False)


def same_words(stored: str, sent: str) -> bool:
    """WordPress trims, and rewrites some characters as entities."""
    return _words(stored) == _words(sent)


def error(answer: Answer, *, write: bool) -> PlatformError:
    """By the code in the body first, by the HTTP status second.

    Only WordPress' own word that a comment is not there counts as that: a 404 of a
    web server in front says nothing about it.
    """
    code = _code(answer) or str(answer.status)
    what = f"HTTP {answer.status} {code}"
    match code:
        case "rest_comment_invalid_id" | "rest_post_invalid_id":
            return NotFound(what, code=code)
        case "incorrect_password" | "invalid_username" | "rest_not_logged_in":
            return AuthExpired(what, code=code)
        case (
            "application_passwords_disabled" | "application_passwords_disabled_for_user"
        ):
            return AuthExpired(what, code=code)
        case "comment_flood":
            return RateLimited(
                what, code=code, retry_after=answer.retry_after or FLOOD_S
            )
        case "rest_no_route":
            return NotSupported(what, code=code)
    match answer.status:
        case 401:
            return AuthExpired(what, code=code)
        case 403:
            return Forbidden(what, code=code)
        case 429:
            return RateLimited(what, code=code, retry_after=answer.retry_after)
        case 408 | 425:
            return Transient(what, code=code)
        case status if 300 <= status < 400:
            return Undocumented(f"{what}: the site is at another address", code=code)
        case status if 400 <= status < 500 and status not in (404, 410):
            return Invalid(what, code=code)
        case status if status >= 500:
            kind = Ambiguous if write else Transient
            return kind(what, code=code, retry_after=answer.retry_after)
        case _:
            return Undocumented(what, code=code)


def _code(answer: Answer) -> str:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    return str(body.get("code") or "")[:60] if isinstance(body, dict) else ""


def _plain(markup: str) -> str:
    return html.unescape(nh3.clean(markup, tags=set())).strip()


def _words(text: str) -> str:
    return " ".join(html.unescape(text).split())
