"""Citizens' reports: received without login, seen at the desk beside the message,
followed with a receipt number (K-15, K-24)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.guards import SAME_WITHIN
from channels.models import Channel, Message
from moderation import duties
from moderation.models import Case, Duty, Report
from moderation.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from channels.models import User

_LOCK = 0x4B52


@transaction.atomic
def receive(*, address: str, what: str, contact: str = "") -> Report:
    """Stores the report and, when the comment is one we know, opens the duty to decide
    on it by the next working day."""
    message = message_at(address)
    channel = message.channel if message else channel_at(address)
    report = Report.objects.create(
        address=address,
        what=what,
        contact=contact,
        channel=channel,
        case=message.case if message else None,
    )
    if message is not None:
        _open_duty(message.case, report)
    return report


@transaction.atomic
def receive_once(*, address: str, what: str, contact: str = "") -> Report:
    """`receive`, but the same words about the same comment within two hours are one
    report: a form sent twice has one receipt."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, address + what]
        )
    before = Report.objects.filter(
        address=address,
        what=what,
        contact=contact,
        received_at__gte=timezone.now() - SAME_WITHIN,
    ).first()
    return before or receive(address=address, what=what, contact=contact)


@transaction.atomic
def place(*, report: Report, case: Case, by: User) -> Report:
    """An officer says which message a report is about."""
    _may(by)
    report = Report.objects.select_for_update().get(pk=report.pk)
    if report.closed_at:
        raise Refused(_("The report is closed already."))
    if not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise Refused(_("You do not see that message."))
    report.case = case
    report.channel = case.channel
    report.save()
    _open_duty(case, report)
    return report


@transaction.atomic
def dismiss(*, report: Report, by: User) -> Report:
    """The comment is not on one of our channels (K-16)."""
    _may(by)
    report = Report.objects.select_for_update().get(pk=report.pk)
    if report.closed_at or report.case_id:
        raise Refused(_("The report belongs to a message or is closed already."))
    report.closed_at = timezone.now()
    report.closed_by = by
    report.outcome = Report.Outcome.ELSEWHERE
    report.save()
    return report


def may_sort(by: User) -> bool:
    """Who decides on messages; and who sees every channel, since a report on no channel
    of ours is seen by nobody else."""
    return by.has_perm("moderation.decide_case") or by.has_perm(
        "channels.see_every_channel"
    )


def _may(by: User) -> None:
    if not may_sort(by):
        raise PermissionDenied(_("Your account may not do this."))


def close_reports(*, case: Case, by: User, outcome: str) -> int:
    """In the transaction of the decision that answers them."""
    return Report.objects.filter(case=case, closed_at=None).update(
        closed_at=timezone.now(), closed_by=by, outcome=outcome
    )


def place_waiting(cases: Sequence[Case]) -> int:
    """Puts reports beside messages that were reported before we had read them, in the
    transaction of the intake; answers how many."""
    at = {
        variant: case
        for case in cases
        if case.message.permalink
        for variant in _variants(case.message.permalink)
    }
    if not at:
        return 0
    waiting = Report.objects.filter(case=None, closed_at=None, address__in=list(at))
    placed = 0
    for report in waiting.select_for_update():
        case = at[report.address]
        report.case = case
        report.channel_id = case.channel_id
        report.save(update_fields=["case", "channel"])
        _open_duty(case, report)
        placed += 1
    return placed


def message_at(address: str) -> Message | None:
    """The message whose permanent address this is, with or without a trailing slash
    or scheme difference."""
    address = address.strip()
    if not address:
        return None
    return (
        Message.objects.filter(permalink__in=_variants(address))
        .select_related("channel", "case")
        .order_by("pk")
        .first()
    )


def _variants(address: str) -> set[str]:
    variants = {address, address.rstrip("/"), address + "/"}
    for one in list(variants):
        if one.startswith("https://"):
            variants.add("http://" + one.removeprefix("https://"))
        elif one.startswith("http://"):
            variants.add("https://" + one.removeprefix("http://"))
    return variants


def channel_at(address: str) -> Channel | None:
    """The active channel whose own address is the longest beginning of this one; on
    the same host when none is."""
    active = list(Channel.objects.active())
    starts = [c for c in active if address.startswith(c.address.rstrip("/"))]
    if starts:
        return max(starts, key=lambda c: len(c.address))
    host = _host(address)
    same_host = [c for c in active if host and _host(c.address) == host]
    return same_host[0] if len(same_host) == 1 else None


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # "http://[": what people paste need not be an address
        return ""


def _open_duty(case: Case, report: Report) -> None:
    case = Case.objects.select_for_update().get(pk=case.pk)
    due_at = case.due_at
    if not Duty.objects.filter(
        case=case, kind=Duty.Kind.REPORT, closed_at=None
    ).exists():
        duty = duties.build(
            case,
            duties.Owed(Duty.Kind.REPORT, report.received_at, []),
            duties.calendar(),
        )
        duty.save()
        due_at = min(due_at, duty.due_at) if due_at else duty.due_at
    changes: dict[str, object] = {
        "reports_count": F("reports_count") + 1,
        "due_at": due_at,
        "turn": F("turn") + 1,
    }
    # What was kept before is looked at anew.
    if case.state == Case.State.KEPT:
        changes["state"] = Case.State.NEW
    Case.objects.filter(pk=case.pk).update(**changes)
