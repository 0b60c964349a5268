"""Fills an empty database with the demonstration municipality.

Everything goes the way it goes in use: channels are proposed and approved, messages
come in through the intake, decisions are made by officers with a mandate. Only the
practice walls are written by hand, as their visitors would have.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from channels import registration, wall, wall_pictures
from channels.models import (
    Channel,
    Department,
    Message,
    Municipality,
    User,
    WallEntry,
    WallPost,
)
from channels.platforms import base
from config.demonstration import drawings, duties, read
from moderation import decisions, intake, polling, replies, reports
from moderation.answer_templates import load_starters
from moderation.models import Case
from policies.models import Rule
from policies.publishing import load_pack

# No l/1 or o/0: read from a terminal and typed. 31**16 is 79 bits.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
BY = "load_demonstration"
GROUPS = {
    "information_chief": "Information chief",
    "head": "Head of department",
    "officer": "Communications officer",
    "archivist": "Archivist",
    "registrar": "Registrar",
}
# Mandates were given this long before the visitor comes.
SINCE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Account:
    """`role` says in words what the account is good for."""

    role: str
    username: str
    password: str


def is_there() -> bool:
    """Whether the demonstration, and nothing else, has been loaded already."""
    content = read.read(now=timezone.now())
    names = {person.username for person in content.people}
    return Municipality.objects.filter(
        name=content.municipality.name
    ).exists() and User.objects.filter(username__in=names).count() == len(names)


def is_empty() -> bool:
    return not (
        User.objects.exists()
        or Municipality.objects.exists()
        or Channel.objects.exists()
    )


@transaction.atomic
def load() -> list[Account]:
    """All or nothing. The passwords are made here and kept nowhere else."""
    content = read.read(now=timezone.now())
    load_pack(by=BY)
    load_starters(by=BY)
    accounts = _people(content)
    people = {user.username: user for user in User.objects.all()}
    _departments(content, people)
    chief = people[content.municipality.information_chief]
    Municipality.objects.create(
        name=content.municipality.name,
        country=content.municipality.country,
        timezone=content.municipality.timezone,
        website=content.municipality.website,
        contact_email=content.municipality.contact_email,
        registrar_email=content.municipality.registrar_email,
        information_chief=chief,
    )
    channels = {
        one.slug: _channel(one, people)
        for one in (*content.channels, *content.proposals)
    }
    messages: dict[str, Message] = {}
    for one in content.channels:
        messages |= _messages(content, channels[one.slug])
    _decide(content, people, messages)
    duties.see_to()
    return accounts


# -- People and channels ----------------------------------------------------------


def _people(content: read.Content) -> list[Account]:
    groups = {group.name: group for group in Group.objects.all()}
    owned = {
        person.username: ", ".join(
            one.name for one in content.channels if one.owner == person.username
        )
        for person in content.people
    }
    heads = {one.head: one.name for one in content.departments}
    accounts = []
    for person in content.people:
        password = "-".join(
            "".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)
        )
        administrator = person.role == "administrator"
        user = User.objects.create_user(
            username=person.username,
            email=person.email,
            password=password,
            first_name=person.first_name,
            last_name=person.last_name,
            job_title=person.job_title,
            language=person.language,
            is_staff=True,
            is_superuser=administrator,
        )
        role = "Administrator"
        if not administrator:
            role = GROUPS[person.role]
            user.groups.add(groups[role])
        about = heads.get(person.username) or owned[person.username]
        accounts.append(
            Account(f"{role} ({about})" if about else role, person.username, password)
        )
    return accounts


def _departments(content: read.Content, people: Mapping[str, User]) -> None:
    made = {
        one.slug: Department.objects.create(
            slug=one.slug, name=one.name, head=people[one.head], email=one.email
        )
        for one in content.departments
    }
    for person in content.people:
        user = people[person.username]
        user.department = made[person.department]
        user.save()


def _channel(one: read.Channel, people: Mapping[str, User]) -> Channel:
    department = Department.objects.get(slug=one.department)
    channel = registration.propose(
        channel=Channel(
            name=one.name,
            slug=one.slug,
            platform=one.platform,
            address=one.address or _wall_address(one),
            department=department,
            owner=people[one.owner],
            login_holder=people[one.login_holder],
            purpose=f"{one.purpose} {one.benefit}",
            comment_purpose=one.comment_purpose,
            takes_comments=one.takes_comments,
            takes_direct_messages=one.takes_direct_messages,
        ),
        by=people[one.proposed_by],
    )
    head = department.head
    if one.refused_because:
        return registration.refuse(channel=channel, by=head, reason=one.refused_because)
    if not one.team:
        return channel
    channel = registration.approve(channel=channel, by=head)
    begin = timezone.localdate() - SINCE
    for username in one.team:
        registration.give_mandate(
            channel=channel, person=people[username], by=head, starts_on=begin
        )
    return channel


def _wall_address(one: read.Channel) -> str:
    return f"{settings.BASE_URL}{reverse('wall', args=[one.slug])}"


# -- Messages ---------------------------------------------------------------------


def _messages(content: read.Content, channel: Channel) -> dict[str, Message]:
    """The content's name of each message of the channel -> the message as stored."""
    posts = content.posts_of(channel.slug)
    messages = content.messages_of(channel.slug)
    if channel.platform == "practice":
        names = _write_on_the_wall(channel, posts, messages)
    else:
        _import(channel, posts, messages)
        names = {one.id: one.id for one in messages}
    stored = {
        message.external_id: message
        for message in Message.objects.filter(channel=channel)
    }
    return {name: stored[there] for name, there in names.items()}


