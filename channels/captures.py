"""Captures of a channel's page: asked for, made, sealed (K-18)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import files
from archive.checking import timestamp
from archive.models import Record
from archive.sealing import FileFacts, seal
from channels.capturing import browser, wacz
from channels.directory import address_of
from channels.models import Capture, Channel, Municipality

if TYPE_CHECKING:
    from channels.models import User

log = structlog.get_logger()

# Only one browser at a time on the whole installation.
LOCK = 0x6B616E6361
LEASE = timedelta(minutes=6)
# The retention rule that captures name; unless it is given years they are kept.
RETENTION = "page-capture"
MOST_FILES = 10
# Of the text of a page; the web archive has all of it.
MOST_LETTERS = 200_000


class Refused(Exception):
    """Why not, in words for the person who asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file of a capture, its type found by its content."""

    name: str
    mime: str
    data: bytes


def channels_for(user: User) -> QuerySet[Channel]:
    """The channels whose captures a person sees and asks for: one's own, as owner, by
    mandate or as head; all of them with the right to read records."""
    if user.has_perm("archive.view_record"):
        return Channel.objects.all()
    seen = Channel.objects.visible_to(user).values("pk")
    return Channel.objects.filter(Q(pk__in=seen) | Q(owner=user))


def ask(
    *, channel: Channel, reason: str, note: str = "", by: User | None = None
) -> Capture:
    """Put a capture by the browser on the list; `by` None is the calendar.

    Refused for a channel not in use, when one is on the list already, and without a
    browser.
    """
    if not channel.is_active:
        raise Refused(_("Only a channel in use is captured."))
    if browser.path() is None:
        raise Refused(
            _("No browser is installed. Make the capture yourself and upload it.")
        )
    try:
        with transaction.atomic():
            return Capture.objects.create(
                channel=channel,
                reason=reason,
                note=note.strip(),
                asked_by=by,
                address=address_of(channel),
            )
    except IntegrityError as error:
        raise Refused(_("A capture of this channel is already on its way.")) from error


def run_next() -> Capture | None:
    """Make the capture that has waited longest; None when there is none or another
    worker has the browser. Call it outside transactions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
    try:
        capture = _claim()
        return None if capture is None else _make(capture)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@transaction.atomic
def _claim() -> Capture | None:
    due = Capture.objects.due().select_for_update(skip_locked=True)
    capture = due.order_by("asked_at", "id").first()
    if capture is not None:
        capture.state = Capture.State.RUNNING
        capture.leased_until = timezone.now() + LEASE
        capture.save(update_fields=["state", "leased_until"])
    return capture


def _make(capture: Capture) -> Capture:
    here = Municipality.objects.first()
    try:
        seen = browser.visit(
            capture.address,
            language="nb" if here and here.country == "NO" else "sv",
            zone=here.timezone if here else "UTC",
        )
    except browser.NoBrowser:
        return _fail(capture, Capture.Failure.NO_BROWSER)
    except browser.NotCaptured as error:
        return _fail(
            capture,
            error.code,
            detail=error.detail,
            status=error.status,
            seen=error.seen,
        )
    day = f"{seen.started_at:%Y-%m-%d}"
    stem = f"{capture.channel.slug}-{day}"
    return _seal(
        capture,
        [
            Kept(name=f"{stem}.png", mime="image/png", data=seen.png),
            Kept(name=f"{stem}.pdf", mime="application/pdf", data=seen.pdf),
            Kept(name=f"{stem}.wacz", mime=wacz.TYPE, data=seen.packed),
        ],
        {
            "address": seen.address,
            "final_address": seen.final_address,
            "title": _storable(seen.title),
            "text": _storable(seen.text)[:MOST_LETTERS],
            "status": seen.status,
            "redirects": [
                {"from": start, "status": status, "to": end}
                for start, status, end in seen.redirects
            ],
            "started_at": timestamp(seen.started_at),
            "finished_at": timestamp(seen.finished_at or seen.started_at),
            "software": seen.software,
            "width": browser.WIDTH,
            "height": seen.height,
            "picture_is_cut": seen.is_cut,
            "responses": len(seen.responses),
            "refused_addresses": sorted(seen.refused),
        },
        status=seen.status,
        by="Kanalvakt" if capture.asked_by is None else capture.asked_by.signature,
    )


