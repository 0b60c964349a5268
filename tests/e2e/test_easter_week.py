"""A week in the life: two people answer for a town over Easter, and no duty is lost.

Three hundred messages come in from Monday 30 March to Friday 10 April 2026, each day
twenty-five, on the practice wall and on a real WordPress. Good Friday, the weekend and
Easter Monday are no working days; one of the two is away on the first days after. Some
messages are forgotten, some answered late, some spared with a reason: the software has
to say so.

Everything that is expected stands below as somebody counted it by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import time_machine
from playwright.sync_api import expect

from channels import credentials, delivery, registration, wall
from channels.models import Channel, Delivery, Message, Unread, WallPost
from moderation import (
    absences,
    assignment,
    decisions,
    digests,
    meeting,
    polling,
    replies,
    waiving,
)
from moderation.models import Case, Digest, Duty
from moderation.refusals import Refused
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from channels.models import User
    from tests.conftest import Cast
    from tests.e2e.conftest import Check
    from tests.peers.wordpress import Site

STOCKHOLM = ZoneInfo("Europe/Stockholm")

# The day a message comes in -> the day its answer is due (K-14).
DUE_DAY = {
    "03-30": "03-31",
    "03-31": "04-01",
    "04-01": "04-02",
    "04-02": "04-07",  # Maundy Thursday is a working day; then Easter
    "04-03": "04-07",
    "04-04": "04-07",
    "04-05": "04-07",
    "04-06": "04-07",
    "04-07": "04-08",
    "04-08": "04-09",
    "04-09": "04-10",
    "04-10": "04-13",
}
# The time of day it comes in -> the time of day it is due: the office is open 8 to 17.
DUE_CLOCK = {
    "06:30": "08:00",
    "09:15": "09:15",
    "11:40": "11:40",
    "14:05": "14:05",
    "19:20": "17:00",
}
# At each time of day come a question, praise and a complaint on the wall, one of these,
# and a question on WordPress.
BETWEEN = {
    "06:30": "facts",
    "09:15": "case",
    "11:40": "rude",
    "14:05": "dm",
    "19:20": "chatter",
}
TEXT = {
    "question": "När öppnar simhallen på lördag?",
    "praise": "Tack för en fin invigning av biblioteket!",
    "complaint": "Det är för dåligt att snön ligger kvar på gångvägen, skärp er!",
    "facts": "Det stämmer inte att avgiften höjs med tio procent, den höjs med fem.",
    "case": "Jag vill överklaga beslutet om bygglov för min fastighet.",
    "rude": "Ni är en jävla skitkommun!",
    "dm": "Vilka tider har simhallen öppet på lördag?",
    "chatter": "@Kim haha ses vi där ikväll?",
    "blog": "När öppnar simhallen på söndag?",
}
OWED = {
    "question": {"answer"},
    "praise": {"thank"},
    "complaint": {"answer"},
    "facts": {"correct"},
    "case": {"refer", "document"},
    "rude": {"answer", "review"},
    "dm": {"answer", "register"},
    "chatter": set(),
    "blog": {"answer"},
}
# What the two of them do not manage. (day, time of day, what it is)
FORGOTTEN = {
    ("03-31", "11:40", "question"),
    ("04-02", "14:05", "complaint"),
    ("04-03", "09:15", "praise"),
    ("04-05", "19:20", "blog"),
    ("04-07", "06:30", "facts"),
    ("04-08", "09:15", "case"),
}
LATE = {
    ("03-30", "09:15", "question"): "03-31 16:40",
    ("04-01", "11:40", "praise"): "04-02 16:40",
    ("04-04", "14:05", "complaint"): "04-07 16:40",
    ("04-06", "06:30", "blog"): "04-07 16:40",
    ("04-09", "14:05", "question"): "04-10 16:40",
}
WAIVED = {
    ("03-31", "09:15", "praise"): "among_others",
    ("04-01", "14:05", "question"): "nothing_asked",
    ("04-03", "11:40", "blog"): "among_others",
    ("04-07", "14:05", "question"): "nothing_asked",
}
WORKING_DAYS = [f"03-{day}" for day in (30, 31)] + [
    f"04-{day}" for day in ("01", "02", "07", "08", "09", "10", "13")
]
AT_WORK = ("07:40", "16:40")

# What the figures page must say: in time, late, overdue, share, waived or lifted.
# A day brings 27 duties: 20 questions, praise and complaints, 1 of facts, 2 of a case,
# 2 of a rude comment, 2 of a direct message. The rude comment is removed, and the
# answer to it is no longer owed: 12 in all, besides the 4 that are waived.
BY_WEEK = [
    ["w. 14, 30 March", "73", "2", "1", "96 %", "5", "0"],
    ["w. 15, 6 April", "197", "3", "6", "96 %", "10", "0"],
    ["w. 16, 13 April", "26", "0", "0", "100 %", "1", "0"],
]
BY_CHANNEL = {
    "The wall": ["239", "4", "6", "96 %", "15", "0"],
    "The school blog": ["57", "1", "1", "97 %", "1", "0"],
}
BY_KIND = {
    "Thank": ["57", "1", "1", "97 %", "1", "0"],
    "Answer": ["182", "4", "3", "96 %", "15", "0"],
    "Correct the facts": ["11", "0", "1", "92 %", "0", "0"],
    "Refer": ["11", "0", "1", "92 %", "0", "0"],
    "Document": ["11", "0", "1", "92 %", "0", "0"],
    "Register": ["12", "0", "0", "100 %", "0", "0"],
    "Decide on what was found": ["12", "0", "0", "100 %", "0", "0"],
}
ANSWERED = {"The wall": "208", "The school blog": "58"}


def at(text: str) -> datetime:
    """`04-07 08:00` of that spring, by the town's clock."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=STOCKHOLM)


