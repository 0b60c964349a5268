"""Comments on a WordPress site, through its REST API and an application password.

What the API does that one would not expect, and what is done about it:

* A wrong password is no error on `/comments`: the answer is 200 as to an anonymous
  visitor, with the approved comments only. Every answer must carry `content.raw`.
* Any update overwrites the citizen's user agent with ours unless the old one is sent.
* An unknown status is ignored with 200. Every act is read back.
* There is no date of change. Edits show by the text, deletions by what is missing,
  and what is missing from a list may only be hidden from us: each is asked for by
  itself before it counts as gone.
* `date_gmt` has no zone. It is UTC.
* A comment is HTML. Our plain text is escaped, or it could run as script.
* Trashing twice is 410, deleting a deleted comment 404, the same reply twice 409.

Read are comments in the narrow sense: no pingbacks, no reviews of a shop.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from channels.platforms import wordpress_answers as answers
from channels.platforms.base import (
    Ambiguous,
    Author,
    Batch,
    Cap,
    Forbidden,
    Invalid,
    Item,
    NotFound,
    Outcome,
    Ref,
    Refused,
    Seen,
    Tombstone,
    Undocumented,
)
from channels.platforms.http import TooLarge
from channels.platforms.wordpress_site import PAGE, Page, Site, is_number, number_of

# A comment whose number was given out earlier may be stored later: the last numbers
# are read twice rather than one lost.
OVERLAP = 20


class WordPress:
    platform = "wordpress"

    def __init__(
        self, *, address: str, channel: str, username: str, application_password: str
    ) -> None:
        self.site = Site(address, (username, application_password))
        self._account = ""

    def capabilities(self) -> frozenset[Cap]:
        return frozenset(
            {
                Cap.READ_COMMENTS,
                Cap.RECHECK,
                Cap.HIDE,
                Cap.UNHIDE,
                Cap.DELETE,
                Cap.REPLY,
            }
        )

    def check(self) -> Author:
        """Who the password belongs to, and that the account may moderate."""
        me = self.site.get("users/me", {"context": "edit"}).json()
        if not isinstance(me, dict) or "id" not in me:
            raise Undocumented("the account has no id")
        rights = me.get("capabilities")
        if not isinstance(rights, dict) or not rights.get("moderate_comments"):
            raise Forbidden("the account may not moderate comments")
        self._account = str(me["id"])
        return Author(
            id=self._account,
            name=str(me.get("name", "")),
            handle=str(me.get("slug", "")),
            url=str(me.get("link", "")),
        )

    # -- reading -------------------------------------------------------------------

    def poll(self, cursor: str | None) -> Batch:
        """From the oldest unseen on, so that a reading that breaks off loses nothing.

        The cursor is the highest number seen (WordPress counts its comments up) and,
        while there is more to read, "@" and its place among all comments. Comments on
        hold are read too; what changes later is found by `recheck`.
        """
        me = self._me()
        seen, place = _position(cursor)
        if place is None:
            page = self.site.comments(orderby="id", order="desc")
            if len(page.numbers) < PAGE or page.numbers[-1] <= seen:
                return self._batch(page, me, above=seen - OVERLAP, seen=seen)
            place = self.site.place_of(seen, page.total)
        page = self.site.comments(orderby="id", order="asc", offset=place)
        if place and (not page.numbers or page.numbers[0] > seen):
            # Some below were deleted meanwhile, and the places moved up.
            place = self.site.place_of(seen, page.total)
            page = self.site.comments(orderby="id", order="asc", offset=place)
        more = len(page.numbers) == PAGE
        return self._batch(
            page, me, above=seen, seen=seen, place=place + PAGE - 1 if more else None
        )

    def recheck(self, refs: Sequence[Ref]) -> Batch:
        me = self._me()
        changes: list[Item | Tombstone] = []
        refused: list[Refused] = []
        known = [ref for ref in refs if is_number(ref.id)]
        for start in range(0, len(known), PAGE):
            some = known[start : start + PAGE]
            page = self.site.comments(
                include=",".join(ref.id for ref in some), orderby="id", order="asc"
            )
            for ref in some:
                if int(ref.id) not in page.numbers:
                    self._ask_alone(ref, page, changes)
            batch = self._batch(page, me)
            changes += batch.changes
            refused += batch.refused
        now = timezone.now()
        changes += [
            Tombstone(ref.kind, ref.id, now) for ref in refs if not is_number(ref.id)
        ]
        return Batch(changes=changes, refused=refused, source="recheck")

    def _ask_alone(self, ref: Ref, page: Page, changes: list[Item | Tombstone]) -> None:
        try:
            page.rows.append(self.site.comment(ref))
        except NotFound:
            changes.append(Tombstone(ref.kind, ref.id, timezone.now()))
        except (Forbidden, TooLarge) as error:
            page.refused.append(Refused(ref.id, f"{type(error).__name__}: {error}"))

    def _batch(
        self,
        page: Page,
        me: str,
        *,
        above: int = 0,
        seen: int = 0,
        place: int | None = None,
    ) -> Batch:
        rows = [row for row in page.rows if answers.number(row) > above]
        posts = self.site.posts(rows)
        changes: list[Item | Tombstone] = []
        refused = list(page.refused)
        for row in rows:
            try:
                changes.append(answers.item(row, posts, me))
            except (KeyError, TypeError, ValueError) as error:
                refused.append(
                    Refused(str(answers.number(row)), f"shape: {type(error).__name__}")
                )
        highest = max([seen, *page.numbers])
        return Batch(
            changes=changes,
            cursor=f"{highest}" if place is None else f"{highest}@{place}",
            more=place is not None,
            refused=refused,
        )

    # -- acting --------------------------------------------------------------------

    def hide(self, ref: Ref, *, key: str) -> Outcome:
        return self._set_status(ref, "hold", Seen.HIDDEN)

    def unhide(self, ref: Ref, *, key: str) -> Outcome:
        return self._set_status(ref, "approved", Seen.VISIBLE)

    def delete(self, ref: Ref, *, key: str) -> Outcome:
        """For good, past the trash: whoever has the site's login could take it out of
        the trash again, and WordPress empties it at a time of its own. The
        municipality's copy is the sealed record."""
        try:
            # In the address: a proxy that drops the body of a DELETE would make a
            # mere trashing of it.
            self.site.write(
                "DELETE", f"comments/{number_of(ref)}", params={"force": "true"}
            )
        except NotFound:
            return Outcome(seen=Seen.GONE, already=True)
        try:
            self.site.comment(ref)
        except NotFound:
            return Outcome(seen=Seen.GONE)
        raise Undocumented("deleted, yet still there")

    def reply(self, ref: Ref, text: str, *, key: str) -> Outcome:
        """WordPress itself refuses the same words of the same account under the same
        comment a second time: then the first one is the reply."""
        parent = self.site.comment(ref)
        try:
            answer = self.site.write(
                "POST",
                "comments",
                data={
                    "post": parent["post"],
                    "parent": parent["id"],
                    "content": answers.as_html(text),
                    "status": "approved",
                },
            )
        except Invalid as error:
            found = None
            if error.code == "comment_duplicate":
                found = self.find_reply(ref, text, key=key)
            if found is None:
                raise
            return found
        try:
            row = answer.json()
            number = int(row["id"])
        except (Undocumented, KeyError, TypeError, ValueError) as error:
            raise Ambiguous("no comment in the answer to a reply") from error
        return Outcome(
            seen=answers.seen(row), id=str(number), permalink=str(row.get("link") or "")
        )

    def find_reply(self, ref: Ref, text: str, *, key: str) -> Outcome | None:
        """Our account's answer under that comment with the same words."""
        page = self.site.comments(
            parent=number_of(ref), author=self._me(), orderby="id", order="desc"
        )
        for row in page.rows:
            if answers.same_words(str(row["content"]["raw"]), answers.as_html(text)):
                return Outcome(
                    seen=answers.seen(row),
                    already=True,
                    id=str(answers.number(row)),
                    permalink=str(row.get("link") or ""),
                )
        return None

    def _set_status(self, ref: Ref, status: str, wanted: Seen) -> Outcome:
        before = self.site.comment(ref)
        if answers.seen(before) is wanted:
            return Outcome(seen=wanted, already=True)
        agent = str(before.get("author_user_agent") or "")
        self.site.write(
            "POST",
            f"comments/{number_of(ref)}",
            data={"status": status} | ({"author_user_agent": agent} if agent else {}),
            # Where there was none, none stays only if we send none.
            headers={} if agent else {"User-Agent": ""},
        )
        after = self.site.comment(ref)
        if answers.seen(after) is not wanted:
            raise Undocumented(f"asked for {status}, the status is another still")
        return Outcome(seen=wanted)

    def _me(self) -> str:
        return self._account or self.check().id


def _position(cursor: str | None) -> tuple[int, int | None]:
    """A cursor that is none of ours reads from the beginning: twice, not never."""
    seen, _at, place = (cursor or "").partition("@")
    if not is_number(seen):
        return 0, None
    return int(seen), int(place) if is_number(place) else None
