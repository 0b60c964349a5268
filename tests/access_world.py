"""One of each thing that an address can be about, and every address of the system."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from channels import registration, wall
from channels.models import Delivery, User, WallPost
from moderation import decisions, reports
from policies import wording
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel
    from moderation.models import Case
    from tests.conftest import Cast

PEOPLE = ("nobody", "anna", "bo", "hanna", "otto", "arkiv", "chief", "root")
# Told of in no page: what is remembered of visits, and what a login leaves behind.
_PASSING = ("django_session", "django_migrations")


@dataclass
class World:
    """`args` are an address's parts and `sent` what is posted to it, by its name."""

    people: dict[str, User | None]
    case: Case
    hidden: Case
    school: Channel
    colleague: User
    args: dict[str, list[Any]] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)


def build(cast: Cast) -> World:
    """The schools' wall, where Anna has a mandate, with everything that can happen on
    it; a channel that waits for Hanna's decision; a report on no known channel."""
    colleague = make.person("Cecilia", "Communications officer")
    root = make.person("Root", is_superuser=True)
    school = make.channel(cast.anna, cast.schools, slug="schools")
    registration.give_mandate(channel=school, person=colleague, by=cast.hanna)
    proposed = make.proposal(cast.anna, cast.schools)
    case, hidden, failed = (
        make.case(school, text, permalink=f"https://social.example/c/{number}")
        for number, text in enumerate(("Vad gör ni?", "Fult sagt", "Ännu fulare"))
    )
    decisions.hide(case=hidden, by=cast.anna, rule=make.rule(), reason="Swears.")
    decision = decisions.remove(
        case=failed, by=cast.anna, rule=make.rule(), reason="Swears."
    )
    assert decision.record is not None
    assert decision.delivery is not None
    Delivery.objects.filter(pk=decision.delivery.pk).update(
        state=Delivery.State.FAILED, settled_at=timezone.now()
    )
    loose = reports.receive(address=f"{school.address}/unknown", what="Fult!")
    assert loose.channel == school
    post = WallPost.objects.create(channel=school, title="Winter", text="Snow.")
    entry = wall.write(
        channel=school,
        kind="comment",
        author_name="Kim",
        author_key="k" * 32,
        text="Hej",
        post=post,
    )
    wording.publish(changes=[wording.remove("sv:fan")], note="Too mild.", by="Chief")
    world = World(
        people={
            **{name: getattr(cast, name, None) for name in PEOPLE[:-1]},
            "root": root,
        },
        case=case,
        hidden=hidden,
        school=school,
        colleague=colleague,
    )
    turn = {"turn": case.turn}
    mandate = school.mandates.get(person=cast.anna)
    objects: dict[str, Any] = {
        "auth_group": Group.objects.get(name="Archivist"),
        "archive_record": decision.record,
        "channels_channel": school,
        "channels_department": cast.schools,
        "channels_mandate": mandate,
        "channels_municipality": cast.municipality,
        "channels_user": cast.bo,
        "channels_wallpost": post,
        "policies_rule": make.rule(),
    }
    for model, one in objects.items():
        for action in ("history", "delete", "change", "short"):
            world.args[f"admin:{model}_{action}"] = [one.pk]
        if hasattr(one, "history"):
            old = one.history.first().history_id
            world.args[f"admin:{model}_simple_history"] = [one.pk, old]
    world.args |= {
        "log-file": ["nothing"],
        "admin:app_list": ["channels"],
        "admin:auth_user_password_change": [cast.bo.pk],
        "admin:catch_all": ["no-such-page/"],
        "admin:channels_channel_approve": [proposed.pk],
        "admin:channels_channel_check": [school.pk],
        "admin:channels_channel_close": [school.pk],
        "admin:channels_channel_login": [school.pk],
        "admin:channels_channel_refuse": [proposed.pk],
        "admin:channels_channel_resume": [school.pk],
        "admin:view_on_site": [1, 1],
        "channel": ["schools"],
        "desk:act": [case.pk, "keep"],
        "desk:case": [case.pk],
        "desk:dismiss": [loose.pk],
        "desk:leave": [decision.delivery.pk],
        "desk:looking": [case.pk],
        "desk:place": [loose.pk],
        "desk:report": [loose.pk],
        "desk:try-again": [decision.delivery.pk],
        "words:change": ["sv:skit"],
        "words:remove": ["sv:skit"],
        "words:restore": ["sv:fan"],
        "words:undo": [1],
        "wall": ["schools"],
        "wall-answer": ["schools", entry.pk],
        "wall-comment": ["schools", post.pk],
        "wall-edit": ["schools", entry.pk],
        "wall-messages": ["schools"],
    }
    described = {
        "name": "Renamed",
        "purpose": "To tell people about the town.",
        "takes_comments": "on",
        "comment_purpose": "Questions about the town.",
        "owner": cast.anna.pk,
        "login_holder": cast.anna.pk,
    }
    published = {"step": "publish", "why": "Heard of late.", "after": "1"}
    word = {**published, "languages": ["sv"], "kind": "swear", "severity": "2"}
    written = {"name": "Kim", "text": "Hej"}  # by a robot: without the form's stamp
    world.sent |= {
        "admin:channels_channel_add": {
            **described,
            "slug": "new",
            "platform": "practice",
            "address": "https://social.example/new",
            "department": cast.schools.pk,
        },
        "admin:channels_channel_change": described,
        "admin:channels_channel_refuse": {"reason": "Too many already."},
        "admin:channels_department_change": {
            "name": "Renamed",
            "head": cast.otto.pk,
        },
        "admin:channels_mandate_add": {
            "channel": school.pk,
            "person": cast.bo.pk,
            "starts_on": "2026-01-01",
        },
        "admin:channels_mandate_change": {"ends_on": "2099-01-01"},
        "admin:channels_wallpost_add": {
            "channel": school.pk,
            "title": "News",
            "text": "Text",
        },
        "desk:act": turn,
        "desk:place": {"address": str(case.pk)},
        "report": {"address": "https://social.example/c/1", "what": "Fult!"},
        "set_language": {"language": "nb"},
        "words:add": {**word, "term": "blaja"},
        "words:change": {**word, "term": "skit"},
        "words:remove": published,
        "words:restore": published,
        "words:try": {"text": "Hej"},
        "words:undo": published,
        "wall-answer": written,
        "wall-comment": written,
        "wall-edit": written,
        "wall-messages": written,
    }
    return world


