"""By when, counted how, in the person's language; and corrected only on the record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from channels.models import Channel, ClosingDay, Mandate
from moderation import redating
from moderation.deadlines import calendar, explanation
from moderation.models import Case, DeadlineChange, Duty
from moderation.refusals import Refused
from tests import make

if TYPE_CHECKING:
    from tests.conftest import Cast

FRIDAY = make.moment("2026-10-30T16:45+01:00")
QUESTION = "Hej kommunen, när öppnar biblioteket på lördag?"
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def asked(channel: Channel, at: datetime = FRIDAY) -> Duty:
    with time_machine.travel(at + timedelta(minutes=1), tick=False):
        return make.case(channel, QUESTION, created_at=at).duties.get(kind="answer")


def local(moment: datetime) -> str:
    return moment.astimezone(STOCKHOLM).isoformat(timespec="minutes")


def test_the_calculation_is_a_sentence(school_channel: Channel):
    """K-14: received Friday 16:45, All Saints' Day is no working day, due Monday."""
    duty = asked(school_channel)
    assert local(duty.due_at) == "2026-11-02T16:45+01:00"
    with translation.override("en"):
        sentence = explanation(duty)
    assert sentence.startswith("Received Friday ")
    assert "16:45, All Saints' Day and Sunday are no working days, due Monday" in (
        sentence
    )
    assert sentence.endswith("16:45.")


def test_the_days_have_names_in_the_persons_language(school_channel: Channel):
    duty = asked(school_channel)
    with translation.override("sv"):
        assert "alla helgons dag" in explanation(duty)
        assert "fredag" in explanation(duty).lower()
    with translation.override("nb"):
        assert "allehelgensdag" in explanation(duty)


def test_office_hours_are_said_when_they_move_it(school_channel: Channel):
    """K-14: an answer is never due while the office is closed."""
    late = asked(school_channel, make.moment("2026-10-26T22:30+01:00"))
    assert local(late.due_at) == "2026-10-27T17:00+01:00"
    early = asked(school_channel, make.moment("2026-10-26T05:00+01:00"))
    assert local(early.due_at) == "2026-10-27T08:00+01:00"
    with translation.override("en"):
        assert explanation(late).endswith("17:00, when the office closes.")
        assert explanation(early).endswith("08:00, when the office opens.")


def test_a_channel_may_promise_more(school_channel: Channel):
    """K-14: a stricter target of the channel counts in working hours."""
    Channel.objects.update(answer_hours=4)
    school_channel.refresh_from_db()
    duty = asked(school_channel)
    assert local(duty.due_at) == "2026-11-02T11:45+01:00"
    assert duty.target_hours == 4
    with translation.override("en"):
        assert "within 4 working hours" in explanation(duty)


def test_a_channel_never_promises_less(school_channel: Channel):
    """K-14: at the latest on the next working day, whatever the channel says."""
    Channel.objects.update(answer_hours=40)
    school_channel.refresh_from_db()
    duty = asked(school_channel)
    assert local(duty.due_at) == "2026-11-02T16:45+01:00"
    assert duty.target_hours is None


def test_a_promise_is_for_answers_only(school_channel: Channel):
    Channel.objects.update(answer_hours=1)
    school_channel.refresh_from_db()
    monday = make.moment("2026-10-26T09:00+01:00")
    with time_machine.travel(monday, tick=False):
        case = make.case(
            school_channel,
            "Vilken jävla skit är det här?",
            kind="dm",
            created_at=monday,
        )
    targets = dict(case.duties.values_list("kind", "target_hours"))
    assert targets == {"answer": 1, "review": None, "register": None}


def test_what_is_promised_is_said_in_public(school_channel: Channel, client):
    """K-3, K-14: when one can expect an answer, on the page and in the list."""
    Channel.objects.update(answer_hours=4)
    page = client.get(school_channel.get_absolute_url()).content.decode()
    assert "Within 4 working hours, at the latest on the next working day." in page
    [row] = client.get("/channels.json").json()["channels"]
    assert row["answer_within"] == "4 working hours"


