"""What the fields of a record are called, and in what order people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

LABELS: dict[str, Any] = {
    "/facts/message/text": _("Text"),
    "/facts/message/versions": _("All versions"),
    "/facts/message/attachments": _("Pictures and files that came with it"),
    "/facts/sender/name": _("Sender"),
    "/facts/sender/handle": _("Handle"),
    "/facts/sender/platform_id": _("Sender's id on the platform"),
    "/facts/sender/profile_url": _("Profile"),
    "/facts/message/channel_name": _("Channel"),
    "/facts/message/channel": _("Channel's short name"),
    "/facts/message/channel_address": _("Channel's address"),
    "/facts/message/platform": _("Platform"),
    "/facts/message/department": _("Department"),
    "/facts/message/municipality": _("Municipality"),
    "/facts/message/posted_at": _("Posted"),
    "/facts/message/edited_at": _("Edited"),
    "/facts/message/received_at": _("Received"),
    "/facts/message/permalink": _("Address"),
    "/facts/message/platform_id": _("Message id"),
    "/facts/message/parent_id": _("Answers message"),
    "/facts/message/kind": _("Kind of message"),
    "/facts/message/source": _("How it came in"),
    "/facts/context/post": _("Post"),
    "/facts/context/post/title": _("Post's title"),
    "/facts/context/post/text": _("Post's text"),
    "/facts/context/post/url": _("Post's address"),
    "/facts/context/post/platform_id": _("Post's id"),
    "/facts/context/parent": _("Message answered"),
    "/facts/context/parent/sender": _("Sender of the message answered"),
    "/facts/context/parent/text": _("Text of the message answered"),
    "/facts/context/parent/platform_id": _("Id of the message answered"),
    "/facts/decision/verb": _("What was decided"),
    "/facts/decision/rule": _("Rule"),
    "/facts/decision/rule_version": _("Version of the rule"),
    "/facts/decision/rule_wording": _("Wording of the rule"),
    "/facts/decision/legal_basis": _("Legal basis"),
    "/facts/decision/reason": _("Reason"),
    "/facts/decision/officer": _("Officer"),
    "/facts/decision/mandate": _("Mandate"),
    "/facts/decision/decided_at": _("Decided"),
    "/facts/registration/kinds": _("Registered as"),
    "/facts/registration/officer": _("Officer"),
    "/facts/registration/mandate": _("Mandate"),
    "/facts/registration/registered_at": _("Registered"),
    "/facts/referral/to": _("Passed on to"),
    "/facts/referral/name": _("Name of the recipient"),
    "/facts/referral/email": _("Recipient's address"),
    "/facts/referral/note": _("Note"),
    "/facts/referral/officer": _("Officer"),
    "/facts/referral/mandate": _("Mandate"),
    "/facts/referral/referred_at": _("Passed on"),
    "/facts/capture/means": _("How it was captured"),
    "/facts/capture/reason": _("Reason of the capture"),
    "/facts/capture/note": _("Note"),
    "/facts/capture/asked_by": _("Asked for by"),
    "/facts/capture/asked_at": _("Asked for"),
    "/facts/capture/address": _("Address"),
    "/facts/capture/final_address": _("Address after redirects"),
    "/facts/capture/redirects": _("Redirects"),
    "/facts/capture/title": _("Title of the page"),
    "/facts/capture/text": _("Text of the page"),
    "/facts/capture/started_at": _("Capture begun"),
    "/facts/capture/finished_at": _("Capture finished"),
    "/facts/capture/software": _("Software"),
    "/facts/disclosure/request": _("Disclosure request"),
    "/facts/disclosure/outcome": _("Outcome"),
    "/facts/disclosure/reason": _("Reason"),
    "/facts/disclosure/grounds": _("Legal paragraphs"),
    "/facts/disclosure/decided_by": _("Decided by"),
    "/facts/disclosure/received_on": _("Request received on"),
    "/facts/disclosure/kind": _("Kind of request"),
    "/facts/disclosure/law": _("Law"),
    "/facts/disclosure/records": _("Records given out"),
    "/facts/disposal/decision": _("Decision number"),
    "/facts/disposal/basis": _("Ground"),
    "/facts/disposal/proposed_by": _("Proposed by"),
    "/facts/disposal/proposed_at": _("Proposed"),
    "/facts/disposal/confirmed_by": _("Confirmed by"),
    "/facts/disposal/records": _("Records disposed of"),
    "/facts/erasure/record": _("Record"),
    "/facts/erasure/fields": _("Fields erased"),
    "/facts/erasure/basis": _("Legal ground"),
    "/facts/erasure/reason": _("Reason"),
    "/facts/erasure/proposed_by": _("Proposed by"),
    "/facts/erasure/confirmed_by": _("Confirmed by"),
    "/record/kind": _("Kind of record"),
    "/record/id": _("Record"),
    "/record/subject": _("Number of the matter"),
    "/record/version": _("Version of the record"),
    "/record/retention": _("Retention rule"),
    "/record/sealed_at": _("Sealed"),
    "/record/sealed_by": _("Sealed by"),
}
_PLACES = {path: place for place, path in enumerate(LABELS)}
_FILE = re.compile(r"/files/(\d+)(?:/(sha256|size|mime|name))?")
MEMBERS: dict[str, Any] = {
    "text": _("text"),
    "seen_at": _("seen"),
    "number": _("number"),
    "sha256": "SHA-256",
    "hash": _("digest"),
    "record": _("record"),
    "commitment": _("commitment"),
    "masked": _("masked"),
    "files": _("files"),
    "position": _("position"),
    "state": _("state"),
    "grounds": _("paragraphs"),
    "version": _("version"),
    "file": _("file"),
    "platform_id": _("id on the platform"),
    "told_type": _("type as the platform tells"),
    "name": _("name"),
    "address": _("address"),
    "missing": _("missing"),
}
_ORDER = {key: place for place, key in enumerate(MEMBERS)}
_POINTER = re.compile(r"/(?:facts|record|files)/[^\s,]+")
_FILE_LABELS = {
    None: _("File %(number)s"),
    "sha256": _("File %(number)s, SHA-256"),
    "size": _("File %(number)s, bytes"),
    "mime": _("File %(number)s, type"),
    "name": _("File %(number)s, name"),
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def moment(sealed: object) -> str:
    """A sealed time (ISO 8601, UTC) as the reader's clock showed it; what is not a
    time is shown as it was sealed."""
    try:
        local = timezone.localtime(datetime.fromisoformat(str(sealed)))
    except ValueError:
        return str(sealed)
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M:%S}"


def label(path: str) -> str:
    """A field's name for people; its JSON pointer when nobody gave it one."""
    if path in LABELS:
        return str(LABELS[path])
    file = _FILE.fullmatch(path)
    if file:
        return str(_FILE_LABELS[file[2]]) % {"number": int(file[1]) + 1}
    # A text inside a list is named by the list.
    parent = path.rpartition("/")[0]
    while parent:
        if parent in LABELS:
            return f"{LABELS[parent]} {path[len(parent) :]}"
        parent = parent.rpartition("/")[0]
    return path


