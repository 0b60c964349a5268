"""Who has which message, who is away, and who covers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channels import registration
from channels.models import Letter, Mandate
from moderation import absences, assignment, desk_pages, replies, reports
from moderation.models import Absence, Assignment, Case, Duty
from moderation.refusals import Refused
from tests import make

if TYPE_CHECKING:
    from django.test import Client

    from channels.models import Channel, User
    from tests.conftest import Cast

TODAY = timezone.localdate()
DAY = timedelta(days=1)


@pytest.fixture
def channel(school_channel: Channel, cast: Cast) -> Channel:
    """The schools' channel, where both Anna and Bo answer."""
    registration.give_mandate(channel=school_channel, person=cast.bo, by=cast.hanna)
    return school_channel


@pytest.fixture
def case(channel: Channel) -> Case:
    return make.case(channel, "När börjar skolan?")


def fresh(user: User) -> User:
    """The person as a new request knows them."""
    return type(user).objects.get(pk=user.pk)


def away(cast: Cast, **changes: object) -> Absence:
    values = {
        "person": cast.bo,
        "cover": cast.anna,
        "starts_on": TODAY,
        "ends_on": TODAY + 7 * DAY,
        "by": cast.bo,
    } | changes
    return absences.register(**values)  # type: ignore[arg-type]


def holder(case: Case) -> User | None:
    return Case.objects.select_related("assigned_to").get(pk=case.pk).assigned_to


# -- Taken, put back, given --------------------------------------------------------


def test_a_case_is_taken_put_back_and_given_and_all_of_it_is_kept(
    case: Case, cast: Cast
):
    """M-O2: a group answers together, and sees who does."""
    assignment.claim(case=case, by=cast.anna)
    assert holder(case) == cast.anna
    assignment.release(case=case, by=cast.anna)
    assert holder(case) is None
    assignment.assign(case=case, by=cast.anna, to=cast.bo)
    assert holder(case) == cast.bo
    kept = Assignment.objects.filter(case=case).values_list("act", "to", "by")
    anna, bo = cast.anna.pk, cast.bo.pk
    assert list(kept) == [
        ("claim", anna, anna),
        ("release", None, anna),
        ("assign", bo, anna),
    ]


def test_what_a_colleague_has_is_neither_taken_nor_put_back(case: Case, cast: Cast):
    """M-O2: but it can be given to oneself, which says so in the log."""
    assignment.claim(case=case, by=cast.bo)
    for verb in (assignment.claim, assignment.release):
        with pytest.raises(Refused, match=r"is with Bo Test\."):
            verb(case=case, by=cast.anna)
    assignment.assign(case=case, by=cast.anna, to=cast.anna)
    assert holder(case) == cast.anna
    with pytest.raises(Refused, match="is with you already"):
        assignment.claim(case=case, by=cast.anna)


def test_nothing_is_given_to_somebody_without_a_mandate(case: Case, cast: Cast):
    """K-6."""
    with pytest.raises(Refused, match="Chief Test has no mandate in force"):
        assignment.assign(case=case, by=cast.anna, to=cast.chief)
    assert holder(case) is None


def test_a_form_made_before_a_colleague_took_it_is_refused(case: Case, cast: Cast):
    assignment.claim(case=case, by=cast.bo, turn=case.turn)
    with pytest.raises(Refused, match="since you opened it"):
        assignment.claim(case=case, by=cast.anna, turn=case.turn)


def test_a_case_of_somebody_whose_mandate_ended_can_be_taken(case: Case, cast: Cast):
    """No duty lies for ever with a person who may not meet it."""
    assignment.claim(case=case, by=cast.bo)
    Mandate.objects.filter(person=cast.bo).update(
        starts_on=TODAY - 9 * DAY, ends_on=TODAY - DAY
    )
    assignment.claim(case=case, by=cast.anna)
    assert holder(case) == cast.anna


