"""One of each thing that an address can be about, and every address of the system."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from archive import disclosure
from archive.models import Record, RetentionRule
from channels import letters, registration, wall, wall_pictures
from channels.models import (
    AccessibilityStatement,
    Attachment,
    Delivery,
    Letter,
    User,
    WallPost,
)
from moderation import (
    absences,
    assignment,
    decisions,
    drafts,
    outside,
    referrals,
    reports,
    saved_views,
)
from moderation.desk_filters import Filters
from moderation.models import AnswerTemplate, ReferralAddress
from policies import wording
from tests import access_archive, make

if TYPE_CHECKING:
    from channels.models import Channel
    from moderation.models import Case
    from tests.conftest import Cast

PEOPLE = ("nobody", "anna", "bo", "hanna", "otto", "arkiv", "chief", "root")
# Told of in no page: what is remembered of visits, and what a login leaves behind.
_PASSING = ("channels_session", "django_migrations")


@dataclass
class World:
    """`args` are an address's parts and `sent` what is posted to it, by its name."""

    people: dict[str, User | None]
    case: Case
    hidden: Case
    taken: Case
    letter: Case
    elsewhere: Case
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
    taken = make.case(school, "Ta den, Anna!")
    letter = make.case(school, "Kan ni ringa mig?", kind="dm")
    elsewhere = make.case(school, "Inte till er")
    outside.mark_outside(case=elsewhere, by=cast.anna, reason="Not ours.")
    assignment.claim(case=taken, by=cast.anna)
    wanted = disclosure.receive(asked="Everything about Kim", law="SE", by="Arkiv")
    [picked] = disclosure.pick(request=wanted, records=[decision.record.pk], by="Arkiv")
    other = Record.objects.exclude(pk=decision.record.pk).earliest("sealed_at")
    today = timezone.localdate()
    absence = absences.register(
        person=colleague,
        cover=cast.anna,
        starts_on=today + timedelta(days=30),
        ends_on=today + timedelta(days=37),
        by=cast.hanna,
    )
    loose = reports.receive(address=f"{school.address}/unknown", what="Fult!")
    assert loose.channel == school
    post = WallPost.objects.create(channel=school, title="Winter", text="Snow.")
    red = make.picture(colour="red")
    entry = wall.write(
        channel=school,
        kind="comment",
        author_name="Kim",
        author_key="k" * 32,
        text="Hej",
        post=post,
        pictures=[wall_pictures.Picture("a.png", red, "image/png", 40, 30)],
    )
    pictured = make.case(school, "Se!", attachments=[make.attached(red)])
    file = Attachment.objects.get(version__message=pictured.message_id)
    wording.publish(changes=[wording.remove("sv:fan")], note="Too mild.", by="Chief")
    view = saved_views.save(
        owner=cast.anna, name="Rude", filters=Filters(rule="K-20.6")
    )
    answer = AnswerTemplate.objects.create(
        kind="answer", language="sv", name="Svar", text="Hej {sender_name}!"
    )
    # Somebody else's answer waits for a second reader; one referral came to nothing.
    unread = drafts.ask(case=taken, by=colleague, text="Klockan tio.")
    draft = drafts.save(case=taken, by=cast.anna, text="Klockan")
    mailbox = referrals.destinations(taken)[0]
    failing = referrals.refer(case=taken, by=cast.anna, to=mailbox)
    stuck = letters.write_to(address="x@testnas.example", subject="X", body="Y")
    Letter.objects.filter(pk__in=[failing.letter_id, stuck.pk]).update(
        failed_at=timezone.now()
    )
    referrals.notice_failures()
    unit = ReferralAddress.objects.create(
        kind="officer", name="Roads", email="roads@testnas.example"
    )
    office = next(
        one for one in referrals.destinations(taken) if one.email == unit.email
    )
    standing = referrals.refer(case=taken, by=cast.anna, to=office)
    taken.refresh_from_db()
    world = World(
        people={
            **{name: getattr(cast, name, None) for name in PEOPLE[:-1]},
            "root": root,
        },
        case=case,
        hidden=hidden,
        taken=taken,
        letter=letter,
        elsewhere=elsewhere,
        school=school,
        colleague=colleague,
    )
    turn = {"turn": case.turn}
    mandate = school.mandates.get(person=cast.anna)
    objects: dict[str, Any] = {
        "auth_group": Group.objects.get(name="Archivist"),
        "archive_record": decision.record,
        "archive_retentionrule": RetentionRule.objects.create(
            slug="unnamed", title="Two years", years=2, basis="KS 1"
        ),
        "channels_accessibilitystatement": AccessibilityStatement.objects.create(
            status="partly", method="self", assessed_on=today
        ),
        "channels_channel": school,
        "channels_department": cast.schools,
        "channels_mandate": mandate,
        "channels_municipality": cast.municipality,
        "channels_user": cast.bo,
        "channels_wallpost": post,
        "moderation_answertemplate": answer,
        "moderation_referraladdress": unit,
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
        "disclosure:draft": [wanted.pk],
        "disclosure:fetch": [wanted.pk, 0],
        "disclosure:mark-record": [decision.record.pk],
        "disclosure:mask": [wanted.pk, picked.pk],
        "disclosure:open": [decision.record.pk],
        "disclosure:open-picks": [wanted.pk],
        "disclosure:pick": [wanted.pk],
        "disclosure:picture": [wanted.pk, picked.pk, 0],
        "disclosure:preview": [wanted.pk],
        "disclosure:refuse": [wanted.pk],
        "disclosure:request": [wanted.pk],
        "disclosure:unpick": [wanted.pk, picked.pk],
        "disclosure:withdraw": [wanted.pk],
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
        "desk:duty": [case.pk, "confirm"],
        "desk:answer": [case.pk],
        "desk:case": [case.pk],
        "desk:change-view": [view.pk],
        "desk:delete-view": [view.pk],
        "desk:dismiss": [loose.pk],
        "desk:end-absence": [absence.pk],
        "desk:figures-csv": ["activity-by-channel"],
        "desk:drop-draft": [draft.pk],
        "desk:leave": [decision.delivery.pk],
        "desk:letter": [stuck.pk, "again"],
        "desk:looking": [case.pk],
        "desk:picture": [pictured.pk, file.pk],
        "desk:blurred": [pictured.pk, file.pk],
        "desk:place": [loose.pk],
        "desk:read-anew": [case.pk],
        "desk:refer": [case.pk],
        "desk:refer-again": [failing.pk],
        "desk:refer-arrived": [failing.pk],
        "desk:refer-back": [standing.pk],
        "desk:release-draft": [unread.pk],
        "desk:report": [loose.pk],
        "desk:save-draft": [case.pk],
        "desk:send-back": [unread.pk],
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
        "wall-picture": ["schools", entry.pictures.get().pk],
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
        "admin:channels_accessibilitystatement_change": {
            "contact_phone": "0923-650 00"
        },
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
        "admin:moderation_answertemplate_add": {
            "kind": "answer",
            "language": "sv",
            "name": "New",
            "text": "Hej!",
        },
        "admin:moderation_answertemplate_change": {
            "kind": "answer",
            "language": "sv",
            "name": "Renamed",
            "text": "Hej!",
        },
        "admin:moderation_referraladdress_add": {
            "kind": "officer",
            "name": "New",
            "email": "new@testnas.example",
        },
        "admin:moderation_referraladdress_change": {
            "kind": "officer",
            "name": "Renamed",
            "email": "roads@testnas.example",
        },
        "disclosure:mark-record": {"diary_number": "KS 2026/7"},
        "disclosure:mask": {"step": "check"},
        "disclosure:new": {
            "asked": "Everything about the pool",
            "received_on": "2026-01-05",
            "kind": "public",
            "law": "SE",
        },
        "disclosure:open": {"reason": "A request"},
        "disclosure:open-picks": {"reason": "A request"},
        "disclosure:pick": {"step": "pick", "record": [str(other.pk)]},
        "disclosure:preview": {"confirmed": "on"},
        "disclosure:refuse": {"reason": "No such record.", "confirmed": "on"},
        "disclosure:sender": {"sender": "@kim"},
        "disclosure:withdraw": {"confirmed": "on"},
        "desk:act": turn,
        "desk:duty": turn,
        "desk:answer": {**turn, "text": "Klockan tio."},
        "desk:refer": {**turn, "to": "registrar"},
        "desk:refer-back": {"reason": "Not ours."},
        "desk:release-draft": {"turn": taken.turn, "number": unread.number},
        "desk:save-draft": {**turn, "text": "Klockan tio."},
        "desk:send-back": {"number": unread.number, "note": "Shorter."},
        "desk:change-view": {"name": "Very rude"},
        "desk:keep": {"case": f"{case.pk}.{case.turn}", "confirmed": "on"},
        "desk:away": {
            "person": cast.anna.pk,
            "cover": colleague.pk,
            "starts_on": (today + timedelta(days=10)).isoformat(),
            "ends_on": (today + timedelta(days=12)).isoformat(),
        },
        "desk:place": {"address": str(case.pk)},
        "desk:save-view": {"name": "In Swedish", "language": "sv"},
        "desk:unkeep": {"case": f"{hidden.pk}.{hidden.turn}"},
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
    access_archive.add(cast, school, decision.record, world.args, world.sent)
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
