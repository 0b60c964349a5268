"""Disposal (gallring, kassasjon): a decision with a list, confirmed by a second person.

What goes: values, salts, attachments, search data. What stays: the record's row with
its digests and commitment, its entries in the log, the register, and the sealed
decision. Without the salts a digest cannot be matched to a guessed value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive import canonical, entries, files, marking
from archive.models import (
    Disposal,
    DisposalItem,
    Hold,
    LogEntry,
    Record,
    RecordFile,
    RecordSearch,
    RetentionRule,
)
from archive.retention import NotAllowed, keep_until, last_leaves, refuse_frozen
from archive.sealing import insert_search, seal


@transaction.atomic
def propose(
    *, records: Iterable[Record], decision: str, basis: str, by: str
) -> Disposal:
    """Put the records on the list of a disposal that another person is to confirm."""
    listed = list(records)
    if not listed or not decision.strip() or not basis.strip():
        raise NotAllowed(_("A disposal needs records, a decision number and a ground."))
    disposal = Disposal.objects.create(
        decision=decision, basis=basis, proposed_at=timezone.now(), proposed_by=by
    )
    DisposalItem.objects.bulk_create(
        DisposalItem(
            disposal=disposal,
            record=record,
            kind=record.kind,
            sealed_at=record.sealed_at,
        )
        for record in listed
    )
    return disposal


@transaction.atomic
def cancel(*, disposal: Disposal, by: str) -> Disposal:
    locked = _open(disposal)
    locked.state = Disposal.State.CANCELLED
    locked.settled_at, locked.settled_by = timezone.now(), by
    locked.save()
    return locked


@transaction.atomic
def confirm(*, disposal: Disposal, by: str) -> Disposal:
    """Carry the disposal out, all of it or nothing.

    NotAllowed when the same person proposed it, or when a record on the list is held,
    frozen by an open disclosure request, gone already or to be kept by a rule that
    has been made longer since.
    """
    locked = _open(disposal)
    if by == locked.proposed_by:
        raise NotAllowed(_("Somebody else than who proposed it must confirm it."))
    ids = list(locked.items.values_list("record_id", flat=True))
    records = list(
        Record.objects.without_content()
        .select_for_update()
        .filter(pk__in=ids)
        .order_by("sealed_at", "id")
    )
    _refuse_what_must_stay(records)
    decision = seal(
        kind=Record.Kind.DISPOSAL,
        subject=locked.pk,
        facts={
            "disposal": {
                "decision": locked.decision,
                "basis": locked.basis,
                "proposed_at": locked.proposed_at.isoformat(),
                "proposed_by": locked.proposed_by,
                "confirmed_by": by,
                "records": [str(record.pk) for record in records],
            }
        },
        retention="preserve",
        by=by,
    )
    _log(LogEntry.Type.DISPOSAL, records, decision)
    RecordSearch.objects.filter(record__in=ids).delete()
    gone = RecordFile.objects.filter(record__in=ids)
    digests = sorted(set(gone.values_list("sha256", flat=True)))
    gone.delete()
    Record.objects.filter(pk__in=ids).update(
        canonical=None, salts=None, state=Record.State.DISPOSED
    )
    locked.state = Disposal.State.CONFIRMED
    locked.settled_at, locked.settled_by = decision.sealed_at, by
    locked.sealed = decision
    locked.save()
    transaction.on_commit(partial(_forget_unnamed, digests))
    return locked


def _open(disposal: Disposal) -> Disposal:
    locked = Disposal.objects.select_for_update().get(pk=disposal.pk)
    if locked.state != Disposal.State.PROPOSED:
        raise NotAllowed(_("The disposal has been settled already."))
    return locked


def _refuse_what_must_stay(records: Sequence[Record]) -> None:
    held = Hold.objects.in_force().filter(record__in=records).count()
    if held:
        raise NotAllowed(
            ngettext(
                "%(count)d record on the list is held.",
                "%(count)d records on the list are held.",
                held,
            )
            % {"count": held}
        )
    refuse_frozen(record.pk for record in records)
    rules = list(RetentionRule.objects.all())
    now = timezone.now()
    for record in records:
        if record.state == Record.State.DISPOSED:
            raise NotAllowed(_("A record on the list is gone already."))
        end = keep_until(record, rules)
        if end is None or end > now:
            raise NotAllowed(_("The time of a record on the list is not over."))


def _log(type_: LogEntry.Type, records: Sequence[Record], decision: Record) -> None:
    """One entry for each record, with the commitment of the decision."""
    before = last_leaves(record.pk for record in records)
    entries.append(
        [
            entries.Entry(
                type=type_.value,
                record_id=record.pk,
                record_version=record.version,
                commitment=bytes(decision.commitment),
                previous=before[record.pk],
            )
            for record in records
        ],
        moment=decision.sealed_at,
    )


def _forget_unnamed(digests: Iterable[str]) -> None:
    """Delete the bytes of files that no record names any longer."""
    for digest in digests:
        files.forget_unnamed(digest)


@transaction.atomic
def erase(
    *,
    record: Record,
    paths: Iterable[str],
    basis: str,
    proposed_by: str,
    by: str,
    reason: str = "",
) -> Record:
    """Erase single fields of a record, such as a name that should never have been kept.

    `paths` are JSON pointers. Value and salt go, the digest stays, so the rest of the
    record still verifies. Two persons are needed, and a ground; what the record is and
    which files it has cannot be erased singly. Returns the sealed decision.
    """
    wanted = sorted(set(paths))
    if by == proposed_by:
        raise NotAllowed(_("Somebody else than who proposed it must confirm it."))
    if not wanted or not basis.strip():
        raise NotAllowed(_("An erasure needs fields and a ground."))
    locked = Record.objects.select_for_update().get(pk=record.pk)
    if Hold.objects.in_force().filter(record=locked).exists():
        raise NotAllowed(_("The record is held."))
    refuse_frozen([locked.pk])
    fields = dict(canonical.flatten(locked.document))
    for path in wanted:
        if path not in fields or not path.startswith("/facts/"):
            raise NotAllowed(_("The field %s cannot be erased.") % path)
    decision = seal(
        kind=Record.Kind.DISPOSAL,
        subject=locked.pk,
        facts={
            "erasure": {
                "record": str(locked.pk),
                "fields": wanted,
                "basis": basis,
                "reason": reason,
                "proposed_by": proposed_by,
                "confirmed_by": by,
            }
        },
        retention="preserve",
        by=by,
    )
    _log(LogEntry.Type.ERASURE, [locked], decision)
    left = {path: value for path, value in fields.items() if path not in wanted}
    locked.canonical = canonical.dumps(canonical.unflatten(left.items()))
    locked.salts = {p: s for p, s in (locked.salts or {}).items() if p in left}
    locked.state = Record.State.ERASED
    locked.save(update_fields=["canonical", "salts", "state"])
    RecordSearch.objects.filter(record=locked).delete()
    insert_search([(locked, locked.facts)])
    marking.to_search(marking.newest(locked))
    return decision