def now_is(text: str) -> time_machine.travel:
    return time_machine.travel(at(text).astimezone(UTC), tick=False)


@dataclass
class Town:
    anna: User
    bo: User
    wall: Channel
    blog: Channel
    post: WallPost
    site: Site
    page_there: int
    # number of the text -> (day, time of day, what it is)
    sent: dict[str, tuple[str, str, str]]
    unread: int


@pytest.fixture
def town(cast: Cast, address: str, wp_one: Site) -> Town:
    with now_is("03-29 12:00"):
        the_wall = make.channel(cast.anna, cast.schools, name="The wall", slug="wall")
        blog = make.channel(
            cast.anna,
            cast.schools,
            name="The school blog",
            platform="wordpress",
            address=wp_one.base,
            takes_direct_messages=False,
        )
        for channel in (the_wall, blog):
            registration.give_mandate(channel=channel, person=cast.bo, by=cast.hanna)
        credentials.keep(channel=blog, values=wp_one.login, by=cast.anna)
        polling.poll(blog.stream)  # what other tests left there is not ours
        absences.register(
            person=cast.bo,
            cover=cast.anna,
            starts_on=date(2026, 4, 7),
            ends_on=date(2026, 4, 8),
            by=cast.bo,
        )
        post = WallPost.objects.create(
            channel=the_wall, title="Spring", text="The ice is melting."
        )
    return Town(
        anna=cast.anna,
        bo=cast.bo,
        wall=the_wall,
        blog=blog,
        post=post,
        site=wp_one,
        page_there=wp_one.post("Spring in the schools"),
        sent={},
        unread=Unread.objects.count(),
    )


# -- What citizens do --------------------------------------------------------------


def citizens_write(town: Town, day: str, clock: str) -> None:
    """Five messages at one time of day."""
    for what in ("question", "praise", "complaint", BETWEEN[clock], "blog"):
        number = f"{day}/{clock}/{what}"
        text = f"{TEXT[what]} ({len(town.sent)})"
        town.sent[text] = (day, clock, what)
        if what == "blog":
            moment = at(f"{day} {clock}").astimezone(UTC)
            answer = httpx.post(
                f"{town.site.base}/wp-json/wp/v2/comments",
                json={
                    "post": town.page_there,
                    "author_name": "Kim",
                    "author_email": "kim@example.org",
                    "content": text,
                    "date_gmt": moment.strftime("%Y-%m-%dT%H:%M:%S"),
                },
                timeout=30,
            )
            assert answer.status_code == 201, answer.text[:500]
            continue
        with now_is(f"{day} {clock}"):
            wall.write(
                channel=town.wall,
                kind="dm" if what == "dm" else "comment",
                author_name="Kim",
                author_key=f"{number:x<32}"[:32],
                text=text,
                post=None if what == "dm" else town.post,
            )


