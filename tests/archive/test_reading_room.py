"""The archivist's pages: search, a record with its seal, nothing to edit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from archive import disposal
from archive.models import Record, RetentionRule
from archive.sealing import seal_many
from tests import make
from tests.archive.samples import facts, sealing
from tests.archive.test_verify_archive import behind_the_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def archivist(client: Client) -> Client:
    client.force_login(make.person("Arkiv", "Archivist"))
    return client


@pytest.fixture
def records() -> list[Record]:
    texts = ["Grundskolan läggs ned", "Badhuset är stängt"] + ["Vanligt"] * 60
    return seal_many([sealing(facts=facts(text=text)) for text in texts], by="x")


def test_a_record_is_found_by_a_word_of_its_text(
    archivist: Client, records: list[Record]
) -> None:
    listing = reverse("admin:archive_record_changelist")
    everything = archivist.get(listing)
    assert everything.status_code == 200
    assert everything.context["count"] == "62"
    found = archivist.post(listing, {"q": "grundskola"})
    assert [row.record_id for row in found.context["rows"]] == [records[0].pk]
    assert found.context["count"] == "1"
    nothing = archivist.post(listing, {"q": "finnsinte"})
    assert nothing.context["rows"] == []


@pytest.mark.parametrize("words", ["", "vanligt"])
def test_the_next_page_goes_on_where_the_first_ended(
    words: str, archivist: Client, records: list[Record]
) -> None:
    listing = reverse("admin:archive_record_changelist")
    first = archivist.post(listing, {"q": words})
    place = first.context["next_place"]
    second = archivist.post(listing, {"q": words, "after": place})
    seen = [row.record_id for row in [*first.context["rows"], *second.context["rows"]]]
    assert len(seen) == len(set(seen)) == (62 if not words else 60)
    assert second.context["next_place"] == ""


def test_a_record_shows_whether_its_seal_holds(
    archivist: Client, records: list[Record]
) -> None:
    page = reverse("admin:archive_record_change", args=[records[0].pk])
    assert archivist.get(page).context["faults"] == []
    behind_the_back(
        "UPDATE archive_record SET canonical = convert_to(replace(convert_from("
        "canonical, 'UTF8'), 'Grundskolan', 'Grundskulan'), 'UTF8') WHERE id = %s",
        records[0].pk,
    )
    faults = archivist.get(page).context["faults"]
    assert any("/facts/message/text" in fault for fault in faults)


def test_a_record_with_erased_fields_and_one_without_content_are_shown(
    archivist: Client, records: list[Record]
) -> None:
    erased = [
        path
        for path in records[0].field_digests
        if path.startswith(("/facts/sender/", "/facts/context/", "/facts/decision/"))
    ]
    disposal.erase(
        record=records[0], paths=erased, basis="OSL 21:1", proposed_by="a", by="b"
    )
    RetentionRule.objects.create(slug="preserve", title="x", years=0, basis="x")
    with time_machine.travel(datetime(2040, 1, 1, tzinfo=UTC), tick=False):
        proposed = disposal.propose(
            records=records[1:2], decision="KS 1", basis="x", by="a"
        )
        disposal.confirm(disposal=proposed, by="b")
    for record in records[:2]:
        page = archivist.get(reverse("admin:archive_record_change", args=[record.pk]))
        assert page.status_code == 200
        assert page.context["faults"] == []
