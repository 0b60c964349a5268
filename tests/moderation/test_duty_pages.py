"""What is owed, on the desk's page: shown with its reasons, and acted on by forms."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from moderation import fares, kinds, outside
from moderation.duty_pages import proposed
from moderation.duty_words import PLACES, SIGNALS
from moderation.models import Case, Proposal
from policies.duties import WEIGHTS
from tests import make
from tests.moderation.test_duties import (
    CLAIM,
    HURT,
    MATTER,
    NEGATIVE,
    PRAISE,
    QUESTION,
)

if TYPE_CHECKING:
    from django.http import HttpResponse

    from channels.models import Channel
    from tests.conftest import Cast


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.anna)
    return client


def page(desk: Client, case: Case) -> str:
    return desk.get(case.get_absolute_url()).content.decode()


def post(desk: Client, case: Case, verb: str, **data: Any) -> HttpResponse:
    case.refresh_from_db()
    path = reverse("desk:duty", args=[case.pk, verb])
    return desk.post(path, {"turn": case.turn, **data})


def test_what_is_owed_is_shown_with_how_it_was_counted(desk, school_channel):
    """K-14: the calculation stands beside the deadline."""
    case = make.case(school_channel, QUESTION)
    html = page(desk, case)
    assert "<strong>Answer</strong>" in html
    assert "Received " in html


def test_the_proposal_is_shown_with_its_evidence(desk, school_channel):
    """K-23: the software explains what it takes the message for."""
    case = make.case(school_channel, QUESTION)
    html = page(desk, case)
    assert "Neutral, to the municipality" in html
    assert "<q>?</q> a question mark" in html
    assert 'data-key="c"' in html


def test_every_signal_has_words_for_a_person(school_channel: Channel):
    """K-23: nothing is proposed for a reason that nobody can read."""
    known = {signal for weights in WEIGHTS.values() for signal in weights}
    assert known - set(SIGNALS) - set(PLACES) == set()
    case = make.case(school_channel, MATTER, kind="dm")
    for kind in proposed(Proposal.objects.get(case=case)):
        assert kind.signs
        assert all(sign.words or sign.about for sign in kind.signs)


def test_slurs_are_not_quoted_in_full(school_channel: Channel):
    """What the page masks until asked for is masked in the evidence too."""
    proposal = Proposal.objects.get(case=make.case(school_channel, NEGATIVE))
    quoted = [sign.words for kind in proposed(proposal) for sign in kind.signs]
    assert "kritik" in " ".join(quoted)
    hidden = proposed(proposal, hidden=set(filter(None, quoted)))
    assert "kritik" not in str(hidden)
    covered = proposed(proposal, covered=True)
    assert not any(sign.words for kind in covered for sign in kind.signs)
    assert all(sign.about for kind in covered for sign in kind.signs)


def test_confirming_stays_at_the_message_while_something_is_owed(
    desk, school_channel, cast
):
    case = make.case(school_channel, QUESTION)
    response = post(desk, case, "confirm")
    assert response.headers["location"].startswith(case.get_absolute_url())
    html = page(desk, case)
    assert "as proposed" in html
    assert 'data-key="c"' not in html


def test_what_is_done_with_leads_on(desk, school_channel):
    case = make.case(school_channel, QUESTION)
    response = post(desk, case, "waive", what="answer:nothing_asked")
    assert response.headers["location"].startswith(reverse("desk:next"))
    html = page(desk, case)
    assert "waived" in html
    assert "nothing is asked" in html


def test_correcting_by_the_form(desk, school_channel):
    case = make.case(school_channel, QUESTION)
    assert post(desk, case, "correct").status_code == 422
    post(desk, case, "correct", kinds=["praise", "documentation_value"])
    html = page(desk, case)
    assert "no longer owed" in html
    assert "Sealed in the archive: not yet" in html
    assert set(case.duties.open().values_list("kind", flat=True)) == {
        "thank",
        "document",
    }


def test_what_may_not_be_waived_says_why_on_the_page(desk, school_channel):
    """M-R2c, M-R2d: the form offers no way round, and a forged one is refused with
    what was written still there."""
    case = make.case(school_channel, CLAIM)
    assert "Wrong facts are always corrected (M-R2d)." in page(desk, case)
    complaint = make.case(school_channel, NEGATIVE)
    assert "The sender has had no answer yet (M-R2c)." in page(desk, complaint)
    response = post(
        desk, complaint, "waive", what="answer:nothing_asked", note="Jag orkar inte."
    )
    assert response.status_code == 409
    html = response.content.decode()
    assert "The sender has had no answer yet (M-R2c)." in html
    assert complaint.duties.open().filter(kind="answer").exists()


def test_the_three_parts_are_ticked_off(desk, school_channel, cast):
    """M-R5."""
    case = make.case(school_channel, HURT)
    post(desk, case, "meet", what="notice", note="Svar under inlägget.")
    post(desk, case, "seal")
    html = page(desk, case)
    assert "Passed on to the right unit: not yet" in html
    assert "Svar under inlägget." in html
    response = post(desk, case, "meet", what="referral", note="Till rektorn.")
    assert response.headers["location"].startswith(reverse("desk:next"))
    assert case.duties.get(kind="document").outcome == "met"


def test_a_letter_shows_its_number_and_is_registered(desk, school_channel):
    """K-17."""
    case = make.case(school_channel, QUESTION, kind="dm")
    html = page(desk, case)
    assert f'<span class="number">{case.received_record_id}</span>' in html
    post(desk, case, "register", number="KS 2026/17")
    assert "KS 2026/17" in page(desk, case)
    assert not case.duties.open().filter(kind="register").exists()


def test_a_deadline_is_corrected_on_the_page(desk, school_channel):
    """K-14: shown with the old one, who and why."""
    case = make.case(school_channel, QUESTION)
    earlier = timezone.localtime(case.due_at - timedelta(hours=1))
    when = earlier.strftime("%Y-%m-%dT%H:%M")
    bad = post(desk, case, "redate", kind="answer", due_at="soon", reason="Bråttom.")
    assert bad.status_code == 422
    post(desk, case, "redate", kind="answer", due_at=when, reason="Bråttom.")
    html = page(desk, case)
    assert "corrected the deadline" in html
    assert "<q>Bråttom.</q>" in html


def test_outside_and_back_on_the_page(desk, school_channel):
    """K-16."""
    case = make.case(school_channel, QUESTION)
    post(desk, case, "outside", reason="I en annan grupp.")
    html = page(desk, case)
    assert "outside our channels" in html
    assert "Nothing is owed" in html or "no longer owed" in html
    assert "On our channels after all" in html
    post(desk, case, "inside", reason="Nej, hos oss.")
    assert case.duties.open().filter(kind="answer").exists()


def test_a_stranger_sees_why_nothing_can_be_done(client, school_channel, cast):
    """K-6: the head sees what is owed and cannot answer it."""
    case = make.case(school_channel, QUESTION)
    client.force_login(cast.hanna)
    html = page(client, case)
    assert "Your account may not do this." in html
    assert "Neutral, to the municipality" in html


def test_how_proposals_fare(desk, school_channel, cast):
    """K-23: the share of accepted proposals is shown for each kind."""
    for _each in range(2):
        kinds.confirm(case=make.case(school_channel, QUESTION), by=cast.anna)
    kinds.correct(
        case=make.case(school_channel, QUESTION), by=cast.anna, kinds=["negative"]
    )
    old = timezone.now() - timedelta(days=30)
    kinds.correct(
        case=make.case(school_channel, PRAISE, created_at=old),
        by=cast.anna,
        kinds=["praise"],
    )
    found = {str(fare.label): fare for fare in fares.fares(cast.anna)}
    neutral = found["neutral, to the municipality"]
    assert (neutral.proposed, neutral.kept, neutral.missed) == (3, 2, 0)
    assert neutral.share == pytest.approx(2 / 3)
    assert found["negative"].missed == 1
    assert found["praise"].share is None
    html = desk.get(reverse("desk:proposals")).content.decode()
    assert "67 %" in html
    assert "not proposed yet" in html
    assert not any(fare.proposed for fare in fares.fares(cast.bo))


def test_the_page_costs_a_bounded_number_of_queries(
    desk, school_channel, cast, django_assert_max_num_queries
):
    case = make.case(school_channel, f"{HURT} {MATTER} {CLAIM}", kind="dm")
    page(desk, case)
    with django_assert_max_num_queries(90):
        page(desk, case)


def test_what_was_emptied_is_said(desk, school_channel, cast, settings):
    """K-16."""
    settings.OUTSIDE_KEPT_DAYS = 0
    case = make.case(school_channel, QUESTION)
    outside.mark_outside(case=case, by=cast.anna, reason="x")
    assert outside.purge() == 1
    assert "were emptied on" in page(desk, case)
