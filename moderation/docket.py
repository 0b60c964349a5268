"""A case taken up and put down again: all that a decision reads and all that it writes
beside the record, in a few statements that the database plans once.

What an officer does most must not wait for the software: through the ORM the same rows
cost three times as long.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from archive import prepared
from channels.models import (
    Attachment,
    Channel,
    Department,
    Mandate,
    Message,
    Municipality,
    Post,
    Version,
)
from moderation.models import Case, Decision, Duty
from policies.models import Rule, RuleVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django.db.models import Model

    from channels.models import User

_LOCK = "SELECT id FROM moderation_case WHERE id = %s FOR UPDATE"

# The models that are read, by the names they have here and in the statement: short
# there, since the driver takes one of over 4,096 letters apart each time.
_READ: dict[str, tuple[str, type[Model]]] = {
    "one": ("o", Case),
    "message": ("m", Message),
    "post": ("p", Post),
    "channel": ("c", Channel),
    "department": ("d", Department),
    "mandate": ("a", Mandate),
    "town": ("t", Municipality),
    "wording": ("w", RuleVersion),
    "rule": ("r", Rule),
    "parent": ("q", Message),
}

_FROM = """
FROM moderation_case o
JOIN channels_message m ON m.id = o.message_id
LEFT JOIN channels_post p ON p.id = m.post_id
JOIN channels_channel c ON c.id = o.channel_id
JOIN channels_department d ON d.id = c.department_id
LEFT JOIN LATERAL (
    SELECT * FROM channels_mandate
    WHERE person_id = %(person)s AND channel_id = o.channel_id
        AND starts_on <= %(today)s AND (ends_on IS NULL OR ends_on >= %(today)s)
    ORDER BY id LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT * FROM channels_municipality ORDER BY id LIMIT 1
) t ON true
LEFT JOIN policies_rule r
    ON r.id = %(rule)s AND r.directions @> ARRAY['incoming']::varchar[]
LEFT JOIN LATERAL (
    SELECT * FROM policies_ruleversion WHERE rule_id = r.id
    ORDER BY number DESC LIMIT 1
) w ON true
LEFT JOIN LATERAL (
    SELECT * FROM channels_message
    WHERE channel_id = o.channel_id AND m.parent_id_there <> ''
        AND external_id = m.parent_id_there
    LIMIT 1
) q ON true
WHERE o.id = %(case)s
"""

# Every text the message has had, the oldest first; times in microseconds since 1970.
_VERSIONS = """(
    SELECT json_agg(json_build_array(number, text, digest,
        (extract(epoch FROM seen_at) * 1000000)::bigint) ORDER BY number)::text
    FROM channels_version WHERE message_id = m.id
)"""

# The files of all versions; not looked for where there are none.
_ATTACHED = """CASE WHEN m.attachments_count > 0 THEN (
    SELECT json_agg(json_build_array(version.number, attachment.position, platform_id,
        name, told_mime, address, sha256, size, mime, missing, detail)
        ORDER BY version.number, attachment.position)::text
    FROM channels_attachment attachment
    JOIN channels_version version ON version.id = attachment.version_id
    WHERE version.message_id = m.id
) END"""
_OF_ATTACHED = (
    "position",
    "platform_id",
    "name",
    "told_mime",
    "address",
    "sha256",
    "size",
    "mime",
    "missing",
    "detail",
)

# What is done of an open duty to document; NULL where none is open.
_DOCUMENTED = """(
    SELECT ARRAY(SELECT part FROM moderation_dutypart WHERE duty_id = duty.id)::text[]
    FROM moderation_duty duty
    WHERE case_id = o.id AND closed_at IS NULL AND kind = 'document'
)"""


_ASIDE = f"{_VERSIONS}, {_ATTACHED}, {_DOCUMENTED}"


@dataclass(frozen=True, slots=True)
class Docket:
    """`mandate`, `wording` and `parent` are None where there is none; `wording` is the
    newest of the rule asked for, if the rule holds for what comes in. `documented`: the
    parts done of an open duty to document, None when none is open."""

    case: Case
    mandate: Mandate | None
    municipality: Municipality | None
    wording: RuleVersion | None
    parent: Message | None
    versions: list[Version]
    attachments: list[Attachment]
    documented: list[str] | None


def take(*, case: int, by: User, rule: int | None = None) -> Docket:
    """Locks the case and reads, as it stands then, all that a verb asks about. In the
    caller's transaction; Case.DoesNotExist when there is no such case."""
    statement, loaders = _reading()
    asked = {
        "case": case,
        "person": by.pk,
        "today": timezone.localdate(),
        "rule": rule,
    }
    # Two statements, since one that waits for a lock reads what stood before it waited.
    _locked, found = prepared.several((_LOCK, [case]), (statement, asked))
    if not found:
        raise Case.DoesNotExist(f"no case {case}")
    [row] = found
    read: dict[str, Any] = {
        name: load(row[start:end]) for name, start, end, load in loaders
    }
    one, message, channel = read["one"], read["message"], read["channel"]
    message.post = read["post"]
    message.channel = one.channel = channel
    channel.department = read["department"]
    one.message = message
    if read["wording"] is not None:
        read["wording"].rule = read["rule"]
    return Docket(
        one,
        read["mandate"],
        read["town"],
        read["wording"],
        read["parent"],
        _versions(message, row[-3]),
        _attachments(message, row[-2]),
        row[-1],
    )


