"""The demonstration's content as typed facts: files in, dataclasses out, no Django.

Ages become moments at reading, so that the demonstration is always recent.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(__file__).parent
ROLES = frozenset(
    {
        "administrator",
        "information_chief",
        "head",
        "officer",
        "archivist",
        "registrar",
    }
)
PLATFORMS = frozenset({"practice", "wordpress", "import"})
NATURES = frozenset({"harmless", "answer", "moderate"})
# Drawn in `drawings`.
PICTURES = frozenset({"hål i vägen", "brevlåda", "igensnöad gångväg"})
T = TypeVar("T")


class ContentError(Exception):
    """What is wrong in which file, for whoever edits the content."""


@dataclass(frozen=True, slots=True)
class Municipality:
    name: str
    country: str
    timezone: str
    website: str
    contact_email: str
    registrar_email: str
    information_chief: str


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    role: str
    first_name: str
    last_name: str
    job_title: str
    email: str
    language: str
    department: str


@dataclass(frozen=True, slots=True)
class Department:
    slug: str
    name: str
    head: str
    email: str


@dataclass(frozen=True, slots=True)
class Channel:
    """`team` are the officers with a mandate; `refused_because` is the head's no."""

    slug: str
    name: str
    platform: str
    department: str
    owner: str
    login_holder: str
    proposed_by: str
    purpose: str
    benefit: str
    comment_purpose: str
    takes_comments: bool
    takes_direct_messages: bool
    address: str = ""
    team: Sequence[str] = ()
    refused_because: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    message: str
    verb: str
    by: str
    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    message: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    message: str
    by: str
    to: str
    note: str


@dataclass(frozen=True, slots=True)
class Reported:
    """On a message of ours, or on an `address` elsewhere."""

    what: str
    message: str = ""
    address: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    channel: str
    id: str
    title: str
    text: str
    permalink: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    id: str
    name: str
    handle: str
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """`edited_text` is what the sender made of it at `edited_at`; `nature` is what its
    writers meant it to be: harmless, in want of an answer, or to be moderated;
    `pictures` are names of drawings, only on practice walls."""

    kind: str
    id: str
    channel: str
    post: str
    author: Sender
    text: str
    created_at: datetime
    parent_id: str
    permalink: str
    language: str
    nature: str
    edited_text: str = ""
    edited_at: datetime | None = None
    is_ours: bool = False
    pictures: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Content:
    municipality: Municipality
    people: Sequence[Person]
    departments: Sequence[Department]
    channels: Sequence[Channel]
    proposals: Sequence[Channel]
    decisions: Sequence[Decided]
    replies: Sequence[Answered]
    handovers: Sequence[HandedOver]
    reports: Sequence[Reported]
    posts: Sequence[Post]
    messages: Sequence[Message]

    def posts_of(self, channel: str) -> list[Post]:
        """Oldest first."""
        found = [post for post in self.posts if post.channel == channel]
        return sorted(found, key=lambda post: post.posted_at)

    def messages_of(self, channel: str) -> list[Message]:
        """Oldest first: a parent always comes before its answer."""
        found = [one for one in self.messages if one.channel == channel]
        return sorted(found, key=lambda one: one.created_at)


def read(*, now: datetime, folder: Path = FOLDER) -> Content:
    """Everything in `folder` with its ages counted back from `now` (aware). Raises
    ContentError for the first thing that does not fit together."""
    if now.tzinfo is None:
        raise ContentError("The demonstration needs to know the time zone of now.")
    path = folder / "municipality.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{path.name}: {error}") from error

    def all_of(make: type[T], name: str) -> list[T]:
        rows = tables.get(name, [])
        where = f"{path.name}, {name}"
        return [build(make, row, f"{where} {i}") for i, row in enumerate(rows, 1)]

    content = Content(
        municipality=build(Municipality, tables.get("municipality", {}), path.name),
        people=all_of(Person, "people"),
        departments=all_of(Department, "departments"),
        channels=all_of(Channel, "channels"),
        proposals=all_of(Channel, "proposals"),
        decisions=all_of(Decided, "decisions"),
        replies=all_of(Answered, "replies"),
        handovers=all_of(HandedOver, "handovers"),
        reports=all_of(Reported, "reports"),
        posts=list(_lines(folder / "posts.jsonl", lambda row: _post(row, now))),
        messages=[
            message
            for file in sorted(folder.glob("messages_*.jsonl"))
            for message in _lines(file, lambda row: _message(row, now))
        ],
    )
    _check(content)
    return content


