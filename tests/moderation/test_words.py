"""The word list in the admin, and what its versions mean for messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from moderation import word_pages
from moderation.models import Finding
from policies import wording
from policies.models import WordVersion
from policies.screening import ENGINE_VERSION, Entry
from policies.wording import WordingError
from tests import make

if TYPE_CHECKING:
    from django.test import Client

    from channels.models import Channel
    from tests.conftest import Cast

BLAJA = Entry(
    term="blaja", kind="swear", rule="K-20.6", languages=("sv",), paradigm="n1"
)
SLUR = Entry(term="fulgrupp", kind="slur", rule="K-20.2", languages=("sv",))
TYPED = {
    "term": "Blaja",
    "languages": ["sv"],
    "kind": "swear",
    "rule": "",
    "severity": "2",
    "paradigm": "sv/n1",
    "spellings": "bläja, blajja",
    "modifiers": "",
    "without": "",
    "guards": "",
    "note": "",
}


@pytest.fixture
def chief(client: Client, cast: Cast) -> Client:
    client.force_login(cast.chief)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def publish(*changes: wording.Change) -> WordVersion:
    return wording.publish(changes=changes, note="Heard of late.", by="Chief")


def send(client: Client, name: str, data: dict[str, Any], *args: Any) -> Any:
    return client.post(reverse(f"words:{name}", args=args), data)


def words_of(response: Any) -> str:
    """The page as one reads it: tags gone, blanks as one."""
    body = response.content.decode().split("<body", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", "", body).split())


def test_a_finding_keeps_the_word_list_that_made_it(school_channel: Channel) -> None:
    """K-23: what was found is told with the version that found it."""
    publish(wording.add(BLAJA))
    case = make.case(school_channel, "Vad är det för blaja, 811228-9874?")

    engines = dict(case.findings.values_list("entry", "engine"))

    assert engines["sv:blaja"] == f"{ENGINE_VERSION}+1"
    assert set(engines.values()) == {f"{ENGINE_VERSION}+1"}
    assert len(engines) > 1


def test_a_publication_changes_no_finding_of_before(school_channel: Channel) -> None:
    before = make.case(school_channel, "Skit också")
    kept = list(before.findings.values())
    assert kept

    publish(wording.remove("sv:skit"))
    after = make.case(school_channel, "Skit också, igen")

    assert list(Finding.objects.filter(case=before).values()) == kept
    assert after.findings_count == 0


def test_an_edited_text_is_screened_by_the_words_in_force(
    school_channel: Channel,
) -> None:
    one = make.item("Helt vanlig text")
    make.receive(school_channel, one)
    publish(wording.add(BLAJA))

    make.receive(school_channel, make.item("Vilken blaja", id=one.id))

    finding = Finding.objects.get()
    assert (finding.entry, finding.version.number) == ("sv:blaja", 2)


def test_a_batch_asks_for_the_words_once(
    school_channel: Channel, django_assert_max_num_queries: Any
) -> None:
    publish(wording.add(BLAJA))
    with django_assert_max_num_queries(60) as asked:
        make.receive(school_channel, *[make.item(f"Hej nr {n}") for n in range(40)])

    about = [q["sql"] for q in asked.captured_queries if "wordversion" in q["sql"]]
    assert len(about) <= 2


def test_our_own_answers_are_held_to_the_words_in_force(
    cast: Cast, school_channel: Channel
) -> None:
    """K-10: outgoing text goes by the same words."""
    from moderation import replies
    from moderation.refusals import Refused

    publish(wording.add(BLAJA))
    case = make.case(school_channel, "När öppnar skolan?")

    with pytest.raises(Refused, match="blaja"):
        replies.reply(case=case, by=cast.anna, text="Det är en blaja.")


@pytest.mark.parametrize("name", ["anna", "hanna", "arkiv"])
def test_only_the_information_unit_comes_in(
    client: Client, cast: Cast, name: str
) -> None:
    publish(wording.add(BLAJA))
    client.force_login(getattr(cast, name))

    for page in ("index", "add", "try", "history", "learning"):
        assert client.get(reverse(f"words:{page}")).status_code == 403
    assert send(client, "add", TYPED | {"step": "publish"}).status_code == 403
    assert send(client, "remove", {}, "sv:skit").status_code == 403
    assert send(client, "undo", {"step": "publish"}, 1).status_code == 403
    assert send(client, "train", {}).status_code == 403
    assert wording.newest_number() == 1


def test_words_are_looked_up_in_all_their_forms(chief: Client) -> None:
    page = words_of(chief.get(reverse("words:index"), {"q": "skitarna"}))
    assert "skit" in page
    assert "Remove skit" in page

    page = words_of(chief.get(reverse("words:index"), {"q": "finns-inte-alls"}))
    assert "No entry holds this." in page


def test_a_word_is_typed_previewed_and_put_into_force(
    chief: Client, cast: Cast, school_channel: Channel
) -> None:
    """K-20: which past messages it would have flagged is seen before it holds."""
    make.case(school_channel, "Vad är det för blajor ni håller på med?")
    make.case(school_channel, "När öppnar skolan?")

    response = send(chief, "add", TYPED | {"step": "preview"})

    page = words_of(response)
    assert response.status_code == 200
    assert "In the newest 2 messages" in page
    assert "1 would be flagged that was not before" in page
    assert "<mark>blajor</mark>" in response.content.decode()
    assert "blajan, blajor" in page
    assert wording.newest_number() == 0

    send(chief, "add", TYPED | {"step": "publish", "why": "Heard.", "after": "0"})

    version = WordVersion.objects.get()
    assert (version.number, version.note) == (1, "Heard.")
    assert "chief" in version.created_by
    entry = version.changes.get().as_entry()
    assert (entry.term, entry.rule, entry.paradigm) == ("blaja", "K-20.6", "n1")
    assert entry.forms == ("bläja", "blajja")
    assert "blaja" in words_of(chief.get(reverse("words:index"), {"own": "on"}))


def test_without_a_reason_nothing_is_put_into_force(chief: Client) -> None:
    sent = TYPED | {"step": "publish", "why": " ", "after": "0"}
    response = send(chief, "add", sent)

    assert response.status_code == 422
    assert "Say why the words are changed." in words_of(response)
    assert not WordVersion.objects.exists()


def test_what_was_published_meanwhile_is_seen_first(chief: Client) -> None:
    publish(wording.remove("sv:skit"))
    sent = TYPED | {"step": "publish", "why": "Heard.", "after": "0"}

    response = send(chief, "add", sent)

    assert response.status_code == 409
    assert "Version 1 was published since you looked" in words_of(response)
    assert 'name="after" value="1"' in response.content.decode()
    assert wording.newest_number() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"term": "två ord"}, "Write one word"),
        ({"languages": []}, "Choose at least one language."),
        ({"paradigm": "no/f"}, "not one of the first language"),
        ({"not_in": ["sv"]}, "meant and innocent in the same language"),
        ({"kind": "rude"}, "rude"),
    ],
)
def test_what_cannot_be_is_said_at_the_form(
    chief: Client, typed: dict[str, Any], sentence: str
) -> None:
    response = send(chief, "add", TYPED | typed | {"step": "publish"})

    assert response.status_code == 422
    assert sentence in words_of(response)
    assert not WordVersion.objects.exists()


def test_a_word_is_removed_after_a_look_and_can_be_put_back(
    chief: Client, school_channel: Channel
) -> None:
    make.case(school_channel, "Skit också")
    address = reverse("words:remove", args=["sv:skit"])

    assert "1 would no longer be flagged" in words_of(chief.get(address))
    assert wording.newest_number() == 0

    chief.post(address, {"step": "publish", "why": "Too mild.", "after": "0"})
    page = words_of(chief.get(reverse("words:index")))
    assert "Taken away" in page
    assert "Put back skit" in page
    assert chief.get(address).status_code == 404

    back = reverse("words:restore", args=["sv:skit"])
    chief.post(back, {"step": "publish", "why": "Again.", "after": "1"})
    assert "Taken away" not in words_of(chief.get(reverse("words:index")))


def test_a_changed_name_takes_the_old_entry_away(chief: Client) -> None:
    publish(wording.add(BLAJA))
    typed = TYPED | {"term": "bloja", "step": "publish", "why": "So.", "after": "1"}

    form = chief.get(reverse("words:change", args=["sv:blaja"])).content.decode()
    assert 'value="sv/n1" selected' in form
    send(chief, "change", typed, "sv:blaja")

    assert wording.own_entries() == {"sv:bloja"}


def test_an_entry_opened_and_sent_as_it_is_changes_nothing(chief: Client) -> None:
    """Every entry of the software survives its own form."""
    from moderation.word_forms import EntryForm

    for entry in wording.in_force().entries:
        opened = EntryForm(entry=entry)
        sent = {name: opened[name].value() for name in opened.fields}
        sent["spellings"] = " ".join(entry.forms)
        for name in ("modifiers", "without", "guards"):
            sent[name] = " ".join(getattr(entry, name))
        again = EntryForm(sent, entry=entry)
        assert again.is_valid(), (entry.id, again.errors)
        with pytest.raises(WordingError):
            wording.proposed(again.changes())


def test_a_version_is_taken_back_after_a_look(
    chief: Client, school_channel: Channel
) -> None:
    publish(wording.add(BLAJA))
    make.case(school_channel, "Vilken blaja")
    address = reverse("words:undo", args=[1])

    assert "1 would no longer be flagged" in words_of(chief.get(address))
    chief.post(address, {"step": "publish", "why": "A dialect word.", "after": "1"})

    version = WordVersion.objects.get(number=2)
    assert version.undoes == WordVersion.objects.get(number=1)
    page = words_of(chief.get(reverse("words:history")))
    assert "taken back by version 2" in page
    assert "A dialect word." in page
    again = chief.get(address, follow=True)
    assert "changed since, in version 2" in words_of(again)


def test_a_tried_text_is_marked_with_the_reason_and_stored_nowhere(
    chief: Client,
) -> None:
    response = send(chief, "try", {"text": "Vilken <b>skitkommun!"})

    page = response.content.decode()
    assert "skitkommun</mark>" in page
    assert "&lt;b&gt;" in page
    assert "is a compound with the swear word “skit” (K-20.6)" in words_of(response)
    assert not Finding.objects.exists()


def test_slurs_are_masked_until_asked_for(
    chief: Client, school_channel: Channel
) -> None:
    publish(wording.add(SLUR))
    make.case(school_channel, "Alla fulgrupp ska ut")
    where, shown = reverse("words:index"), {"words": "shown"}
    asked = {"q": "fulgrupp", "kind": "slur"}

    pages = [
        (chief.get(where, asked), chief.get(where, asked | shown)),
        (
            send(chief, "try", {"text": "Ni fulgrupp"}),
            send(chief, "try", {"text": "Ni fulgrupp"} | shown),
        ),
        (
            chief.get(reverse("words:remove", args=["sv:fulgrupp"])),
            send(chief, "remove", shown, "sv:fulgrupp"),
        ),
        (
            chief.get(reverse("words:history")),
            chief.get(reverse("words:history"), shown),
        ),
    ]

    for masked, full in pages:
        # What somebody typed stands in the field as it was typed.
        seen = re.sub(r"<textarea.*?</textarea>", "", masked.content.decode(), flags=16)
        seen = re.sub(r"<[^>]+>", "", seen)
        assert "f•••••••" in seen
        assert "fulgrupp" not in seen
        assert "fulgrupp" in words_of(full)


def test_a_preview_shows_the_person_s_own_channels_alone(
    cast: Cast, school_channel: Channel
) -> None:
    streets = make.channel(cast.bo, cast.streets)
    make.case(school_channel, "Vilken blaja, skolan")
    make.case(streets, "Vilken blaja, gatan")

    seen = word_pages.preview(cast.bo, [wording.add(BLAJA)])
    everything = word_pages.preview(cast.chief, [wording.add(BLAJA)])

    assert (seen.looked_at, seen.newly) == (1, 1)
    assert [one.case.channel for one in seen.touched] == [streets]
    assert (everything.looked_at, everything.newly) == (2, 2)
