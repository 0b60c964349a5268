"""Deadlines and duties opened per second; the figures over a million messages."""

from __future__ import annotations

import django

django.setup()

import copy  # noqa: E402
import os  # noqa: E402
import random  # noqa: E402
import statistics  # noqa: E402
from datetime import UTC, date, datetime, timedelta  # noqa: E402

import holidays  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import _figures as figures_of  # noqa: E402
from channels.models import Channel, Delivery  # noqa: E402
from channels.platforms.base import Batch  # noqa: E402
from moderation import figures, intake  # noqa: E402
from moderation.deadlines import calendar  # noqa: E402
from moderation.duties import Owed, build  # noqa: E402
from moderation.models import Case, Duty, Reply  # noqa: E402

ROUNDS, BATCH = 20, 500
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "1000000"))
CHANNELS = 40
# Figures of a quarter, of two years.
PERIODS = {"13 weeks": 91, "2 years": 730}


def bench_deadlines() -> None:
    """Our deadline beside a bare walk through the same library's holidays, which knows
    neither eves nor office hours nor time zones."""
    chance = random.Random(14)
    start = datetime(2016, 1, 1, tzinfo=UTC)
    moments = [
        start + timedelta(minutes=chance.randrange(20 * 365 * 24 * 60))
        for _ in range(20_000)
    ]
    days = calendar()
    known = holidays.country_holidays("SE", years=range(2015, 2037))

    def ours() -> None:
        for moment in moments:
            days.due(moment)

    def bare() -> None:
        for moment in moments:
            day = moment.date() + timedelta(days=1)
            while day.weekday() >= 5 or day in known:
                day += timedelta(days=1)

    ours()
    bare()
    took = statistics.median(figures_of.timed(ours) for _ in range(5))
    took_bare = statistics.median(figures_of.timed(bare) for _ in range(5))
    figures_of.say(
        "deadlines",
        len(moments) / took,
        "deadlines/s",
        f"a walk through the holidays alone, {len(moments) / took_bare:.0f}/s",
        took / took_bare,
    )


def bench_opening() -> None:
    """Duties computed and stored, beside a bare bulk insert of the same rows."""
    officer, department = figures_of.town()
    channel = figures_of.channel(officer, department, "bench-duties")
    items = figures_of.items(BATCH, "duties")
    intake.receive(channel=channel, batch=Batch(changes=items))
    cases = list(Case.objects.filter(channel=channel))
    opened, bare = [], []
    for number in range(ROUNDS + 2):
        with transaction.atomic():
            Duty.objects.filter(case__in=cases).delete()
        since = timezone.now() - timedelta(days=number)

        def open_them(since: datetime = since) -> None:
            days = calendar()
            owed = Owed(Duty.Kind.ANSWER, since, ["neutral_addressed"])
            with transaction.atomic():
                Duty.objects.bulk_create([build(case, owed, days) for case in cases])

        took = figures_of.timed(open_them)
        rows = [_anew(duty) for duty in Duty.objects.filter(case__in=cases)]
        with transaction.atomic():
            Duty.objects.filter(case__in=cases).delete()

        def insert(rows: list[Duty] = rows) -> None:
            with transaction.atomic():
                Duty.objects.bulk_create(rows)

        took_bare = figures_of.timed(insert)
        if number >= 2:  # the first two warm everything up
            opened.append(took)
            bare.append(took_bare)
    figures_of.say(
        "duties_opened",
        BATCH / statistics.median(opened),
        "duties/s",
        f"bulk_create of the same rows, {BATCH / statistics.median(bare):.0f}/s",
        statistics.median(a / b for a, b in zip(opened, bare, strict=True)),
        limit=3,
    )


def _anew(duty: Duty) -> Duty:
    twin = copy.copy(duty)
    twin.pk = None
    twin._state = copy.copy(duty._state)
    twin._state.adding = True
    return twin


