"""A WordPress site's REST API as it is: requests, the list of comments, single ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from channels.platforms import wordpress_answers as answers
from channels.platforms.base import (
    AuthExpired,
    Forbidden,
    Invalid,
    NotFound,
    NotSupported,
    Post,
    Ref,
    Refused,
    Undocumented,
)
from channels.platforms.http import Answer, TooLarge, call

PAGE = 100
# What the archive keeps of a comment; pictures and what plugins add are left out.
FIELDS = (
    "id,post,parent,author,author_name,author_email,author_url,author_ip,"
    "author_user_agent,date,date_gmt,content,link,status,type,_links"
)


@dataclass
class Page:
    """One answer of the list: `numbers` counts in what could not be read."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    total: int = 0


class Site:
    """The site at an address, seen with one account's application password. Every
    method raises PlatformError."""

    def __init__(self, address: str, auth: tuple[str, str]) -> None:
        self.base = address.rstrip("/")
        self.auth = auth

    def comment(self, ref: Ref) -> dict[str, Any]:
        answer = self.get(
            f"comments/{number_of(ref)}", {"context": "edit", "_fields": FIELDS}
        )
        row = answer.json()
        if not isinstance(row, dict):
            raise Undocumented("a comment is not an object")
        _not_anonymous([row])
        return row

    def comments(self, **params: Any) -> Page:
        """A page of the list. Where it is too large the comments are asked for in ever
        smaller parts, and one that is too large by itself is refused alone."""
        base = {"context": "edit", "status": "any", "per_page": PAGE, "_fields": FIELDS}
        try:
            return self._page(base | params)
        except TooLarge:
            page = self._page(base | params | {"_fields": "id"})
            page.rows = list(self._in_parts(page.numbers, page.refused))
            return page

    def _in_parts(
        self, numbers: Sequence[int], refused: list[Refused]
    ) -> Iterator[dict[str, Any]]:
        half = (len(numbers) + 1) // 2
        for part in filter(None, (numbers[:half], numbers[half:])):
            try:
                page = self._page(
                    {
                        "context": "edit",
                        "status": "any",
                        "per_page": PAGE,
                        "_fields": FIELDS,
                        "include": ",".join(map(str, part)),
                        "orderby": "include",
                    }
                )
            except TooLarge as error:
                if len(part) == 1:
                    refused.append(Refused(str(part[0]), f"too_large: {error}"))
                else:
                    yield from self._in_parts(part, refused)
            else:
                refused += page.refused
                yield from page.rows

    def _page(self, params: Mapping[str, Any]) -> Page:
        answer = self.get("comments", params)
        rows = answer.json()
        if not isinstance(rows, list):
            raise Undocumented("the list of comments is not a list")
        total = answer.headers.get("x-wp-total", "")
        page = Page(total=int(total) if total.isdecimal() else len(rows))
        for row in rows:
            try:
                page.numbers.append(answers.number(row))
            except (KeyError, TypeError, ValueError) as error:
                page.refused.append(Refused("", f"shape: {type(error).__name__}"))
                continue
            page.rows.append(row)
        if params["_fields"] != "id":
            _not_anonymous(page.rows)
        return page

    def posts(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, Post]:
        """What these comments stand under, one request for each kind of page; what
        may not be read is known by its address alone."""
        found: dict[int, Post] = {}
        routes: dict[str, set[int]] = {}
        for row in rows:
            try:
                number = int(row.get("post") or 0)
                if number:
                    found[number] = answers.post_of(row)
                    routes.setdefault(answers.post_route(row), set()).add(number)
            except (AttributeError, KeyError, TypeError, ValueError, IndexError):
                continue
        for route in filter(None, routes):
            try:
                listed = self.get(
                    route,
                    {
                        "include": ",".join(map(str, sorted(routes[route]))),
                        "per_page": PAGE,
                        "_fields": "id,link,title,excerpt,date_gmt",
                    },
                ).json()
                for row in listed:
                    found[answers.number(row)] = answers.post(row)
            except (Forbidden, NotFound, NotSupported, Invalid, Undocumented):
                continue
            except (AttributeError, KeyError, TypeError, ValueError):
                continue
        return found

    def place_of(self, seen: int, total: int) -> int:
        """The place of the last comment up to this number, by halving: in twenty
        small requests even among a million."""
        low, high = 0, total - 1
        while seen and low < high:
            middle = (low + high + 1) // 2
            page = self.comments(
                orderby="id", order="asc", offset=middle, per_page=1, _fields="id"
            )
            if page.numbers and page.numbers[0] <= seen:
                low = middle
            else:
                high = middle - 1
        return low if seen else 0

    # -- the wire ------------------------------------------------------------------

    def get(self, path: str, params: Mapping[str, Any]) -> Answer:
        answer = self._call("GET", path, params=params)
        if answer.status != 200:
            raise answers.error(answer, write=False)
        return answer

    def write(self, method: str, path: str, **more: Any) -> Answer:
        answer = self._call(method, path, **more)
        if answer.status not in (200, 201):
            raise answers.error(answer, write=True)
        return answer

    def _call(self, method: str, path: str, **more: Any) -> Answer:
        # Asked this way the API answers on sites with and without pretty addresses.
        params = {"rest_route": f"/wp/v2/{path}", **(more.pop("params", None) or {})}
        return call(method, f"{self.base}/", auth=self.auth, params=params, **more)


def _not_anonymous(rows: Sequence[Mapping[str, Any]]) -> None:
    contents = [row.get("content") for row in rows]
    if rows and not any(isinstance(one, dict) and "raw" in one for one in contents):
        raise AuthExpired("answered as to an anonymous visitor")


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def number_of(ref: Ref) -> str:
    """Raises NotFound for what cannot be the number of a comment."""
    if not is_number(ref.id):
        raise NotFound("not a WordPress comment number")
    return ref.id