def build(make: type[T], row: Mapping[str, Any], where: str) -> T:
    """A dataclass from a table: every field it needs, none that it does not know."""
    known = {one.name: one for one in fields(make)}  # type: ignore[arg-type]
    unknown = sorted(set(row) - set(known))
    needed = {
        name
        for name, one in known.items()
        if one.default is MISSING and one.default_factory is MISSING
    }
    missing = sorted(needed - set(row))
    if unknown or missing:
        raise ContentError(f"{where}: unknown {unknown}, missing {missing}")
    return make(**row)


def _lines(path: Path, make: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield make(json.loads(line))
            except (ValueError, KeyError, TypeError, ContentError) as error:
                where = f"{path.name}, line {number}"
                raise ContentError(f"{where}: {error!r}") from error


def _post(row: dict[str, Any], now: datetime) -> Post:
    row["posted_at"] = _moment(row, "age_hours", now)
    return build(Post, row, "post")


def _message(row: dict[str, Any], now: datetime) -> Message:
    row["author"] = build(Sender, row["author"], "author")
    row["created_at"] = _moment(row, "age_hours", now)
    if "edited_age_hours" in row:
        row["edited_at"] = _moment(row, "edited_age_hours", now)
    return build(Message, row, "message")


def _moment(row: dict[str, Any], name: str, now: datetime) -> datetime:
    age = float(row.pop(name))
    if age <= 0:
        raise ContentError(f"{name} is {age}: nothing is written in the future")
    return now - timedelta(hours=age)


def _check(content: Content) -> None:
    """Whether everything that is named is there."""
    people = {one.username for one in content.people}
    departments = {one.slug for one in content.departments}
    channels = {one.slug for one in content.channels}
    posts = {(one.channel, one.id) for one in content.posts}
    messages = {one.id: one for one in content.messages}
    _once("people", [one.username for one in content.people])
    _once("messages", [one.id for one in content.messages])
    _once("posts", [one.id for one in content.posts])
    _once("channels", [one.slug for one in (*content.channels, *content.proposals)])

    _among(people, content.municipality.information_chief, "information_chief")
    for person in content.people:
        _among(ROLES, person.role, person.username)
        _among(departments, person.department, person.username)
    for department in content.departments:
        _among(people, department.head, department.slug)
    for channel in (*content.channels, *content.proposals):
        _among(PLATFORMS, channel.platform, channel.slug)
        _among(departments, channel.department, channel.slug)
        if bool(channel.address) == (channel.platform == "practice"):
            raise ContentError(
                f"{channel.slug}: all but practice walls have an address"
            )
        named = (channel.owner, channel.login_holder, channel.proposed_by)
        for username in (*named, *channel.team):
            _among(people, username, channel.slug)
    for post in content.posts:
        _among(channels, post.channel, post.id)
    for message in content.messages:
        _check_message(message, posts, messages)
    done = [(one.message, one.by) for one in content.decisions]
    done += [(one.message, one.by) for one in content.replies]
    done += [(one.message, one.by) for one in content.handovers]
    for name, by in done:
        _among(messages, name, "what has been done")
        _among(people, by, name)
    for report in content.reports:
        if bool(report.message) == bool(report.address):
            raise ContentError("A report is on a message or on an address elsewhere.")
        if report.message:
            _among(messages, report.message, "reports")


def _check_message(
    message: Message,
    posts: set[tuple[str, str]],
    messages: Mapping[str, Message],
) -> None:
    _among({"comment", "dm"}, message.kind, message.id)
    _among(NATURES, message.nature, message.id)
    if not message.text.strip():
        raise ContentError(f"{message.id}: no text")
    for name in message.pictures:
        _among(PICTURES, name, message.id)
    if message.kind == "comment":
        _among(posts, (message.channel, message.post), message.id)
    if message.parent_id:
        _among(messages, message.parent_id, message.id)
        parent = messages[message.parent_id]
        if (parent.channel, parent.post) != (message.channel, message.post):
            raise ContentError(f"{message.id}: answers something in another thread")
        if parent.created_at >= message.created_at:
            raise ContentError(f"{message.id}: older than what it answers")
    if bool(message.edited_text) != bool(message.edited_at):
        raise ContentError(f"{message.id}: edited without text or without time")


def _among(known: Any, value: object, where: str) -> None:
    if value not in known:
        raise ContentError(f"{where}: {value!r} is not known")


def _once(what: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ContentError(f"{what}: twice {twice}")
