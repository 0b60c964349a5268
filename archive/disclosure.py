"""Disclosure: a request is registered, records are picked, masked, looked through, and
given out or refused. One transaction each; `by` is the person's signature."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import canonical, copies, masking, openings, paragraphs, pictures
from archive.models import (
    DisclosureEvent,
    DisclosureMask,
    DisclosurePick,
    DisclosureRequest,
    Record,
)
from archive.retention import NotAllowed
from policies.workdays import ZONES, next_working_day

__all__ = [
    "NotAllowed",
    "check",
    "mask",
    "mask_fields",
    "mask_region",
    "mask_words",
    "pick",
    "receive",
    "unmask",
    "unpick",
    "withdraw",
]

Event = DisclosureEvent.Type
State = DisclosureRequest.State
# Any number, as long as nobody else takes it: numbers of a year have no gaps.
_NUMBERS = 0x6469736C
AT_ONCE = 2_000


@transaction.atomic
def receive(
    *,
    asked: str,
    law: str,
    by: str,
    received_on: date | None = None,
    kind: str = DisclosureRequest.Kind.PUBLIC,
    requester: str = "",
    contact: str = "",
) -> DisclosureRequest:
    """Register a request under the next number of the year in which it came.

    Who asks need not say who they are (TF 2 kap. 18 §, offentleglova § 3). It is due
    without delay: the next working day is when the register begins to nag.
    """
    today = timezone.localdate()
    day = received_on or today
    if not asked.strip():
        raise NotAllowed(_("Say what is asked for."))
    if law not in DisclosureRequest.Law.values:
        raise NotAllowed(_("Say which country's law counts."))
    if day > today:
        raise NotAllowed(_("A request cannot come in tomorrow."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERS])
    last = DisclosureRequest.objects.filter(year=day.year).aggregate(Max("number"))
    now = timezone.now()
    request = DisclosureRequest.objects.create(
        year=day.year,
        number=(last["number__max"] or 0) + 1,
        kind=kind,
        law=law,
        received_on=day,
        requester=requester.strip(),
        contact=contact.strip(),
        asked=asked.strip(),
        due_at=_due(day, law),
        registered_at=now,
        registered_by=by,
    )
    log(request, Event.RECEIVED, by=by)
    return request


def _due(day: date, law: str) -> datetime:
    came = datetime.combine(day, time(16), timezone.get_current_timezone())
    return next_working_day(came, country=law, timezone=ZONES[law]).due_at


@transaction.atomic
def pick(
    *, request: DisclosureRequest, records: Iterable[UUID], by: str
) -> list[DisclosurePick]:
    """Put records into the request, where they are frozen until it is settled.

    A direct message or a record with a secrecy marking is thereby opened, and that is
    logged with the request as reason. Records that are in it already stay.
    """
    locked = locked_open(request)
    ids = list(dict.fromkeys(records))
    if len(ids) > AT_ONCE:
        raise NotAllowed(
            _("Pick at most %(count)d records at a time.") % {"count": AT_ONCE}
        )
    # Locked in the order in which a disposal locks: one of the two sees the other.
    found = {
        record.pk: record
        for record in Record.objects.without_content()
        .select_for_update()
        .filter(pk__in=ids)
        .order_by("sealed_at", "id")
    }
    if len(found) < len(ids):
        raise NotAllowed(_("There is no such record."))
    if any(record.state == Record.State.DISPOSED for record in found.values()):
        raise NotAllowed(_("A record has been disposed of: nothing is left to give."))
    there = set(locked.picks.values_list("record_id", flat=True))
    now = timezone.now()
    new = DisclosurePick.objects.bulk_create(
        DisclosurePick(request=locked, record=found[pk], picked_at=now, picked_by=by)
        for pk in ids
        if pk not in there
    )
    log(locked, Event.PICKED, records=[one.record_id for one in new], by=by)
    closed = openings.restricted(one.record_id for one in new)
    openings.write(
        records=[one.record for one in new if one.record_id in closed],
        reason=_("Disclosure request %(number)s") % {"number": locked.label},
        by=by,
    )
    _to_state(locked)
    return new


@transaction.atomic
def unpick(*, pick: DisclosurePick, by: str) -> None:
    """Put a record back: its masks in this request go, its freeze ends."""
    request = locked_open(pick.request)
    log(request, Event.UNPICKED, records=[pick.record_id], by=by)
    pick.delete()
    _to_state(request)


@transaction.atomic
def mask(
    *,
    pick: DisclosurePick,
    path: str,
    paragraph: str,
    by: str,
    start: int | None = None,
    end: int | None = None,
) -> DisclosureMask:
    """Hide a field, a span of its text in code points, or a whole file (`/files/N`)."""
    return _mask(pick, [(path, start, end)], paragraph, by)[0]


@transaction.atomic
def mask_fields(
    *, pick: DisclosurePick, paths: Sequence[str], paragraph: str, by: str
) -> list[DisclosureMask]:
    """Hide whole fields, all by the same paragraph."""
    return _mask(pick, [(path, None, None) for path in paths], paragraph, by)


@transaction.atomic
def mask_words(
    *,
    pick: DisclosurePick,
    words: str,
    paragraph: str,
    by: str,
    within: str = "",
) -> list[DisclosureMask]:
    """Hide words wherever they stand in the record, or only in the field `within`.

    In any case, also inside longer words. NotAllowed when they stand nowhere.
    """
    fields = dict(canonical.flatten(pick.record.document))
    places = [
        place
        for place in masking.find(fields, words)
        if not within or place[0] == within or place[0].startswith(f"{within}/")
    ]
    if not places:
        raise NotAllowed(_("These words do not stand there."))
    return _mask(pick, places, paragraph, by)


@transaction.atomic
def mask_region(
    *,
    pick: DisclosurePick,
    position: int,
    region: Sequence[int],
    paragraph: str,
    by: str,
) -> DisclosureMask:
    """Blacken a region (x, y, width, height in pixels) in the copy of a picture."""
    file = pick.record.files.filter(position=position).first()
    if file is None:
        raise NotAllowed(_("The record has no such file."))
    x, y, width, height = region
    try:
        across, down = pictures.size(copies.read(file))
    except pictures.NotAPicture:
        raise NotAllowed(
            _("The file cannot be opened as a picture: withhold it whole.")
        ) from None
    if width < 1 or height < 1 or not (0 <= x < across and 0 <= y < down):
        raise NotAllowed(
            _("The region lies outside the picture, which is %(x)d × %(y)d pixels.")
            % {"x": across, "y": down}
        )
    return _mask(
        pick,
        [(f"/files/{position}", None, None)],
        paragraph,
        by,
        region=[x, y, min(width, across - x), min(height, down - y)],
    )[0]


def _mask(
    pick: DisclosurePick,
    places: Sequence[tuple[str, int | None, int | None]],
    paragraph: str,
    by: str,
    region: Sequence[int] | None = None,
) -> list[DisclosureMask]:
    request = locked_open(pick.request)
    if not paragraphs.known(paragraph, request.law):
        raise NotAllowed(_("Choose the paragraph that the mask rests on."))
    now = timezone.now()
    made = DisclosureMask.objects.bulk_create(
        DisclosureMask(
            pick=pick,
            path=path,
            starts=start,
            ends=end,
            region=None if region is None else list(region),
            paragraph=paragraph,
            set_at=now,
            set_by=by,
        )
        for path, start, end in places
    )
    try:  # a mask that fits nothing would let through what it was to hide
        copies.of_pick(DisclosurePick.objects.get(pk=pick.pk))
    except masking.NoSuchText as error:
        raise NotAllowed(_("The record has no such text.")) from error
    paths = ", ".join(dict.fromkeys(path for path, _start, _end in places))
    log(
        request,
        Event.MASKED,
        records=[pick.record_id],
        detail=f"{paragraph}: {paths}",
        by=by,
    )
    _uncheck(pick)
    _to_state(request)
    return made


@transaction.atomic
def unmask(*, masks: Sequence[DisclosureMask], by: str) -> None:
    """Take masks of one picked record away again."""
    for pick in {one.pick_id: one.pick for one in masks}.values():
        request = locked_open(pick.request)
        own = [one for one in masks if one.pick_id == pick.pk]
        log(
            request,
            Event.UNMASKED,
            records=[pick.record_id],
            detail=", ".join(dict.fromkeys(f"{m.paragraph}: {m.path}" for m in own)),
            by=by,
        )
        DisclosureMask.objects.filter(pk__in=[one.pk for one in own]).delete()
        _uncheck(pick)
        _to_state(request)


@transaction.atomic
def check(*, pick: DisclosurePick, by: str) -> None:
    """Say that the record has been looked through and may go out as it is masked."""
    request = locked_open(pick.request)
    if pick.checked_at is None:
        pick.checked_at, pick.checked_by = timezone.now(), by
        pick.save(update_fields=["checked_at", "checked_by"])
        log(request, Event.CHECKED, records=[pick.record_id], by=by)
    _to_state(request)


@transaction.atomic
def withdraw(*, request: DisclosureRequest, by: str) -> DisclosureRequest:
    """The requester does not want it any longer: settled, nothing given out."""
    locked = locked_open(request)
    settle(locked, State.WITHDRAWN, timezone.now(), by)
    log(locked, Event.WITHDRAWN, by=by)
    return locked


# -- For the verbs here and in `archive.handing_out`


def locked_open(request: DisclosureRequest) -> DisclosureRequest:
    locked = DisclosureRequest.objects.select_for_update().get(pk=request.pk)
    if not locked.is_open:
        raise NotAllowed(_("The request has been settled already."))
    return locked


def settle(request: DisclosureRequest, state: str, moment: datetime, by: str) -> None:
    request.state = state
    request.settled_at, request.settled_by = moment, by
    request.save(update_fields=["state", "settled_at", "settled_by"])


def log(
    request: DisclosureRequest,
    type_: DisclosureEvent.Type,
    *,
    by: str,
    records: Iterable[UUID | None] = (None,),
    detail: str = "",
) -> None:
    """One event for each record, or one about the request itself."""
    now = timezone.now()
    DisclosureEvent.objects.bulk_create(
        DisclosureEvent(
            request=request,
            type=type_,
            record_id=record,
            detail=detail[:600],
            done_at=now,
            done_by=by,
        )
        for record in records
    )


def _uncheck(pick: DisclosurePick) -> None:
    DisclosurePick.objects.filter(pk=pick.pk).update(checked_at=None, checked_by="")
    pick.checked_at, pick.checked_by = None, ""


def _to_state(request: DisclosureRequest) -> None:
    """Received, picked or looked through: as its picked records say."""
    picked = list(request.picks.values_list("checked_at", flat=True))
    state = State.RECEIVED
    if picked:
        state = State.MASKED if all(picked) else State.PICKED
    if request.state != state:
        request.state = state
        request.save(update_fields=["state"])
