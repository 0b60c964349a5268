"""The lines of the queue and the numbers on its tabs: few columns, few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.formats import get_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from archive import prepared
from channels.models import Message
from moderation.covering import is_covered
from moderation.models import Case, Duty
from moderation.saying import due_words, excerpt

if TYPE_CHECKING:
    from datetime import date, datetime

    from moderation.models.case import CaseQuerySet

# Numbers above this are shown as "more than": counting further helps nobody.
COUNTED = 1000
# No line shows more of a text than its beginning.
_BEGINNING = 400
# The marks of findings and reports say it already.
_SEEN_OTHERWISE = frozenset({Duty.Kind.REVIEW.value, Duty.Kind.REPORT.value})
_COLUMNS = (
    "pk",
    "due_at",
    "channel_id",
    "state",
    "turn",
    "findings_count",
    "reports_count",
    "rules",
    "beginning",
    "message__kind",
    "message__author_name",
    "message__posted_at",
    "message__versions_count",
    "message__attachments_count",
    "likeness",
    "assigned_to__first_name",
    "assigned_to__last_name",
    "assigned_to__username",
    "kinds_owed",
)
_REPORTS = _COLUMNS.index("reports_count")
_FILES = _COLUMNS.index("message__attachments_count")


@dataclass(frozen=True, slots=True)
class Row:
    """One line, in words. `tick` is what a ticked box sends, "" where none stands;
    `pictures` says that files came with it, which nobody sees before asking; `thumb` is
    where the first stands blurred, "" where none opens as a picture."""

    pk: int
    due_at: datetime
    url: str
    due: str
    overdue: bool
    text: str
    covered: bool
    channel: str
    kind: str
    author: str
    posted: str
    state: str
    found: str
    reported: str
    assigned: str
    edited: bool
    pictures: bool
    thumb: str
    likeness: int
    likely: str
    tick: str
    owed: tuple[str, ...]


def rows(
    cases: CaseQuerySet, *, most: int, channels: Mapping[int, str], ticks: bool
) -> list[Row]:
    """At most `most` lines in one statement. `channels` names each by its key; `ticks`
    puts a box before what was neither found nor reported and has no pictures."""
    try:
        found = _planned_anew(*_statement(cases, most))
    except EmptyResultSet:  # somebody who sees no channel
        found = []
    return _said(found, channels, ticks)


def rows_and_counts(
    cases: CaseQuerySet,
    *,
    most: int,
    channels: Mapping[int, str],
    ticks: bool,
    seen: list[int] | None,
    rare: bool,
    likeliest: bool = False,
) -> tuple[list[Row], dict[str, int]]:
    """`rows` and `counts`, in one packet unless what is asked for is `rare`: the way to
    a few messages in Finnish is not that to all which are due, and the database has to
    see the values to know."""
    try:
        statement = _statement(cases, most)
    except EmptyResultSet:
        return [], counts(seen)
    if rare:
        found = _planned_anew(*statement)
        return _said(found, channels, ticks, likeliest=likeliest), counts(seen)
    found, numbers = prepared.several(statement, _counting(seen))
    said = _said(found, channels, ticks, likeliest=likeliest)
    return said, dict(zip(_NAMES, numbers[0], strict=True))


def _statement(cases: CaseQuerySet, most: int) -> tuple[str, tuple[Any, ...]]:
    owed = Duty.objects.filter(case=OuterRef("pk"), closed_at=None)
    wanted = cases.annotate(
        beginning=Left("message__text", _BEGINNING),
        kinds_owed=ArraySubquery(owed.order_by("due_at", "pk").values("kind")),
    )
    sql, values = wanted.values_list(*_COLUMNS)[:most].query.sql_with_params()
    return sql, tuple(values)


def _planned_anew(statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _said(
    found: Sequence[tuple[Any, ...]],
    channels: Mapping[int, str],
    ticks: bool,
    *,
    likeliest: bool = False,
) -> list[Row]:
    now = timezone.now()
    say = _Words(
        base=reverse("desk:queue"),
        now=now,
        today=timezone.localtime(now).date(),
        place=(timezone.get_current_timezone_name(), get_language() or "en"),
        channels=channels,
        kinds={value: str(label) for value, label in Message.Kind.choices},
        states={value: str(label) for value, label in Case.State.choices},
        duties={
            value: str(label)
            for value, label in Duty.Kind.choices
            if value not in _SEEN_OTHERWISE
        },
        ticks=ticks,
        likeliest=likeliest,
        short=get_format("SHORT_DATETIME_FORMAT"),
        told=_told([one[0] for one in found if one[_REPORTS]]),
        first_pictures=_first_pictures([one[0] for one in found if one[_FILES]]),
    )
    return [_row(one, say) for one in found]


@dataclass(frozen=True, slots=True)
class _Words:
    """What all lines of a page share."""

    base: str
    now: datetime
    channels: Mapping[int, str]
    kinds: Mapping[str, str]
    states: Mapping[str, str]
    duties: Mapping[str, str]
    ticks: bool
    likeliest: bool
    today: date
    place: tuple[str, str]
    short: str  # how the language writes a day and a time
    told: Mapping[int, list[str]]  # case -> what the public's reports on it say
    first_pictures: Mapping[int, int]  # case -> the attachment


_TOLD = "SELECT case_id, what FROM moderation_report WHERE case_id = ANY(%s)"


def _told(cases: list[int]) -> dict[int, list[str]]:
    told: dict[int, list[str]] = {}
    for case, what in prepared.rows(_TOLD, [cases]) if cases else ():
        told.setdefault(case, []).append(what)
    return told


_FIRST_PICTURES = """
SELECT DISTINCT ON (one.id) one.id, attachment.id
FROM moderation_case one
JOIN channels_message message ON message.id = one.message_id
JOIN channels_version version
    ON version.message_id = message.id AND version.number = message.versions_count
