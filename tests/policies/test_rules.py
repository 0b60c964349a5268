"""The rules in the database: loaded from a pack, versioned, never rewritten."""

from __future__ import annotations

import tomllib
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from policies.models import LANGUAGES, Rule, RuleVersion
from policies.publishing import KALIX, PackError, load_pack, read_pack

PROHIBITED = [f"K-20.{number}" for number in range(1, 8)]
ADDITIONS = [f"K-22.{number}" for number in range(1, 7)]
MAY = date(2026, 5, 4)
JUNE = date(2026, 6, 1)


@pytest.fixture
def rules(db: None) -> None:
    load_pack(by="Anna", valid_from=MAY)


def pack(tmp_path: Path, old: str = "", new: str = "") -> Path:
    text = KALIX.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "pack.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_pack_holds_seven_kinds_and_six_additions() -> None:
    """K-20, K-22."""
    found = read_pack(KALIX)
    assert [rule["id"] for rule in found if rule["kind"] == "prohibited"] == PROHIBITED
    assert [rule["id"] for rule in found if rule["kind"] == "addition"] == ADDITIONS
    for rule in found:
        assert {basis["country"] for basis in rule["basis"]} == {"SE", "NO"}
        # Where only a person can tell, a person is asked.
        assert rule["strength"] != "weak" or rule["question"]
    # K-10: what officials may not write is screened for in our own answers too.
    assert all(
        "outgoing" in rule["directions"]
        for rule in found
        if rule["kind"] == "prohibited" or rule["id"] == "K-22.1"
    )


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    first = load_pack(by="Anna")
    assert list(first.added) == PROHIBITED + ADDITIONS
    again = load_pack(by="Bo")
    assert list(again.unchanged) == PROHIBITED + ADDITIONS
    assert not again.added + again.reworded + again.changed
    assert Rule.objects.count() == RuleVersion.objects.count() == 13
    assert Rule.history.count() == 13
    assert set(RuleVersion.objects.values_list("created_by", flat=True)) == {"Anna"}


@pytest.mark.usefixtures("rules")
def test_a_changed_wording_is_a_new_version_and_the_old_one_stays(
    tmp_path: Path,
) -> None:
    """A decision of May still says in June what the rule said in May."""
    decided_by = Rule.objects.get(code="K-20.6").current
    path = pack(tmp_path, "Svordomar eller obscena ord", "Svordomar och könsord")
    loaded = load_pack(path=path, by="Bo", valid_from=JUNE)
    assert loaded.reworded == ("K-20.6",)
    assert len(loaded.unchanged) == 12
    rule = Rule.objects.get(code="K-20.6")
    assert rule.current.number == 2
    assert rule.current.wording_in("sv") == "Svordomar och könsord"
    assert rule.current.created_by == "Bo"
    decided_by.refresh_from_db()
    assert decided_by.wording_in("sv") == "Svordomar eller obscena ord"
    assert rule.version_on(date(2026, 5, 31)) == decided_by
    assert rule.version_on(JUNE) == rule.current
    with pytest.raises(RuleVersion.DoesNotExist):
        rule.version_on(date(2026, 5, 3))


@pytest.mark.usefixtures("rules")
def test_a_changed_legal_basis_is_a_new_version(tmp_path: Path) -> None:
    path = pack(tmp_path, 'section = "16 kap. 5 §"', 'section = "16 kap. 5 a §"')
    assert load_pack(path=path, by="Bo", valid_from=JUNE).reworded == ("K-20.4",)


@pytest.mark.usefixtures("rules")
def test_a_changed_strength_is_configuration_with_history(tmp_path: Path) -> None:
    path = pack(tmp_path, 'strength = "medium"', 'strength = "weak"')
    text = path.read_text(encoding="utf-8")
    assert text != KALIX.read_text(encoding="utf-8")
    assert load_pack(path=path, by="Bo").changed == ("K-20.1",)
    rule = Rule.objects.get(code="K-20.1")
    assert rule.versions.count() == 1
    newest, oldest = rule.history.all()
    assert (oldest.strength, newest.strength) == ("medium", "weak")
    assert newest.history_change_reason == "Bo"


