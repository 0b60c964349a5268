"""When each channel's page is to be captured, and who is reminded (K-18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from channels import captures, letters
from channels.capturing import browser
from channels.models import Capture, CaptureReminder, Channel

if TYPE_CHECKING:
    from channels.models import User

MONTHS = 6
SOON = timedelta(days=14)
OVERDUE = timedelta(days=14)
# Days after a scheduled attempt failed until the next one; after the last of them it
# is for a person.
AGAIN_DAYS = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Plan:
    """A channel's place in the calendar. `failed` is the newest failure since the last
    capture, `open` one that is on its way."""

    channel: Channel
    due_on: date
    today: date
    last: Capture | None = None
    failed: Capture | None = None
    open: Capture | None = None

    @property
    def is_due(self) -> bool:
        return self.due_on <= self.today

    @property
    def is_overdue(self) -> bool:
        return self.due_on + OVERDUE <= self.today

    @property
    def is_soon(self) -> bool:
        return not self.is_due and self.due_on - SOON <= self.today


def half_a_year_after(day: date) -> date:
    """The same day six months on; the month's last where it has no such day."""
    month = day.month - 1 + MONTHS
    year, month = day.year + month // 12, month % 12 + 1
    first_after = date(year + month // 12, month % 12 + 1, 1)
    last = (first_after - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def plans(channels: QuerySet[Channel]) -> list[Plan]:
    """The calendar of the channels in use, the most urgent first; four queries."""
    rows = list(
        channels.active()  # type: ignore[attr-defined]
        .select_related("department__head", "owner")
        .annotate(
            last_id=Subquery(_newest("settled_at", state=Capture.State.DONE)),
            newest_id=Subquery(_newest("asked_at")),
        )
    )
    ids = {id_ for row in rows for id_ in (row.last_id, row.newest_id) if id_}
    known = Capture.objects.defer("seen").in_bulk(ids)
    today = timezone.localdate()
    found = [_plan(row, known.get(row.last_id), known.get(row.newest_id), today)
             for row in rows]  # fmt: skip
    return sorted(found, key=lambda plan: (plan.due_on, plan.channel.name))


def _newest(by: str, **only: str) -> QuerySet[Capture, Any]:
    mine = Capture.objects.filter(channel=OuterRef("pk"), **only)
    return mine.order_by(f"-{by}", "-id").values("pk")[:1]


def _plan(
    channel: Channel, last: Capture | None, newest: Capture | None, today: date
) -> Plan:
    if last is not None and last.settled_at is not None:
        due_on = half_a_year_after(timezone.localdate(last.settled_at))
    else:
        # A new channel is captured as it begins.
        due_on = timezone.localdate(channel.decided_at or channel.proposed_at)
    return Plan(
        channel=channel,
        due_on=due_on,
        today=today,
        last=last,
        failed=newest
        if newest is not None and newest.state == Capture.State.FAILED
        else None,
        open=newest if newest is not None and newest.state in Capture.OPEN else None,
    )


def schedule() -> int:
    """Put what is due on the list and write what reminders are owed; how many of both.

    Idempotent: the list takes one capture a channel, a reminder is written once.
    """
    acts = 0
    for plan in plans(Channel.objects.all()):
        if not plan.is_due:
            continue
        if _may_try(plan):
            try:
                captures.ask(channel=plan.channel, reason=Capture.Reason.SCHEDULED)
                acts += 1
            except captures.Refused:
                continue
        elif plan.open is None:
            acts += _remind(plan)
    return acts


def _may_try(plan: Plan) -> bool:
    """Whether the browser is to try: not while a try is under way, nor again too soon,
    nor when it has failed too often and a person is needed."""
    if plan.open is not None or browser.path() is None:
        return False
    since = plan.last.settled_at if plan.last else None
    failed = Capture.objects.filter(
        channel=plan.channel,
        state=Capture.State.FAILED,
        reason=Capture.Reason.SCHEDULED,
        **({"settled_at__gt": since} if since else {}),
    )
    times = list(failed.order_by("settled_at").values_list("settled_at", flat=True))
    if not times:
        return True
    if len(times) > len(AGAIN_DAYS):
        return False
    last = times[-1]
    assert last is not None, "what failed was settled"
    days = (plan.today - timezone.localdate(last)).days
    return days >= AGAIN_DAYS[len(times) - 1]


@transaction.atomic
def _remind(plan: Plan) -> int:
    stage = (
        CaptureReminder.Stage.OVERDUE if plan.is_overdue else CaptureReminder.Stage.DUE
    )
    _row, new = CaptureReminder.objects.get_or_create(
        channel=plan.channel, due_on=plan.due_on, stage=stage
    )
    if not new:
        return 0
    people = [plan.channel.owner]
    if plan.is_overdue:
        people.append(plan.channel.department.head)
    return sum(_write(plan, to) for to in _once(people))


def _once(people: Iterable[User]) -> list[User]:
    return list({one.pk: one for one in people if one.is_active}.values())


def _write(plan: Plan, to: User) -> bool:
    page = f"{settings.BASE_URL}{reverse('captures:channel', args=[plan.channel.pk])}"
    with override(to.language):
        words = {
            "channel": plan.channel.name,
            "date": date_format(plan.due_on, "SHORT_DATE_FORMAT"),
        }
        if plan.is_overdue:
            subject = _("Overdue: capture of %(channel)s") % words
            first = _("The page of %(channel)s should have been captured by %(date)s.")
        else:
            subject = _("Due: capture of %(channel)s") % words
            first = _("The page of %(channel)s is to be captured on %(date)s.")
        why = (
            str(plan.failed.get_failure_display())
            if plan.failed
            else _("No browser is installed that could do it by itself.")
        )
        what = _("Make the capture yourself and upload it here:")
        lines = [first % words, "", why, what, page]
    body = "\n".join(lines)
    return letters.write(to=to, subject=subject, body=body) is not None
