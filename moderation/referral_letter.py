"""The letter of a referral: the whole message for a person and for a machine (K-17)."""

from __future__ import annotations

import json
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import override

from archive.models import RecordFile
from archive.sealing import FileFacts
from channels import letters
from channels.attachments import as_files
from moderation.models.referral import To
from moderation.signature import official_contact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.models import Record
    from channels.models import Attachment, Letter, Message, Municipality, User
    from moderation.models import Case

# Mail servers refuse more; what is left out is named with its digest.
MOST_BYTES = 15_000_000


def write(
    *,
    case: Case,
    by: User | None,
    kind: str,
    email: str,
    record: Record,
    files: list[FileFacts],
    missing: list[Attachment],
    municipality: Municipality | None,
) -> Letter:
    """In the caller's transaction. From the official address with the officer's role
    and unit (M-E); answers go to the officer."""
    language = "nb" if municipality and municipality.country == "NO" else "sv"
    sent, left_out = _within_limit(files)
    with override(language):
        shown = _shown(record, kind, language) | {
            "sent": sent,
            "left_out": [(one, _address(record, files, one)) for one in left_out],
            "missing": missing,
        }
        official = parseaddr(official_contact(case))[1]
        unit = [case.channel.department.name, municipality.name if municipality else ""]
        who = [str(by), by.job_title, *unit] if by else unit
        return letters.write_to(
            address=email,
            subject=_("%(what)s on %(channel)s to see to (%(record)s)")
            % {
                "what": case.message.get_kind_display().capitalize(),
                "channel": case.channel.name[:80],
                "record": str(record.id)[:8],
            },
            body=render_to_string("letters/referral.txt", shown),
            from_name=", ".join(part for part in who if part),
            from_email=official,
            reply_to=by.email if by else official,
            files=[
                letters.Attached(
                    name=f"{record.id}.html",
                    mime="text/html",
                    content=render_to_string("letters/referral.html", shown).encode(),
                ),
                letters.Attached(
                    name=f"{record.id}.json",
                    mime="application/json",
                    content=json.dumps(
                        record.document, ensure_ascii=False, indent=2
                    ).encode(),
                ),
                *(
                    letters.Attached(name=one.name, mime=one.mime, sha256=one.sha256)
                    for one in sent
                ),
            ],
        )


def files_of(message: Message, attached: Iterable[Attachment]) -> list[FileFacts]:
    """The files that came with a message, and those kept with its records, each
    once."""
    found = {one.sha256: one for one in as_files(attached)}
    kept = RecordFile.objects.filter(record__subject=message.ref).order_by("id")
    for file in kept:
        found.setdefault(
            file.sha256,
            FileFacts(
                sha256=file.sha256, size=file.size, mime=file.mime, name=file.name
            ),
        )
    return list(found.values())


def _within_limit(files: list[FileFacts]) -> tuple[list[FileFacts], list[FileFacts]]:
    sent: list[FileFacts] = []
    left_out: list[FileFacts] = []
    octets = 0
    for file in files:
        fits = octets + file.size <= MOST_BYTES
        octets += file.size if fits else 0
        (sent if fits else left_out).append(file)
    return sent, left_out


def _address(record: Record, files: list[FileFacts], one: FileFacts) -> str:
    """Where somebody with a place in the archive finds a file of the record."""
    path = reverse("keeping:file", args=[record.pk, files.index(one)])
    return f"{settings.BASE_URL}{path}"


def _shown(record: Record, kind: str, language: str) -> dict[str, Any]:
    facts = record.facts
    message = facts["message"]
    return {
        "record": record,
        "language": language,
        "kind": To(kind).label,
        "registers": kind == To.REGISTRAR,
        "message": message,
        "posted_at": parse_datetime(message["posted_at"]),
        "received_at": parse_datetime(message["received_at"]),
        "sender": facts["sender"],
        "context": facts["context"],
        "referral": facts["referral"],
        "versions": [
            {**version, "seen_at": parse_datetime(version["seen_at"])}
            for version in message["versions"]
        ],
    }