@pytest.mark.usefixtures("rules")
def test_a_version_cannot_begin_before_the_one_it_replaces(tmp_path: Path) -> None:
    path = pack(tmp_path, "Svordomar eller obscena ord", "Svordomar")
    with pytest.raises(PackError, match=r"K-20\.6: version 1 is valid from 2026-05-04"):
        load_pack(path=path, by="Bo", valid_from=date(2026, 5, 3))
    assert RuleVersion.objects.count() == 13


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('kind = "prohibited"', 'kind = "forbidden"', "K-20.1: the kind must be"),
        ('strength = "medium"', 'strength = "sure"', "K-20.1: the strength must be"),
        ('["incoming", "outgoing"]', "[]", "K-20.1: the directions must be"),
        ("nn = ", "da = ", "K-20.1: “wording” must be given in sv, nb, nn, en"),
        ('from = "1965-01-01"', 'from = "long ago"', "K-20.1: the dates"),
        ('to = "2022-06-30"', 'to = "2001-01-01"', "K-20.4: a legal basis cannot end"),
        ('country = "SE"\n', "", "K-20.1: a legal basis needs country"),
        ('id = "K-20.2"', 'id = "K-20.1"', "K-20.1: appears more than once"),
        ('slug = "defamation"\n', "", "K-20.1: “slug” is missing"),
        ('pack = "kalix"', "pack = kalix", "cannot be read"),
    ],
)
def test_a_faulty_pack_is_refused_with_the_rule_and_the_fault(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(PackError) as fault:
        read_pack(pack(tmp_path, old, new))
    assert sentence in str(fault.value)


@pytest.mark.django_db
def test_a_fault_in_the_last_rule_loads_none(tmp_path: Path) -> None:
    path = pack(tmp_path, 'slug = "contrary-to-purpose"', 'slug = ""')
    with pytest.raises(PackError):
        load_pack(path=path, by="Anna")
    with pytest.raises(PackError, match="Say who"):
        load_pack(by=" ")
    assert not Rule.objects.exists()


def test_a_pack_that_is_not_there_or_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"gone\.toml cannot be read"):
        read_pack(tmp_path / "gone.toml")
    empty = tmp_path / "empty.toml"
    empty.write_text('pack = "x"\n')
    with pytest.raises(PackError, match="holds no rules"):
        read_pack(empty)


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE policies_ruleversion SET wording = wording",
        "DELETE FROM policies_ruleversion",
        "TRUNCATE policies_ruleversion CASCADE",
        "UPDATE policies_historicalrule SET strength = 'weak'",
        "DELETE FROM policies_historicalrule",
        "TRUNCATE policies_historicalrule",
    ],
)
def test_the_database_refuses_to_rewrite_a_version(statement: str) -> None:
    with connection.cursor() as cursor:
        # Rows inserted by this test still have foreign keys to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with (
            pytest.raises(IntegrityError, match="rows are only added"),
            transaction.atomic(),
        ):
            cursor.execute(statement)