def in_their_own_time(site: Site) -> None:
    """WordPress does not travel in time: our answers there get the date that the test
    is at, or they would come from the future."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    site.php(
        'global $wpdb; $wpdb->query("UPDATE {$wpdb->comments}'
        f" SET comment_date='{moment}', comment_date_gmt='{moment}'"
        " WHERE user_id > 0 AND comment_date_gmt > '2026-06-01'\");"
    )


# -- What the two of them do -------------------------------------------------------


def channels_are_read(town: Town) -> None:
    for channel in (town.wall, town.blog):
        polling.poll(type(channel.stream).objects.get(channel=channel))


def what_is_sent_leaves(town: Town, when: str) -> None:
    """The outbox, once the time is over in which an act can be taken back."""
    with time_machine.travel(at(when).astimezone(UTC) + timedelta(minutes=1)):
        while delivery.deliver_due():
            pass
        in_their_own_time(town.site)


def at_work(town: Town, when: str) -> None:
    """Everything that is owed, but for what is forgotten or left for later. What comes
    on WordPress is Bo's."""
    with now_is(when):
        channels_are_read(town)
        for case in list(Case.objects.due().select_related("message")):
            key = town.sent[case.message.text]
            if key in FORGOTTEN or LATE.get(key, when) != when:
                continue
            by = town.anna
            if key[2] == "blog":
                by = assignment.assign(case=case, by=town.anna, to=town.bo).to or by
            meets(case, by, key)
    what_is_sent_leaves(town, when)


def meets(case: Case, by: User, key: tuple[str, str, str]) -> None:
    """Everything that a message calls for."""
    what = key[2]
    if key in WAIVED:
        (duty,) = case.duties.open()
        waiving.waive(case=case, by=by, kind=duty.kind, reason=WAIVED[key])
        return
    if what == "rude":
        decisions.remove(
            case=case, by=by, rule=make.rule("K-20.6"), reason="It swears at staff."
        )
        return
    tells = {"refer", "document"} if what == "case" else set()
    replies.reply(
        case=case,
        by=by,
        text="Hej! Svaret finns på kommunens webbplats.",
        tells=tells,
        all_the_same=True,
    )
    if what == "case":
        meeting.meet(case=case, by=by, what="referral", note="Rang bygglovsenheten.")
        meeting.seal_record(case=case, by=by)
    if what == "dm":
        meeting.register(case=case, by=by, number="KS 2026/118")


def spends_easter(town: Town) -> None:
    """Twelve days of messages and nine of work, hour by hour."""
    last = date(2026, 4, 13)
    day = date(2026, 3, 30)
    while day <= last:
        name = day.strftime("%m-%d")
        hours = [(clock, "write") for clock in DUE_CLOCK if name in DUE_DAY]
        if name in WORKING_DAYS:
            hours += [(clock, "work") for clock in AT_WORK]
        hours += [("08:00", "digest"), ("20:00", "read")]
        for clock, act in sorted(hours):
            if act == "write":
                citizens_write(town, name, clock)
            elif act == "work":
                at_work(town, f"{name} {clock}")
            else:
                with now_is(f"{name} {clock}"):
                    digests.write_due() if act == "digest" else channels_are_read(town)
        day += timedelta(days=1)


# Two weeks take a minute or two, more on a slow machine.
@pytest.mark.timeout(1200)
def test_two_people_three_hundred_messages_and_no_duty_lost(
    town: Town,
    page: Page,
    cast: Cast,
    address: str,
    sign_in: Callable[[Any], None],
    check: Check,
):
    """K-13, K-14, M-O2, M-R2 to M-R5: every message's duties with their deadlines over
    Easter, each met, waived with a reason or visibly overdue; the figures say so."""
    spends_easter(town)
    every_message_came_in_with_its_duties(town)
    every_deadline_is_the_one_counted_by_hand(town)
    no_duty_is_lost(town)
    the_morning_mails_were_sent_on_working_days_only(cast)
    with time_machine.travel(at("04-13 17:30").astimezone(UTC)):
        sign_in(cast.chief)
        the_chief_sees_what_is_overdue(page, address, check)
        the_figures_are_right(page, address, check)


def every_message_came_in_with_its_duties(town: Town) -> None:
    assert len(town.sent) == 300
    citizens = Message.objects.filter(is_ours=False, text__in=town.sent)
    assert citizens.count() == 300
    assert Unread.objects.count() == town.unread
    found: dict[str, set[str]] = {text: set() for text in town.sent}
    for duty in Duty.objects.select_related("case__message"):
        found[duty.case.message.text].add(duty.kind)
    wrong = {
        text: kinds
        for text, kinds in found.items()
        if kinds != OWED[town.sent[text][2]]
    }
    assert not wrong
    assert Duty.objects.count() == 324


def every_deadline_is_the_one_counted_by_hand(town: Town) -> None:
    """K-14: every row, to the minute."""
    wrong = []
    for duty in Duty.objects.select_related("case__message"):
        day, clock, _what = town.sent[duty.case.message.text]
        expected = at(f"{DUE_DAY[day]} {DUE_CLOCK[clock]}")
        if duty.due_at != expected:
            wrong.append((day, clock, duty.kind, duty.due_at))
    assert not wrong
    skipped = Duty.objects.filter(case__message__text__contains="(").exclude(skipped=[])
    over_easter = next(
        duty
        for duty in skipped.select_related("case__message")
        if town.sent[duty.case.message.text][0] == "04-02"
    )
    assert [one["reason"] for one in over_easter.skipped] == [
        "Good Friday",
        "Saturday",
        "Easter Sunday",
        "Easter Monday",
    ]


