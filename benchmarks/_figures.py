"""What every benchmark shares: one JSON object a line, and a small town to work in."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from channels import registration
from channels.models import Channel, Department, Municipality, User
from channels.platforms.base import Author, Item, Post
from policies.publishing import load_pack

PASSWORD = "bench bench bench bench"

SENTENCES = [
    "När kommer plogbilen till Storgatan egentligen?",
    "Tack för en fin invigning av biblioteket i lördags!",
    "Det är så jävla dåligt skött det här, skämmes ta mig fan.",
    "Kan någon berätta vilka öppettider simhallen har i helgen?",
    "Vi har väntat på bygglov i fem månader, hur länge ska det dröja?",
    "Hvem har ansvaret for gatelysene ved skolen?",
    "Snön ligger kvar på gångvägen och min mamma kommer inte ut.",
    "Köp billiga däck på däckfynd.example nu, bara 499 kr!",
    "Det stämmer inte att avgiften höjs med tio procent.",
    "Bra jobbat alla på äldreboendet, ni är guld värda.",
]


def say(
    name: str,
    figure: float,
    unit: str,
    compared_with: str = "",
    ratio: float | None = None,
    **more: Any,
) -> None:
    line = {
        "name": name,
        "figure": round(figure, 3),
        "unit": unit,
        "compared_with": compared_with,
        "ratio": None if ratio is None else round(ratio, 2),
        **more,
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def timed(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def town() -> tuple[User, Department]:
    """An officer and the department whose head approves; the rules are loaded."""
    load_pack(by="benchmark")
    Municipality.objects.get_or_create(name="Bänkmark", defaults={"country": "SE"})
    officer = _person("officer", "Communications officer")
    head = _person("head", "Head of department")
    department, _made = Department.objects.get_or_create(
        slug="bench", defaults={"name": "Bench", "head": head}
    )
    return officer, department


def _person(name: str, role: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create_user(
            name, f"{name}@example.org", PASSWORD, is_staff=True
        )
        user.groups.add(Group.objects.get(name=role))
    return user


def channel(officer: User, department: Department, slug: str) -> Channel:
    made = registration.propose(
        channel=Channel(
            name=slug,
            slug=slug,
            platform="practice",
            address=f"https://bench.example/{slug}",
            department=department,
            owner=officer,
            login_holder=officer,
            purpose="To be measured.",
            comment_purpose="To be measured.",
            takes_direct_messages=True,
        ),
        by=officer,
    )
    registration.approve(channel=made, by=department.head)
    registration.give_mandate(channel=made, person=officer, by=department.head)
    return Channel.objects.get(pk=made.pk)


def items(number: int, prefix: str, *, seed: int = 1) -> list[Item]:
    """Comments of two or three sentences, the same for the same seed."""
    chance = random.Random(seed)
    now = timezone.now()
    return [
        Item(
            kind="comment",
            id=f"{prefix}-{n}",
            author=Author(
                id=f"u{n % 500}",
                name=f"Person {n % 500}",
                handle=f"@p{n % 500}",
                url=f"https://bench.example/u/{n % 500}",
            ),
            text=" ".join(chance.sample(SENTENCES, chance.choice([2, 3]))),
            created_at=now - timedelta(minutes=n % 600),
            permalink=f"https://bench.example/{prefix}/{n}",
            post=Post(f"{prefix}-p{n % 20}", "A post", "Text of a post."),
        )
        for n in range(number)
    ]
