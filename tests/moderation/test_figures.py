"""The figures, counted against what was done by hand (K-14, M-R1)."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.models import ClosingDay, Delivery
from moderation import charts, decisions, figure_pages, figures, replies
from moderation.charts import Bar, Part
from moderation.duties import calendar
from moderation.figures import Scope, Waiting
from moderation.models import Case, Duty
from policies.working_time import working_time
from tests import make

if TYPE_CHECKING:
    from django.test import Client

    from channels.models import Channel, User
    from tests.conftest import Cast

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FIRST, LAST = date(2026, 3, 23), date(2026, 4, 12)
NOW = "2026-04-10 16:00"
DAYS = "from=2026-03-23&to=2026-04-12"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def now_is(text: str) -> time_machine.travel:
    return time_machine.travel(at(text).astimezone(UTC), tick=False)


def asked(*channels: Channel, first: date = FIRST, last: date = LAST) -> Scope:
    return Scope([one.pk for one in channels], first, last, calendar())


@pytest.fixture
def schools(cast: Cast) -> Channel:
    with now_is("2026-03-02 09:00"):
        return make.channel(cast.anna, cast.schools, name="Schools of Testnäs")


@pytest.fixture
def streets(cast: Cast) -> Channel:
    with now_is("2026-03-02 09:00"):
        return make.channel(cast.anna, cast.streets, name='=Streets, "parks"')


def written(channel: Channel, when: str, text: str = "När öppnar badet?") -> Case:
    with now_is(when):
        return make.case(channel, text, created_at=at(when))


def answered(case: Case, by: User, when: str) -> None:
    """Replied, and confirmed by the platform at the same moment."""
    with now_is(when):
        replies.reply(case=case, by=by, text="Klockan tio.")
        Delivery.objects.filter(message=case.message, state="waiting").update(
            state=Delivery.State.DONE, settled_at=timezone.now()
        )


def duty(case: Case, kind: str, due: str, **changes: Any) -> Duty:
    """A duty as it came to stand, whatever the screening thought of the text."""
    Duty.objects.filter(case=case, kind=kind).delete()
    return Duty.objects.create(case=case, kind=kind, due_at=at(due), **changes)


def closed(when: str, by: User, outcome: str = "met", **more: Any) -> dict[str, Any]:
    return {"closed_at": at(when), "closed_by": by, "outcome": outcome, **more}


# -- Answered in time --------------------------------------------------------------


def test_in_time_late_overdue_waived_and_not_due_are_told_apart(
    schools: Channel, streets: Channel, cast: Cast
):
    """K-14: one duty of each fate, in the week of its deadline."""
    anna = cast.anna
    cases = [written(schools, "2026-03-24 10:00", f"Hej {n}") for n in range(6)]
    Duty.objects.all().delete()
    answer = Duty.Kind.ANSWER
    duty(cases[0], answer, "2026-03-25 10:00", **closed("2026-03-25 10:00", anna))
    duty(cases[1], answer, "2026-03-25 10:00", **closed("2026-03-25 10:01", anna))
    duty(cases[2], answer, "2026-04-09 10:00")
    duty(cases[3], answer, "2026-04-10 17:00")
    waived = closed("2026-03-24 11:00", anna, "waived", waived_for="nothing_asked")
    duty(cases[4], answer, "2026-03-25 10:00", **waived)
    duty(
        cases[5],
        Duty.Kind.REVIEW,
        "2026-03-26 10:00",
        **closed("2026-03-25 10:00", anna),
    )
    street = written(streets, "2026-03-24 10:00", "Hej")
    Duty.objects.filter(case=street).delete()
    duty(street, answer, "2026-03-25 10:00")

    with now_is(NOW):
        found = figures.in_time(asked(schools, streets))
        only = figures.in_time(asked(schools))
    rows = {row.key: row for row in found["channel"]}
    row = rows[schools.pk]
    assert (row.in_time, row.late, row.overdue) == (2, 1, 1)
    assert (row.waived, row.not_due) == (1, 1)
    assert row.share == 0.5
    assert rows[streets.pk].overdue == 1
    weeks = {row.key: (row.in_time, row.late, row.overdue) for row in found["week"]}
    assert weeks == {date(2026, 3, 23): (2, 1, 1), date(2026, 4, 6): (0, 0, 1)}
    kinds = {row.key: row.counted for row in found["kind"]}
    assert kinds == {"answer": 4, "review": 1}
    departments = {row.key: row.overdue for row in found["department"]}
    assert departments == {cast.schools.pk: 1, cast.streets.pk: 1}
    assert found["all"][0].counted == 5
    assert only["all"][0].counted == 4


def test_a_week_begins_on_monday_at_midnight_of_the_municipality(
    schools: Channel, cast: Cast
):
    """Sunday night by the municipality's clock is no Monday by UTC's."""
    for n, due in enumerate(("2026-03-29 23:59", "2026-03-30 00:00")):
        case = written(schools, "2026-03-24 10:00", f"Hej {n}")
        Duty.objects.filter(case=case).delete()
        duty(case, Duty.Kind.ANSWER, due)
    with now_is(NOW):
        found = figures.in_time(asked(schools))
        none = figures.in_time(asked(schools, last=date(2026, 3, 29)))
    assert [row.key for row in found["week"]] == [date(2026, 3, 23), date(2026, 3, 30)]
    assert [row.key for row in none["week"]] == [date(2026, 3, 23)]


def test_no_channel_and_no_duty_count_nothing(schools: Channel):
    with now_is(NOW):
        for scope in (asked(), asked(schools)):
            assert figures.in_time(scope)["all"][0].share is None
            assert figures.first_answers(scope)["all"] == []
            assert figures.taken_down(scope) == []


# -- Time to the first answer ------------------------------------------------------


def test_the_first_answer_is_timed_over_easter_in_working_hours(
    schools: Channel, cast: Cast
):
    """K-14: one hour on Maundy Thursday and one on the Tuesday after Easter are two,
    though five days lie between; later answers count for nothing."""
    case = written(schools, "2026-04-02 16:00")
    answered(case, cast.anna, "2026-04-07 09:00")
    answered(case, cast.anna, "2026-04-09 09:00")
    with now_is(NOW):
        found = figures.first_answers(asked(schools))
        long = figures.first_answers(asked(schools, first=date(2025, 1, 1)))
    two = timedelta(hours=2)
    assert long == found
    assert found["channel"] == [Waiting(schools.pk, 1, two, two)]
    assert found["week"] == [Waiting(date(2026, 4, 6), 1, two, two)]
    assert found["department"] == [Waiting(cast.schools.pk, 1, two, two)]


def test_an_answer_that_the_platform_has_not_got_is_none(schools: Channel, cast: Cast):
    case = written(schools, "2026-04-01 09:00")
    with now_is("2026-04-01 10:00"):
        replies.reply(case=case, by=cast.anna, text="Klockan tio.")
    with now_is(NOW):
        assert figures.first_answers(asked(schools))["all"] == []


def test_the_median_and_the_95th_of_a_hundred(schools: Channel, cast: Cast):
    """Twenty messages of one morning, answered after 1 to 20 minutes."""
    for minute in range(1, 21):
        case = written(schools, "2026-04-01 09:00", f"Fråga {minute}?")
        answered(case, cast.anna, f"2026-04-01 09:{minute:02}")
    with now_is(NOW):
        (row,) = figures.first_answers(asked(schools))["all"]
    assert row.answered == 20
    assert row.median == timedelta(minutes=10.5)
    assert row.p95 == timedelta(minutes=19.05)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-03-28 23:00", "2026-03-29 12:00"),
        ("2026-03-27 05:00", "2026-03-30 23:00"),
        ("2026-04-02 12:34", "2026-04-08 08:07"),
        ("2026-04-03 10:00", "2026-04-06 10:00"),
        ("2025-12-22 16:30", "2026-04-01 08:30"),
    ],
)
def test_the_database_counts_working_time_as_the_calendar_does(
    since: str, until: str, schools: Channel, cast: Cast
):
    """The statement against the pure function, with a closing day in between."""
    ClosingDay.objects.create(
        municipality=cast.municipality, date="2026-04-07", reason="Planning"
    )
    case = written(schools, "2026-03-24 10:00")
    answered(case, cast.anna, "2026-03-24 11:00")
    type(case.message).objects.filter(pk=case.message.pk).update(posted_at=at(since))
    Delivery.objects.filter(message=case.message).update(settled_at=at(until))
    with now_is(NOW):
        (row,) = figures.first_answers(asked(schools))["all"]
    assert row.median == working_time(at(since), at(until), calendar())


def test_who_waited_longer_than_the_calendar_reaches_is_counted_still(
    schools: Channel, cast: Cast
):
    case = written(schools, "2026-03-24 10:00")
    answered(case, cast.anna, "2026-03-24 11:00")
    type(case.message).objects.filter(pk=case.message.pk).update(
        posted_at=at("1999-01-01 10:00")
    )
    with now_is(NOW):
        (row,) = figures.first_answers(asked(schools))["all"]
    assert row.median > timedelta(hours=400 * 9)


# -- Taken down, open, activity ----------------------------------------------------


def test_what_was_taken_down_is_counted_by_rule(schools: Channel, cast: Cast):
    """K-19, K-20."""
    with now_is("2026-04-01 10:00"):
        for n, code in enumerate(("K-20.6", "K-20.6", "K-20.1")):
            case = make.case(schools, f"Fult {n}", created_at=at("2026-04-01 09:00"))
            verb = decisions.hide if n == 0 else decisions.remove
            verb(case=case, by=cast.anna, rule=make.rule(code), reason="It swears.")
    with now_is(NOW):
        rows = figures.taken_down(asked(schools))
        earlier = asked(schools, last=date(2026, 3, 31))
        assert figures.taken_down(earlier) == []
    found = [(row.key, row.hidden, row.removed) for row in rows]
    assert found == [("K-20.1", 0, 1), ("K-20.6", 1, 1)]


def test_open_and_overdue_now_by_channel_and_kind(
    schools: Channel, streets: Channel, cast: Cast
):
    for channel in (schools, streets):
        case = written(channel, "2026-03-24 10:00")
        Duty.objects.filter(case=case).delete()
        duty(case, Duty.Kind.ANSWER, "2026-03-25 10:00")
        duty(case, Duty.Kind.REVIEW, "2026-04-30 10:00")
    with now_is(NOW):
        found = figures.open_now(asked(schools))
    (row,) = found["channel"]
    assert (row.overdue, row.waiting, row.oldest) == (1, 1, at("2026-03-25 10:00"))
    assert {r.key: (r.overdue, r.waiting) for r in found["kind"]} == {
        "answer": (1, 0),
        "review": (0, 1),
    }


def test_messages_and_answers_of_a_channel(
    schools: Channel, streets: Channel, cast: Cast
):
    """M-R1: activity and response for each channel; our own messages are no activity
    of the citizens'."""
    case = written(schools, "2026-04-01 09:00")
    written(schools, "2026-04-01 09:10", "Och när stänger det?")
    answered(case, cast.anna, "2026-04-01 09:30")
    type(case.message).objects.filter(text__startswith="Klockan").update(is_ours=True)
    with now_is(NOW):
        rows = figures.activity(asked(schools, streets))
    found = {row.key: (row.messages, row.answers) for row in rows}
    assert found == {schools.pk: (2, 1), streets.pk: (0, 0)}