def upload(
    *,
    channel: Channel,
    reason: str,
    note: str,
    address: str,
    captured_at: datetime,
    software: str,
    uploads: Sequence[Kept],
    by: User,
) -> Capture:
    """Seal a capture that a person made, with the same fields."""
    if not uploads:
        raise Refused(_("A capture needs at least one file."))
    if len(uploads) > MOST_FILES:
        raise Refused(_("Upload at most %(count)d files.") % {"count": MOST_FILES})
    if captured_at > timezone.now():
        raise Refused(_("The capture cannot have been made in the future."))
    # Not yet stored: it becomes a row together with its record.
    capture = Capture(
        channel=channel,
        reason=reason,
        means=Capture.Means.UPLOAD,
        note=note.strip(),
        asked_by=by,
        asked_at=timezone.now(),
        address=address,
    )
    return _seal(
        capture,
        uploads,
        {
            "address": address,
            "final_address": address,
            "title": "",
            "text": "",
            "status": None,
            "redirects": [],
            "started_at": timestamp(captured_at),
            "finished_at": timestamp(captured_at),
            "software": software.strip(),
        },
        status=None,
        by=by.signature,
    )


@transaction.atomic
def _seal(
    capture: Capture,
    kept: Sequence[Kept],
    seen: Mapping[str, Any],
    *,
    status: int | None,
    by: str,
) -> Capture:
    """Files, record and calendar in one transaction: all of it or nothing."""
    channel = Channel.objects.select_related("department").get(pk=capture.channel_id)
    if capture.pk is not None:
        # Another worker may have taken over what took too long.
        still = Capture.objects.select_for_update().get(pk=capture.pk)
        if still.state != Capture.State.RUNNING:
            return still
    facts = []
    for one in kept:
        digest, size = files.keep(io.BytesIO(one.data))
        facts.append(
            FileFacts(sha256=digest, size=size, mime=one.mime, name=one.name[:255])
        )
    here = Municipality.objects.first()
    record = seal(
        kind=Record.Kind.CAPTURE,
        subject=capture.ref,
        facts={
            # Where records of messages have it, so that lists and tables find it.
            "message": {
                "kind": "capture",
                "platform": channel.platform,
                "channel": channel.slug,
                "channel_name": channel.name,
                "channel_address": channel.address,
                "department": channel.department.name,
                "municipality": here.name if here else "",
                "permalink": seen["final_address"],
                "text": seen["title"] or capture.note,
                "posted_at": None,
                "received_at": seen["started_at"],
            },
            "capture": {
                "means": str(capture.means),
                "reason": str(capture.reason),
                "note": capture.note,
                "asked_by": capture.asked_by.signature if capture.asked_by else None,
                "asked_at": timestamp(capture.asked_at),
                **seen,
            },
        },
        files=facts,
        retention=RETENTION,
        by=by,
    )
    capture.state = Capture.State.DONE
    capture.status = status
    capture.record = record
    capture.settled_at = record.sealed_at
    capture.leased_until = None
    capture.save()
    # What stood in the way before is of no use any longer.
    Capture.objects.filter(channel=channel, state=Capture.State.FAILED).exclude(
        seen=b""
    ).update(seen=b"")
    log.info("captured", capture=capture.pk, means=str(capture.means))
    return capture


@transaction.atomic
def _fail(
    capture: Capture,
    code: str,
    *,
    detail: str = "",
    status: int | None = None,
    seen: bytes = b"",
) -> Capture:
    still = Capture.objects.select_for_update().get(pk=capture.pk)
    if still.state != Capture.State.RUNNING:
        return still
    still.state = Capture.State.FAILED
    still.failure = code
    still.detail = _storable(detail)[:300]
    still.status = status
    still.seen = seen
    still.settled_at = timezone.now()
    still.leased_until = None
    still.save()
    log.warning("capture_failed", capture=still.pk, failure=str(code))
    return still


def _storable(text: str) -> str:
    """A page's own words may hold what PostgreSQL does not take."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole.replace("\x00", "\ufffd")
