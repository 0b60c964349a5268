"""The words of messages on which nothing is owed any more, and how they go.

A rule (`moderation.purge_rules`) says how many months after a message was settled:
after the last thing that happened to it. The archive's records have rules of their own
and are never touched. What goes and what stays stands in docs/retention.md.
"""

from __future__ import annotations

import time
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Case as If
from django.db.models import F, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.models import Record
from channels import attachments
from channels.models import Attachment, Message, Version
from moderation.models import (
    Case,
    Draft,
    DraftStep,
    Emptied,
    Finding,
    Handover,
    Purge,
    PurgeRule,
    Referral,
    Report,
)

if TYPE_CHECKING:
    from django.utils.functional import Promise

AT_ONCE = 500
GONE = "–"
# A round ends by itself before the worker's limit could cut it.
LONGEST_ROUND_S = 100.0
# The oldest so many are looked at for a preview.
FORESEEN = 10_000

# Which messages a kind means, and the column by which the oldest are found first.
_KINDS: dict[str, tuple[str, str]] = {
    Emptied.COMMENT: (
        "m.kind = 'comment' AND c.state IN ('new', 'kept')",
        "m.received_at",
    ),
    Emptied.TAKEN_DOWN: (
        "m.kind = 'comment' AND c.state IN ('hidden', 'removed')",
        "c.opened_at",
    ),
    Emptied.DM: ("m.kind = 'dm'", "m.received_at"),
}

_FROM = """
FROM channels_message m JOIN moderation_case c ON c.message_id = m.id
WHERE {kind} AND m.purged_at IS NULL AND m.outside_at IS NULL AND NOT m.is_ours
"""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Something that keeps a message's words: in words, and as the database asks."""

    words: str | Promise
    sql: str


KEEPERS: Mapping[str, Keeper] = {
    "duty": Keeper(
        _("Something is still owed on it."),
        """c.due_at IS NOT NULL OR EXISTS (
            SELECT 1 FROM moderation_duty x
            WHERE x.case_id = c.id AND x.closed_at IS NULL)""",
    ),
    "report": Keeper(
        _("A report about it is open."),
        """EXISTS (SELECT 1 FROM moderation_report x
            WHERE x.case_id = c.id AND x.closed_at IS NULL)""",
    ),
    "delivery": Keeper(
        _("A decision or an answer has not reached the platform."),
        """EXISTS (SELECT 1 FROM channels_delivery x WHERE x.message_id = m.id
            AND (x.state IN ('waiting', 'sending')
                OR (x.state = 'failed' AND x.withdrawn_at IS NULL
                    AND x.error_code <> 'edited')))""",
    ),
    "draft": Keeper(
        _("Somebody is writing an answer."),
        """EXISTS (SELECT 1 FROM moderation_draft x
            WHERE x.case_id = c.id AND x.closed_at IS NULL)""",
    ),
    "referral": Keeper(
        _("It was passed on, and nobody knows that it arrived."),
        """EXISTS (SELECT 1 FROM moderation_referral x
            JOIN channels_letter l ON l.id = x.letter_id
            WHERE x.case_id = c.id AND l.left_at IS NULL
            AND (l.sent_at IS NULL OR l.returned_at IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM moderation_referral y
                WHERE y.instead_of_id = x.id)
            AND NOT EXISTS (SELECT 1 FROM moderation_referralevent e
                WHERE e.referral_id = x.id AND e.act = 'arrived'))""",
    ),
    "hold": Keeper(
        _("Its record is held."),
        """EXISTS (SELECT 1 FROM archive_record r JOIN archive_hold h
            ON h.record_id = r.id AND h.released_at IS NULL WHERE r.subject = m.ref)""",
    ),
    "disclosure": Keeper(
        _("An open request for records has picked it."),
        """EXISTS (SELECT 1 FROM archive_record r
            JOIN archive_disclosurepick p ON p.record_id = r.id
            JOIN archive_disclosurerequest q ON q.id = p.request_id
            AND q.state IN ('received', 'picked', 'masked')
            WHERE r.subject = m.ref)""",
    ),
    "record": Keeper(
        _("The archive has no record of it, and ought to."),
        """(m.kind = 'dm' OR c.state IN ('hidden', 'removed')) AND NOT EXISTS (
            SELECT 1 FROM archive_record r WHERE r.subject = m.ref)""",
    ),
    "recent": Keeper(
        _("Something has happened to it since."),
        """EXISTS (SELECT 1 FROM channels_version x
            WHERE x.message_id = m.id AND x.seen_at >= %(before)s)
        OR EXISTS (SELECT 1 FROM moderation_duty x
            WHERE x.case_id = c.id AND x.closed_at >= %(before)s)
        OR EXISTS (SELECT 1 FROM moderation_decision x
            WHERE x.case_id = c.id AND x.at >= %(before)s)
        OR EXISTS (SELECT 1 FROM channels_delivery x
            WHERE x.message_id = m.id AND x.settled_at >= %(before)s)
        OR EXISTS (SELECT 1 FROM moderation_report x
            WHERE x.case_id = c.id AND x.closed_at >= %(before)s)
        OR EXISTS (SELECT 1 FROM moderation_draft x
            WHERE x.case_id = c.id AND x.closed_at >= %(before)s)
        OR EXISTS (SELECT 1 FROM moderation_handover x
            WHERE x.case_id = c.id AND x.at >= %(before)s)
        OR EXISTS (SELECT 1 FROM moderation_referral x
            LEFT JOIN moderation_referralevent e ON e.referral_id = x.id
            WHERE x.case_id = c.id
            AND (x.at >= %(before)s OR e.at >= %(before)s))""",
    ),
}

