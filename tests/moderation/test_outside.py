"""Comments that have no tie to the municipality's channels (K-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from archive.models import Record
from channels.models import Attachment, Message, Version
from moderation import decisions, meeting, outside, replies, reports
from moderation.models import Case, Finding, Report
from moderation.refusals import Refused
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel
    from tests.conftest import Cast

RUDE = "Vilken jävla skit är det här?"
WHY = "En debatt i någon annans grupp."


def marked(channel: Channel, cast: Cast, text: str = RUDE, **changes) -> Case:
    case = make.case(channel, text, **changes)
    outside.mark_outside(case=case, by=cast.anna, reason=WHY)
    return Case.objects.select_related("message", "channel").get(pk=case.pk)


def test_nothing_is_owed_and_nothing_archived(school_channel: Channel, cast: Cast):
    """K-16: it is no public record and need not be kept."""
    case = marked(school_channel, cast)
    assert (case.state, case.due_at) == (Case.State.OUTSIDE, None)
    assert set(case.duties.values_list("outcome", flat=True)) == {"lifted"}
    decision = case.decisions.get()
    assert (decision.verb, decision.by, decision.reason) == ("outside", cast.anna, WHY)
    for act in (
        lambda: meeting.seal_record(case=case, by=cast.anna),
        lambda: decisions.remove(
            case=case, by=cast.anna, rule=make.rule(), reason="Swears."
        ),
        lambda: replies.reply(case=case, by=cast.anna, text="Hej!"),
    ):
        with pytest.raises(Refused, match="outside our channels"):
            act()
    assert not Record.objects.exists()


def test_whoever_reported_it_is_told(school_channel: Channel, cast: Cast):
    """K-15, K-16."""
    case = make.case(school_channel, RUDE, permalink="https://social.example/c/9")
    report = reports.receive(address="https://social.example/c/9", what="Fult!")
    outside.mark_outside(case=case, by=cast.anna, reason=WHY)
    report.refresh_from_db()
    assert report.outcome == Report.Outcome.ELSEWHERE


def test_what_is_a_record_of_ours_cannot_be_outside(school_channel, cast: Cast):
    """K-16, K-17, K-19: letters, what is archived and what we have answered."""
    letter = make.case(school_channel, RUDE, kind="dm")
    with pytest.raises(Refused, match="received record"):
        outside.mark_outside(case=letter, by=cast.anna, reason=WHY)
    sealed = make.case(school_channel, RUDE)
    meeting.seal_record(case=sealed, by=cast.anna)
    with pytest.raises(Refused, match="in the archive already"):
        outside.mark_outside(case=sealed, by=cast.anna, reason=WHY)
    answered = make.case(school_channel, "När öppnar ni?")
    replies.reply(case=answered, by=cast.anna, text="Klockan tio.")
    with pytest.raises(Refused, match="has answered it"):
        outside.mark_outside(case=answered, by=cast.anna, reason=WHY)
    open_one = make.case(school_channel, RUDE)
    with pytest.raises(Refused, match="Say why"):
        outside.mark_outside(case=open_one, by=cast.anna, reason=" ")
    with pytest.raises(Refused, match="no mandate"):
        outside.mark_outside(case=open_one, by=cast.bo, reason=WHY)


def test_it_is_taken_back_with_what_was_owed(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    before = dict(case.duties.open().values_list("kind", "since"))
    outside.mark_outside(case=case, by=cast.anna, reason=WHY)
    outside.mark_inside(case=case, by=cast.anna, reason="Det var vår vägg.")
    case.refresh_from_db()
    assert case.state == Case.State.NEW
    assert dict(case.duties.open().values_list("kind", "since")) == before
    assert case.due_at is not None
    case.message.refresh_from_db()
    assert (case.message.outside_at, case.message.outside_by) == (None, None)


def test_in_time_its_text_goes(school_channel: Channel, cast: Cast, settings):
    """K-16: purged by the retention rule, and not read in anew."""
    settings.OUTSIDE_KEPT_DAYS = 30
    kept = marked(school_channel, cast, id="young")
    picture = make.attached(make.picture())
    gone = marked(school_channel, cast, id="old", attachments=(picture,))
    assert gone.findings.exclude(sentences={}).exists()
    Message.objects.filter(pk=gone.message_id).update(
        outside_at=timezone.now() - timedelta(days=31)
    )
    assert outside.purge() == 1
    assert outside.purge() == 0
    message = Message.objects.get(pk=gone.message_id)
    assert (message.text, message.author_name, message.author_id) == ("", "", "")
    assert not Version.objects.filter(message=message).exclude(text="").exists()
    assert not Finding.objects.filter(case=gone).exclude(sentences={}).exists()
    assert Attachment.objects.get().missing == Attachment.Missing.LET_GO
    assert Message.objects.get(pk=kept.message_id).text == RUDE
    with pytest.raises(Refused, match="text is gone"):
        outside.mark_inside(case=gone, by=cast.anna, reason="x")
    again = make.receive(
        school_channel,
        make.item(RUDE, id="old"),
        make.item(f"{RUDE} Och en sak till.", id="young"),
    )
    assert (again.new, again.changed) == (0, 0)
    assert Message.objects.get(pk=message.pk).text == ""
    assert Message.objects.get(pk=kept.message_id).text == RUDE


def test_the_database_lets_no_other_text_go(school_channel: Channel, cast: Cast):
    """K-16, K-19: only what was marked as outside, and only its text."""
    ours = make.case(school_channel, RUDE)
    theirs = marked(school_channel, cast)
    version, other = ours.message.versions.get(), theirs.message.versions.get()
    finding = theirs.findings.first()
    assert finding is not None
    for statement in (
        f"UPDATE channels_version SET text = '', raw = '' WHERE id = {version.pk}",
        f"UPDATE channels_version SET text = 'x', raw = '' WHERE id = {other.pk}",
        f"UPDATE channels_version SET text = '', number = 9 WHERE id = {other.pk}",
        f"DELETE FROM channels_version WHERE id = {other.pk}",
        f"UPDATE moderation_finding SET entry = '', sentences = '{{}}'"
        f" WHERE id = {finding.pk}",
        f"UPDATE moderation_finding SET sentences = '{{}}' WHERE case_id = {ours.pk}",
        f"DELETE FROM moderation_finding WHERE id = {finding.pk}",
    ):
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with pytest.raises(IntegrityError, match="message_purged"), transaction.atomic():
        Message.objects.filter(pk=ours.message_id).update(purged_at=timezone.now())
