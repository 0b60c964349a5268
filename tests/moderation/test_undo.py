"""Taking back what was just done, while the platform has not been told."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive.models import LogEntry, Record
from channels import delivery, registration
from channels.models import Delivery
from channels.platforms.base import Batch, Outcome, Ref, Seen
from moderation import decisions, drafts, replies, reports, undoing
from moderation.models import Case, Decision, Draft, Duty, Reply, Undoing
from moderation.refusals import Refused
from tests import make

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from channels.models import Channel, User
    from tests.conftest import Cast

RUDE = "Ni är en jävla skitkommun, varför svarar ni aldrig?"


@pytest.fixture(autouse=True)
def _grace(settings: SettingsWrapper) -> None:
    settings.UNDO_SECONDS = 10


def as_it_is(case: Case) -> tuple[object, ...]:
    """What an act changes: the state, the deadline and what is owed."""
    case.refresh_from_db()
    owed = Duty.objects.filter(case=case).order_by("pk")
    return (
        case.state,
        case.due_at,
        list(owed.values_list("kind", "due_at", "closed_at", "outcome", "closed_with")),
    )


def hide(case: Case, by: User) -> Decision:
    return decisions.hide(case=case, by=by, rule=make.rule(), reason="Swears.")


def remove(case: Case, by: User) -> Decision:
    return decisions.remove(case=case, by=by, rule=make.rule(), reason="Swears.")


def restore(case: Case, by: User) -> Decision:
    return decisions.restore(case=case, by=by, reason="A quotation.")


def keep(case: Case, by: User) -> Decision:
    return decisions.keep(case=case, by=by)


def reply(case: Case, by: User) -> Reply:
    return replies.reply(case=case, by=by, text="Vi återkommer i morgon.")


Act = Callable[["Case", "User"], "Decision | Reply"]


@pytest.mark.parametrize("act", [keep, hide, remove, reply])
def test_everything_is_as_before(act: Act, school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    before = as_it_is(case)
    done = act(case, cast.anna)
    assert as_it_is(case) != before
    closed = set(case.duties.exclude(closed_at=None).values_list("kind", flat=True))

    made = undoing.undo(case=case, by=cast.anna)

    assert as_it_is(case) == before
    assert (made.by, made.case) == (cast.anna, case)
    assert made.mandate == school_channel.mandates.get()
    assert done in (made.decision, made.reply)
    assert {one["kind"] for one in made.reopened} == closed


def test_an_answer_taken_back_lies_in_the_box_to_be_mended(
    school_channel: Channel, cast: Cast
):
    """M-R3: the words as they were written, without the signature, and what they told
    of; the page opens the box with them."""
    case = make.case(school_channel, RUDE)
    text = "Vi återkommer i morgon.\n\n/ så är det"
    replies.reply(case=case, by=cast.anna, text=text, tells=["refer"])
    undoing.undo(case=case, by=cast.anna)

    draft = Draft.objects.open().get()
    assert (draft.case, draft.writer) == (case, cast.anna)
    assert (draft.text, draft.tells) == (text, ["refer"])

    client = Client()
    client.force_login(cast.anna)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "You took this answer back" in page
    assert re.search(r'id="answer"\s+open', page)
    assert "Vi återkommer i morgon." in page

    # Sent again, it is an answer like any other.
    case.refresh_from_db()
    again = replies.reply(case=case, by=cast.anna, text="Vi svarar i dag.")
    assert again.draft == draft
    assert not Draft.objects.open().exists()


def test_a_draft_begun_since_is_not_written_over(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    reply(case, cast.anna)
    drafts.save(case=case, by=cast.anna, text="Ett tillägg.")

    undoing.undo(case=case, by=cast.anna)

    assert Draft.objects.open().get().text == "Ett tillägg."


def test_the_platform_is_never_told_of_what_was_undone(
    school_channel: Channel, cast: Cast
):
    case = make.case(school_channel, RUDE)
    sent = hide(case, cast.anna).delivery
    assert sent is not None
    assert sent.not_before > timezone.now() + timedelta(seconds=8)
    assert delivery.deliver_due() == 0, "it waits"

    undoing.undo(case=case, by=cast.anna)

    Delivery.objects.filter(pk=sent.pk).update(not_before=timezone.now())
    assert delivery.deliver_due() == 0
    sent.refresh_from_db()
    assert (sent.state, sent.attempts) == (Delivery.State.WITHDRAWN, 0)
    assert sent.withdrawn_by == cast.anna
    assert sent.settled_at is not None
    assert not Delivery.objects.stuck().exists()


def test_the_sealed_record_stays(school_channel: Channel, cast: Cast):
    """K-19: what was sealed is in the archive for good; the page says so."""
    case = make.case(school_channel, RUDE)
    record = remove(case, cast.anna).record
    assert record is not None
    undoing.undo(case=case, by=cast.anna)
    assert Record.objects.filter(pk=record.pk).exists()
    assert LogEntry.objects.filter(record_id=record.pk).exists()
    client = Client()
    client.force_login(cast.anna)
    page = client.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "The sealed record stays in the archive." in page
    assert "taken back: the platform was never told" in page


def test_a_second_act_is_undone_before_the_first(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    fresh = as_it_is(case)
    keep(case, cast.anna)
    kept = as_it_is(case)
    hide(case, cast.anna)
    undoing.undo(case=case, by=cast.anna)
    assert as_it_is(case) == kept
    undoing.undo(case=case, by=cast.anna)
    assert as_it_is(case) == fresh
    with pytest.raises(Refused, match="nothing to undo"):
        undoing.undo(case=case, by=cast.anna)


def test_taking_a_hiding_back_can_be_taken_back(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    sent = hide(case, cast.anna).delivery
    assert sent is not None
    Delivery.objects.filter(pk=sent.pk).update(not_before=timezone.now())
    delivery.deliver_due()
    hidden = as_it_is(case)
    restore(case, cast.anna)
    undoing.undo(case=case, by=cast.anna)
    assert as_it_is(case) == hidden
    with pytest.raises(Refused, match="Make the message visible again instead"):
        undoing.undo(case=case, by=cast.anna)


def test_a_call_that_has_begun_cannot_be_undone(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    sent = remove(case, cast.anna).delivery
    assert sent is not None
    after = as_it_is(case)
    for state in (Delivery.State.SENDING, Delivery.State.WAITING):
        # Waiting again after an attempt that had no clear answer.
        Delivery.objects.filter(pk=sent.pk).update(state=state, attempts=1)
        with pytest.raises(Refused, match="told already"):
            undoing.undo(case=case, by=cast.anna)
    assert as_it_is(case) == after
    assert not Undoing.objects.exists()


def test_only_the_one_who_did_it_undoes_it(school_channel: Channel, cast: Cast):
    registration.give_mandate(channel=school_channel, person=cast.bo, by=cast.hanna)
    case = make.case(school_channel, RUDE)
    hide(case, cast.anna)
    with pytest.raises(Refused, match="Anna Test did this, and only they can undo"):
        undoing.undo(case=case, by=cast.bo)
    assert undoing.undoable(case, cast.bo) is None
    act = undoing.undoable(case, cast.anna)
    assert act is not None
    assert 0 < act.seconds_left <= 10


def test_keeping_can_be_undone_for_ten_minutes(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    keep(case, cast.anna)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE moderation_decision SET at = at - interval '11 minutes'")
        cursor.execute("SET session_replication_role = DEFAULT")
    with pytest.raises(Refused, match="too late"):
        undoing.undo(case=case, by=cast.anna)
    assert undoing.undoable(case, cast.anna) is None


def test_what_has_happened_since_is_not_undone_unseen(
    school_channel: Channel, cast: Cast
):
    """K-15: a report that came after the decision is not lost with it."""
    case = make.case(school_channel, "Hej", permalink="https://social.example/c/7")
    keep(case, cast.anna)
    case.refresh_from_db()
    seen = case.turn
    report = reports.receive(address="https://social.example/c/7", what="Fult!")
    with pytest.raises(Refused, match="after you opened this"):
        undoing.undo(case=case, by=cast.anna, turn=seen)
    undoing.undo(case=case, by=cast.anna)
    case.refresh_from_db()
    report.refresh_from_db()
    assert case.state == Case.State.NEW
    assert report.closed_at is None
    assert case.duties.filter(kind="report", closed_at=None).count() == 1
    assert case.due_at is not None


def test_the_reports_that_it_answered_wait_again(school_channel: Channel, cast: Cast):
    """K-15: who reported is not told of what did not happen."""
    case = make.case(school_channel, RUDE, permalink="https://social.example/c/8")
    report = reports.receive(address="https://social.example/c/8", what="Fult!")
    remove(case, cast.anna)
    undoing.undo(case=case, by=cast.anna)
    report.refresh_from_db()
    assert (report.closed_at, report.closed_by, report.outcome) == (None, None, "")


def test_an_undoing_only_grows_and_is_of_one_act(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    hide(case, cast.anna)
    made = undoing.undo(case=case, by=cast.anna)
    for refused in (
        lambda: Undoing.objects.filter(pk=made.pk).update(by=cast.bo),
        lambda: Undoing.objects.filter(pk=made.pk).delete(),
        lambda: Undoing.objects.create(case=case, by=cast.anna, mandate=made.mandate),
        lambda: Undoing.objects.create(
            case=case, decision=made.decision, by=cast.anna, mandate=made.mandate
        ),
        lambda: Delivery.objects.filter(decision=made.decision).update(attempts=1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            refused()


# -- Races -------------------------------------------------------------------------


class Slow:
    """A platform that answers when it is let: between the claim and the answer."""

    def __init__(self) -> None:
        self.called, self.go_on = threading.Event(), threading.Event()
        self.calls = 0

    def recheck(self, refs: list[Ref]) -> Batch:
        return Batch(changes=[])

    def hide(self, ref: Ref, *, key: str) -> Outcome:
        self.calls += 1
        self.called.set()
        assert self.go_on.wait(20)
        return Outcome(id="1", seen=Seen.HIDDEN)


def in_a_thread(act: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Runs with a connection of its own; what it answers or raises is kept."""
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(act())
        except Exception as error:
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


