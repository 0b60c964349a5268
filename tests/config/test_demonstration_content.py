"""The demonstration's content: invented, complete, in five languages, in order."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.demonstration.read import (
    FOLDER,
    PLATFORMS,
    ROLES,
    Content,
    ContentError,
    read,
)

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
# Kept for examples by RFC 2606: no name below them belongs to anybody.
EXAMPLE_NAMES = ("example.com", "example.net", "example.org", ".example")
# Published as test data by the tax authorities; Norwegian ones have 80 added to the
# month, which no living person's number has.
SWEDISH_TEST_NUMBERS = {"19900101-2385", "20170101-2393", "811218-9876"}


@pytest.fixture(scope="module")
def content() -> Content:
    return read(now=NOW)


def test_six_channels_use_every_platform_that_is_shown(content: Content) -> None:
    assert len(content.channels) == 6
    assert {one.platform for one in content.channels} == PLATFORMS


def test_about_four_hundred_messages_most_of_them_harmless(content: Content) -> None:
    assert 400 <= len(content.messages) <= 450
    share = {
        nature: count / len(content.messages)
        for nature, count in Counter(m.nature for m in content.messages).items()
    }
    assert 0.62 <= share["harmless"] <= 0.75
    assert 0.12 <= share["answer"] <= 0.20
    assert 0.12 <= share["moderate"] <= 0.20


def test_five_languages_are_written(content: Content) -> None:
    languages = Counter(message.language for message in content.messages)
    assert set(languages) == {"sv", "nb", "nn", "en", "fi"}
    assert languages["sv"] > 250
    assert min(languages.values()) >= 20


def test_both_kinds_of_message_are_there(content: Content) -> None:
    """K-17: direct messages only where the channel takes them."""
    kinds = Counter(message.kind for message in content.messages)
    assert kinds["dm"] >= 25
    takes = {one.slug for one in content.channels if one.takes_direct_messages}
    assert {m.channel for m in content.messages if m.kind == "dm"} == takes


def test_some_messages_are_edited_later(content: Content) -> None:
    edited = [message for message in content.messages if message.edited_text]
    assert edited
    for message in edited:
        assert message.edited_at is not None
        assert message.created_at < message.edited_at < NOW
        assert message.edited_text != message.text


def test_every_comment_is_younger_than_its_post_and_what_it_answers(
    content: Content,
) -> None:
    posts = {(post.channel, post.id): post for post in content.posts}
    messages = {message.id: message for message in content.messages}
    for message in content.messages:
        assert message.created_at < NOW
        if message.kind == "comment":
            post = posts[message.channel, message.post]
            assert post.posted_at < message.created_at, message.id
        if message.parent_id:
            parent = messages[message.parent_id]
            assert parent.created_at < message.created_at, message.id


def test_a_sender_is_one_and_the_same_on_a_platform(content: Content) -> None:
    platform = {one.slug: one.platform for one in content.channels}
    senders: dict[tuple[str, str], set[object]] = {}
    for message in content.messages:
        key = (platform[message.channel], message.author.id)
        senders.setdefault(key, set()).add(message.author)
    assert all(len(found) == 1 for found in senders.values())


def test_every_department_has_a_head_of_its_own(content: Content) -> None:
    """K-6: somebody decides on each department's channels."""
    heads = {one.username for one in content.people if one.role == "head"}
    assert {department.head for department in content.departments} == heads
    assert len(heads) == len(content.departments) == 6


def test_every_role_is_held(content: Content) -> None:
    assert {person.role for person in content.people} == ROLES


def test_every_channel_says_what_it_and_its_comments_are_for(content: Content) -> None:
    """K-4, K-8, K-9."""
    for channel in (*content.channels, *content.proposals):
        assert channel.purpose
        assert channel.benefit
        assert channel.comment_purpose
        assert channel.owner
        assert channel.login_holder
    assert all(channel.team for channel in content.channels)
    assert any(channel.refused_because for channel in content.proposals)


def test_the_norwegian_neighbour_writes_norwegian(content: Content) -> None:
    people = {person.username: person for person in content.people}
    norwegian = [d for d in content.departments if people[d.head].language == "nb"]
    assert [one.slug for one in norwegian] == ["grensedal-kultur"]
    (channel,) = [c for c in content.channels if c.department == "grensedal-kultur"]
    languages = Counter(m.language for m in content.messages_of(channel.slug))
    assert languages["nb"] + languages["nn"] > 0.75 * languages.total()


def test_no_address_belongs_to_anybody() -> None:
    address = re.compile(r"(?:https?://|www\.|@)([\w.-]+\.\w+)|\b([\w-]+\.(?:se|no))\b")
    for path in [*sorted(FOLDER.glob("*.jsonl")), FOLDER / "municipality.toml"]:
        for found in address.finditer(path.read_text(encoding="utf-8")):
            name = (found[1] or found[2]).rstrip(".")
            assert name.endswith(EXAMPLE_NAMES), (path.name, name)


def test_identity_numbers_are_test_numbers(content: Content) -> None:
    """K-22.1: findable, and no living person's."""
    text = "\n".join(message.text for message in content.messages)
    found = re.findall(r"(?<!\d)(?:\d{2})?\d{6}-\d{4}(?!\d)", text)
    assert set(found) == SWEDISH_TEST_NUMBERS
    norwegian = re.findall(r"(?<!\d)\d{11}(?!\d)", text)
    assert len(norwegian) == 2
    for number in norwegian:
        assert 81 <= int(number[2:4]) <= 92


def test_telephone_numbers_are_kept_for_fiction(content: Content) -> None:
    """Ranges that the Swedish regulator hands to nobody."""
    text = "\n".join(message.text for message in content.messages)
    found = re.findall(
        r"\b0\d{1,2}-\d{3} \d{2} \d{2}\b|\b0\d-\d{3} \d{3} \d{2}\b", text
    )
    numbers = {re.sub(r"\D", "", number) for number in found}
    assert numbers
    for number in numbers:
        assert re.fullmatch(r"07017406\d\d|08465004\d\d", number)


def test_what_has_been_done_names_messages_that_want_it(content: Content) -> None:
    messages = {message.id: message for message in content.messages}
    for decided in content.decisions:
        assert messages[decided.message].nature == "moderate"
        assert bool(decided.rule) == (decided.verb in {"hide", "remove"})
    for answered in content.replies:
        assert messages[answered.message].nature == "answer"


def test_reading_needs_a_time_zone() -> None:
    with pytest.raises(ContentError, match="time zone"):
        read(now=datetime(2026, 3, 3, 14, 0))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"parent_id": "nobody"}, "'nobody' is not known"),
        ({"post": "nowhere"}, "is not known"),
        ({"kind": "rumour"}, "'rumour' is not known"),
        ({"text": " "}, "no text"),
        ({"age_hours": -1}, "future"),
        ({"edited_text": "other"}, "without time"),
        ({"colour": "red"}, "unknown"),
    ],
)
def test_a_broken_message_is_named(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    folder = tmp_path / "content"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__*"))
    path = folder / "messages_vinterhamn.jsonl"
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    row = {**json.loads(first), **change}
    path.write_text("\n".join([json.dumps(row), *rest]), encoding="utf-8")
    with pytest.raises(ContentError, match=complaint):
        read(now=NOW, folder=folder)
