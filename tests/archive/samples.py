"""Facts to seal, as the moderation desk gives them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from archive.sealing import Sealing


def facts(number: int = 1, **message: Any) -> dict[str, Any]:
    return {
        "message": {
            "platform": "wordpress",
            "channel": "skolan",
            "channel_name": "Skolan på nätet",
            "department": "Utbildning",
            "municipality": "Testnäs kommun",
            "kind": "comment",
            "platform_id": str(number),
            "permalink": f"https://testnas.example/inlagg/7#comment-{number}",
            "text": f"Rektorn är en idiot 🙈, tycker insändare {number}",
            "posted_at": "2026-03-01T12:00:00.000Z",
            "received_at": "2026-03-01T12:00:09.120Z",
            "versions": [
                {"text": "Rektorn", "seen_at": "2026-03-01T12:00:09.120Z", "hash": "a1"}
            ],
            "parent_id": None,
        }
        | message,
        "sender": {
            "name": "Åsa Öberg",
            "handle": "asa",
            "platform_id": f"u{number % 10}",
            "profile_url": "https://testnas.example/author/asa",
        },
        "context": {
            "post": {"title": "Ny matsal", "text": "Matsalen öppnar i maj."},
            "parent": None,
        },
        "decision": {
            "verb": "remove",
            "rule": "K-20.1",
            "rule_version": "3",
            "rule_wording": "Förtal, personliga angrepp eller förolämpningar",
            "legal_basis": "BrB 5 kap.",
            "reason": "Personligt angrepp på rektorn.",
            "officer": "Anna Ek (anna)",
            "mandate": "12",
            "decided_at": "2026-03-01T13:00:00.000Z",
        },
    }


def sealing(number: int = 1, **changes: Any) -> Sealing:
    values: dict[str, Any] = {
        "kind": "removal",
        "subject": uuid4(),
        "facts": facts(number),
        "retention": "preserve",
    }
    return Sealing(**(values | changes))