_NOTHING_KEEPS = "".join(f" AND NOT ({keeper.sql})" for keeper in KEEPERS.values())


def settled_before(months: int, now: datetime) -> datetime:
    """Messages settled before this moment have been kept for so many months."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    last = monthrange(years, month + 1)[1]
    return now.replace(year=years, month=month + 1, day=min(now.day, last))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a rule would do at a moment. `older` messages came in before the time
    reaches back to; of the `looked_at` oldest of them `goes` would be emptied and
    `kept` stay, by the first reason that keeps each."""

    before: datetime
    older: int
    looked_at: int
    goes: int
    kept: dict[str, int]

    @property
    def is_whole(self) -> bool:
        return self.looked_at == self.older

    @property
    def reasons(self) -> list[tuple[str | Promise, int]]:
        return [(KEEPERS[name].words, count) for name, count in self.kept.items()]

    def as_dict(self) -> dict[str, Any]:
        return {
            "before": self.before.isoformat(),
            "older": self.older,
            "looked_at": self.looked_at,
            "goes": self.goes,
            "kept": self.kept,
        }


def foresee(kind: str, before: datetime) -> Forecast:
    """As things stand now: what has been settled before the moment."""
    condition, column = _KINDS[kind]
    start = f"{_FROM.format(kind=condition)} AND {column} < %(before)s"
    reasons = " ".join(
        f"WHEN {keeper.sql} THEN '{name}'" for name, keeper in KEEPERS.items()
    )
    asked: dict[str, Any] = {"before": before, "most": FORESEEN}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {start}", asked)
        [older] = cursor.fetchone()
        cursor.execute(
            f"""SELECT reason, count(*) FROM (
                SELECT CASE {reasons} ELSE '' END AS reason {start}
                ORDER BY {column}, m.id LIMIT %(most)s
            ) looked_at GROUP BY reason""",
            asked,
        )
        found: dict[str, int] = dict(cursor.fetchall())
    goes = found.pop("", 0)
    kept = {name: found[name] for name in KEEPERS if name in found}
    return Forecast(before, older, goes + sum(kept.values()), goes, kept)


def run(now: datetime | None = None) -> int:
    """Empties what the rules in force let go, in rounds of 500, each its own
    transaction with its entry in the register; answers how many messages.

    Without a rule nothing goes. What time does not suffice for goes the next time.
    """
    now = now or timezone.now()
    started = time.monotonic()
    emptied = 0
    for rule in PurgeRule.objects.in_force(timezone.localdate(now)):
        if rule.months is None:
            continue
        before = settled_before(rule.months, now)
        after: tuple[datetime | None, int] | None = (None, 0)
        while after is not None:
            if time.monotonic() - started > LONGEST_ROUND_S:
                return emptied
            count, after = _round(rule, before, now, after)
            emptied += count
    return emptied


