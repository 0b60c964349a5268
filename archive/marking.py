"""Secrecy, classification, diary number and remarks beside a sealed record."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import canonical, entries
from archive.checking import timestamp
from archive.models import LogEntry, Record, RecordMarking, RecordSearch
from archive.retention import NotAllowed, last_leaves

FIELDS = ("secrecy", "classification", "diary_number", "remark")


@transaction.atomic
def mark(
    *,
    record: Record,
    by: str,
    secrecy: str = "",
    classification: str = "",
    diary_number: str = "",
    remark: str = "",
) -> RecordMarking:
    """Set all four at once; what is left empty no longer counts.

    The sealed bytes stay as they are. The marking is an entry of the log, by a digest
    that names nobody, so that it cannot be changed or dated back unseen.
    """
    locked = Record.objects.without_content().select_for_update().get(pk=record.pk)
    said = {
        "secrecy": secrecy.strip(),
        "classification": classification.strip(),
        "diary_number": diary_number.strip(),
        "remark": remark.strip(),
    }
    before = newest(locked)
    if said == {name: getattr(before, name, "") for name in FIELDS}:
        raise NotAllowed(_("That is how the record is marked already."))
    now = entries.to_millisecond(timezone.now())
    made = RecordMarking.objects.create(
        record=locked,
        salt=canonical.salts_for(["marking"])["marking"],
        set_at=now,
        set_by=by,
        **said,
    )
    entries.append(
        [
            entries.Entry(
                type=LogEntry.Type.AMEND.value,
                record_id=locked.pk,
                record_version=locked.version,
                commitment=commitment(made),
                previous=last_leaves([locked.pk])[locked.pk],
            )
        ],
        moment=now,
    )
    to_search(made)
    return made


def newest(record: Record) -> RecordMarking | None:
    return RecordMarking.objects.newest([record.pk]).first()


def content(marking: RecordMarking) -> dict[str, Any]:
    """What the marking's commitment is over, with its salt."""
    return {
        "record": str(marking.record_id),
        **{name: getattr(marking, name) for name in FIELDS},
        "set_at": timestamp(marking.set_at),
        "set_by": marking.set_by,
    }


def commitment(marking: RecordMarking) -> bytes:
    digest = canonical.field_digest(marking.salt, "/marking", content(marking))
    return canonical.commitment([digest])


def to_search(marking: RecordMarking | None) -> None:
    """Let lists and filters know; the marking itself is the truth."""
    if marking is not None:
        RecordSearch.objects.filter(record=marking.record_id).update(
            secrecy=marking.secrecy,
            classification=marking.classification,
            diary_number=marking.diary_number,
        )