_ENTER = """
WITH closed AS (
    UPDATE moderation_duty
    SET closed_at = %(at)s, closed_by_id = %(by)s, closed_with = %(verb)s,
        outcome = CASE WHEN kind = ANY(%(lifts)s) THEN %(lifted)s ELSE %(met)s END
    WHERE case_id = %(case)s AND closed_at IS NULL AND kind = ANY(%(closes)s)
), documented AS (
    INSERT INTO moderation_dutypart (duty_id, part, how, note, record_id, by_id, at)
    SELECT id, 'record', %(verb)s, '', %(record)s, %(by)s, %(at)s
    FROM moderation_duty
    WHERE %(documents)s AND case_id = %(case)s AND closed_at IS NULL
        AND kind = 'document'
), moved AS (
    UPDATE moderation_case
    SET state = %(state)s, turn = turn + 1, due_at = (
        SELECT min(due_at) FROM moderation_duty
        WHERE case_id = %(case)s AND closed_at IS NULL
            AND NOT kind = ANY(%(closes)s)
    )
    WHERE id = %(case)s
    RETURNING due_at, turn
), decided AS (
    INSERT INTO moderation_decision (case_id, verb, was, rule_version_id, legal_basis,
        reason, record_id, delivery_id, mandate_id, by_id, at)
    VALUES (%(case)s, %(verb)s, %(was)s, %(wording)s, %(basis)s, %(reason)s,
        %(record)s, (SELECT id FROM channels_delivery WHERE key = %(delivery)s),
        %(mandate)s, %(by)s, %(at)s)
    RETURNING id, delivery_id
)
SELECT decided.id, decided.delivery_id, moved.due_at, moved.turn FROM decided, moved
"""


def enter(
    *,
    decision: Decision,
    closes: Collection[str],
    lifts: Collection[str] = (),
    documents: bool = False,
) -> Callable[[], Decision]:
    """Writes the decision, closes the duties it meets, of them as no longer owed those
    that it `lifts`; with `documents` its record is a part of the open duty to document,
    and not the last. Moves its case to the state that `decision.case` has, with the
    next turn and the earliest deadline left. The decision's delivery may be one that is
    known by its key only. What is answered is the decision as it then stands, to be
    called for once the database has answered (`prepared.together`)."""
    case, delivery = decision.case, decision.delivery
    answered = prepared.ask(
        _ENTER,
        {
            "at": decision.at,
            "by": decision.by_id,
            "met": Duty.Outcome.MET.value,
            "lifted": Duty.Outcome.LIFTED.value,
            "verb": decision.verb,
            "was": decision.was,
            "case": case.pk,
            "closes": sorted(closes),
            "lifts": sorted(lifts),
            "documents": documents,
            "state": str(case.state),
            "wording": decision.rule_version_id,
            "basis": decision.legal_basis,
            "reason": decision.reason,
            "record": decision.record_id,
            "delivery": delivery.key if delivery else None,
            "mandate": decision.mandate_id,
        },
    )

    def entered() -> Decision:
        [(decision.pk, sent, case.due_at, case.turn)] = answered()
        if delivery:
            delivery.pk = decision.delivery_id = sent
        decision._state.adding = False
        decision._state.db = connection.alias
        return decision

    return entered


Loader = tuple[str, int, int, "Callable[[tuple[Any, ...]], Any]"]


@cache
def _reading() -> tuple[str, list[Loader]]:
    """The statement, and how its columns become models: from the models' own fields,
    so that a new column needs nothing here."""
    columns: list[str] = []
    loaders: list[Loader] = []
    for name, (alias, model) in _READ.items():
        start = len(columns)
        columns += prepared.columns(model, alias)
        loaders.append((name, start, len(columns), prepared.loader(model)))
    return f"SELECT {', '.join(columns)}, {_ASIDE} {_FROM}", loaders


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _versions(message: Message, told: str | None) -> list[Version]:
    return [
        Version(
            message=message,
            number=number,
            text=text,
            digest=digest,
            seen_at=_EPOCH + timedelta(microseconds=moment),
        )
        for number, text, digest, moment in json.loads(told or "[]")
    ]


def _attachments(message: Message, told: str | None) -> list[Attachment]:
    return [
        Attachment(
            version=Version(message=message, number=number),
            **dict(zip(_OF_ATTACHED, one, strict=True)),
        )
        for number, *one in (json.loads(told) if told else ())
    ]