@transaction.atomic
def _round(
    rule: PurgeRule,
    before: datetime,
    run_at: datetime,
    after: tuple[datetime | None, int],
) -> tuple[int, tuple[datetime, int] | None]:
    """(how many were emptied, where the next round begins or None at the end).

    What somebody works on at this moment is passed over. The records are locked, so
    that a hold or a request of the same moment waits or is seen. A stop of the rule
    waits for the round or ends it.
    """
    locked = PurgeRule.objects.select_for_update().get(pk=rule.pk)
    if locked.stopped_at is not None:
        return 0, None
    found = _candidates(rule.kind, before, after)
    if not found:
        return 0, None
    last = (found[-1][1], found[-1][0])
    list(
        Record.objects.filter(subject__in=[ref for _id, _at, ref in found])
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    keys = _unkept([key for key, _at, _ref in found], before)
    if keys:
        _empty(rule, keys, before, run_at)
    return len(keys), last


def _candidates(
    kind: str, before: datetime, after: tuple[datetime | None, int]
) -> list[tuple[int, datetime, Any]]:
    """(message, when it came in, its name in the archive), oldest first and locked."""
    condition, column = _KINDS[kind]
    moment, key = after
    beyond = f"AND ({column}, m.id) > (%(moment)s, %(key)s)" if moment else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT m.id, {column}, m.ref {_FROM.format(kind=condition)}
            AND {column} < %(before)s {beyond} ORDER BY {column}, m.id
            LIMIT %(most)s FOR UPDATE OF m, c SKIP LOCKED""",
            {"before": before, "moment": moment, "key": key, "most": AT_ONCE},
        )
        return list(cursor.fetchall())


def _unkept(keys: list[int], before: datetime) -> list[int]:
    """Those that nothing keeps, asked when they and their records are locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT m.id FROM channels_message m
            JOIN moderation_case c ON c.message_id = m.id
            WHERE m.id = ANY(%(keys)s) {_NOTHING_KEEPS} ORDER BY m.id""",
            {"keys": keys, "before": before},
        )
        return [key for (key,) in cursor.fetchall()]


def _empty(
    rule: PurgeRule, keys: list[int], before: datetime, run_at: datetime
) -> None:
    """The entry in the register first: the database lets nothing go without it."""
    cases = list(Case.objects.filter(message__in=keys).values_list("pk", flat=True))
    versions = Version.objects.filter(message__in=keys)
    findings = Finding.objects.filter(case__in=cases)
    files = Attachment.objects.filter(version__message__in=keys).exclude(
        missing=Attachment.Missing.LET_GO
    )
    drafts = Draft.objects.filter(case__in=cases)
    reports = Report.objects.filter(case__in=cases)
    handovers = Handover.objects.filter(case__in=cases)
    referrals = Referral.objects.filter(case__in=cases).exclude(note="")
    Purge.objects.create(
        rule=rule,
        run_at=run_at,
        before=before,
        messages=len(keys),
        versions=versions.count(),
        findings=findings.count(),
        files=files.count(),
        drafts=drafts.count(),
        reports=reports.count(),
        notes=handovers.count() + referrals.count(),
    )
    Message.objects.filter(pk__in=keys).update(
        text="",
        author_id="",
        author_name="",
        author_handle="",
        author_url="",
        attachments_count=0,
        purged_at=timezone.now(),
    )
    versions.update(text="", raw=b"")
    attachments.let_go(keys)
    findings.update(sentences={})
    DraftStep.objects.filter(draft__case__in=cases).update(
        text="",
        # Sent back is never without a note; the dash says that it is gone.
        note=If(When(act=DraftStep.Act.SENT_BACK, then=Value(GONE)), default=Value("")),
    )
    drafts.update(text="")
    reports.update(what="", contact="")
    handovers.update(note="")
    referrals.update(note="")
    # A form made before is refused: there is nothing to read any more.
    Case.objects.filter(pk__in=cases).update(turn=F("turn") + 1)
