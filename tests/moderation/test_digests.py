"""The morning's e-mail: reminders before the deadline, escalation after it (K-14)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from channels import registration
from channels.models import ClosingDay, Letter, Mandate
from moderation import absences, assignment, digests
from moderation.models import Case, Digest, Duty
from moderation.tasks import write_digests
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel
    from tests.conftest import Cast

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def now_is(text: str) -> time_machine.travel:
    return time_machine.travel(at(text).astimezone(UTC), tick=False)


def owed(channel: Channel, due: str, text: str = "När öppnar badet?") -> Case:
    """A message whose answer is due at a given time."""
    case = make.case(channel, text)
    moment = at(due)
    Duty.objects.filter(case=case).update(due_at=moment)
    Case.objects.filter(pk=case.pk).update(due_at=moment)
    return case


@pytest.fixture
def channel(cast: Cast) -> Channel:
    """Anna and Bo answer for the schools; it is the spring of 2026."""
    with now_is("2026-03-02 09:00"):
        channel = make.channel(cast.anna, cast.schools, name="Schools of Testnäs")
        registration.give_mandate(channel=channel, person=cast.bo, by=cast.hanna)
    Letter.objects.all().delete()
    return channel


def mails() -> dict[str, Letter]:
    return {
        letter.to.partition("@")[0]: letter for letter in Letter.objects.order_by("pk")
    }


def told_at(text: str) -> int:
    with now_is(text):
        return digests.write_due()


def test_who_is_told_what_on_a_working_morning(channel: Channel, cast: Cast):
    """K-14: those who answer learn of what is due today and overdue; the head of the
    department and the information chief only of what is overdue."""
    with now_is("2026-03-30 15:00"):
        mine = owed(channel, "2026-03-30 09:12")
        assignment.claim(case=mine, by=cast.anna)
        owed(channel, "2026-03-31 10:30")
        owed(channel, "2026-03-31 14:00")
        owed(channel, "2026-04-01 09:00")
    assert told_at("2026-03-31 08:00") == 4
    sent = mails()
    assert set(sent) == {"anna", "bo", "hanna", "chief"}
    assert sent["anna"].subject == "Kanalvakt: 1 overdue, 2 due today"
    assert sent["anna"].body == (
        "With you\n"
        "  1 overdue, since 30 March 09:12\n"
        f"{settings.BASE_URL}/admin/desk/?tab=mine\n"
        "\n"
        "On your channels, with nobody yet\n"
        "  Schools of Testnäs: 2 due today, the first at 10:30\n"
        f"{settings.BASE_URL}/admin/desk/\n"
        "\n"
        "Sent at most once on a working day, when something is due.\n"
    )
    assert sent["bo"].subject == "Kanalvakt: 0 overdue, 2 due today"
    assert "With you" not in sent["bo"].body
    assert sent["hanna"].subject == "Kanalvakt: 1 message is overdue"
    assert sent["hanna"].body.startswith(
        "Overdue in Schools\n"
        "  Schools of Testnäs: 1 overdue, since 30 March 09:12\n"
        f"{settings.BASE_URL}/admin/desk/team/\n"
    )
    assert sent["chief"].subject == sent["hanna"].subject


def test_nobody_is_told_twice_on_a_day(channel: Channel, cast: Cast):
    """K-14: the clock asks every few minutes; one e-mail a person and working day."""
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-31 10:30")
    assert told_at("2026-03-31 08:00") == 2
    with now_is("2026-03-31 12:00"):
        owed(channel, "2026-03-31 13:00")
    for clock in ("08:05", "12:05", "16:59"):
        assert told_at(f"2026-03-31 {clock}") == 0
    assert told_at("2026-04-01 08:00") == 4


def test_nothing_to_tell_is_told_to_nobody_and_not_looked_up_again(
    channel: Channel, cast: Cast
):
    assert told_at("2026-03-31 08:00") == 0
    assert Digest.objects.filter(letter=None).count() == 4
    with now_is("2026-03-31 09:00"):
        owed(channel, "2026-03-31 16:00")
    assert told_at("2026-03-31 09:05") == 0


@pytest.mark.parametrize(
    "when",
    [
        "2026-03-31 07:59",  # before the office opens
        "2026-03-31 17:00",  # when it has closed
        "2026-04-03 09:00",  # Good Friday
        "2026-04-04 09:00",  # Saturday
        "2026-04-06 09:00",  # Easter Monday
        "2026-06-19 09:00",  # Midsummer Eve
        "2026-04-02 09:00",  # a closing day of this municipality
    ],
)
def test_nobody_is_written_to_while_the_office_is_closed(
    when: str, channel: Channel, cast: Cast
):
    """K-14: the country's holidays, the eves and the municipality's own days."""
    ClosingDay.objects.create(
        municipality=cast.municipality, date="2026-04-02", reason="Planning"
    )
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-30 16:00")
    assert told_at(when) == 0
    assert not Digest.objects.exists()


def test_a_clock_that_stood_still_over_easter_catches_up_with_one_mail(
    channel: Channel, cast: Cast
):
    """K-14: late is told once, not once for each day that was missed."""
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-31 16:00")
    assert told_at("2026-03-31 08:00") == 2
    # The beat stops here and is started again on the Tuesday after Easter, at noon.
    assert told_at("2026-04-07 12:00") == 4
    assert Digest.objects.filter(person=cast.anna).count() == 2
    assert mails()["anna"].subject == "Kanalvakt: 1 overdue, 0 due today"


def test_the_morning_is_the_municipality_s_own(channel: Channel, cast: Cast):
    """Summer time began on 29 March: eight o'clock is 06:00 UTC, the week before it
    was 07:00."""
    with now_is("2026-03-23 15:00"):
        owed(channel, "2026-03-24 10:00")
    with time_machine.travel(datetime(2026, 3, 27, 6, 30, tzinfo=UTC), tick=False):
        assert digests.write_due() == 0
    with time_machine.travel(datetime(2026, 3, 30, 6, 30, tzinfo=UTC), tick=False):
        assert digests.write_due() == 4


def test_it_is_written_in_the_person_s_language(channel: Channel, cast: Cast):
    """The day's date shows the language even before the texts are translated."""
    type(cast.anna).objects.filter(pk=cast.anna.pk).update(language="sv")
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-30 15:30")
    told_at("2026-03-31 08:00")
    assert "30 mars 15:30" in mails()["anna"].body
    assert "30 March 15:30" in mails()["bo"].body


