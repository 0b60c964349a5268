"""The tables of the figures page with their charts and their CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moderation import charts, figures
from moderation import figure_cells as cells
from moderation.charts import Bar, Part
from moderation.figure_cells import Cell, Names
from moderation.figures import OpenNow, Punctuality, Scope, Waiting
from moderation.team_pages import worked_words
from policies.models import Rule

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

# A week in which there was nothing to count.
_NOTHING_DUE = partial(Punctuality, in_time=0, late=0, overdue=0, waived=0, not_due=0)
_UNANSWERED = partial(Waiting, answered=0, median=timedelta(), p95=timedelta())


@dataclass(frozen=True, slots=True)
class Table:
    """`slug` is its place in the page and the name of its CSV."""

    slug: str
    title: str
    columns: list[str]
    rows: list[list[Cell]]
    chart: SafeString | str
    empty: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    note: str
    tables: list[Table]
    # (class of the style sheet, words), where a chart has several colours
    legend: list[tuple[str, str]]


class Counted:
    """The figures of one page, each counted once and only when asked for."""

    def __init__(self, asked: Scope, names: Names) -> None:
        self.asked, self.names = asked, names

    @cached_property
    def in_time(self) -> dict[str, list[Punctuality]]:
        return figures.in_time(self.asked)

    @cached_property
    def first_answers(self) -> dict[str, list[Waiting]]:
        return figures.first_answers(self.asked)

    @cached_property
    def open_now(self) -> dict[str, list[OpenNow]]:
        return figures.open_now(self.asked)


def sections(counted: Counted) -> list[Section]:
    """Everything on the page, in the order of the page."""
    return [make(counted) for make in _SECTIONS.values()]


def table(slug: str, counted: Counted) -> Table | None:
    """One table by its name; the others are not counted."""
    make = _SECTIONS.get(slug.rpartition("-by-")[0])
    tables = make(counted).tables if make else []
    return next((one for one in tables if one.slug == slug), None)


def in_short(counted: Counted) -> list[tuple[str, str]]:
    """The few numbers on top: (number, what it is)."""
    everything = counted.in_time["all"]
    waited = counted.first_answers["all"]
    now = counted.open_now["all"]
    share = everything[0].share if everything else None
    return [
        (cells.share(share).words, _("answered or decided in time")),
        (
            worked_words(waited[0].median, counted.asked.days) if waited else "–",
            _("to the first answer, the median"),
        ),
        (str(now[0].waiting if now else 0), _("open and not due yet")),
        (str(now[0].overdue if now else 0), _("overdue now")),
    ]


# -- Answered in time --------------------------------------------------------------


def _in_time(counted: Counted) -> Section:
    asked, names, found = counted.asked, counted.names, counted.in_time
    titles = {
        "week": _("In time by week"),
        "channel": _("In time by channel"),
        "department": _("In time by department"),
        "kind": _("In time by kind of duty"),
    }
    tables = []
    for group, title in titles.items():
        rows = found[group]
        if group == "week" and rows:
            rows = cells.every_week(rows, asked, _NOTHING_DUE)
        tables.append(
            Table(
                slug=f"in-time-by-{group}",
                title=title,
                columns=[
                    cells.heading(group),
                    _("In time"),
                    _("Late"),
                    _("Overdue"),
                    _("Share in time"),
                    _("Waived or no longer owed"),
                    _("Not due yet"),
                ],
                rows=[
                    [
                        names.named(group, row.key),
                        cells.number(row.in_time),
                        cells.number(row.late),
                        cells.number(row.overdue),
                        cells.share(row.share),
                        cells.number(row.waived),
                        cells.number(row.not_due),
                    ]
                    for row in rows
                ],
                chart=charts.draw(
                    group,
                    [_punctual(names.short(group, row.key), row) for row in rows],
                    key=f"chart-in-time-{group}",
                    title=title,
                    words=_("Of the duties that were due: in time, late and overdue."),
                    most=1.0,
                    top="100 %",
                ),
                empty=_("Nothing was due in this time."),
            )
        )
    return Section(
        _("Answered in time"),
        _(
            "A duty counts in the week of its deadline, which is the next working day "
            "(K-14). What was waived with a reason, is no longer owed or is not due "
            "yet counts neither for nor against."
        ),
        tables,
        [
            ("good", _("in time")),
            ("late", _("late")),
            ("bad", _("overdue")),
        ],
    )


def _punctual(label: str, row: Punctuality) -> Bar:
    whole = row.counted or 1
    parts = (
        Part("good", row.in_time / whole, cells.said(_("In time"), row.in_time)),
        Part("late", row.late / whole, cells.said(_("Late"), row.late)),
        Part("bad", row.overdue / whole, cells.said(_("Overdue"), row.overdue)),
    )
    return Bar(label, cells.share(row.share).words, parts)


# -- Time to the first answer ------------------------------------------------------


def _first_answers(counted: Counted) -> Section:
    asked, names, found = counted.asked, counted.names, counted.first_answers
    titles = {
        "week": _("First answer by week"),
        "channel": _("First answer by channel"),
        "department": _("First answer by department"),
    }
    none = timedelta()
    tables = []
    for group, title in titles.items():
        rows = found[group]
        if group == "week" and rows:
            rows = cells.every_week(rows, asked, _UNANSWERED)
        longest = max((row.median for row in rows), default=none)
        tables.append(
            Table(
                slug=f"first-answer-by-{group}",
                title=title,
                columns=[
                    cells.heading(group),
                    _("Answered messages"),
                    _("Median"),
                    _("95 of 100 within"),
                ],
                rows=[
                    [
                        names.named(group, row.key),
                        cells.number(row.answered),
                        cells.worked(row.median, row.answered, asked),
                        cells.worked(row.p95, row.answered, asked),
                    ]
                    for row in rows
                ],
                chart=charts.draw(
                    group,
                    [_waited(names.short(group, row.key), row, asked) for row in rows],
                    key=f"chart-first-answer-{group}",
                    title=title,
                    words=_("The median in working time."),
                    top=worked_words(longest, asked.days),
                ),
                empty=_("Nothing was answered for the first time in this time."),
            )
        )
    return Section(
        _("Time to the first answer"),
        _(
            "From when the citizen wrote until the platform had the answer, counted in "
            "working time: office hours on working days. In the table programs' file "
            "it stands in hours."
        ),
        tables,
        [],
    )


def _waited(label: str, row: Waiting, asked: Scope) -> Bar:
    words = worked_words(row.median, asked.days) if row.answered else "–"
    return Bar(label, words, (Part("plain", row.median.total_seconds(), words),))


# -- Open now, taken down, activity ------------------------------------------------


def _open_now(counted: Counted) -> Section:
    names, found = counted.names, counted.open_now
    titles = {
        "channel": _("Open and overdue by channel"),
        "kind": _("Open and overdue by kind of duty"),
    }
    return Section(
        _("Open and overdue now"),
        _("As it is at this moment, whatever days are chosen above."),
        [
            Table(
                slug=f"open-now-by-{group}",
                title=title,
                columns=[
                    cells.heading(group),
                    _("Overdue"),
                    _("Not due yet"),
                    _("The oldest since"),
                ],
                rows=[
                    [
                        names.named(group, row.key),
                        cells.number(row.overdue),
                        cells.number(row.waiting),
                        cells.moment(row.oldest),
                    ]
                    for row in found[group]
                ],
                chart=charts.draw(
                    group,
                    [_open(names.short(group, row.key), row) for row in found[group]],
                    key=f"chart-open-{group}",
                    title=title,
                    words=_("Duties that are overdue and duties that are not due yet."),
                ),
                empty=_("Nothing is open."),
            )
            for group, title in titles.items()
        ],
        [("bad", _("overdue")), ("plain", _("not due yet"))],
    )


def _open(label: str, row: OpenNow) -> Bar:
    return Bar(
        label,
        _("%(overdue)d of %(open)d overdue")
        % {"overdue": row.overdue, "open": row.overdue + row.waiting},
        (
            _part("bad", row.overdue, _("Overdue")),
            _part("plain", row.waiting, _("Not due yet")),
        ),
    )


def _taken_down(counted: Counted) -> Section:
    rows = figures.taken_down(counted.asked)
    language = get_language() or "en"
    wordings = {
        rule.code: rule.current.wording_in(language)
        for rule in Rule.objects.with_versions().filter(code__in=[r.key for r in rows])
    }
    title = _("Taken down by rule")
    return Section(
        _("Taken down"),
        _("Without what was undone at once. Every one of these has its sealed record."),
        [
            Table(
                slug="taken-down-by-rule",
                title=title,
                columns=[_("Rule"), _("Wording"), _("Hidden"), _("Removed")],
                rows=[
                    [
                        Cell(row.key, row.key),
                        Cell(wordings[row.key], wordings[row.key]),
                        cells.number(row.hidden),
                        cells.number(row.removed),
                    ]
                    for row in rows
                ],
                chart=charts.bars(
                    [
                        Bar(
                            f"{row.key} {wordings[row.key]}",
                            str(row.hidden + row.removed),
                            (
                                _part("plain", row.hidden, _("Hidden")),
                                _part("bad", row.removed, _("Removed")),
                            ),
                        )
                        for row in rows
                    ],
                    key="chart-taken-down",
                    title=title,
                    words=_(
                        "Messages that were hidden and messages that were removed."
                    ),
                ),
                empty=_("Nothing was taken down in this time."),
            )
        ],
        [("plain", _("hidden")), ("bad", _("removed"))],
    )


def _activity(counted: Counted) -> Section:
    names = counted.names
    found = figures.activity(counted.asked)
    rows = [row for row in found if row.messages or row.answers]
    title = _("Messages and answers by channel")
    return Section(
        _("Activity"),
        _("What citizens wrote, and how much of it we answered (M-R1)."),
        [
            Table(
                slug="activity-by-channel",
                title=title,
                columns=[_("Channel"), _("Messages"), _("Answers")],
                rows=[
                    [
                        names.named("channel", row.key),
                        cells.number(row.messages),
                        cells.number(row.answers),
                    ]
                    for row in rows
                ],
                chart=charts.bars(
                    [
                        Bar(
                            names.channels[row.key],
                            str(row.messages),
                            (_part("plain", row.messages, _("Messages")),),
                        )
                        for row in rows
                    ],
                    key="chart-activity",
                    title=title,
                    words=_("Messages that citizens wrote in each channel."),
                ),
                empty=_("Nobody wrote anything in this time."),
            )
        ],
        [],
    )


_SECTIONS: dict[str, Callable[[Counted], Section]] = {
    "in-time": _in_time,
    "first-answer": _first_answers,
    "open-now": _open_now,
    "taken-down": _taken_down,
    "activity": _activity,
}


def _part(kind: str, number: int, what: str) -> Part:
    return Part(kind, number, cells.said(what, number))