@pytest.mark.django_db(transaction=True)
def test_the_worker_that_was_first_is_not_undone(
    school_channel: Channel, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    """The worker has claimed the row and speaks to the platform: undoing is refused in
    words, and the message is hidden as decided."""
    case = make.case(school_channel, RUDE)
    sent = hide(case, cast.anna).delivery
    assert sent is not None
    Delivery.objects.filter(pk=sent.pk).update(not_before=timezone.now())
    platform = Slow()
    monkeypatch.setattr(delivery, "connector_of", lambda channel: platform)
    worker, taken = in_a_thread(delivery.deliver_due)
    assert platform.called.wait(20), taken

    with pytest.raises(Refused, match="told already"):
        undoing.undo(case=case, by=cast.anna)

    platform.go_on.set()
    worker.join(20)
    assert taken == [1]
    sent.refresh_from_db()
    case.refresh_from_db()
    assert (sent.state, case.state) == (Delivery.State.DONE, Case.State.HIDDEN)


@pytest.mark.django_db(transaction=True)
def test_the_officer_that_was_first_stops_the_worker(
    school_channel: Channel, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    """The row is locked by the undoing: the worker passes it by, then and later."""
    case = make.case(school_channel, RUDE)
    sent = hide(case, cast.anna).delivery
    assert sent is not None
    Delivery.objects.filter(pk=sent.pk).update(not_before=timezone.now())
    platform = Slow()
    monkeypatch.setattr(delivery, "connector_of", lambda channel: platform)
    with transaction.atomic():
        undoing.undo(case=case, by=cast.anna)
        worker, taken = in_a_thread(delivery.deliver_due)
        worker.join(20)
        assert taken == [0]
    assert delivery.deliver_due() == 0
    assert platform.calls == 0
    sent.refresh_from_db()
    assert sent.state == Delivery.State.WITHDRAWN


@pytest.mark.django_db(transaction=True)
def test_the_one_who_waits_for_the_other_sees_what_the_other_did(
    school_channel: Channel, cast: Cast
):
    """The claim holds the row while the officer presses: undoing waits for it, then
    finds the attempt counted."""
    case = make.case(school_channel, RUDE)
    sent = hide(case, cast.anna).delivery
    assert sent is not None
    Delivery.objects.filter(pk=sent.pk).update(not_before=timezone.now())
    with transaction.atomic():
        claimed = delivery._claim()
        assert claimed is not None
        officer, answer = in_a_thread(lambda: undoing.undo(case=case, by=cast.anna))
        officer.join(0.5)
        assert officer.is_alive(), "it waits for the claim"
    officer.join(20)
    assert isinstance(answer[0], Refused)
    assert "told already" in str(answer[0])
    assert not Undoing.objects.exists()


# -- The page ------------------------------------------------------------------------


def test_the_button_says_until_when(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, RUDE)
    make.case(school_channel, "Vad kostar bussen?")
    client = Client()
    client.force_login(cast.anna)
    form = {"turn": case.turn, "rule": make.rule().pk, "reason": "Swears."}
    path = reverse("desk:act", args=[case.pk, "hide"])
    page = client.post(path, form, follow=True).content.decode()
    sent = Delivery.objects.get()
    clock = timezone.localtime(sent.not_before).strftime("%H:%M:%S")
    assert f"until {clock}; the platform has not been told." in page
    case.refresh_from_db()
    back = client.post(
        reverse("desk:act", args=[case.pk, "undo"]), {"turn": case.turn}, follow=True
    )
    assert back.redirect_chain[-1][0] == reverse("desk:case", args=[case.pk])
    assert "Undone." in back.content.decode()
    case.refresh_from_db()
    assert case.state == Case.State.NEW