def test_the_log_of_assignments_only_grows(case: Case, cast: Cast):
    one = assignment.claim(case=case, by=cast.anna)
    for change in (
        lambda: Assignment.objects.filter(pk=one.pk).update(by=cast.bo, to=cast.bo),
        lambda: Assignment.objects.filter(pk=one.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            change()


@pytest.mark.parametrize("act", ["claim", "release", "assign"])
def test_the_page_does_it_and_stays_on_the_message(
    act: str, case: Case, cast: Cast, client: Client
):
    """M-O2: one key each; who takes a message wants to read it."""
    if act == "release":
        assignment.claim(case=case, by=cast.anna)
        case.refresh_from_db()
    client.force_login(cast.anna)
    page = client.get(case.get_absolute_url()).content.decode()
    assert 'data-key="t"' in page or act == "release"
    answer = client.post(
        reverse("desk:act", args=[case.pk, act]),
        {"turn": case.turn, "to": cast.bo.pk},
    )
    assert answer.status_code == 302
    assert answer.headers["location"] == case.get_absolute_url()
    assert (
        holder(case)
        == {
            "claim": cast.anna,
            "release": None,
            "assign": cast.bo,
        }[act]
    )
    page = client.get(case.get_absolute_url()).content.decode()
    assert {
        "claim": "Anna Test took it",
        "release": "Anna Test put it back",
        "assign": "Anna Test gave it to Bo Test",
    }[act] in page


# -- Away --------------------------------------------------------------------------


def test_what_would_go_to_who_is_away_goes_to_the_cover(case: Case, cast: Cast):
    """M-O2: assigned or handed over, with the person it was meant for kept."""
    away(cast)
    given = assignment.assign(case=case, by=cast.anna, to=cast.bo)
    assert (holder(case), given.instead_of) == (cast.anna, cast.bo)
    with pytest.raises(Refused, match="You cover for that colleague"):
        replies.hand_over(case=case, by=cast.anna, to=cast.bo, note="Yours?")
    cecilia = make.person("Cecilia", "Communications officer")
    registration.give_mandate(channel=case.channel, person=cecilia, by=cast.hanna)
    Letter.objects.all().delete()
    done = replies.hand_over(case=case, by=cecilia, to=cast.bo, note="Yours?")
    assert done.to == cast.anna
    assert Letter.objects.get().to == cast.anna.email


def test_what_lies_with_who_is_away_shows_to_the_cover(case: Case, cast: Cast):
    """M-O2: among what is theirs, and as what comes next; no longer when it is over."""
    assignment.claim(case=case, by=cast.bo)
    anna = fresh(cast.anna)
    assert desk_pages.next_due(anna, None) is None
    absence = away(cast)
    anna = fresh(cast.anna)
    assert desk_pages.next_due(anna, None) == case
    assignment.claim(case=case, by=anna)
    assert holder(case) == cast.anna
    absences.end(absence=absence, by=cast.bo)
    other = make.case(case.channel, "Och när slutar den?")
    assignment.claim(case=other, by=cast.bo)
    anna = fresh(cast.anna)
    assert desk_pages.next_due(anna, case) is None


def test_a_cover_who_is_away_later_is_followed_to_theirs(case: Case, cast: Cast):
    cecilia = make.person("Cecilia", "Communications officer")
    registration.give_mandate(channel=case.channel, person=cecilia, by=cast.hanna)
    away(cast)
    away(cast, person=cast.anna, cover=cecilia, by=cast.hanna)
    assignment.assign(case=case, by=cecilia, to=cast.bo)
    assert holder(case) == cecilia


def test_a_cover_whose_mandate_ended_meanwhile_gets_nothing(case: Case, cast: Cast):
    """K-6: the sentence names both, and the day."""
    away(cast)
    cecilia = make.person("Cecilia", "Communications officer")
    registration.give_mandate(channel=case.channel, person=cecilia, by=cast.hanna)
    Mandate.objects.filter(person=cast.anna).update(
        starts_on=TODAY - 9 * DAY, ends_on=TODAY - DAY
    )
    with pytest.raises(Refused, match=r"Bo Test is away until .*Anna Test, who covers"):
        assignment.assign(case=case, by=cecilia, to=cast.bo)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends_on": TODAY - DAY}, "before the first"),
        ({"starts_on": TODAY - 9 * DAY, "ends_on": TODAY - DAY}, "are over"),
        ({"ends_on": TODAY + 500 * DAY}, "longer than a year"),
        ({"cover": "bo"}, "Somebody else"),
        ({"cover": "otto"}, "Otto Test has no mandate on those days for Channel"),
        ({"by": "anna"}, "Only Bo Test or the head"),
        ({"by": "otto"}, "Only Bo Test or the head"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused_in_words(
    changes: dict[str, object], sentence: str, channel: Channel, cast: Cast
):
    named = {
        key: getattr(cast, value) if isinstance(value, str) else value
        for key, value in changes.items()
    }
    with pytest.raises(Refused, match=sentence):
        away(cast, **named)
    assert not Absence.objects.exists()


def test_nobody_is_away_twice_or_covers_while_away(channel: Channel, cast: Cast):
    away(cast)
    with pytest.raises(Refused, match="Bo Test is away already"):
        away(cast, starts_on=TODAY + DAY, ends_on=TODAY + DAY)
    with pytest.raises(Refused, match="Bo Test is away too"):
        away(cast, person=cast.anna, cover=cast.bo, by=cast.anna)


def test_a_mandate_that_ends_within_the_absence_is_not_enough(
    channel: Channel, cast: Cast
):
    """K-6: the cover must be able to answer on the last day too."""
    Mandate.objects.filter(person=cast.anna).update(ends_on=TODAY + 3 * DAY)
    with pytest.raises(Refused, match="Anna Test has no mandate on those days"):
        away(cast)
    away(cast, ends_on=TODAY + 3 * DAY)


def test_a_head_sets_and_ends_the_absence_of_their_people(
    channel: Channel, cast: Cast, client: Client
):
    """M-O2: on the page, for a person with a mandate in the department."""
    client.force_login(cast.hanna)
    page = client.get(reverse("desk:away"))
    assert "Bo Test" in page.content.decode()
    sent = {
        "person": cast.bo.pk,
        "cover": cast.anna.pk,
        "starts_on": TODAY.isoformat(),
        "ends_on": (TODAY + DAY).isoformat(),
    }
    assert client.post(reverse("desk:away"), sent).status_code == 302
    absence = Absence.objects.get()
    assert (absence.person, absence.set_by) == (cast.bo, cast.hanna)
    refused = client.post(reverse("desk:away"), sent)
    assert refused.status_code == 409
    assert "Bo Test is away already" in refused.content.decode()
    end = reverse("desk:end-absence", args=[absence.pk])
    assert client.post(end).status_code == 302
    absence.refresh_from_db()
    assert absence.ended_by == cast.hanna
    with pytest.raises(Refused, match="over already"):
        absences.end(absence=absence, by=cast.hanna)


def test_nobody_else_sees_or_ends_an_absence(
    channel: Channel, cast: Cast, client: Client
):
    absence = away(cast)
    client.force_login(cast.otto)
    page = client.get(reverse("desk:away")).content.decode()
    assert "Nobody is away" in page
    end = reverse("desk:end-absence", args=[absence.pk])
    assert client.post(end).status_code == 404
    # The cover sees it, and cannot end it.
    client.force_login(cast.anna)
    assert "You cover." in client.get(reverse("desk:away")).content.decode()
    client.post(end)
    absence.refresh_from_db()
    assert absence.ended_at is None


def test_an_absence_is_over_with_its_last_day(channel: Channel, cast: Cast):
    away(cast)
    covers = Absence.objects.covers
    assert covers(TODAY + 7 * DAY) == {cast.bo.pk: cast.anna.pk}
    assert covers(TODAY + 8 * DAY) == covers(TODAY - DAY) == {}


# -- Overdue -----------------------------------------------------------------------


def late(case: Case, days: int = 1) -> Case:
    moment = timezone.now() - days * DAY
    Duty.objects.filter(case=case).update(due_at=moment)
    Case.objects.filter(pk=case.pk).update(due_at=moment)
    return case


@pytest.fixture
def both(channel: Channel, cast: Cast) -> tuple[Case, Case]:
    """One overdue on the schools' channel, two days; one on the streets', one day."""
    street = make.channel(cast.otto, cast.streets, name="Streets and parks")
    Mandate.objects.filter(person=cast.otto).update(person=cast.bo)
    return (
        late(make.case(channel, "När börjar skolan?"), 2),
        late(make.case(street, "När plogas gatan?")),
    )


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("anna", {"skolan"}),
        ("bo", {"skolan", "gatan"}),
        ("hanna", {"skolan"}),
        ("otto", {"gatan"}),
        ("chief", {"skolan", "gatan"}),
    ],
)
def test_heads_and_the_chief_see_what_is_overdue_with_them(
    person: str, seen: set[str], both: tuple[Case, Case], cast: Cast, client: Client
):
    """K-14: escalation after the deadline, to who answers for the department."""
    client.force_login(getattr(cast, person))
    page = client.get(reverse("desk:overdue")).content.decode()
    assert {word for word in ("skolan", "gatan") if word in page} == seen
    front = client.get(reverse("admin:index")).content.decode()
    told = f"{len(seen)} message{'s are' if len(seen) > 1 else ' is'} overdue"
    assert (told in front) == (person in ("hanna", "otto", "chief"))


def test_the_overdue_page_is_narrowed_and_says_with_whom(
    both: tuple[Case, Case], cast: Cast, client: Client
):
    """K-14: by department and by channel; what is not seen narrows nothing."""
    school, street = both
    assignment.claim(case=school, by=cast.anna)
    client.force_login(cast.chief)

    def shown(query: str) -> str:
        return client.get(f"{reverse('desk:overdue')}?{query}").content.decode()

    page = shown("")
    assert "with Anna Test" in page
    assert "with nobody" in page
    assert "gatan" not in shown(f"department={cast.schools.pk}")
    assert "skolan" not in shown(f"channel={street.channel_id}")
    client.force_login(cast.hanna)
    assert "gatan" not in shown(f"channel={street.channel_id}")
    assert "skolan" in shown(f"channel={street.channel_id}")


def test_what_may_tell_of_violence_is_covered_on_the_overdue_page(
    both: tuple[Case, Case], cast: Cast, client: Client
):
    """K-20: nobody is shown a depiction of violence before asking for it."""
    reports.receive(address=both[0].message.permalink, what="Grovt våld på bilden.")
    client.force_login(cast.chief)
    page = client.get(reverse("desk:overdue")).content.decode()
    assert "Covered: it may tell of violence." in page
    assert "skolan" not in page
    assert "gatan" in page


def test_nothing_overdue_is_said_so(channel: Channel, cast: Cast, client: Client):
    make.case(channel, "När börjar skolan?")
    client.force_login(cast.chief)
    assert "Nothing is overdue." in client.get(reverse("desk:overdue")).content.decode()


def test_the_overdue_page_asks_as_much_for_many_lines_as_for_two(
    both: tuple[Case, Case], cast: Cast, client: Client
):
    client.force_login(cast.chief)
    client.get(reverse("desk:overdue"))
    with CaptureQueriesContext(connection) as for_two:
        client.get(reverse("desk:overdue"))
    for number in range(12):
        late(make.case(both[0].channel, f"När kommer buss {number}?"))
    with CaptureQueriesContext(connection) as for_many:
        page = client.get(reverse("desk:overdue")).content.decode()
    assert page.count("data-row") == 14
    assert len(for_many) == len(for_two)


def test_the_list_of_what_is_overdue_is_one_walk_of_an_index(
    channel: Channel, cast: Cast
):
    with connection.cursor() as cursor:
        # An almost empty table is sorted as cheaply.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = Case.objects.filter(channel_id__in=[channel.pk]).overdue()[:51].explain()
    assert "case_due" in plan
    assert "Seq Scan" not in plan