def addresses() -> dict[str, str]:
    """Name → route of every address, `admin:x_short` for the nameless short ones."""
    found: dict[str, str] = {}

    def walk(resolver: URLResolver, spaces: str, route: str) -> None:
        for one in resolver.url_patterns:
            whole = route + str(one.pattern)
            if isinstance(one, URLResolver):
                space = f"{one.namespace}:" if one.namespace else ""
                walk(one, spaces + space, whole)
                continue
            assert isinstance(one, URLPattern)
            name = spaces + (one.name or _nameless(whole))
            assert name not in found, f"two addresses are named {name}"
            found[name] = whole

    walk(get_resolver(), "", "")
    return found


def _nameless(route: str) -> str:
    """Django's admin names neither its redirects nor its page of what is not there."""
    model = re.fullmatch(r"admin/(\w+)/(\w+)/<path:object_id>/", route)
    if model:
        return f"{model[1]}_{model[2]}_short"
    assert route == "admin/(?P<url>.*)$", f"{route} has no name"
    return "catch_all"


def path_of(name: str, world: World) -> str:
    args = world.args.get(name, [])
    if name.endswith("_short"):
        change = reverse(name.removesuffix("short") + "change", args=args)
        return change.removesuffix("change/")
    if name == "admin:catch_all":
        return f"/admin/{args[0]}"
    return reverse(name, args=args)


def fingerprint() -> dict[str, str]:
    """Table → digest of everything in it."""
    tables = [
        table
        for table in connection.introspection.table_names()
        if table not in _PASSING
    ]
    union = " UNION ALL ".join(
        f"SELECT '{table}', md5(coalesce("
        f"string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM \"{table}\" t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(union)
        return dict(cursor.fetchall())


def changed(before: dict[str, str]) -> list[str]:
    """The tables that are no longer as they were."""
    return [table for table, one in fingerprint().items() if before[table] != one]