def test_owner_and_head_set_the_promise(school_channel: Channel, client, cast: Cast):
    """K-8, K-14: on the channel's page in the register."""
    client.force_login(cast.anna)
    path = reverse("admin:channels_channel_change", args=[school_channel.pk])
    described = {
        "name": school_channel.name,
        "purpose": school_channel.purpose,
        "takes_comments": "on",
        "comment_purpose": school_channel.comment_purpose,
        "owner": cast.anna.pk,
        "login_holder": cast.anna.pk,
    }
    assert client.post(path, {**described, "answer_hours": "41"}).status_code == 200
    school_channel.refresh_from_db()
    assert school_channel.answer_hours is None
    client.post(path, {**described, "answer_hours": "4"})
    school_channel.refresh_from_db()
    assert school_channel.answer_hours == 4
    newest = school_channel.history.first()
    assert newest is not None
    assert newest.answer_hours == 4


@pytest.mark.parametrize("hours", [0, 41])
def test_the_database_refuses_a_promise_out_of_reason(school_channel, hours: int):
    with (
        pytest.raises(IntegrityError, match="channel_answers_within_some_hours"),
        transaction.atomic(),
    ):
        Channel.objects.update(answer_hours=hours)


def test_a_closing_day_later_on_changes_no_deadline(school_channel, cast: Cast):
    """K-14: what was counted stands until somebody corrects it."""
    duty = asked(school_channel)
    before = duty.due_at
    ClosingDay.objects.create(
        municipality=cast.municipality, date=date(2026, 11, 2), reason="Flytt"
    )
    duty.refresh_from_db()
    assert duty.due_at == before
    assert local(redating.counted_anew(duty).due_at) == "2026-11-03T16:45+01:00"


@pytest.fixture
def since_long(school_channel: Channel) -> None:
    """Anna's mandate was in force already then."""
    Mandate.objects.update(starts_on=date(2026, 1, 1))


def redate(duty: Duty, by, due_at: datetime, reason: str = "Vi flyttar."):
    return redating.redate(
        case=duty.case, by=by, kind=duty.kind, due_at=due_at, reason=reason
    )


@pytest.mark.usefixtures("since_long")
def test_a_corrected_deadline_is_kept_with_the_old_one(school_channel, cast: Cast):
    """K-14: by whom, from when to when and why."""
    duty = asked(school_channel)
    was = duty.due_at
    with time_machine.travel(make.moment("2026-11-02T09:00+01:00"), tick=False):
        change = redate(duty, cast.anna, make.moment("2026-11-03T09:00+01:00"))
    assert (change.was_due_at, change.by, change.reason) == (
        was,
        cast.anna,
        "Vi flyttar.",
    )
    duty.refresh_from_db()
    assert duty.due_at == change.due_at
    assert Case.objects.get(pk=duty.case_id).due_at == change.due_at


@pytest.mark.usefixtures("since_long")
def test_nobody_is_made_to_wait_longer_than_the_next_working_day(
    school_channel: Channel, cast: Cast
):
    """K-14: a correction cannot put an answer off."""
    duty = asked(school_channel)
    with time_machine.travel(make.moment("2026-11-02T09:00+01:00"), tick=False):
        with pytest.raises(Refused, match="next working day"):
            redate(duty, cast.anna, make.moment("2026-11-03T09:01+01:00"))
        with pytest.raises(Refused, match="before the message came in"):
            redate(duty, cast.anna, FRIDAY - timedelta(minutes=1))
        with pytest.raises(Refused, match="already"):
            redate(duty, cast.anna, duty.due_at)
        with pytest.raises(Refused, match="Say why"):
            redate(duty, cast.anna, duty.due_at - timedelta(hours=1), "  ")
        with pytest.raises(Refused, match="no mandate"):
            redate(duty, cast.bo, duty.due_at - timedelta(hours=1))
    assert not DeadlineChange.objects.exists()


def test_corrections_only_grow(school_channel: Channel, cast: Cast):
    duty = asked(school_channel)
    redate(duty, cast.anna, duty.due_at - timedelta(hours=1))
    for statement in (
        "UPDATE moderation_deadlinechange SET reason = 'another'",
        "DELETE FROM moderation_deadlinechange",
        "TRUNCATE moderation_deadlinechange",
    ):
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")


def test_the_calendar_is_the_municipalitys(cast: Cast):
    """K-14: country, zone, office hours and its own closing days."""
    ClosingDay.objects.create(
        municipality=cast.municipality, date=date(2026, 12, 23), reason="Klämdag"
    )
    days = calendar()
    assert (days.country, days.timezone) == ("SE", "Europe/Stockholm")
    assert days.closed == {date(2026, 12, 23)}
    assert timezone.is_aware(days.due(timezone.now()).due_at)