def no_duty_is_lost(town: Town) -> None:
    """Each met, waived with a reason, no longer owed, or open and on the desk."""
    fates: Counter[str] = Counter()
    with now_is("04-13 17:30"):
        overdue = set(Case.objects.overdue().values_list("pk", flat=True))
        for duty in Duty.objects.select_related("case__message"):
            key = town.sent[duty.case.message.text]
            if duty.closed_at is None:
                assert key in FORGOTTEN
                assert duty.case_id in overdue
                fates["overdue"] += 1
            elif duty.outcome == Duty.Outcome.MET:
                late = duty.closed_at > duty.due_at
                assert late == (key in LATE)
                fates["late" if late else "in time"] += 1
            elif duty.outcome == Duty.Outcome.WAIVED:
                assert duty.waived_for == WAIVED[key]
                fates["waived"] += 1
            else:
                assert (key[2], duty.kind) == ("rude", "answer")
                fates["lifted"] += 1
        # A complaint is never spared before its first answer (M-R2c).
        complaint = next(
            case
            for case in Case.objects.overdue().select_related("message")
            if town.sent[case.message.text][2] == "complaint"
        )
        with pytest.raises(Refused, match="M-R2c"):
            waiving.waive(
                case=complaint, by=town.anna, kind="answer", reason="enough_said"
            )
    assert fates == {
        "in time": 296,
        "late": 5,
        "overdue": 7,
        "waived": 4,
        "lifted": 12,
    }
    assert not Delivery.objects.exclude(state=Delivery.State.DONE).exists()
    by_bo = Duty.objects.filter(closed_by=town.bo)
    assert by_bo.exists()
    away = by_bo.filter(
        closed_at__gte=at("04-07 00:00"), closed_at__lt=at("04-09 00:00")
    )
    assert not away.exists(), "somebody worked while away"


def the_morning_mails_were_sent_on_working_days_only(cast: Cast) -> None:
    """K-14, M-O2: one a person and working day; none to Bo while he is away."""
    days = {
        person: [
            day.strftime("%m-%d")
            for day in Digest.objects.filter(person=person)
            .order_by("day")
            .values_list("day", flat=True)
        ]
        for person in (cast.anna, cast.bo, cast.chief)
    }
    assert days[cast.anna] == days[cast.chief] == WORKING_DAYS
    assert days[cast.bo] == [d for d in WORKING_DAYS if d not in ("04-07", "04-08")]
    last = Digest.objects.get(person=cast.chief, day="2026-04-13")
    # Six messages are forgotten; two duties are owed on one of them.
    assert last.counts["escalated"] == 6


def the_chief_sees_what_is_overdue(page: Page, address: str, check: Check) -> None:
    expect(page.get_by_role("link", name="6 messages are overdue")).to_be_visible()
    page.goto(f"{address}/admin/desk/team/")
    expect(page.locator("[data-row]")).to_have_count(6)
    # Due on Wednesday 1 April at 11:40: five hours of that day, then six whole ones.
    oldest = page.locator("[data-row]").first
    expect(oldest).to_contain_text("När öppnar simhallen")
    expect(oldest).to_contain_text("6 working days, 5 h late")
    check(page, "easter-overdue")


def the_figures_are_right(page: Page, address: str, check: Check) -> None:
    page.goto(f"{address}/admin/desk/figures/?from=2026-03-30&to=2026-04-13")

    def rows(slug: str) -> list[list[str]]:
        found = []
        for row in page.locator(f"#{slug} tbody tr").all():
            found.append([cell.inner_text() for cell in row.locator("th, td").all()])
        return found

    assert rows("in-time-by-week") == BY_WEEK
    assert {row[0]: row[1:] for row in rows("in-time-by-channel")} == BY_CHANNEL
    assert {row[0]: row[1:] for row in rows("in-time-by-kind")} == BY_KIND
    assert {row[0]: row[1] for row in rows("first-answer-by-channel")} == ANSWERED
    assert [row[0::2] for row in rows("taken-down-by-rule")] == [["K-20.6", "0"]]
    assert rows("taken-down-by-rule")[0][3] == "12"
    activity = {row[0]: row[1:] for row in rows("activity-by-channel")}
    assert activity == {"The wall": ["240", "208"], "The school blog": ["60", "58"]}
    expect(page.locator(".in-short")).to_contain_text("96 %")
    check(page, "easter-figures")
