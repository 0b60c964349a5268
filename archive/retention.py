"""When records may go: rules, and the holds and requests that stand against them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import entries
from archive.models import DisclosurePick, Hold, LogEntry, Record, RetentionRule
from archive.models.retention import years_after


class NotAllowed(Exception):
    """Refused; the text says why, for the person who asked."""


def keep_until(record: Record, rules: Iterable[RetentionRule]) -> datetime | None:
    """When the record's time is over; None when it is kept for ever.

    The longest of the rules that the record names or that are for its kind wins. A
    record that no rule fits is kept.
    """
    ends = []
    for rule in rules:
        if rule.slug != record.retention and rule.kind != record.kind:
            continue
        if rule.years is None:
            return None
        start = timezone.localtime(record.sealed_at)
        if rule.starts == RetentionRule.Start.YEAR_END:
            start = start.replace(
                year=start.year + 1,
                month=1,
                day=1,
                hour=0,
                minute=0,
                second=0,
                microsecond=0,
            )
        ends.append(years_after(start, rule.years))
    return max(ends, default=None)


def due(now: datetime | None = None) -> list[Record]:
    """The records whose time is over and that nothing holds or freezes, without their
    content."""
    now = now or timezone.now()
    rules = list(RetentionRule.objects.all())
    slugs = [rule.slug for rule in rules]
    kinds = [rule.kind for rule in rules if rule.kind]
    held = Hold.objects.in_force().filter(record=OuterRef("pk"))
    frozen = DisclosurePick.objects.freezing().filter(record=OuterRef("pk"))
    kept: QuerySet[Record] = (
        Record.objects.without_content()
        .filter(Q(retention__in=slugs) | Q(kind__in=kinds))
        .filter(~Exists(held), ~Exists(frozen))
        .exclude(state=Record.State.DISPOSED)
        .order_by("sealed_at", "id")
    )
    return [
        record
        for record in kept.iterator()
        if (end := keep_until(record, rules)) is not None and end <= now
    ]


@transaction.atomic
def hold(*, record: Record, reason: str, by: str) -> Hold:
    """Keep the record until the hold is released, whatever its rule says."""
    locked = Record.objects.without_content().select_for_update().get(pk=record.pk)
    if locked.state == Record.State.DISPOSED:
        raise NotAllowed(_("The record has been disposed of already."))
    if not reason.strip():
        raise NotAllowed(_("A hold needs a reason."))
    now = entries.to_millisecond(timezone.now())
    made = Hold.objects.create(record=locked, reason=reason, set_at=now, set_by=by)
    _log(LogEntry.Type.HOLD_SET, locked, now)
    return made


@transaction.atomic
def release(*, hold: Hold, reason: str, by: str) -> Hold:
    """Let the record's rule count again."""
    locked = Hold.objects.select_for_update().get(pk=hold.pk)
    if locked.released_at is not None:
        raise NotAllowed(_("The hold has been released already."))
    if not reason.strip():
        raise NotAllowed(_("Say why the hold is released."))
    locked.released_reason = reason.strip()
    locked.released_at = entries.to_millisecond(timezone.now())
    locked.released_by = by
    locked.save(update_fields=["released_at", "released_by", "released_reason"])
    _log(LogEntry.Type.HOLD_RELEASE, locked.record, locked.released_at)
    return locked


def refuse_frozen(records: Iterable[object]) -> None:
    """NotAllowed, naming the request, when an open disclosure request has picked one.

    The caller has locked the records: a request that picks one in the same moment
    waits for the caller's transaction, or is seen here.
    """
    pick = (
        DisclosurePick.objects.freezing()
        .filter(record__in=list(records))
        .select_related("request")
        .order_by("request_id")
        .first()
    )
    if pick is not None:
        raise NotAllowed(
            _(
                "Disclosure request %(number)s is open: what it has picked must stay "
                "until it is settled."
            )
            % {"number": pick.request.label}
        )


def _log(type_: LogEntry.Type, record: Record, moment: datetime) -> None:
    entries.append(
        [
            entries.Entry(
                type=type_.value,
                record_id=record.pk,
                record_version=record.version,
                commitment=bytes(record.commitment),
                previous=last_leaves([record.pk])[record.pk],
            )
        ],
        moment=moment,
    )


def last_leaves(records: Iterable[object]) -> dict[object, bytes]:
    """The leaf hash of each record's newest entry: what the next one points back to."""
    newest = (
        LogEntry.objects.filter(record_id__in=list(records))
        .order_by("record_id", "-id")
        .distinct("record_id")
        .values_list("record_id", "leaf_hash")
    )
    return {record_id: bytes(hash_) for record_id, hash_ in newest}