# -- The page and its files --------------------------------------------------------


def page(client: Client, query: str = DAYS) -> str:
    with now_is(NOW):
        return client.get(f"{reverse('desk:figures')}?{query}").content.decode()


def rows_of(
    client: Client, slug: str, query: str = "from=2026-03-23&to=2026-04-12"
) -> list[list[str]]:
    with now_is(NOW):
        answer = client.get(f"{reverse('desk:figures-csv', args=[slug])}?{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    body = answer.content
    assert body.startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    text = body.decode("utf-8-sig")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def some(schools: Channel, streets: Channel, cast: Cast) -> tuple[Channel, Channel]:
    case = written(schools, "2026-04-02 16:00")
    answered(case, cast.anna, "2026-04-07 09:00")
    written(streets, "2026-04-01 10:00", "När plogas gatan?")
    with now_is("2026-04-01 10:00"):
        rude = make.case(schools, "Fult", created_at=at("2026-04-01 09:00"))
        decisions.remove(case=rude, by=cast.anna, rule=make.rule(), reason="Swears.")
    return schools, streets


def test_every_table_has_its_chart_and_its_file_and_they_say_the_same(
    some: tuple[Channel, Channel], cast: Cast, client: Client
):
    """RFC 4180; every table on the page is a file with as many rows."""
    with now_is(NOW):
        client.force_login(cast.chief)
    text = page(client)
    slugs = re.findall(r"figures/([a-z-]+)\.csv", text)
    assert len(slugs) == 11
    tables = re.split(r"<table>", text)[1:]
    assert len(tables) == text.count('role="img"') == 11
    for slug, table in zip(slugs, tables, strict=True):
        head, *rows = rows_of(client, slug)
        body = table[table.index("<tbody>") : table.index("</tbody>")]
        assert len(rows) == body.count("<tr>") > 0
        assert len(head) == table[: table.index("</thead>")].count("<th ")


def test_a_name_that_begins_like_a_formula_stays_a_name(
    some: tuple[Channel, Channel], cast: Cast, client: Client
):
    with now_is(NOW):
        client.force_login(cast.chief)
    names = [row[0] for row in rows_of(client, "in-time-by-channel")]
    assert '\'=Streets, "parks"' in names
    assert "Schools of Testnäs" in names


def test_the_file_of_first_answers_gives_hours(
    some: tuple[Channel, Channel], cast: Cast, client: Client
):
    with now_is(NOW):
        client.force_login(cast.chief)
    _head, row = rows_of(client, "first-answer-by-channel")
    assert row == ["Schools of Testnäs", "1", "2.0", "2.0"]
    weeks = rows_of(client, "first-answer-by-week")
    assert [row[0] for row in weeks[1:]] == ["2026-03-23", "2026-03-30", "2026-04-06"]


@pytest.mark.parametrize(
    ("person", "seen"),
    [("anna", 2), ("hanna", 1), ("otto", 1), ("chief", 2), ("bo", 0)],
)
def test_each_sees_the_figures_of_the_channels_they_see(
    person: str, seen: int, some: tuple[Channel, Channel], cast: Cast, client: Client
):
    """The file of a channel that one does not see is no way around."""
    with now_is(NOW):
        client.force_login(getattr(cast, person))
    text = page(client)
    shown = [one for one in ("Schools of Testnäs", "=Streets") if one in text]
    assert len(shown) == seen
    if not seen:
        assert "nothing to count" in text
    rows = rows_of(
        client,
        "activity-by-channel",
        f"{DAYS}&channel={some[0].pk}",
    )
    told = {row[0] for row in rows[1:]}
    if person == "otto":
        assert "Schools of Testnäs" not in told


def test_the_page_is_narrowed_by_department_and_channel(
    some: tuple[Channel, Channel], cast: Cast, client: Client
):
    with now_is(NOW):
        client.force_login(cast.chief)
    rows = rows_of(client, "in-time-by-channel", f"{DAYS}&department={cast.schools.pk}")
    assert [row[0] for row in rows[1:]] == ["Schools of Testnäs"]
    rows = rows_of(client, "in-time-by-channel", f"{DAYS}&channel={some[1].pk}")
    assert len(rows) == 2
    text = page(client, f"{DAYS}&channel={some[1].pk}")
    assert f"&amp;channel={some[1].pk}" in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=yesterday", "Write days as"),
        ("from=2026-04-12&to=2026-03-23", "before the first"),
        ("from=2001-01-01&to=2026-03-23", "At most five years"),
        ("from=0001-01-01&to=0001-01-02", "nothing to count so far away"),
        ("from=9999-01-01&to=9999-01-02", "nothing to count so far away"),
    ],
)
def test_days_that_make_no_sense_are_said_so(
    query: str, sentence: str, schools: Channel, cast: Cast, client: Client
):
    with now_is(NOW):
        client.force_login(cast.anna)
    assert sentence in page(client, query)


