"""Who may do what, at every address and with every verb.

The addresses are read from the URL conf and the verbs from their table. What is
expected stands in `access_rules.txt`: an address without a line there fails here.
"""

from __future__ import annotations

import copy
import functools
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels import registration
from channels.models import Mandate
from moderation import (
    assignment,
    decisions,
    kinds,
    meeting,
    outside,
    redating,
    referrals,
    replies,
    undoing,
    waiving,
)
from moderation.refusals import Refused, refusal
from moderation.verbs import VERBS
from tests import access_world, make
from tests.access_world import PEOPLE, World, changed, fingerprint

if TYPE_CHECKING:
    from django.http import HttpResponse

    from moderation.models import Case
    from tests.conftest import Cast

RULES = Path(__file__).with_name("access_rules.txt")
Rules = dict[tuple[str, str], dict[str, str]]


@pytest.fixture
def world(cast: Cast) -> World:
    return access_world.build(cast)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """A refusal is logged with its traceback, a thousand times over here."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def rules() -> Rules:
    """(address, method) → person → outcome."""
    found: Rules = {}
    for line in RULES.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, method, *outcomes = line.split()
        assert len(outcomes) == len(PEOPLE), line
        assert (name, method) not in found, f"two rules for {method} {name}"
        found[name, method] = dict(zip(PEOPLE, outcomes, strict=True))
    return found


def visitor(world: World, person: str) -> Client:
    client = Client(raise_request_exception=False)
    user = world.people[person]
    if user is not None:
        client.force_login(user)
    return client


def outcome(act: Callable[[], HttpResponse], before: dict[str, str]) -> str:
    """The answer's number, `login` for the way to the login page, and a `+` when the
    database is no longer as before. It is put back."""
    with transaction.atomic():
        place = transaction.savepoint()
        response = act()
        mark = "+" if changed(before) else ""
        transaction.savepoint_rollback(place)
    place_named = response.headers.get("location", "")
    if response.status_code == 302 and place_named.startswith(reverse("admin:login")):
        return "login" + mark
    return f"{response.status_code}{mark}"


def visit(world: World, client: Client, name: str, method: str) -> HttpResponse:
    """One request by a visitor who stays signed in, whatever it does."""
    path = access_world.path_of(name, world)
    kept = copy.deepcopy(client.cookies)
    data = world.sent.get(name, {}) if method == "post" else {}
    response = getattr(client, method)(path, data)
    client.cookies = kept
    return response  # type: ignore[no-any-return]


# -- Addresses ---------------------------------------------------------------------


def test_every_address_has_a_rule_and_every_rule_an_address():
    known = {(name, method) for name in access_world.addresses() for method in _METHODS}
    given = set(rules())
    assert not known - given, f"give it a rule: {sorted(known - given)}"
    assert not given - known, f"a rule without an address: {sorted(given - known)}"


_METHODS = ("get", "post")


def test_the_rules_let_nobody_unknown_in_and_no_refusal_change_anything():
    """What a rule may never say, whatever the system does."""
    for (name, method), line in rules().items():
        for person, expected in line.items():
            if method == "get":
                assert not expected.endswith("+"), f"reading {name} changes something"
            if expected.endswith("+"):
                assert expected.startswith(("200", "302")), f"{name}: {person}"
            assert not expected.startswith("5") or name == "readyz", name
        if name.startswith(("desk:", "admin:")) and name not in _OPEN:
            assert line["nobody"] == "login", f"{name} is open to everybody"


_OPEN = ("admin:login", "admin:logout")


# Every address is asked: minutes on a slow machine.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_gets_what_the_rules_say_at_every_address(person: str, world: World):
    """K-6: who has no mandate and heads no department sees and changes nothing, and
    what is refused leaves the database as it was."""
    client = visitor(world, person)
    before = fingerprint()
    wrong = []
    for (name, method), line in rules().items():
        act = functools.partial(visit, world, client, name, method)
        found = outcome(act, before)
        if found != line[person]:
            wrong.append(f"{method} {name}: {line[person]} expected, {found} found")
    assert not wrong, f"as {person}:\n" + "\n".join(wrong)


# -- Verbs -------------------------------------------------------------------------

# Verb → who may. Everybody else is refused, by the page and by the function.
MAY = {
    "keep": ("anna",),
    "hide": ("anna",),
    "remove": ("anna",),
    "restore": ("anna",),
    "reply": ("anna",),
    "hand_over": ("anna",),
    "refer": ("anna",),
    "claim": ("anna",),
    "release": ("anna",),
    "assign": ("anna",),
    "undo": ("anna",),
    "confirm": ("anna",),
    "correct": ("anna",),
    "waive": ("anna",),
    "meet": ("anna",),
    "register": ("anna",),
    "seal": ("anna",),
    "redate": ("anna",),
    "outside": ("anna",),
    "inside": ("anna",),
}
# Who is refused, how the page answers, and words of the sentence that says why.
REFUSED = {
    "nobody": ("login", ""),
    "bo": ("404", "no mandate in force"),
    "hanna": ("409", "may not do this"),
    "otto": ("404", "may not do this"),
    "arkiv": ("403", "may not do this"),
    "chief": ("409", "may not do this"),
    "root": ("409", "no mandate in force"),
}
EVERY_VERB_AND_PERSON = [(verb, person) for verb in VERBS for person in PEOPLE]


def on(world: World, verb: str) -> Case:
    if verb == "release":
        return world.taken
    if verb == "register":
        return world.letter
    if verb == "inside":
        return world.elsewhere
    return world.hidden if verb in ("restore", "undo") else world.case


def form_of(world: World, verb: str) -> dict[str, Any]:
    case = on(world, verb)
    case.refresh_from_db()
    return {
        "turn": case.turn,
        "rule": make.rule().pk,
        "reason": "It swears at staff.",
        "confirmed": "on",
        "text": "Klockan tio.",
        "to": "registrar" if verb == "refer" else world.colleague.pk,
        "note": "Yours?",
        "kinds": ["praise"],
        "what": "answer:nothing_asked" if verb == "waive" else "answer",
        "kind": "answer",
        "due_at": earlier(case).strftime("%Y-%m-%dT%H:%M"),
    }


def earlier(case: Case) -> datetime:
    """A deadline that a case could be given."""
    return timezone.localtime(case.due_at or timezone.now()) - timedelta(hours=1)


def do(world: World, verb: str, person: str) -> None:
    """The verb by its function, past every page."""
    case, by = on(world, verb), world.people[person]
    assert by is not None
    ground = {"rule": make.rule(), "reason": "It swears at staff."}
    match verb:
        case "keep":
            decisions.keep(case=case, by=by)
        case "hide":
            decisions.hide(case=case, by=by, **ground)  # type: ignore[arg-type]
        case "remove":
            decisions.remove(case=case, by=by, **ground)  # type: ignore[arg-type]
        case "restore":
            decisions.restore(case=case, by=by, reason="A quotation.")
        case "reply":
            replies.reply(case=case, by=by, text="Klockan tio.")
        case "hand_over":
            replies.hand_over(case=case, by=by, to=world.colleague, note="Yours?")
        case "refer":
            to = referrals.destinations(case)[0]
            referrals.refer(case=case, by=by, to=to)
        case "claim":
            assignment.claim(case=case, by=by)
        case "release":
            assignment.release(case=case, by=by)
        case "assign":
            assignment.assign(case=case, by=by, to=world.colleague)
        case "undo":
            undoing.undo(case=case, by=by)
        case "confirm":
            kinds.confirm(case=case, by=by)
        case "correct":
            kinds.correct(case=case, by=by, kinds=["praise"])
        case "waive":
            waiving.waive(case=case, by=by, kind="answer", reason="nothing_asked")
        case "meet":
            meeting.meet(case=case, by=by, what="answer", note="By telephone.")
        case "register":
            meeting.register(case=case, by=by)
        case "seal":
            meeting.seal_record(case=case, by=by)
        case "redate":
            redating.redate(
                case=case, by=by, kind="answer", due_at=earlier(case), reason="Late."
            )
        case "outside":
            outside.mark_outside(case=case, by=by, reason="Not ours.")
        case "inside":
            outside.mark_inside(case=case, by=by, reason="Ours.")
        case _:
            pytest.fail(f"give {verb} a way to be tried")


def test_every_verb_has_a_rule_and_every_rule_a_verb():
    assert set(MAY) == set(VERBS)
    assert set(REFUSED) | {"anna"} == set(PEOPLE)


@pytest.mark.parametrize(("verb", "person"), EVERY_VERB_AND_PERSON)
def test_only_who_may_does_it_on_the_page(verb: str, person: str, world: World):
    """K-6, K-23: the page does it for who may; the others are told why not."""
    path = reverse("desk:act", args=[on(world, verb).pk, verb])
    form = form_of(world, verb)
    client = visitor(world, person)
    before = fingerprint()
    response = client.post(path, form)
    if person in MAY[verb]:
        assert response.status_code == 302
        assert changed(before)
        return
    answer, words = REFUSED[person]
    assert not changed(before)
    if answer == "login":
        assert response.headers["location"].startswith(reverse("admin:login"))
        return
    assert response.status_code == int(answer)
    if answer == "409":
        assert words in response.content.decode()


@pytest.mark.parametrize(
    ("verb", "person"), [pair for pair in EVERY_VERB_AND_PERSON if pair[1] != "nobody"]
)
def test_only_who_may_does_it_by_the_function(verb: str, person: str, world: World):
    """K-6: the page is not the wall; the verb is."""
    before = fingerprint()
    if person in MAY[verb]:
        do(world, verb, person)
        assert changed(before)
        return
    with pytest.raises(Refused, match=REFUSED[person][1]):
        do(world, verb, person)
    assert not changed(before)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("days", [(-9, -1), (1, None)], ids=["ended", "not begun"])
def test_a_mandate_that_is_not_in_force_is_none(
    verb: str, days: tuple[int, int | None], world: World, cast: Cast
):
    """K-6: nobody acts on a channel without a mandate in force today."""
    today = timezone.localdate()
    first, last = days
    Mandate.objects.filter(person=cast.anna).update(
        starts_on=today + timedelta(days=first),
        ends_on=today + timedelta(days=last) if last else None,
    )
    before = fingerprint()
    with pytest.raises(Refused, match="no mandate in force"):
        do(world, verb, "anna")
    assert not changed(before)


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_done_on_a_channel_out_of_use(verb: str, world: World, cast: Cast):
    """K-6: a closed channel is nobody's to act on."""
    registration.close(channel=world.school, by=cast.hanna)
    before = fingerprint()
    with pytest.raises(Refused, match="not in use"):
        do(world, verb, "anna")
    assert not changed(before)


@pytest.mark.parametrize("verb", VERBS)
def test_the_button_and_the_refusal_say_the_same(verb: str, world: World, cast: Cast):
    """What the page greys out with a sentence is what the verb refuses with."""
    case = on(world, verb)
    case.refresh_from_db()
    sentence = refusal(case, VERBS[verb], cast.hanna)
    with pytest.raises(Refused) as refused:
        do(world, verb, "hanna")
    assert str(refused.value) == sentence
    page = visitor(world, "hanna").get(reverse("desk:case", args=[case.pk]))
    assert sentence in page.content.decode()
