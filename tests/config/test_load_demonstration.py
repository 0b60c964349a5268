"""`manage.py load_demonstration`: through the product's own verbs, once, and only where
nothing else is."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from archive.models import Record
from archive.verification import verify
from channels import delivery
from channels.models import (
    Attachment,
    Channel,
    Delivery,
    Message,
    Municipality,
    Stream,
    User,
)
from config.demonstration import load
from moderation.models import (
    Case,
    Confirmation,
    DeadlineChange,
    Decision,
    Duty,
    Finding,
    Report,
)
from tests import make

if TYPE_CHECKING:
    from collections.abc import Iterator


class Shown:
    """One load for the whole module, in a transaction that is never kept. The tests
    with a database of their own run before it begins: pytest-django puts them first."""

    def __init__(self, lines: list[list[str]]) -> None:
        self.lines = lines


@pytest.fixture(scope="module")
def shown(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shown]:
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KANALVAKT_DEMONSTRATION", "1")
            out = io.StringIO()
            call_command("load_demonstration", stdout=out)
        lines = [line.split("\t") for line in out.getvalue().splitlines()]
        yield Shown(lines)
        transaction.set_rollback(True)


def test_every_account_is_printed_and_lets_its_owner_in(shown: Shown) -> None:
    assert len(shown.lines) == User.objects.count() == 15
    for role, username, password in shown.lines:
        assert role
        assert authenticate(username=username, password=password) is not None
    assert len({password for _role, _username, password in shown.lines}) == 15


def test_roles_come_from_groups_and_one_administrator_has_all(shown: Shown) -> None:
    roles = [role.split(" (")[0] for role, _username, _password in shown.lines]
    assert roles.count("Administrator") == 1
    assert User.objects.filter(is_superuser=True).count() == 1
    assert not User.objects.filter(is_superuser=False, groups=None).exists()


def test_channels_were_approved_by_their_own_heads(shown: Shown) -> None:
    """K-6, K-8: proposed by an officer, decided by the head, who can say no."""
    active = Channel.objects.active()
    assert active.count() == 6
    for channel in active:
        assert channel.decided_by == channel.department.head
        assert channel.mandates.in_force().exists()
    assert Channel.objects.filter(decision="refused").count() == 1
    assert Channel.objects.waiting().count() == 1


def test_every_message_came_through_the_intake(shown: Shown) -> None:
    """K-14, K-17: a case each; duties with their deadline; direct messages sealed."""
    content = load.read.read(now=load.timezone.now())
    # Our own answers are on the wall only when they have been delivered.
    assert Message.objects.count() == len(content.messages)
    assert Case.objects.count() == Message.objects.count()
    assert Finding.objects.count() > 30
    assert Duty.objects.open().count() > 30
    direct = Case.objects.filter(message__kind=Message.Kind.DM, message__is_ours=False)
    assert direct.count() > 20
    assert not direct.filter(received_record=None).exists()


def test_every_kind_of_duty_is_there_to_be_seen(shown: Shown) -> None:
    """M-R2 to M-R6, K-17: open for the visitor, and met, waived and lifted before."""
    kinds = set(Duty.objects.open().values_list("kind", flat=True))
    assert kinds == set(Duty.Kind.values)
    outcomes = set(Duty.objects.exclude(outcome="").values_list("outcome", flat=True))
    assert outcomes == set(Duty.Outcome.values)
    met = Duty.objects.filter(kind=Duty.Kind.DOCUMENT, outcome=Duty.Outcome.MET)
    assert met.exists()
    said = set(Confirmation.objects.values_list("outcome", flat=True))
    assert said >= {"accepted", "corrected"}
    assert DeadlineChange.objects.count() == 1
    assert Case.objects.filter(state=Case.State.OUTSIDE).count() == 1


def test_threads_and_edits_are_whole(shown: Shown) -> None:
    edited = Message.objects.filter(versions_count=2)
    content = load.read.read(now=load.timezone.now())
    assert edited.count() == sum(1 for one in content.messages if one.edited_text)
    answers = Message.objects.exclude(parent_id_there="")
    assert answers.count() == sum(1 for one in content.messages if one.parent_id)
    for answer in answers:
        parent = Message.objects.get(
            channel=answer.channel, external_id=answer.parent_id_there, kind=answer.kind
        )
        assert parent.posted_at < answer.posted_at


def test_citizens_have_sent_pictures(shown: Shown) -> None:
    """K-17: that of a direct message is in its record already."""
    sent = Message.objects.filter(attachments_count=1)
    content = load.read.read(now=load.timezone.now())
    assert sent.count() == sum(1 for one in content.messages if one.pictures)
    assert set(load.drawings.DRAWN) == load.read.PICTURES
    assert not Attachment.objects.exclude(width=960, missing="").exists()
    letter = sent.get(kind=Message.Kind.DM)
    assert letter.case.received_record.files.get().name == "hål i vägen.jpg"


def test_what_was_taken_down_has_its_record(shown: Shown) -> None:
    """K-19, K-23."""
    taken = Decision.objects.filter(verb__in=["hide", "remove"])
    assert taken.count() >= 10
    assert not taken.filter(record=None).exists()
    acts = Delivery.objects.filter(act__in=["hide", "delete"])
    assert acts.count() == taken.count()
    assert not acts.filter(record=None).exists()
    assert Record.objects.count() >= taken.count() + 20
    assert Decision.objects.filter(verb="restore").count() == 1


def test_reports_wait_beside_their_messages(shown: Shown) -> None:
    """K-15, K-24."""
    assert Report.objects.open().count() == 3
    assert Report.objects.filter(case=None).count() == 1


def test_little_is_overdue_when_the_visitor_comes(shown: Shown) -> None:
    """K-14: what was written in the last day is due on the next working day."""
    assert Case.objects.overdue().count() <= 25


def test_the_archive_is_as_it_was_sealed(shown: Shown) -> None:
    report = verify(processes=1, with_files=False)
    assert report.faults == []
    assert report.records == Record.objects.count()


def test_the_walls_can_be_read_again_without_change(shown: Shown) -> None:
    assert not Stream.objects.exclude(last_error="").exists()
    before = Message.objects.count()
    for stream in Stream.objects.filter(channel__platform="practice"):
        load.polling.poll(stream)
    assert Message.objects.count() == before


def test_a_second_call_says_that_it_is_there(shown: Shown) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("load_demonstration", stdout=out, stderr=err)
    assert out.getvalue() == ""
    assert "already" in err.getvalue()
    assert User.objects.count() == 15


def test_what_was_decided_reaches_the_walls(shown: Shown) -> None:
    """Last of those on the loaded municipality, for it changes the walls."""
    waiting = Delivery.objects.unsettled().count()
    assert delivery.deliver_due(most=100) == waiting
    assert not Delivery.objects.exclude(state=Delivery.State.DONE).exists()
    for stream in Stream.objects.filter(channel__platform="practice"):
        load.polling.poll(stream)
    removed = Case.objects.filter(state=Case.State.REMOVED)
    assert {case.message.visibility for case in removed} == {Message.Visibility.GONE}
    sent = Delivery.objects.filter(act=Delivery.Act.REPLY)
    ours = Message.objects.filter(is_ours=True)
    assert {one.result_id for one in sent} <= {one.external_id for one in ours}


@pytest.mark.django_db
def test_a_real_database_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KANALVAKT_DEMONSTRATION", raising=False)
    with pytest.raises(CommandError, match="KANALVAKT_DEMONSTRATION=1"):
        call_command("load_demonstration")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_it_is_never_mixed_with_what_others_entered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KANALVAKT_DEMONSTRATION", "1")
    make.person("Kim")
    with pytest.raises(CommandError, match="not empty"):
        call_command("load_demonstration")
    assert User.objects.count() == 1
    assert not Municipality.objects.exists()
