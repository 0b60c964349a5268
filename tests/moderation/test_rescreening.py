"""After the words have changed, what nobody has decided on is looked at anew (K-20)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.utils import timezone

from moderation import rescreening
from moderation.models import Case, Duty, Finding
from policies import wording
from policies.screening import ENGINE_VERSION, Entry
from tests import make

if TYPE_CHECKING:
    from channels.models import Channel
    from tests.conftest import Cast

pytestmark = pytest.mark.django_db

WORD = Entry(
    term="snölurk",
    kind="insult",
    rule="K-20.1",
    languages=("sv",),
    severity=3,
)


@pytest.fixture
def channel(cast: Cast) -> Channel:
    make.rules()
    return make.channel(cast.anna, cast.schools)


def run() -> str:
    out = io.StringIO()
    call_command("rescreen", stdout=out)
    return out.getvalue()


def publish() -> str:
    return str(wording.publish(changes=[wording.add(WORD)], note="test", by="Ada"))


def test_a_new_word_is_found_in_an_undecided_message(channel: Channel) -> None:
    case = make.case(channel, "Det låg en snölurk på den jävla vägen")
    assert {finding.engine for finding in case.findings.all()} == {
        f"{ENGINE_VERSION}+builtin"
    }
    before = set(case.findings.values_list("pk", flat=True))
    version = publish()
    assert "1 messages looked at, 1 new findings" in run()
    again = Case.objects.get(pk=case.pk)
    new = again.findings.exclude(pk__in=before).get()
    assert (new.matched, new.engine) == ("snölurk", f"{ENGINE_VERSION}+{version}")
    assert before < set(again.findings.values_list("pk", flat=True))
    assert again.findings_count == again.findings.count()
    assert again.rules == ["K-20.1", "K-20.6"]
    assert again.turn > case.turn


def test_what_is_found_anew_comes_to_the_desk_once(channel: Channel) -> None:
    case = make.case(channel, "Det låg en snölurk på vägen")
    reviews = Duty.objects.filter(case=case, kind=Duty.Kind.REVIEW)
    assert not reviews.exists()
    publish()
    run()
    review = reviews.get()
    assert review.closed_at is None
    due_at = Case.objects.get(pk=case.pk).due_at
    assert due_at is not None
    assert due_at <= review.due_at
    assert "0 new findings, 0 new reviews" in run()
    assert reviews.count() == 1
    assert Finding.objects.filter(case=case).count() == 1


def test_what_was_decided_is_left_alone(channel: Channel) -> None:
    case = make.case(channel, "Det låg en snölurk på vägen")
    Case.objects.filter(pk=case.pk).update(state=Case.State.KEPT)
    publish()
    assert "0 messages looked at" in run()
    assert not Finding.objects.filter(case=case).exists()


def test_old_messages_on_which_nothing_is_owed_are_left_alone(channel: Channel) -> None:
    case = make.case(channel, "Det låg en snölurk på vägen")
    long_ago = timezone.now() - timedelta(days=rescreening.DAYS + 1)
    Case.objects.filter(pk=case.pk).update(due_at=None, opened_at=long_ago)
    publish()
    assert "0 messages looked at" in run()


def test_rounds_report_how_far_they_came(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make.case(channel, f"Det låg en snölurk på väg {number}")
    publish()
    monkeypatch.setattr(rescreening, "ROUND", 2)
    rounds = list(rescreening.rescreen())
    assert [(one.looked_at, one.total) for one in rounds] == [(2, 3), (3, 3)]
    assert rounds[-1].found == 3
