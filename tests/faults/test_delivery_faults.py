"""What happens to decisions when things die: nothing is lost, nothing is taken away
without its record, no reply is sent twice. On a real WordPress, each fault is real."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from archive.models import Record
from channels import credentials, delivery
from channels.models import Delivery, Stream
from channels.tasks import deliver_due as sweep
from moderation import decisions, polling, replies
from moderation.models import Case, Decision, Reply
from tests import make
from tests.faults.working import wait_until, worker

if TYPE_CHECKING:
    from pathlib import Path

    from channels.models import Channel
    from tests.conftest import Cast
    from tests.peers.services import Services
    from tests.peers.wordpress import Site

pytestmark = [
    pytest.mark.faults,
    pytest.mark.peer_wp,
    pytest.mark.django_db(transaction=True),
]
# Longer than any test waits for a worker to hang there, shorter than a call may take.
HANG_S = 12


@dataclass
class Town:
    """A channel on the real site, with what came in on it."""

    site: Site
    channel: Channel
    cast: Cast
    post: int
    cases: list[Case] = field(default_factory=list)

    def case(self, text: str) -> Case:
        """A citizen comments by the form and the channel is read."""
        number = self.site.comment(self.post, text)
        polling.poll(self.channel.stream)
        case = Case.objects.get(message__external_id=str(number))
        self.cases.append(case)
        return case

    def remove(self, case: Case) -> Delivery:
        decision = decisions.remove(
            case=case, by=self.cast.anna, rule=make.rule(), reason="Swears."
        )
        assert decision.delivery is not None
        return decision.delivery

    def hide(self, case: Case) -> Delivery:
        decision = decisions.hide(
            case=case, by=self.cast.anna, rule=make.rule(), reason="Swears."
        )
        assert decision.delivery is not None
        return decision.delivery

    def reply(self, case: Case, text: str = "Vi öppnar klockan tio.") -> Delivery:
        return replies.reply(case=case, by=self.cast.anna, text=text).delivery

    def there(self, case: Case) -> bool:
        return self.site.stored(int(case.message.external_id)) is not None

    def answers(self, case: Case) -> list[str]:
        return self.site.replies_to(int(case.message.external_id))


@pytest.fixture
def town(wp_one: Site, cast: Cast) -> Iterator[Town]:
    channel = make.channel(
        cast.anna, cast.schools, platform="wordpress", address=wp_one.base
    )
    credentials.keep(channel=channel, values=wp_one.login, by=cast.anna)
    # What stood on the site before is not of this town.
    newest = wp_one.comment(wp_one.post("Först"), "Först.")
    Stream.objects.filter(channel=channel).update(cursor=str(newest))
    channel.stream.refresh_from_db()
    town = Town(wp_one, channel, cast, wp_one.post("Vinter"))
    yield town
    wp_one.mend()
    nothing_is_gone_without_its_record(town)


def nothing_is_gone_without_its_record(town: Town) -> None:
    """K-19, after every fault: what the site no longer shows is in the archive whole,
    and the archive is sound."""
    taken = Delivery.objects.filter(act__in=["hide", "delete"]).exclude(
        error_code=Delivery.EDITED
    )
    for one in taken.select_related("record", "message"):
        assert one.record is not None
        assert one.record.subject == one.message.ref
        assert one.record.facts["message"]["text"] == one.message.text
        assert one.record.facts["sender"]["name"] == "Kim"
    shown = town.site.public_page(town.post)
    for case in town.cases:
        if f'id="comment-{case.message.external_id}"' not in shown:
            assert taken.filter(message=case.message).exists()
    call_command("verify_archive", verbosity=0)


def time_passes(one: Delivery) -> None:
    """The lease and every waiting time are over."""
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(pk=one.pk, state="sending").update(leased_until=past)
    Delivery.objects.filter(pk=one.pk, state="waiting").update(not_before=past)


def settled(one: Delivery, state: str = "done") -> bool:
    one.refresh_from_db()
    return one.state == state


def asked(town: Town, line: str) -> bool:
    return any(request.startswith(line) for request in town.site.requests())


# -- The sender edits after the decision -------------------------------------------


@pytest.mark.parametrize("act", ["remove", "hide"])
def test_what_was_edited_after_the_decision_is_not_taken_away(town: Town, act: str):
    """K-19: what is taken away is what the record holds; the new text is decided on
    anew, and then goes with a record of its own."""
    case = town.case("Bort med det här.")
    one = town.remove(case) if act == "remove" else town.hide(case)
    town.site.edit(int(case.message.external_id), "Det var inte så menat.")
    delivery.deliver_due()
    one.refresh_from_db()
    assert (one.state, one.error_code) == ("failed", "edited")
    assert town.there(case)
    assert one not in Delivery.objects.stuck()
    with pytest.raises(delivery.Refused, match="anew"):
        delivery.try_again(delivery=one, by=town.cast.anna)

    polling.poll_due()
    case.refresh_from_db()
    assert case.state == "new"
    assert case.message.versions_count == 2
    assert case.duties.filter(kind="review", closed_at=None).exists()

    case.message.refresh_from_db()
    again = town.remove(case)
    delivery.deliver_due()
    assert settled(again)
    assert not town.there(case)
    assert again.record is not None
    assert "inte så menat" in again.record.facts["message"]["text"]


# -- The worker dies ---------------------------------------------------------------


def test_a_worker_killed_before_the_call_loses_nothing(town: Town, tmp_path: Path):
    case = town.case("Bort med det här.")
    one = town.remove(case)
    assert one.record_id is not None
    # The request arrives, the site does nothing with it, and the worker dies waiting.
    town.site.fail("DELETE", "/comments", status=503, sleep=HANG_S)
    with worker(tmp_path) as first:
        sweep.delay()
        wait_until(lambda: asked(town, "DELETE"), "the call to the site")
        first.kill()
    one.refresh_from_db()
    assert (one.state, one.attempts) == ("sending", 1)
    assert town.there(case)
    town.site.mend()

    with worker(tmp_path):
        assert delivery.deliver_due() == 0, "the lease of the dead is respected"
        time_passes(one)
        sweep.delay()
        wait_until(lambda: settled(one), "the second worker")
    assert not town.there(case)
    assert (one.attempts, one.observed) == (2, "gone")
    assert Record.objects.filter(subject=case.message.ref).count() == 1


def test_a_worker_killed_after_the_call_finds_it_done(town: Town, tmp_path: Path):
    case = town.case("Bort med det här.")
    one = town.remove(case)
    town.site.fail("DELETE", "/comments", when="after", sleep=HANG_S)
    with worker(tmp_path) as first:
        sweep.delay()
        wait_until(lambda: not town.there(case), "the site to have deleted it")
        first.kill()
    one.refresh_from_db()
    assert (one.state, one.settled_at) == ("sending", None)

    with worker(tmp_path):
        time_passes(one)
        sweep.delay()
        wait_until(lambda: settled(one), "the second worker")
    assert (one.attempts, one.observed, one.error) == (2, "gone", "")
    case.message.refresh_from_db()
    assert case.message.visibility == "gone"
    assert Record.objects.filter(subject=case.message.ref).count() == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_around_a_reply_sends_it_once(
    town: Town, tmp_path: Path, when: str
):
    case = town.case("När öppnar ni?")
    one = town.reply(case)
    town.site.fail(
        "POST",
        "/wp/v2/comments",
        when=when,
        sleep=HANG_S,
        status=503 if when == "before" else 0,
    )
    with worker(tmp_path) as first:
        sweep.delay()
        wait_until(lambda: asked(town, "POST /wp/v2/comm"), "the call")
        if when == "after":
            wait_until(lambda: town.answers(case), "the reply to stand there")
        first.kill()
    town.site.mend()

    with worker(tmp_path):
        time_passes(one)
        sweep.delay()
        wait_until(lambda: settled(one), "the second worker")
    (answer,) = town.answers(case)
    assert "Vi öppnar klockan tio." in answer
    assert one.result_id
    assert Reply.objects.filter(delivery=one).count() == 1


# -- The broker and the database die -----------------------------------------------


def test_decisions_go_on_without_the_broker_and_are_carried_out_after_it(
    town: Town, services: Services, tmp_path: Path
):
    """The worker lives through it and sweeps by itself: nobody nudges it."""
    gone, hidden, asked_ = (town.case(text) for text in ("Ett.", "Två.", "När?"))
    with worker(tmp_path, beat=True):
        services.stop_valkey()
        try:
            began = time.monotonic()
            sent = [town.remove(gone), town.hide(hidden), town.reply(asked_)]
            took = time.monotonic() - began
        finally:
            services.start_valkey()
        assert took < 10, "an officer does not wait for a broker that is away"
        for one in sent:
            wait_until(lambda one=one: settled(one), f"the {one.act}")  # type: ignore[misc]
    assert not town.there(gone)
    stored = town.site.stored(int(hidden.message.external_id))
    assert stored is not None
    assert stored["comment_approved"] == "0"
    assert len(town.answers(asked_)) == 1


def test_a_database_restarted_during_the_call_loses_nothing(
    town: Town, services: Services, tmp_path: Path
):
    removed, asked_ = town.case("Bort med det."), town.case("När?")
    taken, answer = town.remove(removed), town.reply(asked_)
    town.site.fail("DELETE", "/comments", when="after", sleep=HANG_S)
    with worker(tmp_path):
        sweep.delay()
        wait_until(lambda: not town.there(removed), "the site to have deleted it")
        services.stop_postgres()
        services.start_postgres()
        connection.close()
        assert not settled(taken)
        # The worker that waited comes back to a database that does not know it.
        time.sleep(HANG_S)
        taken.refresh_from_db()
        assert taken.state == "sending", "what it could not settle is not lost"
        time_passes(taken)
        for one in (taken, answer):
            wait_until(lambda one=one: _nudged(one), f"the {one.act}")  # type: ignore[misc]
    assert not town.there(removed)
    assert len(town.answers(asked_)) == 1


def _nudged(one: Delivery) -> bool:
    if not settled(one):
        sweep.delay()
        time.sleep(1)
    return settled(one)


def test_without_a_database_nothing_is_decided_and_nothing_is_taken_away(
    town: Town, services: Services
):
    case = town.case("Bort med det.")
    services.stop_postgres()
    try:
        with pytest.raises(OperationalError):
            town.remove(case)
    finally:
        services.start_postgres()
        connection.close()
    assert not Decision.objects.filter(case=case).exists()
    assert not Delivery.objects.filter(message=case.message).exists()
    assert not Record.objects.filter(subject=case.message.ref).exists()
    assert delivery.deliver_due() == 0
    assert town.there(case)

    one = town.remove(case)
    delivery.deliver_due()
    assert settled(one)
    assert not town.there(case)


# -- The platform answers something else -------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "rest_not_logged_in", "AuthExpired"),
        (403, "rest_cannot_edit", "Forbidden"),
        (404, "not_of_wordpress", "Undocumented"),
    ],
)
@pytest.mark.parametrize("act", ["remove", "reply"])
def test_what_a_person_must_see_to_waits_for_a_person(
    town: Town, act: str, status: int, code: str, error: str
):
    case = town.case("Hm.")
    one: Delivery = getattr(town, act)(case)
    method = "DELETE" if act == "remove" else "POST"
    town.site.fail(method, "/wp/v2/comments", status=status, code=code, times=9)
    delivery.deliver_due()
    assert settled(one, "failed")
    assert one.error.startswith(error)
    assert one in Delivery.objects.stuck()
    assert town.there(case)
    assert town.answers(case) == []
    time_passes(one)
    assert delivery.deliver_due() == 0
    line = f"{method} /wp/v2/comments"
    assert sum(request.startswith(line) for request in town.site.requests()) == 1
    town.channel.stream.refresh_from_db()
    assert (town.channel.stream.paused_at is not None) == (status == 401)

    town.site.mend()
    delivery.try_again(delivery=one, by=town.cast.anna)
    delivery.deliver_due()
    assert settled(one)
    town.channel.stream.refresh_from_db()
    assert town.channel.stream.paused_at is None
    assert town.there(case) == (act == "reply")


def test_a_comment_that_is_already_gone_is_a_removal_done(town: Town):
    """404 by WordPress' own word: its author was faster."""
    case = town.case("Ångrar mig.")
    one = town.remove(case)
    town.site.delete(int(case.message.external_id))
    delivery.deliver_due()
    assert settled(one)
    assert one.observed == "gone"


