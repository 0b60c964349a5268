"""Single fields erased by decision: chosen and looked through, confirmed by a second
person, kept in a register that names the fields and not what stood in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import canonical, disposal, labels
from archive.models import Erasure, Hold, Record
from archive.retention import NotAllowed, refuse_frozen

# A shorter text stands in others by chance.
TELLING_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Going:
    """A field that would go: its name and words, and the fields that say the same and
    would stay."""

    path: str
    label: str
    words: str
    also_in: tuple[str, ...]


def erasable(record: Record) -> dict[str, Any]:
    """JSON pointer → value, in the order in which people read them. What the record is
    and which files it has is not among them."""
    fields = dict(canonical.flatten(record.document))
    return {
        path: fields[path]
        for path in labels.in_order(fields)
        if path.startswith("/facts/") and fields[path] not in ({}, None, "")
    }


def preview(record: Record, paths: Iterable[str]) -> list[Going]:
    """What goes; of a field whose words stand in another one too, which these are."""
    fields = erasable(record)
    wanted = [path for path in fields if path in set(paths)]
    return [
        Going(
            path,
            labels.label(path),
            labels.words(fields[path]),
            tuple(
                labels.label(other)
                for other, value in fields.items()
                if other not in wanted and _stands_in(fields[path], value)
            ),
        )
        for path in wanted
    ]


def _stands_in(value: Any, other: Any) -> bool:
    if not isinstance(value, str) or len(value) < TELLING_LETTERS:
        return False
    if isinstance(other, Mapping):
        return any(_stands_in(value, one) for one in other.values())
    if isinstance(other, list):
        return any(_stands_in(value, one) for one in other)
    return isinstance(other, str) and value.casefold() in other.casefold()


@transaction.atomic
def propose(
    *, record: Record, paths: Iterable[str], basis: str, reason: str, by: str
) -> Erasure:
    """For another person to confirm. NotAllowed says why not."""
    locked = Record.objects.select_for_update().get(pk=record.pk)
    wanted = sorted(set(paths))
    if not wanted or not basis.strip() or not reason.strip():
        raise NotAllowed(_("An erasure needs fields, a legal ground and a reason."))
    known = erasable(locked)
    for path in wanted:
        if path not in known:
            raise NotAllowed(_("The field %s cannot be erased.") % path)
    if Hold.objects.in_force().filter(record=locked).exists():
        raise NotAllowed(_("The record is held."))
    refuse_frozen([locked.pk])
    if locked.erasures.filter(state=Erasure.State.PROPOSED).exists():
        raise NotAllowed(_("Another erasure of this record is proposed already."))
    return Erasure.objects.create(
        record=locked,
        fields=wanted,
        basis=basis.strip(),
        reason=reason.strip(),
        proposed_by=by,
    )


@transaction.atomic
def confirm(*, erasure: Erasure, by: str) -> Erasure:
    """The fields go for good; the decision is sealed and the log has it. NotAllowed for
    the person who proposed it, and when a hold or a request has come between."""
    locked = _open(erasure)
    decision = disposal.erase(
        record=locked.record,
        paths=locked.fields,
        basis=locked.basis,
        reason=locked.reason,
        proposed_by=locked.proposed_by,
        by=by,
    )
    locked.state = Erasure.State.CONFIRMED
    # As the log has it: the record's history finds its words by the moment.
    locked.settled_at, locked.settled_by = decision.sealed_at, by
    locked.sealed = decision
    locked.save()
    return locked


@transaction.atomic
def cancel(*, erasure: Erasure, by: str) -> Erasure:
    locked = _open(erasure)
    locked.state = Erasure.State.CANCELLED
    locked.settled_at, locked.settled_by = timezone.now(), by
    locked.save()
    return locked


def _open(erasure: Erasure) -> Erasure:
    locked = (
        Erasure.objects.select_for_update(of=("self",))
        .select_related("record")
        .get(pk=erasure.pk)
    )
    if locked.state != Erasure.State.PROPOSED:
        raise NotAllowed(_("The erasure has been settled already."))
    return locked
