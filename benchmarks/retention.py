"""Emptying the desk's copies by rule, at a million messages: what the preview takes,
and how many a second go.

    python -m benchmarks.retention
"""

from __future__ import annotations

import django

django.setup()

import time  # noqa: E402
from datetime import timedelta  # noqa: E402

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import _figures as figures  # noqa: E402
from benchmarks import desk  # noqa: E402
from channels.models import Message, User, Version  # noqa: E402
from moderation import purging  # noqa: E402
from moderation.models import Emptied, PurgeRule  # noqa: E402

# Three years of messages, one version each; half of them are older than the rule.
SPREAD = """
UPDATE channels_message SET received_at = posted_at - interval '1000 days'
    WHERE source = 'fill' AND id % 2 = 0;
UPDATE moderation_case c SET opened_at = m.received_at
    FROM channels_message m WHERE m.id = c.message_id AND m.source = 'fill'
    AND m.id % 2 = 0;
INSERT INTO channels_version (message_id, number, text, digest, raw, seen_at)
    SELECT id, 1, text, digest, '', received_at FROM channels_message
    WHERE source = 'fill';
VACUUM ANALYZE channels_message; VACUUM ANALYZE moderation_case;
VACUUM ANALYZE channels_version;
"""
MONTHS = 24
EMPTIED_FOR_S = 20.0


def fill() -> None:
    if not Message.objects.filter(source="fill").exists():
        desk.fill()
    if Version.objects.filter(message__source="fill").exists():
        return
    with connection.cursor() as cursor:
        for statement in SPREAD.split(";"):
            if statement.strip():
                cursor.execute(statement)


def bench() -> None:
    fill()
    now = timezone.now()
    before = purging.settled_before(MONTHS, now)
    seen = purging.foresee(Emptied.COMMENT, before)
    took = [
        figures.timed(lambda: purging.foresee(Emptied.COMMENT, before))
        for _round in range(5)
    ]
    figures.say(
        "preview of a rule at a million messages",
        max(took) * 1e3,
        "ms",
        older=seen.older,
        goes=seen.goes,
        of=seen.looked_at,
    )
    proposer, second = User.objects.order_by("pk")[:2]
    PurgeRule.objects.create(
        kind=Emptied.COMMENT,
        number=1,
        months=MONTHS,
        starts_on=timezone.localdate() - timedelta(days=1),
        basis="Bench",
        state=PurgeRule.State.CONFIRMED,
        proposed_by=proposer,
        settled_by=second,
        settled_at=now,
    )
    purging.LONGEST_ROUND_S = EMPTIED_FOR_S
    start = time.perf_counter()
    emptied = purging.run(now)
    seconds = time.perf_counter() - start
    figures.say(
        "messages emptied by rule at a million messages",
        emptied / seconds,
        "messages/s",
        rounds=emptied // purging.AT_ONCE,
    )


if __name__ == "__main__":
    bench()
