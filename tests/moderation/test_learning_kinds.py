"""Learning from the kinds of message that people confirm (K-13, K-23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from moderation import kinds, learning
from moderation.models import Case, Confirmation, Duty, LearnedModel, ReplyKind
from tests import make

if TYPE_CHECKING:
    from django.test import Client

    from channels.models import Channel
    from tests.conftest import Cast

THANKS = (
    "snöröjningen",
    "badhuset",
    "bibliotekarien",
    "fritidsgården",
    "vägbelysningen",
)


@pytest.fixture
def confirmed(cast: Cast, school_channel: Channel) -> Channel:
    """The channel after 210 messages whose kind a person confirmed: 60 of praise. All
    but one are written in one go, as `kinds` would one by one."""
    texts = [
        f"Stort tack för {THANKS[n % 5]}, ni är fantastiska nummer {n}"
        for n in range(60)
    ] + [f"När öppnar {THANKS[n % 5]} efter lovet på väg {n}?" for n in range(150)]
    make.receive(school_channel, *[make.item(text) for text in texts])
    cases = list(Case.objects.select_related("message").order_by("pk"))
    first = cases.pop(0)
    said = kinds.correct(case=first, by=cast.anna, kinds=["praise"], turn=first.turn)
    Confirmation.objects.bulk_create(
        [
            Confirmation(
                case=case,
                kinds=[
                    "praise" if "tack" in case.message.text else "neutral_addressed"
                ],
                outcome=Confirmation.Outcome.CORRECTED,
                proposal=case.proposals.last(),
                mandate=said.mandate,
                by=cast.anna,
            )
            for case in cases
        ]
    )
    return school_channel


def test_a_ranking_is_learned_for_each_kind_that_has_enough(confirmed: Channel) -> None:
    """Off until 200 confirmed messages and 20 of the kind."""
    trained = {one.reply_kind: one for one in learning.learn()}
    assert set(trained) == {"praise", "neutral_addressed"}
    praise = trained["praise"]
    assert (praise.rule, praise.decisions, praise.of_class) == (None, 210, 60)
    assert praise.figures["f1"] > 0.9
    likely = learning.likely_kinds("Stort tack för badhuset, ni är fantastiska")
    assert [one.kind for one in likely] == [ReplyKind.PRAISE]
    assert learning.resembles("Stort tack för badhuset, ni är fantastiska") == []
    assert learning.learn() == []


def test_what_is_learned_of_kinds_confirms_nothing(confirmed: Channel) -> None:
    """K-23: it ranks; a person confirms."""
    learning.learn()
    before = Confirmation.objects.count()
    case = make.case(confirmed, "Stort tack för badhuset, ni är fantastiska")
    assert Confirmation.objects.count() == before
    assert set(Duty.objects.filter(case=case).values_list("kind", flat=True)) == {
        "thank"
    }


def test_the_page_shows_what_is_learned_and_the_desk_what_resembles(
    cast: Cast, confirmed: Channel, client: Client
) -> None:
    learning.learn()
    client.force_login(cast.anna)
    case = make.case(confirmed, "Stort tack för badhuset, ni är fantastiska")
    page = client.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "Similar to what you confirmed as “praise” before" in page
    client.force_login(cast.chief)
    page = client.get(reverse("words:learning")).content.decode()
    assert "from 210 decisions, 60 of them of this class" in page


def test_a_ranking_is_of_a_rule_or_of_a_kind(confirmed: Channel) -> None:
    learning.learn()
    kept = LearnedModel.objects.filter(reply_kind="praise").get()
    kept.pk, kept.reply_kind = None, ""
    with (
        pytest.raises(IntegrityError, match="of_a_rule_or_a_kind"),
        transaction.atomic(),
    ):
        kept.save(force_insert=True)