def test_hiding_what_is_gone_waits_for_a_person(town: Town):
    case = town.case("Ångrar mig.")
    one = town.hide(case)
    town.site.delete(int(case.message.external_id))
    delivery.deliver_due()
    assert settled(one, "failed")
    assert one.error_code == "rest_comment_invalid_id"


@pytest.mark.parametrize("act", ["remove", "reply"])
def test_asked_to_wait_it_waits_as_long_and_then_does_it_once(town: Town, act: str):
    case = town.case("Hm.")
    one: Delivery = getattr(town, act)(case)
    town.site.fail(
        "DELETE" if act == "remove" else "POST",
        "/wp/v2/comments",
        status=429,
        headers={"Retry-After": "77"},
    )
    before = timezone.now()
    delivery.deliver_due()
    assert settled(one, "waiting")
    assert 70 < (one.not_before - before).total_seconds() < 100
    assert delivery.deliver_due() == 0
    time_passes(one)
    delivery.deliver_due()
    assert settled(one)
    assert len(town.answers(case)) == (act == "reply")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("act", ["remove", "hide", "reply"])
def test_an_error_of_the_server_is_looked_into_before_it_is_repeated(
    town: Town, act: str, when: str
):
    case = town.case("Hm.")
    one: Delivery = getattr(town, act)(case)
    method = "DELETE" if act == "remove" else "POST"
    town.site.fail(method, "/wp/v2/comments", status=500, when=when)
    delivery.deliver_due()
    assert settled(one, "waiting")
    assert one.unclear
    time_passes(one)
    delivery.deliver_due()
    assert settled(one)
    assert town.there(case) == (act != "remove")
    assert len(town.answers(case)) == (act == "reply")