def test_a_digest_holds_nothing_of_the_messages(channel: Channel, cast: Cast):
    """Counts, channels, deadlines and links: a mailbox is no archive of citizens."""
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-30 16:00", "Ring Kim på 070-174 06 05 om simskolan")
    told_at("2026-03-31 08:00")
    for letter in Letter.objects.all():
        for word in ("Kim", "070", "simskolan", "Karlsson", "@kim"):
            assert word not in letter.subject + letter.body


def test_the_cover_is_told_and_who_is_away_is_not(channel: Channel, cast: Cast):
    """M-O2: what lies with Bo is told to Anna while he is away."""
    with now_is("2026-03-30 15:00"):
        case = owed(channel, "2026-03-31 10:30")
        assignment.claim(case=case, by=cast.bo)
        absences.register(
            person=cast.bo,
            cover=cast.anna,
            starts_on=at("2026-03-31 00:00").date(),
            ends_on=at("2026-04-10 00:00").date(),
            by=cast.bo,
        )
    assert told_at("2026-03-31 08:00") == 1
    assert "With you\n  1 due today at 10:30" in mails()["anna"].body
    assert not Digest.objects.filter(person=cast.bo).exists()
    # Back again, he is told like everybody.
    told_at("2026-04-13 08:00")
    assert "With you\n  1 overdue" in mails()["bo"].body