def _import(
    channel: Channel, posts: Iterable[read.Post], messages: list[read.Message]
) -> None:
    known = {
        post.id: base.Post(
            post.id, post.title, post.text, post.permalink, post.posted_at
        )
        for post in posts
    }

    def item(one: read.Message, *, edited: bool = False) -> base.Item:
        author = one.author
        return base.Item(
            kind=one.kind,
            id=one.id,
            author=base.Author(author.id, author.name, author.handle, author.url),
            text=one.edited_text if edited else one.text,
            created_at=one.created_at,
            edited_at=one.edited_at if edited else None,
            parent_id=one.parent_id,
            permalink=one.permalink,
            post=known.get(one.post),
            is_ours=one.is_ours,
        )

    first = [item(one) for one in messages]
    edits = [item(one, edited=True) for one in messages if one.edited_text]
    for changes in (first, edits):
        intake.receive(
            channel=channel, batch=base.Batch(changes=changes, source="import")
        )


def _write_on_the_wall(
    channel: Channel, posts: Iterable[read.Post], messages: list[read.Message]
) -> dict[str, str]:
    made = {
        post.id: WallPost.objects.create(
            channel=channel, title=post.title, text=post.text, posted_at=post.posted_at
        )
        for post in posts
    }
    keys = {one.author.id: secrets.token_hex(16) for one in messages}
    entries: dict[str, WallEntry] = {}

    def entry(change: int, one: read.Message) -> WallEntry:
        return WallEntry(
            channel=channel,
            post=made.get(one.post),
            kind=one.kind,
            parent=entries[one.parent_id] if one.parent_id else None,
            author_name=one.author.name,
            author_key=keys[one.author.id],
            is_ours=one.is_ours,
            text=one.text,
            posted_at=one.created_at,
            change=change,
        )

    # What is answered is stored first; the change numbers follow the time.
    numbered = list(enumerate(messages, wall.next_change(channel)))
    roots = [pair for pair in numbered if not pair[1].parent_id]
    answers = [pair for pair in numbered if pair[1].parent_id]
    for some in (roots, answers):
        stored = WallEntry.objects.bulk_create([entry(*pair) for pair in some])
        for (_change, one), row in zip(some, stored, strict=True):
            entries[one.id] = row
            wall_pictures.hang(row, [drawings.picture(name) for name in one.pictures])
    _poll(channel)
    for one in messages:
        if one.edited_text:
            wall.edit(entry=entries[one.id], text=one.edited_text)
    _poll(channel)
    return {name: str(row.pk) for name, row in entries.items()}


def _poll(channel: Channel) -> None:
    polling.poll(channel.stream)
    channel.stream.refresh_from_db()
    if channel.stream.last_error:
        raise RuntimeError(f"{channel.slug}: {channel.stream.last_error}")


# -- What has been done already ---------------------------------------------------


def _decide(
    content: read.Content,
    people: Mapping[str, User],
    messages: Mapping[str, Message],
) -> None:
    rules = {rule.code: rule for rule in Rule.objects.all()}

    def case(name: str) -> Case:
        return Case.objects.get(message=messages[name])

    for decided in content.decisions:
        by = people[decided.by]
        reason = decided.reason
        match decided.verb:
            case "hide":
                decisions.hide(
                    case=case(decided.message),
                    by=by,
                    rule=rules[decided.rule],
                    reason=reason,
                )
            case "remove":
                decisions.remove(
                    case=case(decided.message),
                    by=by,
                    rule=rules[decided.rule],
                    reason=reason,
                )
            case "restore":
                decisions.restore(case=case(decided.message), by=by, reason=reason)
            case "keep":
                decisions.keep(case=case(decided.message), by=by, reason=reason)
    for answered in content.replies:
        replies.reply(
            case=case(answered.message), by=people[answered.by], text=answered.text
        )
    for passed in content.handovers:
        replies.hand_over(
            case=case(passed.message),
            by=people[passed.by],
            to=people[passed.to],
            note=passed.note,
        )
    for report in content.reports:
        address = report.address
        if report.message:
            address = messages[report.message].permalink
        reports.receive(address=address, what=report.what, contact=report.contact)
