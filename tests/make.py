"""Builders of the things tests speak about. Each makes a whole, valid thing."""

from __future__ import annotations

import io
import itertools
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone
from PIL import Image

from channels import registration
from channels.models import Channel, Department, Municipality, User
from channels.platforms.base import Attached, Author, Batch, Item, Post
from moderation import intake
from moderation.models import Case
from policies.models import Rule
from policies.publishing import load_pack

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


def municipality(**changes: Any) -> Municipality:
    values = {
        "name": "Testnäs kommun",
        "country": "SE",
        "timezone": "Europe/Stockholm",
        "contact_email": "webb@testnas.example",
        "registrar_email": "registrator@testnas.example",
    } | changes
    return Municipality.objects.create(**values)


def person(name: str, role: str = "", **changes: Any) -> User:
    """A person with the role's group; `name` is first name and account."""
    user = User.objects.create_user(
        username=name.lower(),
        email=f"{name.lower()}@testnas.example",
        password=PASSWORD,
        first_name=name,
        last_name="Test",
        is_staff=True,
        language="en",
        **changes,
    )
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def department(name: str, head: User) -> Department:
    return Department.objects.create(name=name, slug=name.lower()[:20], head=head)


def proposal(by: User, department: Department, **changes: Any) -> Channel:
    number = next(_numbers)
    values: dict[str, Any] = {
        "name": f"Channel {number}",
        "slug": f"channel-{number}",
        "platform": "practice",
        "address": f"https://social.example/{number}",
        "department": department,
        "owner": by,
        "login_holder": by,
        "purpose": "To tell people about the town.",
        "comment_purpose": "Questions about the town.",
        "takes_direct_messages": True,
    } | changes
    return registration.propose(channel=Channel(**values), by=by)


def channel(by: User, department: Department, **changes: Any) -> Channel:
    """Approved by the head; `by` has a mandate."""
    made = registration.approve(
        channel=proposal(by, department, **changes), by=department.head
    )
    registration.give_mandate(channel=made, person=by, by=department.head)
    return Channel.objects.get(pk=made.pk)


def item(text: str = "Hello", **changes: Any) -> Item:
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": "comment",
        "id": f"m{number}",
        "author": Author(
            id=f"a{number}",
            name="Kim Karlsson",
            handle="@kim",
            url="https://social.example/kim",
        ),
        "text": text,
        "created_at": timezone.now() - timedelta(minutes=5),
        "permalink": f"https://social.example/m/{number}",
        "post": Post("p1", "Winter", "Snow is coming.", "https://social.example/p1"),
    } | changes
    return Item(**values)


def receive(channel: Channel, *items: Item, **changes: Any) -> intake.Received:
    return intake.receive(channel=channel, batch=Batch(changes=items, **changes))


def case(channel: Channel, text: str = "Hello", **changes: Any) -> Case:
    """A message that came in by the ordinary way."""
    one = item(text, **changes)
    receive(channel, one)
    return Case.objects.select_related("message", "channel").get(
        channel=channel, message__external_id=one.id, message__kind=one.kind
    )


def picture(kind: str = "PNG", colour: str = "teal", size: Any = (40, 30)) -> bytes:
    """A whole picture of one colour; two of different colours have different bytes."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return made.getvalue()


def attached(data: bytes | None = None, **changes: Any) -> Attached:
    """A file that came with a message, by its bytes or by its address."""
    number = next(_numbers)
    given: dict[str, Any] = {"read": lambda: data} if data is not None else {}
    values = {"id": f"f{number}", "name": f"bild {number}.png"} | given | changes
    return Attached(**values)


def rules() -> None:
    load_pack(by="tests")


def rule(code: str = "K-20.6") -> Rule:
    return Rule.objects.get(code=code)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
