"""The desk's pages without a browser: narrowed, saved, in parts, many at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as Unreachable

from channels import registration
from moderation import bulk, decisions, desk_pages, presence, reports, saved_views
from moderation.covering import is_covered
from moderation.desk_filters import Filters
from moderation.models import Case, Decision, Duty, SavedView
from moderation.refusals import Refused
from tests import make

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django import DjangoAssertNumQueries

    from channels.models import Channel, User
    from tests.conftest import Cast

RUDE = "Ni är en jävla skitkommun, varför svarar ni aldrig?"
PLAIN = "När plogas Storgatan? Det är halt."


def at_the_desk(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(response: HttpResponse) -> str:
    return response.content.decode()


def due(case: Case, **ahead: float) -> Case:
    """Due so far ahead of now."""
    moment = timezone.now() + timedelta(**ahead)
    Duty.objects.filter(case=case).update(due_at=moment)
    Case.objects.filter(pk=case.pk).update(due_at=moment)
    case.due_at = moment
    return case


# -- Narrowed ----------------------------------------------------------------------


def test_each_filter_lets_through_what_it_says(cast: Cast, school_channel: Channel):
    other = make.channel(cast.anna, cast.schools)
    plain = due(make.case(school_channel, PLAIN), days=20)
    rude = due(make.case(other, RUDE), days=-1)
    letter = due(make.case(school_channel, "Kan ni ringa mig?", kind="dm"), days=3)
    norwegian = due(
        make.case(other, "Hvorfor er det ikke strødd på skoleveien i dag?"), days=20
    )
    for filters, expected in {
        Filters(): {plain, rude, letter, norwegian},
        Filters(channel=other.pk): {rude, norwegian},
        Filters(tab="found"): {rude},
        Filters(rule="K-20.6"): {rude},
        Filters(rule="K-20.3"): set(),
        Filters(language="nb"): {norwegian},
        Filters(language="nb", channel=school_channel.pk): set(),
        Filters(kind="register"): {letter},
        Filters(kind="review"): {rude},
        Filters(deadline="overdue"): {rude},
        Filters(deadline="week"): {letter},
        Filters(deadline="week", kind="review"): set(),
    }.items():
        found = set(filters.cases(cast.anna))
        assert found == expected, filters
        assert Filters.read(QueryDict(filters.query)) == filters
    assert not Filters(channel=other.pk).cases(cast.bo).exists(), "not his to see"


@pytest.mark.parametrize("now", ["2026-03-28T12:00+01:00", "2026-10-24T12:00+02:00"])
def test_tomorrow_is_a_day_of_the_calendar(
    now: str, cast: Cast, school_channel: Channel
):
    """Also when the clocks change and tomorrow has 23 or 25 hours."""
    case = make.case(school_channel, PLAIN)
    with time_machine.travel(make.moment(now), tick=False):
        midnight = timezone.localtime().replace(hour=0, minute=0)
        for clock, expected in {
            (0, 23, 30): "today",
            (1, 0, 30): "tomorrow",
            (1, 23, 30): "tomorrow",
            (2, 0, 30): "neither",
        }.items():
            day, hour, minute = clock
            moment = midnight.replace(tzinfo=None) + timedelta(
                days=day, hours=hour, minutes=minute
            )
            Case.objects.update(due_at=timezone.make_aware(moment))
            found = [
                deadline
                for deadline in ("today", "tomorrow")
                if Filters(deadline=deadline).cases(cast.anna).filter(pk=case.pk)
            ]
            assert found == ([] if expected == "neither" else [expected]), clock


@pytest.mark.parametrize(
    "query",
    [
        "tab=nothing",
        "channel=abc",
        "channel=٣",
        "channel=99999999999999999999",
        "kind=murder&deadline=never",
        "language=xx",
        "rule=Kim Karlsson bor på Storgatan 1",
        "rule=<script>",
        "author=Kim",
    ],
)
def test_what_the_address_says_and_we_do_not_know_is_not_asked_for(query: str):
    """No word of a person finds its way into addresses that we write."""
    filters = Filters.read(QueryDict(query))
    assert filters == Filters()
    assert filters.query == ""


def test_an_edit_moves_a_message_from_rule_to_rule(cast: Cast, school_channel: Channel):
    one = make.item(PLAIN)
    make.receive(school_channel, one)
    assert not Filters(rule="K-20.6").cases(cast.anna).exists()
    make.receive(school_channel, make.item(RUDE, id=one.id))
    assert Filters(rule="K-20.6").cases(cast.anna).exists()


def test_a_page_takes_few_statements_however_many_lines(
    cast: Cast,
    school_channel: Channel,
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    """Session, person, rights, saved views, channels, lines, what is owed, numbers."""
    make.receive(school_channel, *(make.item(PLAIN) for _n in range(60)))
    make.receive(school_channel, make.item(RUDE))
    client = at_the_desk(cast.anna)
    client.get(reverse("desk:queue"))
    with django_assert_max_num_queries(8):
        text = page(client.get(reverse("desk:queue"), {"tab": "due"}))
    assert text.count("data-row") == 50
    assert '<span class="count">61</span>' in text


def test_the_queue_shows_words_of_strangers_as_words(
    cast: Cast, school_channel: Channel
):
    make.case(
        school_channel,
        "Varför {pk}? <script>alert('x')</script> & {0} {text}",
    )
    text = page(at_the_desk(cast.anna).get(reverse("desk:queue")))
    assert "Varför {pk}? &lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in text
    assert "&amp; {0} {text}" in text


def test_the_way_on_stays_among_what_is_worked_through(
    cast: Cast, school_channel: Channel
):
    rude = [due(make.case(school_channel, RUDE), hours=n) for n in (1, 3, 5)]
    plain = [due(make.case(school_channel, PLAIN), hours=n) for n in (2, 4)]
    client = at_the_desk(cast.anna)
    asked = {"rule": "K-20.6"}
    text = page(client.get(reverse("desk:case", args=[rude[0].pk]), asked))
    assert f'href="/admin/desk/{rude[1].pk}/?rule=K-20.6" rel="next"' in text

    form = {"turn": rude[1].turn}
    kept = client.post(
        reverse("desk:act", args=[rude[1].pk, "keep"]),
        form,
        headers={"Referer": f"http://testserver/admin/desk/{rude[1].pk}/?rule=K-20.6"},
        follow=True,
    )
    last = urlsplit(kept.redirect_chain[-1][0])
    assert last.path == f"/admin/desk/{rude[2].pk}/", "on, and not back to the first"
    assert parse_qs(last.query) == {"rule": ["K-20.6"], "done": [str(rude[1].pk)]}
    following = desk_pages.next_due(cast.anna, plain[1], Filters())
    assert following == rude[2]


def test_what_lies_with_a_colleague_is_left_to_them(
    cast: Cast, school_channel: Channel
):
    registration.give_mandate(channel=school_channel, person=cast.bo, by=cast.hanna)
    one, other = (due(make.case(school_channel, PLAIN), hours=n) for n in (1, 2))
    Case.objects.filter(pk=one.pk).update(assigned_to=cast.bo)
    assert desk_pages.next_due(cast.anna, None) == other
    assert desk_pages.next_due(cast.bo, None) == one


# -- Saved views -------------------------------------------------------------------


def test_a_saved_view_opens_the_desk_for_its_owner_alone(
    cast: Cast, school_channel: Channel
):
    client = at_the_desk(cast.anna)
    answer = client.post(
        reverse("desk:save-view"),
        {"name": "  Rude   ones ", "rule": "K-20.6", "tab": "found", "opens": "on"},
    )
    assert answer["location"] == "/admin/desk/?tab=found&rule=K-20.6"
    view = SavedView.objects.get()
    assert (view.name, view.filters) == ("Rude ones", "tab=found&rule=K-20.6")
    opened = client.get(reverse("desk:queue"))
    assert opened["location"] == "/admin/desk/?tab=found&rule=K-20.6"
    assert client.get(reverse("desk:queue"), {"tab": "due"}).status_code == 200
    assert at_the_desk(cast.bo).get(reverse("desk:queue")).status_code == 200
    for name in ("change-view", "delete-view"):
        answer = at_the_desk(cast.bo).post(
            reverse(f"desk:{name}", args=[view.pk]), {"name": "Mine"}
        )
        assert answer.status_code == 404


def test_names_are_once_and_views_at_most_twenty(cast: Cast):
    for number in range(SavedView.MOST):
        saved_views.save(owner=cast.anna, name=f"View {number}", filters=Filters())
    with pytest.raises(Refused, match="At most 20 views"):
        saved_views.save(owner=cast.anna, name="One more", filters=Filters())
    changed = saved_views.save(
        owner=cast.anna, name="View 3", filters=Filters(language="nb")
    )
    assert changed.filters == "language=nb"
    assert SavedView.objects.count() == SavedView.MOST
    for name, why in (("View 4", "already"), (" ", "a name"), ("x" * 61, "too long")):
        with pytest.raises(Refused, match=why):
            saved_views.rename(view=changed, name=name, by=cast.anna)
    saved_views.save(owner=cast.bo, name="View 3", filters=Filters())


def test_only_one_view_opens_the_desk(cast: Cast):
    one, two = (
        saved_views.save(owner=cast.anna, name=name, filters=Filters(language=name))
        for name in ("sv", "nb")
    )
    saved_views.open_with(view=one, by=cast.anna, on=True)
    saved_views.open_with(view=two, by=cast.anna, on=True)
    assert list(SavedView.objects.filter(is_default=True)) == [two]
    saved_views.open_with(view=two, by=cast.anna, on=False)
    assert not SavedView.objects.filter(is_default=True).exists()


def test_a_refused_name_stays_in_the_form(cast: Cast):
    client = at_the_desk(cast.anna)
    answer = client.post(reverse("desk:save-view"), {"name": " ", "language": "nb"})
    assert answer.status_code == 422
    assert "Give the view a name." in page(answer)
    assert '<input type="hidden" name="language" value="nb">' in page(answer)


# -- In parts ----------------------------------------------------------------------


def part(client: Client, address: str, what: str = "part", **headers: Any) -> Any:
    return client.get(address, headers={"X-Desk": what, **headers})


def test_a_part_is_the_page_without_its_frame(cast: Cast, school_channel: Channel):
    case = make.case(school_channel, RUDE)
    client = at_the_desk(cast.anna)
    path = reverse("desk:case", args=[case.pk])
    whole, piece = client.get(path), part(client, path)
    for answer in (whole, piece):
        assert "X-Desk" in answer["Vary"]
        assert 'id="text"' in page(answer)
    assert "<html" in page(whole)
    assert "<html" not in page(piece)
    assert piece["X-Desk-Address"] == path
    assert not whole.has_header("X-Desk-Address")


def test_what_is_fetched_ahead_tells_nobody_that_it_is_open(
    cast: Cast, school_channel: Channel
):
    registration.give_mandate(channel=school_channel, person=cast.bo, by=cast.hanna)
    case = make.case(school_channel, RUDE)
    path = reverse("desk:case", args=[case.pk])
    part(at_the_desk(cast.anna), path, "ahead")
    bo = at_the_desk(cast.bo)
    assert "Anna Test has this message open" not in page(bo.get(path))
    part(at_the_desk(cast.anna), path)
    assert "Anna Test has this message open" in page(bo.get(path))


@pytest.mark.parametrize("turn", [0, 1])
def test_an_act_is_answered_with_word_that_the_next_is_there(
    turn: int, cast: Cast, school_channel: Channel
):
    """The message fetched ahead is shown only when it still stands as it was."""
    one, other = (due(make.case(school_channel, PLAIN), hours=n) for n in (1, 2))
    Case.objects.filter(pk=other.pk).update(turn=turn)
    client = at_the_desk(cast.anna)
    answer = client.post(
        reverse("desk:act", args=[one.pk, "keep"]),
        {"turn": one.turn},
        headers={"X-Desk": "part", "X-Desk-Ready": f"{other.pk}.0"},
    )
    assert answer.status_code == 200
    assert "Kept." in page(answer)
    assert answer["X-Desk-Address"] == f"/admin/desk/{other.pk}/?done={one.pk}"
    assert answer.has_header("X-Desk-Show") == (turn == 0)
    assert ('id="text"' in page(answer)) == (turn == 1)
    assert Decision.objects.get().case == one


def test_a_refusal_in_parts_keeps_the_address_of_the_message(
    cast: Cast, school_channel: Channel
):
    case = make.case(school_channel, RUDE)
    decisions.keep(case=case, by=cast.anna)
    answer = at_the_desk(cast.anna).post(
        reverse("desk:act", args=[case.pk, "keep"]),
        {"turn": 0},
        headers={"X-Desk": "part"},
    )
    assert answer.status_code == 409
    assert answer["X-Desk-Address"] == reverse("desk:case", args=[case.pk])


def test_the_desk_works_while_the_cache_is_away(
    cast: Cast, school_channel: Channel, monkeypatch: pytest.MonkeyPatch
):
    """Who else is looking is a hint; without it the page is still there."""

    def away(*_args: object, **_kwargs: object) -> None:
        raise Unreachable("no Valkey")

    monkeypatch.setattr(cache, "get", away)
    case = make.case(school_channel, RUDE)
    assert presence.look(case, cast.anna) == []
    client = at_the_desk(cast.anna)
    for path in (reverse("desk:queue"), reverse("desk:case", args=[case.pk])):
        assert client.get(path).status_code == 200


# -- Many at once ------------------------------------------------------------------


def picks(*cases: Case) -> list[bulk.Pick]:
    return [bulk.Pick(case.pk, case.turn) for case in cases]


def test_one_that_is_refused_stops_no_other(cast: Cast, school_channel: Channel):
    """K-23: what was found or reported is looked at by itself; a refusal is named."""
    streets = make.channel(cast.otto, cast.streets)
    good, late, found, told = (
        make.case(school_channel, text, permalink=f"https://social.example/b/{number}")
        for number, text in enumerate((PLAIN, PLAIN, RUDE, PLAIN))
    )
    elsewhere = make.case(streets, PLAIN)
    decisions.hide(case=late, by=cast.anna, rule=make.rule(), reason="Swears.")
    reports.receive(address="https://social.example/b/3", what="Fult!")

    outcome = bulk.keep(picks=picks(found, late, told, elsewhere, good), by=cast.anna)

    assert [pick.case for pick in outcome.done] == [good.pk]
    said = {case.pk: why for case, why in outcome.refused}
    assert set(said) == {found.pk, late.pk, told.pk}, "the unseen is not even named"
    assert "Something was found" in said[found.pk]
    assert "Something was found" in said[told.pk]
    assert "after you opened this" in said[late.pk]
    assert Decision.objects.filter(verb="keep").count() == 1

    back = bulk.undo(picks=[*outcome.done, *picks(found)], by=cast.anna)
    assert [pick.case for pick in back.done] == [good.pk]
    assert [why for _case, why in back.refused] == ["It was not kept."]
    good.refresh_from_db()
    assert good.state == Case.State.NEW


def test_ticks_that_are_none_are_left_out():
    assert bulk.Pick.read(["7.2", "7.2", "x.1", "3", "", "9.x", "1." + "9" * 40]) == [
        bulk.Pick(7, 2)
    ]
    assert len(bulk.Pick.read(f"{n}.0" for n in range(300))) == bulk.MOST


def test_only_who_may_decide_is_offered_boxes(cast: Cast, school_channel: Channel):
    make.case(school_channel, PLAIN)
    path = reverse("desk:queue")
    assert "Tick to keep" in page(at_the_desk(cast.anna).get(path))
    assert "Tick to keep" not in page(at_the_desk(cast.hanna).get(path))
    refused = at_the_desk(cast.hanna).post(reverse("desk:keep"), {"case": "1.0"})
    assert refused.status_code == 403


# -- Covered -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "told", "covered"),
    [
        (["K-20.3"], [], True),
        (["K-20.6"], [], False),
        ([], ["Filmen visar grovt våld"], True),
        ([], ["Bildet viser vold mot et barn."], True),
        ([], ["It shows blood."], True),
        ([], ["Han ljuger om avgiften."], False),
        ([], ["Reklam för en bilfirma"], False),
    ],
)
def test_what_is_covered(rules: list[str], told: list[str], covered: bool):
    """K-20.3: by the screening's rule, or by what a report says."""
    assert is_covered(rules, told) == covered


def test_the_queue_covers_what_was_named_or_told(cast: Cast, school_channel: Channel):
    case = make.case(school_channel, PLAIN)
    Case.objects.filter(pk=case.pk).update(rules=["K-20.3"])
    make.case(school_channel, "Se filmen!", permalink="https://social.example/c/9")
    reports.receive(address="https://social.example/c/9", what="Grovt våld.")
    text = page(at_the_desk(cast.anna).get(reverse("desk:queue")))
    assert text.count("Covered: it may tell of violence.") == 2
    assert "Storgatan" not in text
    assert "Se filmen" not in text