def test_a_file_that_does_not_exist_is_not_found(
    schools: Channel, cast: Cast, client: Client
):
    with now_is(NOW):
        client.force_login(cast.anna)
        for slug in ("secrets", "in-time-by-person"):
            answer = client.get(reverse("desk:figures-csv", args=[slug]))
            assert answer.status_code == 404


def test_nothing_counted_yet_is_said_in_words(
    schools: Channel, cast: Cast, client: Client
):
    with now_is(NOW):
        client.force_login(cast.anna)
    text = page(client)
    for words in (
        "Nothing was due in this time.",
        "Nothing was answered for the first time",
        "Nothing was taken down in this time.",
        "Nobody wrote anything in this time.",
        "Nothing is open.",
    ):
        assert words in text
    assert 'role="img"' not in text


# -- Charts ------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"
awkward = st.sampled_from(
    ["Schools", "<script>alert(1)</script>", 'a "b" & c', "x" * 90, "'", "متى", "%s{}"]
)
sizes = st.floats(0, 1e6)
some_bars = st.lists(
    st.builds(
        lambda label, value, sizes: Bar(
            label, value, tuple(Part("good", size, label) for size in sizes)
        ),
        awkward,
        awkward,
        st.lists(sizes, max_size=3),
    ),
    max_size=20,
)