@pytest.mark.parametrize("act", ["remove", "hide", "reply"])
def test_a_site_that_goes_silent_after_the_work_is_looked_at_again(
    town: Town, act: str, monkeypatch: pytest.MonkeyPatch
):
    case = town.case("Hm.")
    one: Delivery = getattr(town, act)(case)
    method = "DELETE" if act == "remove" else "POST"
    town.site.fail(method, "/wp/v2/comments", when="after", sleep=8)
    with monkeypatch.context() as patch:
        patch.setattr("channels.platforms.http.TIMEOUT", httpx.Timeout(5.0))
        delivery.deliver_due()
    assert settled(one, "waiting")
    assert one.unclear
    assert (one.not_before - timezone.now()).total_seconds() > 20
    time_passes(one)
    delivery.deliver_due()
    assert settled(one)
    assert one.attempts == 2
    assert town.there(case) == (act != "remove")
    assert len(town.answers(case)) == (act == "reply")


def test_a_site_that_is_down_is_told_when_it_is_back(town: Town):
    case = town.case("Hm.")
    one = town.remove(case)
    town.site.stop_web()
    try:
        delivery.deliver_due()
        polling.poll(town.channel.stream)
    finally:
        town.site.start_web()
    assert settled(one, "waiting")
    assert not one.unclear
    town.channel.stream.refresh_from_db()
    assert town.channel.stream.failures == 1
    assert town.channel.stream.last_error.startswith("Transient")
    time_passes(one)
    delivery.deliver_due()
    assert settled(one)
    assert not town.there(case)


def test_a_site_that_never_gets_well_ends_with_a_person(town: Town):
    case = town.case("Hm.")
    one = town.remove(case)
    town.site.fail("DELETE", "/wp/v2/comments", status=500, times=99)
    for _attempt in range(delivery.MOST_ATTEMPTS):
        assert not settled(one, "failed")
        time_passes(one)
        delivery.deliver_due()
    assert settled(one, "failed")
    assert one in Delivery.objects.stuck()
    assert town.there(case)
