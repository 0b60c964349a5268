"""The desk's first page at a million messages, beside the stock list of the table."""

from __future__ import annotations

import django

django.setup()

import statistics  # noqa: E402

from django.contrib import admin  # noqa: E402
from django.contrib.admin import ModelAdmin  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import F  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from benchmarks import _figures as figures  # noqa: E402
from channels.models import Department, User  # noqa: E402
from moderation import ranks  # noqa: E402
from moderation.desk_filters import Filters  # noqa: E402
from moderation.models import Case, LearnedModel  # noqa: E402
from policies.models import Rule  # noqa: E402
from policies.screening.ranking import MODEL_VERSION  # noqa: E402

MESSAGES, OPEN = 1_000_000, 20_000
# The second town: more than half of what is due lies with others.
MANY_CHANNELS, MANY_OPEN = 40, 50_000
LIMIT_MS = 60

FILL = """
INSERT INTO channels_message (
    ref, channel_id, kind, external_id, parent_id_there, author_id, author_name,
    author_handle, author_url, is_ours, text, digest, versions_count, permalink,
    posted_at, received_at, source, visibility)
SELECT gen_random_uuid(), (%(channels)s::bigint[])[1 + n %% %(count)s], 'comment',
    %(prefix)s || n, '', 'u' || n %% 5000, 'Person ' || n %% 5000, '@p', '', false,
    repeat('Snön ligger kvar på gångvägen och ingen kommer. ', 1 + n %% 5),
    md5(n::text), 1, '', now() - n * interval '20 seconds', now(), %(prefix)s, 'visible'
FROM generate_series(1, %(messages)s) n;
INSERT INTO moderation_case (
    message_id, channel_id, state, due_at, findings_count, reports_count, turn,
    opened_at, language, rules)
SELECT id, channel_id, CASE WHEN spot %% %(every)s = 0 THEN 'new' ELSE 'kept' END,
    CASE WHEN spot %% %(every)s = 0
        THEN now() + (spot %% 5000 - 1000) * interval '1 minute' END,
    (spot / %(every)s) %% 3, 0, 0, received_at,
    (ARRAY['sv','sv','sv','sv','sv','sv','nb','en','fi','se'])[1 + spot %% 97 %% 10],
    CASE (spot / %(every)s) %% 3 WHEN 0 THEN ARRAY[]::varchar[]
        ELSE ARRAY['K-20.' || 1 + spot %% 89 %% 7] END
FROM (SELECT *, row_number() OVER (ORDER BY id) spot FROM channels_message
      WHERE source = %(prefix)s) m;
INSERT INTO moderation_duty (
    case_id, kind, opened_at, since, due_at, skipped, why, outcome, closed_with,
    moved_to, waived_for, note)
SELECT c.id, CASE c.id %% 50 WHEN 0 THEN 'document' ELSE 'answer' END, c.opened_at,
    c.opened_at, c.due_at, '[]', '[]', '', '', '', '', ''
FROM moderation_case c JOIN channels_message m ON m.id = c.message_id
WHERE c.due_at IS NOT NULL AND m.source = %(prefix)s;
ANALYZE channels_message; ANALYZE moderation_case; ANALYZE moderation_duty;
"""


def fill() -> User:
    """Eight channels, five of them the officer's, with a million messages."""
    officer, department = figures.town()
    other = User.objects.create_user("other", "other@example.org", "x" * 20)
    other.groups.set(officer.groups.all())
    made = [
        figures.channel(
            officer if number < 5 else other, department, f"bench-desk-{number}"
        ).pk
        for number in range(8)
    ]
    pour(made, "fill", messages=MESSAGES, due=OPEN)
    return User.objects.get(pk=officer.pk)


def fill_more(officer: User) -> None:
    """On to forty channels and fifty thousand open duties, none of them more hers."""
    other = User.objects.get(username="other")
    department = Department.objects.get(slug="bench")
    made = [
        figures.channel(other, department, f"bench-more-{number}").pk
        for number in range(MANY_CHANNELS - 8)
    ]
    due = MANY_OPEN - OPEN
    pour(made, "more", messages=2 * due, due=due)


def pour(channels: list[int], prefix: str, *, messages: int, due: int) -> None:
    values = {
        "channels": channels,
        "count": len(channels),
        "prefix": prefix,
        "messages": messages,
        "every": messages // due,
    }
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)


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


def learned() -> None:
    """A ranking, so that the desk may be ordered by it: what is due has its scores."""
    Case.objects.filter(due_at__isnull=False).update(likeness=F("id") % 991)
    LearnedModel.objects.create(
        rule=Rule.objects.order_by("pk").first(),
        model=b"",
        version=MODEL_VERSION,
        training_set="0" * 64,
        decisions=1_000,
        of_class=100,
        figures={},
    )
    ranks.forget()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE moderation_case")


def bench_few_of_many(officer: User) -> None:
    """Mandates in five of forty channels: what others have due must cost nothing."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    for address in (
        "",
        "?tab=found",
        "?kind=document",
        "?language=fi&rule=K-20.3",
        "?order=likely",
    ):
        if "order" in address:
            learned()
        path = reverse("desk:queue") + (address or "?tab=due")
        for _turn in range(5):
            assert client.get(path).status_code == 200
        taken = [
            figures.timed(lambda path=path: client.get(path)) for _turn in range(40)
        ]
        figures.say(
            f"the desk {address}, 5 of 40 channels, 50,000 open, p95",
            figures.p95(taken) * 1000,
            "ms in the server",
            limit=f"under {LIMIT_MS}",
            median_ms=round(statistics.median(taken) * 1000, 2),
        )
    person = User.objects.get(pk=officer.pk)
    beside = ("message", "channel", "assigned_to")

    def hers() -> None:
        list(Filters().cases(person).select_related(*beside)[:51])

    def everybodys() -> None:
        list(Case.objects.due().select_related(*beside)[:51])

    ours, all_of_it = [], []
    for _turn in range(100):
        ours.append(figures.timed(hers))
        all_of_it.append(figures.timed(everybodys))
    figures.say(
        "the first fifty due, 5 of 40 channels, median",
        statistics.median(ours) * 1000,
        "ms",
        f"no filter by who sees what {statistics.median(all_of_it) * 1000:.2f} ms",
        statistics.median(ours) / statistics.median(all_of_it),
        limit="ratio at most 2",
    )


if __name__ == "__main__":
    person = fill()
    bench_first_page(person)
    fill_more(person)
    bench_few_of_many(person)
