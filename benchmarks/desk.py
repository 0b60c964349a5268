"""The desk's first page at a million messages, beside the stock list of the table."""

from __future__ import annotations

import django

django.setup()

import statistics  # noqa: E402

from django.contrib import admin  # noqa: E402
from django.contrib.admin import ModelAdmin  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from benchmarks import _figures as figures  # noqa: E402
from channels.models import User  # noqa: E402
from moderation.models import Case  # noqa: E402

MESSAGES, OPEN = 1_000_000, 20_000

FILL = """
INSERT INTO channels_message (
    ref, channel_id, kind, external_id, parent_id_there, author_id, author_name,
    author_handle, author_url, is_ours, text, digest, versions_count, permalink,
    posted_at, received_at, source, visibility)
SELECT gen_random_uuid(), (%(channels)s::bigint[])[1 + n %% %(count)s], 'comment',
    'fill-' || n, '', 'u' || n %% 5000, 'Person ' || n %% 5000, '@p', '', false,
    repeat('Snön ligger kvar på gångvägen och ingen kommer. ', 1 + n %% 5),
    md5(n::text), 1, '', now() - n * interval '20 seconds', now(), 'import', 'visible'
FROM generate_series(1, %(messages)s) n;
INSERT INTO moderation_case (
    message_id, channel_id, state, due_at, findings_count, reports_count, turn,
    opened_at)
SELECT id, channel_id, CASE WHEN spot %% %(every)s = 0 THEN 'new' ELSE 'kept' END,
    CASE WHEN spot %% %(every)s = 0
        THEN now() + (spot %% 5000 - 1000) * interval '1 minute' END,
    spot %% 3, 0, 0, received_at
FROM (SELECT *, row_number() OVER (ORDER BY id) spot FROM channels_message
      WHERE source = 'import') m;
INSERT INTO moderation_duty (
    case_id, kind, opened_at, due_at, skipped, why, outcome, closed_with)
SELECT id, 'answer', opened_at, due_at, '[]', '[]', '', ''
FROM moderation_case WHERE due_at IS NOT NULL;
ANALYZE channels_message; ANALYZE moderation_case; ANALYZE moderation_duty;
"""


def fill() -> User:
    officer, department = figures.town()
    other = User.objects.create_user("other", "other@example.org", "x" * 20)
    made = []
    for number in range(8):
        whose = officer if number < 5 else other
        if number >= 5:
            other.groups.set(officer.groups.all())
            other = User.objects.get(pk=other.pk)
            whose = other
        made.append(figures.channel(whose, department, f"bench-desk-{number}").pk)
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(
                    statement,
                    {
                        "channels": made,
                        "count": len(made),
                        "messages": MESSAGES,
                        "every": MESSAGES // OPEN,
                    },
                )
    return User.objects.get(pk=officer.pk)


class StockCaseAdmin(ModelAdmin):
    """What one gets by registering the table and naming the same columns."""

    list_display = ("message", "channel", "state", "due_at", "findings_count")
    list_filter = ("state", "channel")
    ordering = ("due_at",)
    list_per_page = 50


# Before the first address is looked up, or the list would have none.
admin.site.register(Case, StockCaseAdmin)


def bench_first_page(officer: User) -> None:
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    address = reverse("desk:queue")
    for _turn in range(5):
        assert client.get(address).status_code == 200
    ours = [figures.timed(lambda: client.get(address)) for _turn in range(60)]

    boss = User.objects.create_superuser("boss", "boss@example.org", "x" * 20)
    stock = Client(SERVER_NAME="localhost")
    stock.force_login(boss)

    def stock_page() -> None:
        assert stock.get("/admin/moderation/case/").status_code == 200

    stock_page()
    theirs = [figures.timed(stock_page) for _turn in range(8)]
    figures.say(
        "the desk's first page at 1,000,000 messages, p95",
        figures.p95(ours) * 1000,
        "ms in the server",
        f"stock list of the table, median {statistics.median(theirs) * 1000:.0f} ms",
        statistics.median(theirs) / statistics.median(ours),
        limit="ratio at least 20, figure under 50",
        median_ms=round(statistics.median(ours) * 1000, 2),
    )


if __name__ == "__main__":
    bench_first_page(fill())
