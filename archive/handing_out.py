"""How a disclosure request ends: records are given out, or refused with a ground."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import IO, Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from archive import copies, entries, files, labels, paragraphs
from archive.copies import Copy
from archive.disclosure import Event, State, locked_open, log, settle
from archive.masking import Shown, leftovers
from archive.models import (
    DisclosureDecision,
    DisclosureRequest,
    LogEntry,
    Record,
    RecordFile,
)
from archive.proving import NoProof
from archive.retention import NotAllowed, last_leaves
from archive.sealing import FileFacts, seal

Outcome = DisclosureDecision.Outcome
# The language a country's municipalities write their decisions in.
LANGUAGES = {"SE": "sv", "NO": "nb"}
RETENTION = "preserve"


def copies_of(request: DisclosureRequest) -> list[Copy]:
    """Exactly what would be given out now, record by record."""
    picks = request.picks.select_related("record").prefetch_related("masks")
    return [copies.of_pick(pick) for pick in picks.order_by("id")]


def left_in_reason(given: Sequence[Copy], reason: str) -> bool:
    """Whether words that are masked can be read in the reason."""
    words = {word for copy in given for word in copy.hidden}
    return bool(leftovers([Shown("/reason", reason, "whole")], words))


def as_paper(
    request: DisclosureRequest, given: Sequence[Copy], *, reason: str, by: str
) -> bytes:
    """The PDF, in the language of the request's law. What was asked for and who asked
    is not in it: a request may name what the masks hide."""
    from archive import paper  # loads libraries that nothing else here needs

    partly = any(copy.masked for copy in given)
    with override(LANGUAGES[request.law]):
        facts = [
            (_("Request"), request.label),
            (_("Date"), paper.moment_words(timezone.now())),
            (_("Decided by"), by),
            (
                _("Decision"),
                str((Outcome.PARTLY if partly else Outcome.DISCLOSE).label),
            ),
            (_("Contents"), labels.count_words(len(given))),
        ]
        if partly and reason:
            facts.append((_("Reason for what is masked"), reason))
        after = []
        if partly:
            after.append((_("How to appeal"), paragraphs.appeal(request.law)))
        return paper.copy_of_records(
            title=_("Copy of records %(number)s") % {"number": request.label},
            authority=authority_of(given),
            facts=facts,
            copies=given,
            after=after,
        )


def authority_of(given: Sequence[Copy]) -> str:
    """The municipality as the first record that names it does, unless it is masked."""
    for copy in given:
        for field in copy.fields:
            if field.path == "/facts/message/municipality" and field.state == "whole":
                return str(field.value)
    return ""


@transaction.atomic
def give_out(
    *,
    request: DisclosureRequest,
    seen: str,
    by: str,
    reason: str = "",
    despite_leftovers: bool = False,
) -> DisclosureDecision:
    """Give the records out as they are masked; sealed in the same transaction.

    `seen` is the fingerprint of what the person looked at. NotAllowed when it is not
    the same any more, when a record has not been looked through, when something is
    masked without a reason, or when masked words can still be read and nobody said
    that this is meant.
    """
    locked = locked_open(request)
    if locked.state != State.MASKED:
        raise NotAllowed(_("Every record must be looked through first."))
    given = copies_of(locked)
    if copies.fingerprint(given) != seen:
        raise NotAllowed(
            _("Something has changed since you looked at it. Look at it once more.")
        )
    partly = any(copy.masked for copy in given)
    reason = reason.strip()
    if partly and not reason:
        raise NotAllowed(_("Say why something is masked: the decision must tell."))
    if left_in_reason(given, reason):
        raise NotAllowed(_("The reason itself tells what the masks hide."))
    if any(copy.leftovers for copy in given) and not despite_leftovers:
        raise NotAllowed(
            _(
                "Masked words can still be read elsewhere. "
                "Mask them, or say that it is meant."
            )
        )
    for_reading = as_paper(locked, given, reason=reason, by=by)
    try:
        with (
            override(LANGUAGES[locked.law]),
            tempfile.TemporaryFile() as packed,
        ):
            copies.write_zip(given, for_reading, locked.label, packed)
            packed.seek(0)
            kept = [
                _kept(copies.as_stream(for_reading), locked.label, "application/pdf"),
                _kept(packed, locked.label, "application/zip"),
            ]
    except NoProof as error:
        raise NotAllowed(
            _(
                "A record was sealed so recently that its proof is not signed yet. "
                "Try again in a few minutes."
            )
        ) from error
    return _decide(
        locked,
        Outcome.PARTLY if partly else Outcome.DISCLOSE,
        given,
        kept,
        reason=reason,
        by=by,
    )


@transaction.atomic
def refuse(
    *, request: DisclosureRequest, grounds: Sequence[str], reason: str, by: str
) -> DisclosureDecision:
    """Refuse everything that is asked for; the letter says why and how to appeal.

    `grounds` are ids of paragraphs; none is needed when there is no such record.
    """
    from archive import paper  # loads libraries that nothing else here needs

    locked = locked_open(request)
    reason = reason.strip()
    if not reason:
        raise NotAllowed(_("A refusal needs a reason."))
    if not all(paragraphs.known(one, locked.law) for one in grounds):
        raise NotAllowed(_("Choose the paragraphs that the refusal rests on."))
    given = copies_of(locked)
    with override(LANGUAGES[locked.law]):
        cited = [paragraphs.cited(one) for one in grounds]
        facts = [
            (_("Request"), locked.label),
            (_("Date"), paper.moment_words(timezone.now())),
            (_("Decided by"), by),
            (_("Decision"), str(Outcome.REFUSE.label)),
        ]
        if cited:
            facts.append((_("Legal basis"), "\n".join(cited)))
        letter = paper.letter(
            title=_("Decision %(number)s") % {"number": locked.label},
            authority=authority_of(given),
            facts=facts,
            parts=[
                (_("Reason"), reason),
                (_("How to appeal"), paragraphs.appeal(locked.law)),
            ],
        )
    kept = [_kept(copies.as_stream(letter), locked.label, "application/pdf")]
    return _decide(
        locked, Outcome.REFUSE, given, kept, reason=reason, by=by, grounds=cited
    )


def _kept(stream: IO[bytes], label: str, mime: str) -> FileFacts:
    digest, size = files.keep(stream)
    ending = mime.rpartition("/")[2]
    return FileFacts(sha256=digest, size=size, mime=mime, name=f"{label}.{ending}")


def _decide(
    request: DisclosureRequest,
    outcome: DisclosureDecision.Outcome,
    given: Sequence[Copy],
    kept: Sequence[FileFacts],
    *,
    reason: str,
    by: str,
    grounds: Sequence[str] = (),
) -> DisclosureDecision:
    """Seal what was decided and given, log it for each record, close the request."""
    sealed = seal(
        kind=Record.Kind.DISCLOSURE,
        subject=uuid4(),
        facts={
            "disclosure": {
                "request": request.label,
                "kind": str(request.kind),
                "law": request.law,
                "received_on": request.received_on.isoformat(),
                "outcome": outcome.value,
                "reason": reason,
                "grounds": list(grounds),
                "decided_by": by,
                "records": [_given(copy) for copy in given],
            }
        },
        files=kept,
        retention=RETENTION,
        by=by,
    )
    decision = DisclosureDecision.objects.create(
        request=request,
        outcome=outcome,
        reason=reason,
        appeal="" if outcome == Outcome.DISCLOSE else paragraphs.appeal(request.law),
        sealed=sealed,
        decided_at=sealed.sealed_at,
        decided_by=by,
    )
    refused = outcome == Outcome.REFUSE
    if given and not refused:
        _log_entries(given, sealed)
    log(
        request,
        Event.REFUSED if refused else Event.DISCLOSED,
        detail=", ".join(f"{one.name} {one.sha256}" for one in kept),
        by=by,
    )
    settle(request, State.REFUSED if refused else State.DISCLOSED, sealed.sealed_at, by)
    return decision


def _given(copy: Copy) -> dict[str, Any]:
    """What was hidden of a record, without what stood there."""
    return {
        "record": str(copy.record.pk),
        "commitment": bytes(copy.record.commitment).hex(),
        "masked": copy.masks,
        "files": [
            {"position": one.position, "state": one.state, "grounds": list(one.grounds)}
            for one in copy.files
        ],
    }


def _log_entries(given: Sequence[Copy], sealed: Record) -> None:
    before = last_leaves(copy.record.pk for copy in given)
    entries.append(
        [
            entries.Entry(
                type=LogEntry.Type.DISCLOSURE.value,
                record_id=copy.record.pk,
                record_version=copy.record.version,
                commitment=bytes(sealed.commitment),
                previous=before[copy.record.pk],
            )
            for copy in given
        ],
        moment=sealed.sealed_at,
    )


@transaction.atomic
def fetch(*, request: DisclosureRequest, position: int, by: str) -> RecordFile:
    """A file that was given out, for handing over once more; that too is logged."""
    decision = DisclosureDecision.objects.filter(request=request).first()
    file = (
        None
        if decision is None
        else RecordFile.objects.filter(
            record=decision.sealed_id, position=position
        ).first()
    )
    if file is None:
        raise NotAllowed(_("There is no such file."))
    log(request, Event.FETCHED, detail=f"{file.name} {file.sha256}", by=by)
    return file