# A busy machine draws slowly the first time.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(some_bars, st.sampled_from([charts.bars, charts.columns]), awkward)
def test_a_chart_is_whole_named_and_within_its_frame(
    bars: list[Bar], draw: Any, title: str
) -> None:
    """WCAG 1.1.1: an image with a name and a description, whatever the words are; no
    inline style, which our own policy would refuse; no bar beyond the frame."""
    svg = draw(bars, key="k", title=title, words="What it says.")
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    named = [root.find(f"{SVG}{tag}") for tag in ("title", "desc")]
    assert all(one is not None for one in named)
    ids = " ".join(one.get("id") or "" for one in named if one is not None)
    assert root.get("aria-labelledby") == ids
    assert named[0].text == title
    for one in root.iter():
        assert "style" not in one.attrib
        if one.tag == f"{SVG}rect" and (one.get("x") or "").endswith("%"):
            right = float(one.get("x")[:-1]) + float(one.get("width")[:-1])
            assert right <= 100.01
            assert float(one.get("y")) >= 0


def test_the_share_is_never_rounded_up_to_a_whole() -> None:
    assert figure_pages.cells.share(0.9999).words == "99 %"
    assert figure_pages.cells.share(1.0).words == "100 %"
    assert figure_pages.cells.share(None).words == "–"


