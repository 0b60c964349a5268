"""Retention rules, from the archivist's form to the disposal list."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from archive import retention_names
from archive.models import Record, RetentionRule
from archive.sealing import seal_many
from config import retention_admin
from tests.archive.samples import sealing

if TYPE_CHECKING:
    from channels.models import User
    from tests.conftest import Cast

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
LATER = datetime(2040, 1, 1, tzinfo=UTC)
LIST = reverse("admin:archive_retentionrule_changelist")
ADD = reverse("admin:archive_retentionrule_add")
TOLD = {
    "applies_to": "moderated-message",
    "title": "Removed comments",
    "years": "5",
    "starts": "year_end",
    "basis": "KS 12/26",
}


@pytest.fixture
def records(db: None) -> list[Record]:
    names = ("moderated-message", "moderated-message", "referral", "of-our-own")
    return seal_many(
        [sealing(n, retention=name) for n, name in enumerate(names)],
        by="Anna Ek (anna)",
    )


def at(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def change(rule: RetentionRule) -> str:
    return reverse("admin:archive_retentionrule_change", args=[rule.pk])


def errors(answer: Any) -> dict[str, Any]:
    return dict(answer.context["adminform"].form.errors)


def test_an_archivist_writes_a_rule_and_the_records_come_on_the_disposal_list(
    records: list[Record], cast: Cast
) -> None:
    with time_machine.travel(LATER, tick=True):
        client = at(cast.arkiv)
        page = client.get(reverse("keeping:due"))
        assert "There is no retention rule yet" in page.content.decode()
        assert LIST in page.content.decode()
        assert client.post(ADD, TOLD)["Location"] == LIST
        found = client.get(reverse("keeping:due")).context["found"]
    assert set(found.records) == set(records[:2])
    rule = RetentionRule.objects.get()
    assert (rule.slug, rule.kind, rule.years) == ("moderated-message", "", 5)


def test_an_officer_neither_sees_nor_writes_rules(cast: Cast) -> None:
    client = at(cast.anna)
    assert client.get(LIST).status_code == 403
    assert client.post(ADD, TOLD).status_code == 403
    assert not RetentionRule.objects.exists()


def test_a_rule_for_a_kind_fits_every_record_of_it(
    records: list[Record], cast: Cast
) -> None:
    with time_machine.travel(LATER, tick=True):
        client = at(cast.arkiv)
        client.post(ADD, {**TOLD, "applies_to": "kind-removal"})
        found = client.get(reverse("keeping:due")).context["found"]
    rule = RetentionRule.objects.get()
    assert (rule.slug, rule.kind) == ("kind-removal", "removal")
    assert set(found.records) == set(records)
    assert "Every record of the kind “Removed by us”" in (
        at(cast.arkiv).get(LIST).content.decode()
    )


def test_no_years_is_said_to_be_for_ever(records: list[Record], cast: Cast) -> None:
    client = at(cast.arkiv)
    client.post(ADD, {**TOLD, "years": ""})
    assert RetentionRule.objects.get().years is None
    assert "For ever" in client.get(LIST).content.decode()
    with time_machine.travel(LATER, tick=True):
        found = at(cast.arkiv).get(reverse("keeping:due")).context["found"]
    assert not found.records


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("basis", ""),
        ("basis", "  "),
        ("title", ""),
        ("years", "-1"),
        ("years", "501"),
        ("applies_to", ""),
        ("applies_to", "never-heard-of"),
    ],
)
def test_what_is_missing_or_impossible_is_refused(
    field: str, value: str, cast: Cast
) -> None:
    answer = at(cast.arkiv).post(ADD, {**TOLD, field: value})
    assert set(errors(answer)) == {field}
    assert not RetentionRule.objects.exists()


def test_what_has_a_rule_is_not_offered_again(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    client.post(ADD, TOLD)
    answer = client.post(ADD, TOLD)
    assert set(errors(answer)) == {"applies_to"}
    page = client.get(ADD).content.decode()
    assert 'value="moderated-message"' not in page
    assert 'value="of-our-own"' in page


def test_what_a_rule_is_for_stays_when_it_is_changed(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    client.post(ADD, TOLD)
    rule = RetentionRule.objects.get()
    told = {**TOLD, "applies_to": "referral", "years": "7", "basis": "KS 13/26"}
    assert client.post(change(rule), told)["Location"] == LIST
    rule.refresh_from_db()
    assert (rule.slug, rule.years) == ("moderated-message", 7)


def test_the_history_says_who_changed_what_and_nobody_rewrites_it(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    client.post(ADD, TOLD)
    rule = RetentionRule.objects.get()
    client.post(change(rule), {**TOLD, "years": "7"})
    newest, oldest = rule.history.all()
    assert (oldest.years, newest.years) == (5, 7)
    assert newest.history_user == cast.arkiv
    page = client.get(reverse("admin:archive_retentionrule_history", args=[rule.pk]))
    assert "5 → 7" in page.content.decode()
    assert cast.arkiv.get_full_name() in page.content.decode()
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        rule.history.all().delete()


def test_a_rule_that_a_record_names_cannot_be_deleted(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    client.post(ADD, TOLD)
    rule = RetentionRule.objects.get()
    delete = reverse("admin:archive_retentionrule_delete", args=[rule.pk])
    answer = client.post(delete, {"post": "yes"}, follow=True)
    assert answer.redirect_chain == [(change(rule), 302)]
    assert "Records follow this rule" in answer.content.decode()
    assert RetentionRule.objects.exists()


def test_a_rule_for_a_kind_with_records_cannot_be_deleted(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    client.post(ADD, {**TOLD, "applies_to": "kind-removal"})
    rule = RetentionRule.objects.get()
    delete = reverse("admin:archive_retentionrule_delete", args=[rule.pk])
    assert client.post(delete, {"post": "yes"})["Location"] == change(rule)
    assert RetentionRule.objects.exists()


def test_a_rule_that_nothing_follows_can_be_deleted(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    client.post(ADD, {**TOLD, "applies_to": "page-capture"})
    rule = RetentionRule.objects.get()
    delete = reverse("admin:archive_retentionrule_delete", args=[rule.pk])
    assert client.post(delete, {"post": "yes"})["Location"] == LIST
    assert not RetentionRule.objects.exists()


def test_the_page_tells_which_records_have_no_rule(
    records: list[Record], cast: Cast
) -> None:
    client = at(cast.arkiv)
    missing = client.get(LIST).context["missing"]
    assert [(one["slug"], one["count"]) for one in missing] == [
        ("moderated-message", 2),
        ("of-our-own", 1),
        ("referral", 1),
    ]
    client.post(ADD, TOLD)
    page = client.get(LIST)
    assert "moderated-message" not in [one["slug"] for one in page.context["missing"]]
    assert f"{ADD}?applies_to=of-our-own" in page.content.decode()


def test_many_records_are_counted_no_further_than_needed(
    records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_names, "CAP", 1)
    assert [(one.slug, one.count, one.more) for one in retention_names.carried()] == [
        ("moderated-message", 1, True),
        ("of-our-own", 1, False),
        ("referral", 1, False),
    ]


def test_without_records_there_is_no_name(db: None) -> None:
    assert retention_names.carried() == []


def test_the_names_are_found_by_the_index(records: list[Record]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {retention_names._NAMES}", [10])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on archive_record" not in plan
    assert "archive_record_retention" in plan


def test_every_name_that_the_code_writes_is_said_in_words() -> None:
    """A rule is chosen by words, not by a name from the code."""
    written = set()
    for layer in ("archive", "channels", "moderation"):
        for file in (ROOT / layer).rglob("*.py"):
            text = file.read_text()
            written |= set(
                re.findall(r'(?:^RETENTION = |retention=)"(.+)"', text, re.M)
            )
    assert written == set(retention_admin.NAMES)
    for name in written:
        assert retention_admin.words_for(name) != name
