"""Direct messages and records with a secrecy marking are opened for a reason, which is
logged (K-17, M-R5): once for each person, record and hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.models import Record, RecordOpening, RecordSearch
from archive.retention import NotAllowed

LASTS = timedelta(hours=1)


def restricted(records: Iterable[UUID]) -> set[UUID]:
    """Those of the records that nobody opens without a reason: direct messages,
    whatever was sealed about one later, and what has a secrecy marking."""
    message = Record.objects.filter(
        subject=OuterRef("subject"), kind=Record.Kind.DIRECT_MESSAGE
    )
    secret = RecordSearch.objects.filter(record=OuterRef("pk")).exclude(secrecy="")
    return set(
        Record.objects.filter(pk__in=list(records))
        .filter(Q(Exists(message)) | Q(Exists(secret)))
        .values_list("pk", flat=True)
    )


def still_closed(records: Iterable[UUID], by: str) -> set[UUID]:
    """Those of the records that the person has to give a reason for first."""
    wanted = restricted(records)
    if not wanted:
        return wanted
    since = timezone.now() - LASTS
    return wanted - set(
        RecordOpening.objects.filter(
            record__in=wanted, opened_by=by, opened_at__gt=since
        ).values_list("record_id", flat=True)
    )


@transaction.atomic
def write(*, records: Sequence[Record], reason: str, by: str) -> None:
    """Log that the person opens the records, and why."""
    if records and not reason.strip():
        raise NotAllowed(_("Say why you open it."))
    now = timezone.now()
    RecordOpening.objects.bulk_create(
        RecordOpening(
            record=record, reason=reason.strip()[:300], opened_at=now, opened_by=by
        )
        for record in records
    )