def spelt_out(text: str) -> str:
    """A line of the log of a request, with the names of its fields."""
    return _POINTER.sub(lambda found: label(found[0]), text)


def in_order(paths: Iterable[str]) -> list[str]:
    """What was said and by whom first, then where, why, and about the record."""
    last = len(_PLACES)
    return sorted(paths, key=lambda path: (_PLACES.get(path, last), path))


def words(value: Any) -> str:
    """A field's value for people: times by the local clock, lists line by line."""
    if value is None or value in ("", [], {}):
        return "–"
    match value:
        case bool():
            return str(_("yes")) if value else str(_("no"))
        case str():
            if _FILE.fullmatch(value):
                return label(value)
            return moment(value) if _TIME.fullmatch(value) else value
        case list():
            return "\n".join(f"{n}. {words(one)}" for n, one in enumerate(value, 1))
        case dict():
            members = sorted(value, key=lambda key: (_ORDER.get(key, 9), key))
            return "; ".join(f"{member(key)}: {words(value[key])}" for key in members)
        case _:
            return str(value)


def member(key: str) -> str:
    """The name of a part of a listed thing, such as the text of a version."""
    return label(key) if key.startswith("/") else str(MEMBERS.get(key, key))


def count_words(number: int) -> str:
    return ngettext("%(count)d record", "%(count)d records", number) % {"count": number}
