"""How long a record is kept and what proves it, in words a registrar understands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from archive import labels, retention
from archive.disposal_lists import title_of
from archive.models import (
    Checkpoint,
    CheckpointToken,
    DisposalItem,
    Erasure,
    Hold,
    LogEntry,
    Record,
    RetentionRule,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a record's history; `by` and `why` where somebody said so."""

    at: datetime
    what: str
    place: int | None
    by: str = ""
    why: str = ""


def standing(record: Record) -> dict[str, Any]:
    """What the record's page shows beside its facts."""
    entries = list(LogEntry.objects.filter(record_id=record.pk).order_by("id"))
    holds = list(record.holds.order_by("set_at"))
    return {
        "kept": kept(record),
        "proof": proof(entries),
        "history": history(record, entries, holds),
        "erased": erased_fields(record),
        "held": [hold for hold in holds if hold.released_at is None],
    }


def erased_fields(record: Record) -> list[str]:
    """The names of the fields that were erased by decision."""
    if record.state != Record.State.ERASED:
        return []
    gone = set(record.field_digests) - set(record.salts or {})
    return [labels.label(path) for path in labels.in_order(gone)]


def kept(record: Record) -> list[str]:
    """The rule's title, and until when by all rules that fit."""
    rules = list(RetentionRule.objects.all())
    title = title_of(record.retention, {rule.slug: rule.title for rule in rules})
    if record.state == Record.State.DISPOSED:
        return [title]
    end = retention.keep_until(record, rules)
    if end is None:
        return [title, _("Kept for good.")]
    day = date_format(timezone.localtime(end), "SHORT_DATE_FORMAT")
    if end > timezone.now():
        return [title, _("May be disposed of from %(day)s on.") % {"day": day}]
    return [title, _("Its time was over on %(day)s.") % {"day": day}]


def proof(entries: list[LogEntry]) -> list[str]:
    """How far the record's sealing is witnessed, in sentences."""
    sealing = next((e for e in entries if e.type == LogEntry.Type.CREATE), None)
    if sealing is None:
        return [_("The log does not know this record.")]
    if sealing.seq is None:
        return [_("Just sealed: the log gives it its place within a minute.")]
    covering = Checkpoint.objects.filter(size__gt=sealing.seq)
    first = covering.order_by("size").first()
    if first is None:
        return [_("The log has it; the log is signed next within a minute.")]
    said = [
        _(
            "The log was signed with this record in it on %(when)s. Since then nobody "
            "can change it or take it away without its being seen."
        )
        % {"when": _moment(first.signed_at)}
    ]
    token = (
        CheckpointToken.objects.filter(checkpoint__size__gt=sealing.seq)
        .order_by("stamped_at")
        .first()
    )
    if token is not None:
        said.append(
            _(
                "An outside authority (%(name)s) stamped the time on %(when)s: the "
                "record was there by then."
            )
            % {
                "name": urlsplit(token.authority).hostname or token.authority,
                "when": _moment(token.stamped_at),
            }
        )
    return said


def history(record: Record, entries: list[LogEntry], holds: list[Hold]) -> list[Event]:
    """What happened to the record, the oldest first."""
    told: dict[tuple[str, datetime], tuple[str, str]] = {
        (LogEntry.Type.CREATE, record.sealed_at): (record.sealed_by, "")
    }
    for hold in holds:
        told[LogEntry.Type.HOLD_SET, hold.set_at] = (hold.set_by, hold.reason)
        if hold.released_at is not None:
            told[LogEntry.Type.HOLD_RELEASE, hold.released_at] = (
                hold.released_by,
                hold.released_reason,
            )
    gone = DisposalItem.objects.filter(record=record, disposal__state="confirmed")
    for item in gone.select_related("disposal"):
        one = item.disposal
        if one.settled_at is not None:
            told[LogEntry.Type.DISPOSAL, one.settled_at] = (
                one.settled_by,
                one.decision,
            )
    for erased in record.erasures.filter(state=Erasure.State.CONFIRMED):
        if erased.settled_at is not None:
            said = f"{erased.basis}. {erased.reason}"
            told[LogEntry.Type.ERASURE, erased.settled_at] = (erased.settled_by, said)
    return [
        Event(
            at=entry.created_at,
            what=str(entry.get_type_display()),
            place=entry.seq,
            by=told.get((entry.type, entry.created_at), ("", ""))[0],
            why=told.get((entry.type, entry.created_at), ("", ""))[1],
        )
        for entry in entries
    ]


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
