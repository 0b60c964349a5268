"""The outbox: what a platform has to be told, told until it is settled.

1. A verb enqueues in its own transaction: the duty stands before anything is sent.
2. `deliver_due` claims one row with a lease and counts the attempt, commits, calls the
   platform with no transaction open, then settles in a transaction of its own.
3. A worker that dies leaves a lease that runs out; the next sweep takes the row again.
   Hide, unhide and delete may be repeated. A reply may not: it is looked for first.
4. What cannot succeed by itself goes to a person, never into silence.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import prepared
from channels.attachments import clean
from channels.connections import connector_of
from channels.models import Delivery, Message
from channels.platforms.base import (
    Ambiguous,
    AuthExpired,
    Edited,
    Item,
    NotSupported,
    Outcome,
    PlatformError,
    RateLimited,
    storable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.models import Record
    from channels.models import User
    from channels.platforms.base import Connector, Ref

log = structlog.get_logger()

LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 8
LONGEST_WAIT = 15 * 60.0
# A platform that went silent may still be writing: look after this many seconds.
UNCLEAR_WAIT = 30.0
# Seconds between two calls for a worker; one that runs takes all that is ripe.
NUDGE_EVERY = 0.2
_nudged_at = 0.0


class Refused(Exception):
    """Why it cannot be done, as a sentence for the person."""


def enqueue(
    *,
    message: Message,
    act: str,
    by: User,
    record: Record | None = None,
    text: str = "",
    grace: float = 0.0,
    known: bool = True,
) -> Delivery:
    """In the caller's transaction. The database refuses a hide or a removal without
    a record of this very message (K-19). For `grace` seconds it can be taken back.

    Unless it has to be `known`, the row goes along with what the caller asks next
    (`prepared.together`), and has its `key` only."""
    now = timezone.now()
    delivery = Delivery(
        message=message,
        act=act,
        record=record,
        text=text,
        enqueued_by=by,
        enqueued_at=now,
        not_before=now + timedelta(seconds=grace),
    )
    statement, names = _insertion()
    values = [getattr(delivery, name) for name in names]
    if known:
        [(delivery.pk,)] = prepared.rows(statement, values)
    else:
        prepared.run(statement, values)
    delivery._state.adding = False
    delivery._state.db = connection.alias
    if not grace:
        transaction.on_commit(_nudge)
    return delivery


@cache
def _insertion() -> tuple[str, list[str]]:
    """The statement and the attributes that it takes."""
    fields = [f for f in Delivery._meta.concrete_fields if not f.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return (
        f"INSERT INTO channels_delivery ({columns}) VALUES ({marks}) RETURNING id",
        [field.attname for field in fields],
    )


def deliver_due(*, most: int = 50) -> int:
    """Takes what is ripe, one by one; answers how many were taken."""
    taken = 0
    while taken < most:
        delivery = _claim()
        if delivery is None:
            break
        taken += 1
        _deliver(delivery)
    return taken


@transaction.atomic
def try_again(*, delivery: Delivery, by: User) -> Delivery:
    """A person sends a failed delivery on its way once more."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state != Delivery.State.FAILED or delivery.withdrawn_at:
        raise Refused(_("This delivery is not waiting for a person."))
    if delivery.error_code == Delivery.EDITED:
        raise Refused(_("The message was edited meanwhile: decide on it anew."))
    log.info("delivery_tried_again", delivery=delivery.pk, by=by.pk)
    delivery.state = Delivery.State.WAITING
    delivery.not_before = timezone.now()
    delivery.attempts = 0
    delivery.settled_at = None
    delivery.save()
    stream = delivery.message.channel.stream
    if stream.paused_at:
        stream.paused_at = None
        stream.next_poll_at = timezone.now()
        stream.save()
    transaction.on_commit(_nudge)
    return delivery


