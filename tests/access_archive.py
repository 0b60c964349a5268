"""What the archivist's rooms and the captures add to the world of test_access.py."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils import timezone

from archive import disposal, erasure, retention
from archive.export import jobs
from archive.sealing import seal
from channels import captures
from channels.models import Capture
from moderation import purge_rules

if TYPE_CHECKING:
    from archive.models import Record
    from channels.models import Channel
    from tests.conftest import Cast


def add(
    cast: Cast,
    school: Channel,
    record: Record,
    args: dict[str, list[Any]],
    sent: dict[str, dict[str, Any]],
) -> None:
    """A capture by hand and one that failed, a proposed disposal, a hold, an export."""
    done = captures.upload(
        channel=school,
        reason="asked",
        note="",
        address=school.address,
        captured_at=timezone.now(),
        software="Firefox 140",
        uploads=[captures.Kept(name="a.png", mime="image/png", data=b"a picture")],
        by=cast.anna,
    )
    failed = Capture.objects.create(
        channel=school,
        reason="scheduled",
        address=school.address,
        state="failed",
        failure="login",
        seen=b"a picture",
        settled_at=timezone.now(),
    )
    assert done.record is not None
    proposed = disposal.propose(records=[record], decision="KS 7", basis="x", by="x")
    hold = retention.hold(record=done.record, reason="Court case", by="x")
    slip = seal(
        kind="document",
        subject=uuid4(),
        facts={"message": {"text": "Kim"}},
        retention="x",
        by="x",
    )
    wrong = erasure.propose(
        record=slip,
        paths=["/facts/message/text"],
        basis="GDPR",
        reason="A name",
        by="x",
    )
    today = timezone.localdate()
    job = jobs.ask(first=today, last=today, note="Test", by="x")
    rule, holding = (
        purge_rules.propose(
            kind=kind,
            months=24,
            starts_on=today + timedelta(days=7),
            basis="KS 7",
            by=cast.arkiv,
        )
        for kind in ("comment", "dm")
    )
    purge_rules.confirm(rule=holding, by=cast.chief)
    args |= {
        "captures:ask": [school.pk],
        "captures:channel": [school.pk],
        "captures:file": [done.pk, 0],
        "captures:seen": [failed.pk],
        "captures:upload": [school.pk],
        "keeping:cancel": [proposed.pk],
        "keeping:cancel-erasure": [wrong.pk],
        "keeping:clean": [job.pk],
        "keeping:confirm": [proposed.pk],
        "keeping:confirm-erasure": [wrong.pk],
        "keeping:erase": [done.record.pk],
        "keeping:erasure": [wrong.pk],
        "keeping:disposal": [proposed.pk],
        "keeping:download": [job.pk],
        "keeping:file": [done.record.pk, 0],
        "keeping:hold": [record.pk],
        "keeping:proof": [record.pk],
        "keeping:release": [hold.pk],
        "purging:cancel": [rule.pk],
        "purging:confirm": [rule.pk],
        "purging:rule": [rule.pk],
        "purging:stop": [holding.pk],
    }
    kept = {"title": "Five years", "years": "5", "starts": "sealed", "basis": "KS 2"}
    sent |= {
        "admin:archive_retentionrule_add": {**kept, "applies_to": "kind-document"},
        "admin:archive_retentionrule_change": kept,
        "admin:archive_retentionrule_delete": {"post": "yes"},
        # Not said what is going to change.
        "captures:ask": {"reason": "change"},
        "keeping:confirm": {"sure": "on"},
        "keeping:confirm-erasure": {"sure": "on"},
        "keeping:exports": {"first": today, "last": today, "note": "Test"},
        "keeping:hold": {"reason": "Court case"},
        "keeping:release": {"reason": "Settled"},
        "purging:confirm": {"sure": "on"},
        "purging:stop": {"reason": "Too early"},
    }