JOIN channels_attachment attachment ON attachment.version_id = version.id
WHERE one.id = ANY(%s) AND attachment.width IS NOT NULL
ORDER BY one.id, attachment.position
"""


def _first_pictures(cases: list[int]) -> dict[int, int]:
    return dict(prepared.rows(_FIRST_PICTURES, [cases])) if cases else {}


@lru_cache(maxsize=4096)
def _when(minute: datetime, form: str, place: tuple[str, str]) -> str:
    """A minute, in the zone and language that are the current ones: the same lines come
    page after page."""
    return dateformat.format(timezone.localtime(minute), form)


def _row(one: Sequence[Any], say: _Words) -> Row:
    (pk, due_at, channel, state, turn, findings, reports, rules, text, kind) = one[:10]
    author, posted_at, versions, files, likeness = one[10:15]
    first, last, username, owed = one[15:]
    undecided = state == Case.State.NEW
    return Row(
        pk=pk,
        due_at=due_at,
        url=f"{say.base}{pk}/",
        due=due_words(due_at, say.now, say.today),
        overdue=due_at < say.now,
        text=excerpt(text),
        covered=is_covered(rules, say.told.get(pk, ())),
        channel=say.channels.get(channel, ""),
        kind=say.kinds[kind],
        author=author,
        posted=_when(posted_at.replace(second=0, microsecond=0), say.short, say.place),
        state="" if undecided else say.states[state],
        found=ngettext("%(number)d finding", "%(number)d findings", findings)
        % {"number": findings}
        if findings
        else "",
        reported=ngettext("%(number)d report", "%(number)d reports", reports)
        % {"number": reports}
        if reports
        else "",
        assigned=_("with %(person)s")
        % {"person": f"{first} {last}".strip() or username}
        if username
        else "",
        edited=versions > 1,
        pictures=files > 0,
        thumb=f"{say.base}{pk}/picture/{say.first_pictures[pk]}/blurred/"
        if pk in say.first_pictures
        else "",
        likeness=likeness,
        likely=_("likeness %(percent)d %%") % {"percent": likeness // 10}
        if say.likeliest and undecided
        else "",
        # No screening sees a picture: a person has to.
        tick=f"{pk}.{turn}"
        if say.ticks and undecided and not (findings or reports or files)
        else "",
        owed=tuple(say.duties[kind] for kind in owed if kind in say.duties),
    )


# Each counted to one more than the limit; of the cases, by an index on what is due.
_COUNTS = """
SELECT
(SELECT count(*) FROM (SELECT FROM moderation_case
    WHERE due_at IS NOT NULL {seen} LIMIT %(most)s) due),
(SELECT count(*) FROM (SELECT FROM moderation_case
    WHERE due_at < %(now)s {seen} LIMIT %(most)s) overdue),
(SELECT count(*) FROM (SELECT FROM moderation_case
    WHERE due_at IS NOT NULL AND state = 'new' AND findings_count > 0 {seen}
    LIMIT %(most)s) found),
(SELECT count(*) FROM (SELECT FROM channels_delivery
    JOIN channels_message message ON message.id = message_id
    WHERE state = 'failed' AND withdrawn_at IS NULL {seen} LIMIT %(most)s) stuck),
(SELECT count(*) FROM (SELECT FROM moderation_report
    WHERE closed_at IS NULL AND case_id IS NULL {seen} LIMIT %(most)s) loose),
(SELECT count(*) FROM (SELECT FROM moderation_draft
    WHERE asked_at IS NOT NULL AND closed_at IS NULL LIMIT 1) anybodys)
"""
# The last only says whether any answer waits for a second reader, whoever that is.
_NAMES = ("due", "overdue", "found", "stuck", "loose_reports", "to_read")
_OF_ALL = _COUNTS.format(seen="")
_OF_SEEN = _COUNTS.format(seen="AND channel_id = ANY(%(seen)s)")


def counts(seen: list[int] | None) -> dict[str, int]:
    """What waits on the channels whose keys are given, or on every one, in one
    statement; at most `COUNTED` and one of each."""
    return dict(zip(_NAMES, prepared.rows(*_counting(seen))[0], strict=True))


def _counting(seen: list[int] | None) -> tuple[str, dict[str, Any]]:
    values = {"now": timezone.now(), "most": COUNTED + 1, "seen": seen}
    return (_OF_ALL if seen is None else _OF_SEEN), values


def capped(number: int) -> str:
    return f"{COUNTED}+" if number > COUNTED else str(number)
