"""Messages passed on by e-mail to whoever is to see to them (K-13, K-17, M-R4, M-R6).

The record is sealed, the duty met and the letter written in one transaction; the letter
is sent afterwards by `channels.letters`. What does not arrive is owed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from archive.sealing import seal
from channels import attachments, bounces, letters
from channels.delivery import Refused as LetterRefused
from channels.models import Letter, Municipality
from moderation import facts, referral_letter
from moderation.decisions import locked
from moderation.models import Case, Duty, Referral, ReferralAddress, ReferralEvent
from moderation.models.referral import EVENT_OF, To
from moderation.referral_duties import answerable, meet, owe_again
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import Mandate, User

log = structlog.get_logger()
# The retention rule of a referral's record until an archivist gives it another.
RETENTION = "referral"
Act = ReferralEvent.Act


@dataclass(frozen=True, slots=True)
class Destination:
    """`key` names it in a form."""

    key: str
    kind: str
    name: str
    email: str


def destinations(case: Case) -> list[Destination]:
    """Where a message of this channel can be passed on to. The registrar's mailbox of
    the municipality is there without being listed."""
    found = [
        Destination(f"address-{one.pk}", one.kind, one.name, one.email)
        for one in ReferralAddress.objects.for_channel(case.channel)
    ]
    if not any(one.kind == To.REGISTRAR for one in found):
        municipality = Municipality.objects.only("registrar_email").first()
        if municipality and municipality.registrar_email:
            found.append(
                Destination(
                    "registrar",
                    To.REGISTRAR.value,
                    capfirst(str(To.REGISTRAR.label)),
                    municipality.registrar_email,
                )
            )
    return found


@transaction.atomic
def refer(
    *,
    case: Case,
    by: User,
    to: Destination,
    note: str = "",
    turn: int | None = None,
    instead_of: Referral | None = None,
) -> Referral:
    """Passes a message on, whole and sealed. `instead_of` is a referral that came to
    nothing. Raises Refused with a sentence and changes nothing."""
    case = locked(case)
    mandate = mandate_of(case, by)
    why_not = overtaken(case, turn) or refusal(
        case, VERBS["refer"], by, mandate=mandate
    )
    if not why_not and to not in destinations(case):
        why_not = _("This is no address that messages are passed on to.")
    if not why_not:
        why_not = _known_there(case, to, instead_of)
    if why_not or mandate is None:
        raise Refused(why_not)
    if instead_of is not None and instead_of.letter.state != Letter.State.SENT:
        _leave(instead_of.letter, by)
    return _refer(case, by, mandate, to, note.strip(), instead_of)


def _known_there(case: Case, to: Destination, instead_of: Referral | None) -> str:
    earlier = list(case.referrals.prefetch_related("events").select_related("letter"))
    if instead_of is not None:
        current = next((one for one in earlier if one.pk == instead_of.pk), None)
        if current is None or current.failure is None:
            return _("Only a referral that came to nothing is sent elsewhere.")
    for one in earlier:
        if one.email.lower() == to.email.lower() and one.failure is None:
            return _("%(name)s has had it since %(when)s.") % {
                "name": one.name or one.email,
                "when": date_format(localtime(one.at), "SHORT_DATETIME_FORMAT"),
            }
    return ""


def forward_direct_messages(*, most: int = 100) -> int:
    """Passes on to the registrar what is to be registered, where the municipality has
    decided that this happens by itself (K-17); answers how many."""
    municipality = Municipality.objects.first()
    if municipality is None or not municipality.refers_direct_messages:
        return 0
    by_itself = Referral.objects.filter(case=OuterRef("case"), by=None)
    waiting = (
        Duty.objects.open()
        .filter(~Exists(by_itself), kind=Duty.Kind.REGISTER)
        .order_by("due_at", "id")
        .values_list("case", flat=True)[:most]
    )
    done = 0
    for pk in list(waiting):
        done += _forward(pk)
    return done


@transaction.atomic
def _forward(pk: int) -> int:
    case = locked(Case(pk=pk))
    to = next((one for one in destinations(case) if one.kind == To.REGISTRAR), None)
    still = case.duties.open().filter(kind=Duty.Kind.REGISTER).exists()
    if to is None or not still or case.referrals.filter(by=None).exists():
        return 0
    _refer(case, None, None, to, "", None)
    return 1


def _refer(
    case: Case,
    by: User | None,
    mandate: Mandate | None,
    to: Destination,
    note: str,
    instead_of: Referral | None,
) -> Referral:
    message, now = case.message, timezone.now()
    municipality = Municipality.objects.first()
    parents = facts.parents_of([message])
    attached = attachments.of_messages([message]).get(message.pk, [])
    content = facts.of_message(
        message,
        channel=case.channel,
        municipality=municipality,
        versions=message.versions.defer("raw").order_by("number"),
        parent=parents.get((message.channel_id, message.parent_id_there)),
        attachments=attached,
    )
    content["referral"] = {
        "to": to.kind,
        "name": to.name,
        "email": to.email,
        "note": note,
        "officer": by.signature if by else "",
        "mandate": f"{mandate.pk} ({mandate.starts_on.isoformat()}–)"
        if mandate
        else "",
        "referred_at": facts.utc(now),
    }
    files = referral_letter.files_of(message, attached)
    with override(None):
        record = seal(
            kind=VERBS["refer"].record,
            subject=message.ref,
            facts=content,
            files=files,
            retention=RETENTION,
            by=by.signature if by else "kanalvakt",
        )
    letter = referral_letter.write(
        case=case,
        by=by,
        kind=to.kind,
        email=to.email,
        record=record,
        files=files,
        missing=[one for one in attached if one.missing],
        municipality=municipality,
    )
    referral = Referral.objects.create(
        case=case,
        kind=to.kind,
        name=to.name,
        email=to.email,
        note=note,
        record=record,
        letter=letter,
        instead_of=instead_of,
        mandate=mandate,
        by=by,
        at=now,
    )
    meet(referral, by=by or answerable(case))
    return referral


@transaction.atomic
def try_again(*, referral: Referral, by: User) -> Referral:
    """The same letter to the same address once more. After an unclear end the receiver
    may get it twice, under one Message-ID: that is for a person to choose."""
    referral = _failed(referral, by)
    if referral.letter.state in EVENT_OF:
        try:
            letters.try_again(letter=referral.letter, by=by)
        except LetterRefused as error:
            raise Refused(str(error)) from error
    else:
        raise Refused(
            _("%(name)s sent it back: choose another address.")
            % {"name": referral.name or referral.email}
        )
    _event(referral, Act.AGAIN, by=by)
    meet(referral, by=by)
    return referral


@transaction.atomic
def arrived(*, referral: Referral, by: User) -> Referral:
    """An officer has asked, and it is there: settles an unclear end."""
    referral = _failed(referral, by)
    if referral.failure is None or referral.failure.act != Act.UNCLEAR:
        raise Refused(_("It is known that this letter did not arrive."))
    _leave(referral.letter, by)
    _event(referral, Act.ARRIVED, by=by)
    meet(referral, by=by)
    return referral


@transaction.atomic
def give_back(*, referral: Referral, by: User, reason: str) -> Referral:
    """The receiver sends it back: it is owed again. The reason is theirs."""
    referral = _locked(referral, by)
    if referral.failure is not None:
        raise Refused(_("This referral has come to nothing already."))
    if not reason.strip():
        raise Refused(_("Say why it was sent back."))
    _event(referral, Act.RETURNED, by=by, reason=reason.strip())
    owe_again(referral, by=by)
    return referral


def notice_failures() -> int:
    """Brings letters that did not arrive back to the desk: what they met is owed again.
    Answers how many were new."""
    stuck = Letter.objects.stuck().filter(referral__isnull=False)
    return sum(_notice(pk) for pk in stuck.values_list("referral", flat=True)[:200])


@transaction.atomic
def _notice(pk: int) -> int:
    referral = Referral.objects.select_related("letter", "case").get(pk=pk)
    referral.case = locked(referral.case)
    letter = referral.letter
    act = EVENT_OF.get(letter.state)
    since = letter.returned_at or letter.failed_at or letter.unclear_at
    if act is None or since is None or letter.left_at:
        return 0
    if referral.events.filter(act=act, at__gte=since).exists():
        return 0
    was_failing = referral.failure is not None
    ReferralEvent.objects.create(referral=referral, act=act, reason=letter.error)
    log.warning("referral_failed", referral=referral.pk, act=act.value)
    if not was_failing:
        owe_again(referral, by=referral.by or answerable(referral.case))
    return 1


def take_bounce(raw: bytes) -> bool:
    """Takes one delivery status message; True when it was of a letter of ours."""
    letter = bounces.take(raw)
    if letter is None:
        return False
    referral = Referral.objects.filter(letter=letter).first()
    if referral is not None:
        _notice(referral.pk)
    return True


def _failed(referral: Referral, by: User) -> Referral:
    referral = _locked(referral, by)
    if referral.failure is None or hasattr(referral, "replaced_by"):
        raise Refused(_("This referral is not waiting for a person."))
    return referral


def _locked(referral: Referral, by: User) -> Referral:
    """The referral with its case under lock, for somebody who may refer there."""
    found = Referral.objects.select_related("letter", "case").get(pk=referral.pk)
    found.case = locked(found.case)
    why_not = refusal(found.case, VERBS["refer"], by)
    if why_not:
        raise Refused(why_not)
    return found


def _leave(letter: Letter, by: User) -> None:
    if letter.left_at is None and letter.state in EVENT_OF:
        letters.leave(letter=letter, by=by)


def _event(
    referral: Referral, act: ReferralEvent.Act, *, by: User, reason: str = ""
) -> None:
    ReferralEvent.objects.create(referral=referral, act=act, by=by, reason=reason)
