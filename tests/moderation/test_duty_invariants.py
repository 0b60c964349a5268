"""Whatever officers and senders do, in whatever order, no duty is lost."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from django.db.models import Min

from moderation import decisions, kinds, meeting, outside, redating, replies, waiving
from moderation.models import Case, DeadlineChange, Duty, ReplyKind
from moderation.refusals import Refused
from tests import make
from tests.moderation.test_duties import (
    CHATTER,
    CLAIM,
    HURT,
    MATTER,
    NEGATIVE,
    POLITICS,
    PRAISE,
    QUESTION,
)

if TYPE_CHECKING:
    from channels.models import Channel
    from tests.conftest import Cast

TEXTS = (CHATTER, CLAIM, HURT, MATTER, NEGATIVE, POLITICS, PRAISE, QUESTION)
ACTS = (
    "confirm",
    "correct",
    "waive",
    "meet",
    "register",
    "seal",
    "redate",
    "outside",
    "inside",
    "keep",
    "hide",
    "remove",
    "reply",
    "edit",
)


def do(act: str, case: Case, by, dice: random.Random) -> None:
    waiting = list(case.duties.open().order_by("pk"))
    duty = dice.choice(waiting) if waiting else None
    kind = dice.choice(Duty.Kind.values)
    match act:
        case "confirm":
            kinds.confirm(case=case, by=by)
        case "correct":
            some = dice.sample(ReplyKind.values, dice.randint(1, 3))
            kinds.correct(case=case, by=by, kinds=some)
        case "waive":
            reason = dice.choice(Duty.Waiver.values)
            waiving.waive(case=case, by=by, kind=kind, reason=reason)
        case "meet":
            what = dice.choice(sorted(meeting.OTHERWISE))
            meeting.meet(case=case, by=by, what=what, note="By telephone.")
        case "register":
            meeting.register(case=case, by=by)
        case "seal":
            meeting.seal_record(case=case, by=by)
        case "redate" if duty:
            earlier = duty.since + (duty.due_at - duty.since) / 2
            redating.redate(
                case=case, by=by, kind=duty.kind, due_at=earlier, reason="Sooner."
            )
        case "outside":
            outside.mark_outside(case=case, by=by, reason="Not ours.")
        case "inside":
            outside.mark_inside(case=case, by=by, reason="Ours.")
        case "keep":
            decisions.keep(case=case, by=by)
        case "hide":
            decisions.hide(case=case, by=by, rule=make.rule(), reason="Swears.")
        case "remove":
            decisions.remove(case=case, by=by, rule=make.rule(), reason="Swears.")
        case "reply":
            replies.reply(case=case, by=by, text="Tack, vi ser över det.")
        case "edit":
            message = case.message
            changed = make.item(
                dice.choice(TEXTS), id=message.external_id, kind=message.kind
            )
            make.receive(case.channel, changed)


def holds(case: Case) -> None:
    """What is owed shows on the desk, by the earliest deadline; what is closed says
    how; the guidelines were kept."""
    case.refresh_from_db()
    open_now = case.duties.open()
    assert case.due_at == open_now.aggregate(first=Min("due_at"))["first"]
    for duty in case.duties.all():
        assert duty.since <= duty.due_at
        if duty.outcome == Duty.Outcome.MET and duty.kind == Duty.Kind.DOCUMENT:
            assert duty.parts.count() == 3
            assert duty.record_id
        if duty.outcome == Duty.Outcome.MET and duty.kind == Duty.Kind.REGISTER:
            assert duty.record_id or duty.closed_with != "register"
        if duty.outcome == Duty.Outcome.WAIVED:
            assert duty.kind not in waiving.NEVER
            assert duty.waived_for
        if duty.closed_at:
            assert duty.closed_by_id
            assert duty.closed_with
        changes = DeadlineChange.objects.filter(duty=duty).order_by("-id")
        assert changes.count() == 0 or changes[0].due_at == duty.due_at
    if case.state == Case.State.OUTSIDE:
        assert not open_now.exists()
        assert not case.decisions.exclude(record=None).exists()


@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_acts_loses_a_duty(school_channel: Channel, cast: Cast, seed: int):
    """K-13, K-14, M-R2, M-R5: met, waived as allowed, lifted by a person, or on the
    desk; refused acts change nothing."""
    dice = random.Random(seed)
    done = 0
    for number in range(4):
        case = make.case(
            school_channel,
            dice.choice(TEXTS),
            kind="dm" if number % 2 else "comment",
        )
        holds(case)
        for _turn in range(14):
            before = list(case.duties.order_by("pk").values())
            try:
                do(dice.choice(ACTS), case, cast.anna, dice)
                done += 1
            except Refused:
                assert list(case.duties.order_by("pk").values()) == before
            holds(case)
    assert done > 10
