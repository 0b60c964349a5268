"""The municipality's rules for how long the desk keeps the words of messages: proposed
by one person with a decision, confirmed by another who has seen what would go, stopped
by anybody who may confirm. Without a confirmed rule nothing goes."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from moderation import purging
from moderation.models import Emptied, PurgeRule
from moderation.refusals import Refused

if TYPE_CHECKING:
    from channels.models import User

PROPOSE, CONFIRM = "moderation.add_purgerule", "moderation.change_purgerule"
_LOCK = 0x50555247


@transaction.atomic
def propose(
    *, kind: str, months: int | None, starts_on: date, basis: str, by: User
) -> PurgeRule:
    """A new version of the rule for one kind; `months` None ends the emptying. It
    begins tomorrow at the earliest. Refused says why not."""
    _may(by, PROPOSE)
    if kind not in Emptied.values or not basis.strip():
        raise Refused(_("A rule needs the messages that it is for, and a decision."))
    if months is not None and not 1 <= months <= 600:
        raise Refused(_("Between 1 and 600 months."))
    _refuse_past(starts_on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    versions = PurgeRule.objects.filter(kind=kind)
    if versions.filter(state=PurgeRule.State.PROPOSED).exists():
        raise Refused(_("Another version for these messages is proposed already."))
    number = versions.aggregate(last=Max("number"))["last"] or 0
    return PurgeRule.objects.create(
        kind=kind,
        number=number + 1,
        months=months,
        starts_on=starts_on,
        basis=basis.strip(),
        proposed_by=by,
    )


@transaction.atomic
def confirm(*, rule: PurgeRule, by: User) -> PurgeRule:
    """By a second person. What the rule would do on its first day, as things stand
    now, is kept with it."""
    _may(by, CONFIRM)
    locked = _proposed(rule)
    if by == locked.proposed_by:
        raise Refused(_("Somebody else than who proposed it must confirm it."))
    _refuse_past(locked.starts_on)
    forecast = on_first_day(locked)
    locked.foreseen = forecast.as_dict() if forecast else {}
    return _settle(locked, PurgeRule.State.CONFIRMED, by)


@transaction.atomic
def cancel(*, rule: PurgeRule, by: User) -> PurgeRule:
    """The proposal comes to nothing: by who proposed it or who could confirm it."""
    if not by.has_perm(CONFIRM):
        _may(by, PROPOSE)
    return _settle(_proposed(rule), PurgeRule.State.CANCELLED, by)


@transaction.atomic
def stop(*, rule: PurgeRule, reason: str, by: User) -> PurgeRule:
    """From now on nothing goes by this version. One person suffices: stopping keeps."""
    _may(by, CONFIRM)
    locked = PurgeRule.objects.select_for_update().get(pk=rule.pk)
    if locked.state != PurgeRule.State.CONFIRMED or locked.stopped_at is not None:
        raise Refused(_("Only a confirmed rule can be stopped, and once."))
    if not reason.strip():
        raise Refused(_("Say why."))
    locked.stopped_at, locked.stopped_by = timezone.now(), by
    locked.stopped_for = reason.strip()
    locked.save(update_fields=["stopped_at", "stopped_by", "stopped_for"])
    return locked


def on_first_day(rule: PurgeRule) -> purging.Forecast | None:
    """What it would empty on the day it begins; None when it empties nothing."""
    if rule.months is None:
        return None
    return purging.foresee(rule.kind, before(rule.months, rule.starts_on))


def before(months: int, day: date) -> datetime:
    midnight = datetime.combine(day, time(), timezone.get_current_timezone())
    return purging.settled_before(months, midnight)


def _proposed(rule: PurgeRule) -> PurgeRule:
    locked = PurgeRule.objects.select_for_update().get(pk=rule.pk)
    if locked.state != PurgeRule.State.PROPOSED:
        raise Refused(_("The rule has been settled already."))
    return locked


def _settle(rule: PurgeRule, state: str, by: User) -> PurgeRule:
    rule.state = state
    rule.settled_at, rule.settled_by = timezone.now(), by
    rule.save(update_fields=["state", "settled_at", "settled_by", "foreseen"])
    return rule


def _refuse_past(day: date) -> None:
    if day <= timezone.localdate():
        raise Refused(_("A rule begins tomorrow at the earliest."))


def _may(by: User, permission: str) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied(_("Your account may not do this."))