def test_the_cover_of_a_head_who_is_away_is_told_what_is_overdue(
    channel: Channel, cast: Cast
):
    """K-14, M-O2: the escalation goes to who stands in, and says for whom."""
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-30 16:00")
        absences.register(
            person=cast.hanna,
            cover=cast.otto,
            starts_on=at("2026-03-31 00:00").date(),
            ends_on=at("2026-04-01 00:00").date(),
            by=cast.hanna,
        )
    told_at("2026-03-31 08:00")
    sent = mails()
    assert "hanna" not in sent
    assert (
        "Overdue in Schools\nYou are told since you cover for Hanna Test.\n"
        "  Schools of Testnäs: 1 overdue"
    ) in sent["otto"].body
    assert "cover for" not in sent["chief"].body
    # Back again, she is told herself.
    told_at("2026-04-02 08:00")
    assert "Overdue in Schools\n  Schools" in mails()["hanna"].body


def test_a_cover_without_an_account_covers_for_no_head(channel: Channel, cast: Cast):
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-30 16:00")
        absences.register(
            person=cast.hanna,
            cover=cast.otto,
            starts_on=at("2026-03-31 00:00").date(),
            ends_on=at("2026-04-01 00:00").date(),
            by=cast.hanna,
        )
    cast.otto.is_active = False
    cast.otto.save(update_fields=["is_active"])
    told_at("2026-03-31 08:00")
    assert "Overdue in Schools" in mails()["hanna"].body


def test_what_lies_with_somebody_without_a_mandate_is_everybody_s(
    channel: Channel, cast: Cast
):
    """No duty lies for ever with a person who may not meet it."""
    with now_is("2026-03-30 15:00"):
        case = owed(channel, "2026-03-31 10:30")
        assignment.claim(case=case, by=cast.bo)
    Mandate.objects.filter(person=cast.bo).update(ends_on="2026-03-30")
    assert told_at("2026-03-31 08:00") == 1
    assert "with nobody yet\n  Schools of Testnäs: 1 due" in mails()["anna"].body


def test_a_head_learns_of_their_own_department_only(channel: Channel, cast: Cast):
    """K-14: escalation to who answers for it, and all of it to the chief."""
    with now_is("2026-03-30 15:00"):
        street = make.channel(cast.otto, cast.streets, name="Streets and parks")
        Letter.objects.all().delete()
        owed(channel, "2026-03-30 16:00")
        owed(street, "2026-03-30 16:00")
        owed(street, "2026-03-30 16:10")
    told_at("2026-03-31 08:00")
    sent = mails()
    assert "Streets" not in sent["hanna"].body
    assert "Overdue in Streets\n" in sent["otto"].body
    assert (
        "Overdue in the departments\n"
        "  Streets and parks: 2 overdue, the oldest since 30 March 16:00\n"
        "  Schools of Testnäs: 1 overdue, since 30 March 16:00\n"
    ) in sent["chief"].body


def test_a_digest_that_was_written_stays(channel: Channel, cast: Cast):
    told_at("2026-03-31 08:00")
    for change in (
        Digest.objects.all().delete,
        lambda: Digest.objects.update(day=at("2026-04-01 00:00").date()),
    ):
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            change()


def test_the_clock_asks_for_it(channel: Channel, cast: Cast):
    """The beat's schedule names the task, and the task writes."""
    planned = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert write_digests.name in planned
    assert write_digests.name in current_app.tasks
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-31 10:30")
    with now_is("2026-03-31 08:00"):
        assert write_digests() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_one_letter_each_person(
    channel: Channel, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    """PostgreSQL holds what was sent: whoever comes second takes its letter back."""
    with now_is("2026-03-30 15:00"):
        owed(channel, "2026-03-31 10:30")
    together = threading.Barrier(2)
    written: list[int] = []
    original = digests._told

    def told(*args):
        found = original(*args)
        together.wait(10)
        return found

    def work() -> None:
        try:
            written.append(digests.write_due(at("2026-03-31 08:00")))
        finally:
            connection.close()

    monkeypatch.setattr(digests, "_told", told)
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(written) == 2
    assert Letter.objects.count() == 2
    assert Digest.objects.exclude(letter=None).count() == 2
