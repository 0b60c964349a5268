"""The first account of a real installation."""

import io
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import translation

PASSWORD = "rätt-häst-batteri-7"

pytestmark = pytest.mark.django_db


def make_first(**options: object) -> str:
    printed = io.StringIO()
    call_command("first_administrator", stdout=printed, interactive=False, **options)
    return printed.getvalue()


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", PASSWORD)
    with translation.override("en"):
        yield


def test_it_is_made_with_every_right_and_its_password() -> None:
    said = make_first(email="Asa.Berg@Example.org", name="Åsa Berg")
    assert PASSWORD not in said
    user = get_user_model().objects.get()
    assert (user.username, user.email) == ("asa.berg@example.org",) * 2
    assert user.get_full_name() == "Åsa Berg"
    assert user.is_superuser
    assert user.is_staff
    assert user.check_password(PASSWORD)


def test_there_is_only_one_first() -> None:
    make_first(email="a@example.org", name="A")
    with pytest.raises(CommandError, match="There are accounts already"):
        make_first(email="b@example.org", name="B")
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize(
    ("email", "name", "password", "sentence"),
    [
        ("not an address", "Åsa", PASSWORD, "valid email"),
        (None, "Åsa", PASSWORD, "E-mail address is missing"),
        ("a@example.org", None, PASSWORD, "Name is missing"),
        ("a@example.org", "Åsa", "", "ADMINISTRATOR_PASSWORD is missing"),
        ("a@example.org", "Åsa", "short", "too short"),
        ("a@example.org", "Åsa", "password1234", "too common"),
    ],
)
def test_what_is_missing_or_weak_is_refused_in_a_sentence(
    email: str | None,
    name: str | None,
    password: str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", password)
    with pytest.raises(CommandError, match=sentence):
        make_first(email=email, name=name)
    assert not get_user_model().objects.exists()


def test_it_asks_for_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMINISTRATOR_PASSWORD")
    answers = iter(["a@example.org", "Åsa Berg"])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    monkeypatch.setattr("getpass.getpass", lambda question: PASSWORD)
    call_command("first_administrator", stdout=io.StringIO())
    assert get_user_model().objects.get().check_password(PASSWORD)


def test_two_different_passwords_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMINISTRATOR_PASSWORD")
    answers = iter([PASSWORD, PASSWORD + "x"])
    monkeypatch.setattr("getpass.getpass", lambda question: next(answers))
    with pytest.raises(CommandError, match="differ"):
        call_command("first_administrator", email="a@example.org", name="Åsa")