def bench_figures() -> None:
    """Each statement of the figures page over `MESSAGES` messages in 40 channels and
    two years, four of ten answered, for who sees them all; and the index it walks."""
    officer, department = figures_of.town()
    channels = [
        figures_of.channel(officer, department, f"bench-figures-{n}")
        for n in range(CHANNELS)
    ]
    _fill(channels, officer)
    today = date.today()
    statements = {
        "in_time": (figures.in_time, figures._IN_TIME, "duty_by_deadline"),
        "first_answers": (figures.first_answers, "", ""),
        "open_now": (figures.open_now, figures._OPEN_NOW, "duty_open"),
        "activity": (figures.activity, "", ""),
    }
    for period, length in PERIODS.items():
        scope = figures.scope(
            [one.pk for one in channels], today - timedelta(days=length), today
        )
        for name, (count, sql, index) in statements.items():
            times = [figures_of.timed(lambda c=count, s=scope: c(s)) for _ in range(5)]
            walked = _plan(sql, scope, index) if sql else None
            figures_of.say(
                f"figures_{name}",
                statistics.median(times) * 1000,
                "ms",
                period,
                messages=MESSAGES,
                by_index=walked,
            )


def _plan(sql: str, scope: figures.Scope, index: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", figures._asked(scope))
        return any(index in row[0] for row in cursor.fetchall())


def _fill(channels: list[Channel], officer) -> None:  # type: ignore[no-untyped-def]
    """A million messages out of one: its rows again with other keys and times."""
    keys = ",".join(str(one.pk) for one in channels)
    intake.receive(
        channel=channels[0], batch=Batch(changes=figures_of.items(1, "seed"))
    )
    case = Case.objects.get(channel=channels[0])
    Duty.objects.filter(case=case).delete()
    days = calendar()
    duty = build(case, Owed(Duty.Kind.ANSWER, timezone.now(), []), days)
    duty.save()
    sent = Delivery.objects.create(
        message=case.message,
        act="reply",
        text="Ja.",
        enqueued_by=officer,
        state="done",
        settled_at=timezone.now(),
    )
    reply = Reply.objects.create(
        case=case, delivery=sent, mandate=officer.mandates.first(), by=officer
    )
    channel = f"(ARRAY[{keys}])[1 + n % {CHANNELS}]"
    # Two years back, the newest first; one in a hundred is still open.
    posted = f"now() - n * interval '730 days' / {MESSAGES}"
    due = f"({posted} + interval '1 day')"
    answered = f"({posted} + (n % 50) * interval '1 hour')"
    with connection.cursor() as cursor:
        # The rows fit by their making: asking every foreign key takes minutes.
        cursor.execute("SET session_replication_role = replica")
        _copies(
            cursor,
            "channels_message",
            case.message_id,
            {
                "ref": "gen_random_uuid()",
                "channel_id": channel,
                "external_id": "'b' || n",
                "permalink": "'https://bench.example/c/' || n",
                "posted_at": posted,
                "received_at": posted,
            },
        )
        _copies(
            cursor,
            "moderation_case",
            case.pk,
            {
                "message_id": f"{case.message_id} + n",
                "channel_id": channel,
                "opened_at": posted,
                "due_at": f"CASE WHEN n % 100 = 0 THEN {due} END",
            },
        )
        _copies(
            cursor,
            "moderation_duty",
            duty.pk,
            {
                "case_id": f"{case.pk} + n",
                "opened_at": posted,
                "due_at": due,
                "closed_at": f"CASE WHEN n % 100 > 0 THEN {answered} END",
                "closed_by_id": f"CASE WHEN n % 100 > 0 THEN {officer.pk} END",
                "outcome": "CASE WHEN n % 100 > 0 THEN 'met' ELSE '' END",
            },
        )
        _copies(
            cursor,
            "channels_delivery",
            sent.pk,
            {
                "key": "gen_random_uuid()",
                "message_id": f"{case.message_id} + n",
                "settled_at": answered,
            },
            "n % 10 < 4",
        )
        _copies(
            cursor,
            "moderation_reply",
            reply.pk,
            {
                "case_id": f"{case.pk} + n",
                "delivery_id": f"{sent.pk} + n",
                "at": answered,
            },
            "n % 10 < 4",
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _copies(cursor, table, pk, changes, which="true") -> None:  # type: ignore[no-untyped-def]
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s ORDER BY ordinal_position",
        [table],
    )
    columns = [row[0] for row in cursor.fetchall()]
    values = [
        f"{pk} + n" if name == "id" else changes.get(name, f"seed.{name}")
        for name in columns
    ]
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {', '.join(values)} FROM {table} AS seed,"
        f" generate_series(1, {MESSAGES}) AS n WHERE seed.id = {pk} AND {which}"
    )


if __name__ == "__main__":
    bench_deadlines()
    bench_opening()
    bench_figures()
