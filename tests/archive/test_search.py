"""Finding records by words in four languages, by sender, channel and time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from archive import search, search_forms
from archive.models import Record, RecordSearch
from archive.sealing import seal_many
from tests.archive.samples import facts, sealing

pytestmark = pytest.mark.django_db

TEXTS = {
    "grundskola": "Vår grundskola läggs ned",
    "skolavslutning": "Ingen skolavslutning i år?",
    "kommunefullmektige": "Skandale i kommunestyrets møter",
    "koulussa": "Lapset ovat koulussa koko päivän",
    "running": "They keep running the snowploughs at night",
    "fullmäktige": "kommunfullmäktige sover, åskar Åke",
    "emoji": "🙈🙈 <b>skandal</b>",
}


@pytest.fixture
def found() -> None:
    seal_many(
        [sealing(facts=facts(text=t, channel_name="Badet")) for t in TEXTS.values()],
        by="x",
    )


def texts(query: str) -> set[str]:
    names = {text: name for name, text in TEXTS.items()}
    return {names[row.text] for row in search.page(query)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("grundskolan", {"grundskola"}),
        ("skola", {"grundskola", "skolavslutning"}),
        ("avslutning", {"skolavslutning"}),
        ("kommun", {"fullmäktige", "kommunefullmektige"}),
        ("kommune", {"kommunefullmektige"}),
        ("møte", {"kommunefullmektige"}),
        ("koulu", {"koulussa"}),
        ("run", {"running"}),
        ("snowplough", {"running"}),
        ("FULLMÄKTIGE", {"fullmäktige"}),
        ("åke", {"fullmäktige"}),
        ('"sover åskar"', {"fullmäktige"}),
        ("grundskola OR koulussa", {"grundskola", "koulussa"}),
        ("skolavslutning -ingen", set()),
        ("finnsinte", set()),
        ("' | & ! :* <-> (", set()),
        ("\x00", None),
        ("a" * 5_000, set()),
        ("Öberg", None),
    ],
)
def test_words_are_found_in_any_of_the_languages(
    query: str, expected: set[str] | None, found: None
) -> None:
    assert texts(query) == (set(TEXTS) if expected is None else expected)


def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    records = seal_many([sealing(n) for n in range(35)], by="x")
    for query in ("", "rektorn", "insändare 7 OR rektorn"):
        seen: list[RecordSearch] = []
        while page := search.page(
            query, after=seen[-1].place if seen else None, rows=10
        ):
            seen += page
        assert len(seen) == 35
        assert {row.record_id for row in seen} == {record.id for record in records}
        assert seen == sorted(seen, key=lambda row: row.place, reverse=True)


@pytest.mark.parametrize("recent", [0, 3, 1_000])
def test_rare_and_common_words_give_the_same_page(
    recent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "RECENT", recent)
    seal_many(
        [
            sealing(n, facts=facts(text="sällsynt" if n % 7 == 0 else "vanligt"))
            for n in range(30)
        ],
        by="x",
    )
    assert len(search.page("sällsynt", rows=4)) == 4
    assert len(search.page("sällsynt")) == 5
    assert len(search.page("vanligt", rows=9)) == 9
    assert search.count("vanligt") == 25
    assert search.count("vanligt", cap=10) == 10
    assert search.count() == 30


@pytest.mark.parametrize("recent", [0, 2, 1_000])
@pytest.mark.parametrize("words", ["", "idiot", "sällsynt"])
def test_several_limits_at_once_give_the_same_page(
    recent: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By channel, rule, kind and officer together, page by page."""
    monkeypatch.setattr(search, "RECENT", recent)
    monkeypatch.setattr(search_forms, "PAGE_ROWS", 3)
    sealings = []
    for number in range(24):
        told = facts(
            number,
            channel_name="Badet" if number % 2 else "Skolan",
            text="sällsynt idiot" if number % 6 == 0 else "idiot",
        )
        told["decision"]["officer"] = f"Officer {number % 3}"
        kind = "hide" if number % 4 == 0 else "removal"
        sealings.append(sealing(number, facts=told, kind=kind))
    seal_many(sealings, by="x")
    form = search_forms.SearchForm(
        {"channel": "Skolan", "officer": "Officer 0", "kind": "hide", "q": words}
    )
    assert form.is_valid()
    limits = search_forms.limits(form.cleaned_data)
    assert limits.along is not None
    seen, after, shown = [], "", []
    while True:
        found, count, after = search_forms.page(words, limits, after)
        seen += [row.record_id for row in found]
        shown.append(count)
        if not after:
            break
    wanted = limits.rows if not words else limits.rows.search(words)
    newest = wanted.order_by("-sealed_at", "-record_id")
    assert seen == list(newest.values_list("record_id", flat=True))
    assert len(seen) == 2
    assert shown == ["2"]


def test_more_than_a_page_under_several_limits_is_not_counted() -> None:
    seal_many([sealing(number) for number in range(60)], by="x")
    form = search_forms.SearchForm({"rule": "K-20.1", "kind": "removal"})
    assert form.is_valid()
    found, shown, after = search_forms.page(
        "", search_forms.limits(form.cleaned_data), ""
    )
    assert (len(found), shown) == (50, "50+")
    rest, shown, after = search_forms.page(
        "", search_forms.limits(form.cleaned_data), after
    )
    assert (len(rest), shown, after) == (10, "50+", "")


def test_everything_that_is_held_by_one_sender() -> None:
    """A data-subject request is answered in one step."""
    seal_many([sealing(n) for n in range(30)], by="x")
    rows = RecordSearch.objects.of_sender(platform_id="u3")
    assert {row.sender_id for row in rows} == {"u3"}
    assert rows.count() == 3
    assert RecordSearch.objects.of_sender(handle="asa").count() == 30
    assert not RecordSearch.objects.of_sender().exists()


def test_search_within_a_channel_a_rule_and_a_time() -> None:
    seal_many(
        [
            sealing(facts=facts(channel_name="Skolan")),
            sealing(facts=facts(channel_name="Badet")),
        ],
        by="x",
    )
    now = timezone.now()
    rows = RecordSearch.objects
    assert len(search.page("rektorn", within=rows.filter(channel="Badet"))) == 1
    assert len(search.page("", within=rows.filter(rule="K-20.1"))) == 2
    assert not search.page("", within=rows.filter(rule="K-20.2"))
    hour = timedelta(hours=1)
    assert search.count(within=rows.between(now - hour, now + hour)) == 2
    assert search.count(within=rows.between(now - 2 * hour, now - hour)) == 0
    assert Record.objects.between(now - hour, now + hour).count() == 2


def test_lists_leave_the_sealed_bytes_where_they_are() -> None:
    [record] = seal_many([sealing()], by="x")
    listed = Record.objects.about(record.subject).without_content().get()
    assert "canonical" in listed.get_deferred_fields()
    assert listed.facts == record.facts


def test_the_planner_is_as_before_after_a_search() -> None:
    seal_many([sealing()], by="x")
    search.page("rektorn")
    with connection.cursor() as cursor:
        for way in ("bitmapscan", "seqscan", "indexscan"):
            cursor.execute(f"SHOW enable_{way}")
            assert cursor.fetchone() == ("on",)
