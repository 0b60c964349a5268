"""The figures: how the municipality answers, by channel, department, kind and week."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from channels.directory import cell
from moderation import figure_pages, figures, team_pages
from moderation.desk_parts import page_of
from moderation.desk_views import at_the_desk
from moderation.figure_cells import Names
from moderation.figure_pages import Counted

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest
    from moderation.figures import Scope
    from moderation.team_pages import Narrowed

WEEKS = 13
LONGEST_DAYS = 5 * 366


@require_GET
@at_the_desk
def shown(request: DeskRequest) -> HttpResponse:
    asked, chosen, fault = _asked(request)
    counted = Counted(asked, Names.of(chosen.choosable))
    return page_of(
        request,
        "figures/figures.html",
        title=_("Figures"),
        chosen=chosen,
        asked=asked,
        fault=fault,
        sections=figure_pages.sections(counted) if chosen.channels else [],
        in_short=figure_pages.in_short(counted) if chosen.channels else [],
        query=_query(asked, chosen),
    )


@require_GET
@at_the_desk
def as_csv(request: DeskRequest, slug: str) -> HttpResponse:
    """One table as RFC 4180 has it, in UTF-8 with the mark without which Excel takes
    it for another encoding and spoils every å, ä, ö and ø."""
    asked, chosen, _fault = _asked(request)
    table = figure_pages.table(slug, Counted(asked, Names.of(chosen.choosable)))
    if table is None:
        raise Http404
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(cell(column) for column in table.columns)
    for row in table.rows:
        writer.writerow(_safe(one.value) for one in row)
    response = HttpResponse(
        text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    name = f"{slug}-{asked.first.isoformat()}-{asked.last.isoformat()}.csv"
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=name
    )
    return response


def _safe(value: Any) -> Any:
    """Numbers stay numbers; what begins like a formula stays text."""
    return cell(value) if isinstance(value, str) else value


def _asked(request: DeskRequest) -> tuple[Scope, Narrowed, str]:
    """What to count, over which channels, and why another period was not taken."""
    given = request.GET
    chosen = team_pages.narrowed(
        request.user, given.get("department", ""), given.get("channel", "")
    )
    today = timezone.localdate()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    last = today
    fault = ""
    try:
        first = date.fromisoformat(given.get("from") or first.isoformat())
        last = date.fromisoformat(given.get("to") or last.isoformat())
    except ValueError:
        fault = _("Write days as 2026-03-30.")
    else:
        if last < first:
            fault = _("The last day comes before the first.")
        elif (last - first).days > LONGEST_DAYS:
            fault = _("At most five years are counted at once.")
        elif not (first.year >= 1990 and last.year <= today.year + 1):
            fault = _("There is nothing to count so far away.")
    if fault:
        first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
        last = today
    return figures.scope(chosen.keys, first, last), chosen, fault


def _query(asked: Scope, chosen: Narrowed) -> str:
    days = urlencode({"from": asked.first.isoformat(), "to": asked.last.isoformat()})
    return f"{days}&{chosen.query}" if chosen.query else days