@transaction.atomic
def withdraw(*, delivery: Delivery, by: User) -> Delivery:
    """A person has seen to it on the platform, or lets it be; it leaves the list."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state != Delivery.State.FAILED or delivery.withdrawn_at:
        raise Refused(_("This delivery is not waiting for a person."))
    delivery.withdrawn_at = timezone.now()
    delivery.withdrawn_by = by
    delivery.save()
    return delivery


@transaction.atomic
def _claim() -> Delivery | None:
    delivery = (
        Delivery.objects.due()
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("not_before", "id")
        .first()
    )
    if delivery is None:
        return None
    if delivery.state == Delivery.State.SENDING:
        # Somebody claimed it and was not heard of again: it may have been sent.
        delivery.unclear = True
    delivery.state = Delivery.State.SENDING
    delivery.attempts += 1
    delivery.leased_until = timezone.now() + LEASE
    delivery.save(update_fields=["state", "attempts", "leased_until", "unclear"])
    return delivery


def _deliver(delivery: Delivery) -> None:
    message = Message.objects.select_related("channel", "post").get(
        pk=delivery.message_id
    )
    try:
        connector = connector_of(message.channel)
        if connector is None:
            raise NotSupported("this channel is only imported into")
        outcome = _act(connector, delivery, message)
    except PlatformError as error:
        _settle_error(delivery, error)
    except Exception as error:
        # A fault of ours must not leave the row to its lease for ever.
        log.exception("delivery_crashed", delivery=delivery.pk)
        _settle_error(delivery, PlatformError(type(error).__name__, code="internal"))
    else:
        _settle_done(delivery, outcome)


def _act(connector: Connector, delivery: Delivery, message: Message) -> Outcome:
    ref, key = message.platform_ref, str(delivery.key)
    if delivery.act in (Delivery.Act.HIDE, Delivery.Act.DELETE):
        _still_as_sealed(connector, delivery, ref)
    match delivery.act:
        case Delivery.Act.HIDE:
            return connector.hide(ref, key=key)
        case Delivery.Act.UNHIDE:
            return connector.unhide(ref, key=key)
        case Delivery.Act.DELETE:
            return connector.delete(ref, key=key)
        case Delivery.Act.REPLY:
            if delivery.unclear:
                found = connector.find_reply(ref, delivery.text, key=key)
                if found is not None:
                    return found
            return connector.reply(ref, delivery.text, key=key)
        case _:
            raise NotSupported(delivery.act)


def _still_as_sealed(connector: Connector, delivery: Delivery, ref: Ref) -> None:
    """What is taken away is what the record holds (K-19). Raises Edited when the sender
    has changed the text or the pictures after the decision: then a person decides
    anew."""
    assert delivery.record is not None
    sealed = delivery.record.facts["message"]
    for found in connector.recheck([ref]).changes:
        if not isinstance(found, Item):
            continue
        if storable(found.text) != sealed["text"]:
            raise Edited("the text is not the one in the record", code=Delivery.EDITED)
        if [clean(one).id for one in found.attachments] != _files_of(sealed):
            raise Edited("the files are not those in the record", code=Delivery.EDITED)


def _files_of(sealed: Mapping[str, Any]) -> list[str]:
    """The platform's ids of the files of the newest version in a record."""
    newest = max(version["number"] for version in sealed["versions"])
    return [
        one["platform_id"]
        for one in sealed.get("attachments", ())
        if one["version"] == newest
    ]


@transaction.atomic
def _settle_done(delivery: Delivery, outcome: Outcome) -> None:
    row = _still_ours(delivery)
    if row is None:
        return
    row.state = Delivery.State.DONE
    row.settled_at = timezone.now()
    row.leased_until = None
    row.unclear = False
    row.error = row.error_code = ""
    row.observed = outcome.seen.value if outcome.seen else ""
    row.result_id = outcome.id
    row.result_url = outcome.permalink
    row.save()
    if outcome.seen and row.act != Delivery.Act.REPLY:
        Message.objects.filter(pk=row.message_id).update(
            visibility=outcome.seen.value, visibility_at=row.settled_at
        )
    log.info("delivered", delivery=row.pk, act=row.act, attempts=row.attempts)


@transaction.atomic
def _settle_error(delivery: Delivery, error: PlatformError) -> None:
    row = _still_ours(delivery)
    if row is None:
        return
    row.error_code = error.code[:60]
    row.error = f"{type(error).__name__}: {error}"[:300]
    row.leased_until = None
    row.unclear = row.unclear or isinstance(error, Ambiguous)
    now = timezone.now()
    if error.permanent or row.attempts >= MOST_ATTEMPTS:
        row.state = Delivery.State.FAILED
        row.settled_at = now
    else:
        row.state = Delivery.State.WAITING
        row.not_before = now + timedelta(seconds=_wait(row, error))
    row.save()
    stream = row.message.channel.stream
    if isinstance(error, AuthExpired):
        stream.paused_at = now
        stream.last_error = str(error)[:300]
        stream.save(update_fields=["paused_at", "last_error"])
    elif isinstance(error, Edited):
        # The new text is wanted at the desk at once.
        stream.rechecked_at = None
        stream.next_poll_at = now
        stream.save(update_fields=["rechecked_at", "next_poll_at"])
    log.warning(
        "not_delivered",
        delivery=row.pk,
        act=row.act,
        attempts=row.attempts,
        state=row.state,
        error=type(error).__name__,
        code=error.code,
    )


def _still_ours(delivery: Delivery) -> Delivery | None:
    """The row under lock, unless somebody else took it over when the lease ran out:
    then their answer counts."""
    return (
        Delivery.objects.select_for_update()
        .filter(
            pk=delivery.pk,
            state=Delivery.State.SENDING,
            attempts=delivery.attempts,
        )
        .first()
    )


def _wait(delivery: Delivery, error: PlatformError) -> float:
    if isinstance(error, Ambiguous):
        return UNCLEAR_WAIT
    if isinstance(error, RateLimited) and error.retry_after:
        return min(error.retry_after, LONGEST_WAIT)
    ceiling = min(5.0 * 2**delivery.attempts, LONGEST_WAIT)
    return random.uniform(ceiling / 2, ceiling)


def _nudge() -> None:
    """Asks a worker to look now. Only a hint: the beat sweeps anyway, so a broker that
    is down delays and loses nothing, and asking twice in the same moment is no use."""
    global _nudged_at
    from channels.tasks import deliver_due as task

    now = time.monotonic()
    if now - _nudged_at < NUDGE_EVERY:
        return
    _nudged_at = now
    try:
        task.apply_async(retry=False, ignore_result=True)
    except Exception as error:
        log.warning("nudge_lost", error=type(error).__name__)