@pytest.mark.usefixtures("rules")
def test_a_rule_with_versions_cannot_be_deleted() -> None:
    with pytest.raises(ProtectedError):
        Rule.objects.first().delete()


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"strength": "sure"},
        {"directions": []},
        {"directions": ["sideways"]},
        {"code": "K-20.2"},
    ],
)
def test_the_database_refuses_a_rule_out_of_shape(change: dict[str, object]) -> None:
    rule = Rule.objects.get(code="K-20.1")
    for field, value in change.items():
        setattr(rule, field, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save()


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    "change", [{"wording": {"sv": "Bara svenska"}}, {"created_by": ""}, {"number": 1}]
)
def test_the_database_refuses_a_version_out_of_shape(change: dict[str, object]) -> None:
    old = RuleVersion.objects.get(rule__code="K-20.1")
    fields = {
        "rule": old.rule,
        "number": 2,
        "wording": old.wording,
        "explanation": old.explanation,
        "basis": old.basis,
        "created_by": "Bo",
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleVersion.objects.create(**fields | change)


@pytest.mark.usefixtures("rules")
def test_the_legal_basis_is_what_was_in_force_on_the_day() -> None:
    """K-20, K-22: a removal cites the law of its day and its country."""
    incitement = Rule.objects.get(code="K-20.4").current
    before = incitement.legal_basis("SE", date(2022, 6, 30))
    after = incitement.legal_basis("SE", date(2022, 7, 1))
    assert "(2010:299)" in before
    assert "(2022:666)" not in before
    assert "terroristbrottslagen (2022:666) 7 §" in after
    assert "(2010:299)" not in after
    assert incitement.legal_basis("NO", MAY) == "straffeloven §§ 136 og 183"
    assert incitement.legal_basis("DK", MAY) == ""
    threats = Rule.objects.get(code="K-22.3").current
    assert "1998:112" in threats.legal_basis("SE", date(2018, 1, 1))
    assert "1998:112" not in threats.legal_basis("SE", date(2017, 12, 31))


@pytest.mark.usefixtures("rules")
def test_every_rule_cites_something_today_in_both_countries() -> None:
    for rule in Rule.objects.with_versions():
        for country in ("SE", "NO"):
            assert rule.current.legal_basis(country, MAY)


@pytest.mark.usefixtures("rules")
def test_words_come_in_the_reader_s_language() -> None:
    version = Rule.objects.get(code="K-20.5").current
    assert version.wording_in("sv").startswith("Olovligt bruk")
    assert version.wording_in("no") == version.wording_in("nb-NO")
    assert version.wording_in("nn") != version.wording_in("nb")
    assert version.wording_in("fi") == version.wording_in("en")
    assert version.explanation_in("sv") != version.explanation_in("en")
    assert version.question_in("sv").endswith("?")
    assert Rule.objects.get(code="K-20.6").current.question_in("sv") == ""
    for language in LANGUAGES:
        assert version.wording[language]


@pytest.mark.usefixtures("rules")
def test_rules_are_asked_for_in_the_words_of_the_guidelines(
    django_assert_num_queries,
) -> None:
    assert [rule.code for rule in Rule.objects.prohibited()] == PROHIBITED
    assert [rule.code for rule in Rule.objects.additions()] == ADDITIONS
    outgoing = {rule.code for rule in Rule.objects.for_direction("outgoing")}
    assert outgoing == {*PROHIBITED, "K-22.1", "K-22.2"}
    with django_assert_num_queries(2):
        assert all(rule.current.number == 1 for rule in Rule.objects.with_versions())


@pytest.mark.django_db
def test_a_rule_without_a_version_has_no_current_one() -> None:
    rule = Rule.objects.create(
        code="X", slug="x", kind="addition", strength="weak",
        directions=["incoming"], position=1,
    )  # fmt: skip
    assert str(rule) == "X"
    with pytest.raises(RuleVersion.DoesNotExist):
        _ = rule.current
    with pytest.raises(RuleVersion.DoesNotExist):
        _ = Rule.objects.with_versions().get().current
    # A pack that names it later gives it its first version.
    assert "X" not in load_pack(by="Anna").added


@pytest.mark.django_db
def test_the_command_loads_and_says_what_it_did(tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_rules", "--by", "Anna", stdout=out)
    assert "added 13" in out.getvalue()
    call_command("load_rules", stdout=out)
    assert "unchanged 13" in out.getvalue()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_rules", str(tmp_path / "gone.toml"))


def test_the_pack_is_plain_toml_in_the_agreed_shape() -> None:
    data = tomllib.loads(KALIX.read_text(encoding="utf-8"))
    assert data["pack"] == "kalix"
    assert set(data["rule"][0]) == {
        "id", "slug", "kind", "directions", "strength", "wording", "explanation",
        "basis",
    }  # fmt: skip


@pytest.mark.usefixtures("rules")
def test_the_admin_shows_rules_and_lets_nobody_change_them(admin_client) -> None:
    rule = Rule.objects.get(code="K-20.6")
    listing = reverse("admin:policies_rule_changelist")
    shown = admin_client.get(listing, headers={"accept-language": "sv"})
    assert "K-20.6" in shown.content.decode()
    page = reverse("admin:policies_rule_change", args=[rule.pk])
    shown = admin_client.get(page, headers={"accept-language": "sv"})
    assert rule.current.wording["sv"] in shown.content.decode()
    assert admin_client.get(reverse("admin:policies_rule_add")).status_code == 403
    delete = reverse("admin:policies_rule_delete", args=[rule.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    assert admin_client.post(page, {"slug": "other"}).status_code == 403
    assert Rule.objects.get(code="K-20.6").slug == "swearing"