# -- Speed -------------------------------------------------------------------------


_YEARS = """
INSERT INTO moderation_duty (case_id, kind, opened_at, since, due_at, closed_at,
    closed_by_id, outcome, closed_with, skipped, why, moved_to, note, waived_for)
SELECT %(case)s, 'answer', day, day, day, day, %(by)s, 'met', 'reply', '[]', '[]', '',
    '', ''
FROM generate_series(now() - interval '15 years', now(), interval '1 day') day
"""
_DECIDED = """
INSERT INTO moderation_decision (case_id, verb, was, legal_basis, reason, mandate_id,
    by_id, at)
SELECT %(case)s, 'keep', '', '', '', %(mandate)s, %(by)s, day
FROM generate_series(now() - interval '15 years', now(), interval '1 day') day
"""


def test_the_figures_are_found_by_index(schools: Channel, cast: Cast):
    """However long the archive: the days asked for are walked, not the years."""
    case = written(schools, "2026-03-02 10:00")
    statements = {
        figures._IN_TIME: ("duty_by_deadline",),
        figures._TAKEN_DOWN: ("decision_newest",),
        # Either holds the open duties and no others.
        figures._OPEN_NOW: ("duty_open", "one_open_duty_of_a_kind"),
    }
    mandate = cast.anna.mandates.get(channel=schools)
    filled = {"case": case.pk, "by": cast.anna.pk, "mandate": mandate.pk}
    with connection.cursor() as cursor:
        cursor.execute(_YEARS, filled)
        cursor.execute(_DECIDED, filled)
        # What the planner last saw may be of another test: every table asked.
        cursor.execute(
            "ANALYZE moderation_duty, moderation_decision, moderation_case,"
            " moderation_undoing, policies_rule, policies_ruleversion"
        )
        for sql, indexes in statements.items():
            cursor.execute(f"EXPLAIN {sql}", figures._asked(asked(schools)))
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert any(index in plan for index in indexes), plan
