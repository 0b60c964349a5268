"""Settings that would do harm are refused in a sentence, with an id and a hint."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.utils import ConnectionHandler
from django.test import Client
from pytest_django import Settings

from config import checks
from config.embedded import BASE_DIR
from tests.peers.services import Services

GOOD = {
    "SECRET_KEY": "abcdefghij" * 6,
    "BASE_URL": "https://kanaler.example.org",
    "HTTPS": True,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "DEBUG": False,
    "ALLOWED_HOSTS": ["kanaler.example.org"],
    "CREDENTIALS_KEY": "",
    "DEMONSTRATION": False,
}


def ids(settings: Settings, **given: Any) -> set[str]:
    for name, value in {**GOOD, **given}.items():
        setattr(settings, name, value)
    messages = checks.check_settings()
    assert all(message.hint for message in messages)
    return {str(message.id).removeprefix("kanalvakt.") for message in messages}


def test_good_settings_pass(settings: Settings) -> None:
    assert ids(settings) == set()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"CREDENTIALS_KEY": "x" * 31}, {"E001"}),
        ({"VAR": "/does/not/exist"}, {"E002"}),
        ({"DEBUG": True}, {"E010"}),
        ({"SECRET_KEY": "k" * 60}, {"E011"}),
        ({"SECRET_KEY": "abcdefghij"}, {"E011"}),
        ({"ALLOWED_HOSTS": ["*"]}, {"E012"}),
        ({"BASE_URL": "http://kanaler.example.org", "HTTPS": False}, {"W011"}),
        ({"DEMONSTRATION": True, "HOST": "0.0.0.0"}, {"W001"}),
        ({"DEMONSTRATION": True, "HOST": "127.0.0.1", "SECRET_KEY": "x"}, set()),
    ],
)
def test_each_fault_has_its_id(
    given: dict[str, Any], expected: set[str], settings: Settings
) -> None:
    assert ids(settings, **given) == expected


@pytest.fixture
def odd_database(services: Services) -> Iterator[str]:
    """A database whose locale knows no letter beyond ASCII."""
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(
            "create database odd template template0 encoding 'UTF8' "
            "locale_provider libc locale 'C'"
        )
        yield "odd"
        connection.execute("drop database odd with (force)")


@pytest.mark.django_db
def test_our_own_database_passes() -> None:
    assert checks.check_database(databases=["default"]) == []


@pytest.mark.django_db
def test_a_database_that_does_not_fold_swedish_letters_is_refused(
    odd_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = connections["default"].settings_dict
    others = ConnectionHandler({"default": {**ours, "NAME": odd_database}})
    monkeypatch.setattr(checks, "connections", others)
    try:
        (message,) = checks.check_database(databases=["default"])
    finally:
        others.close_all()
    assert message.id == "kanalvakt.E022"
    assert "Å" in checks.sentences([message])[0]


def test_every_page_carries_the_strict_headers(client: Client) -> None:
    answer = client.get("/healthz")
    policy = answer["Content-Security-Policy"]
    for directive in (
        "default-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ):
        assert directive in policy
    assert "unsafe" not in policy
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_the_example_of_settings_names_each_of_them() -> None:
    source = (BASE_DIR / "config" / "settings.py").read_text()
    read = set(re.findall(r'_(?:given|number|switch|words)\(\s*"(\w+)"', source))
    example = (BASE_DIR / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.M))
    elsewhere = {
        *("KANALVAKT_VAR", "ENV_FILE", "KANALVAKT_DEMONSTRATION"),
        *("ADMINISTRATOR_EMAIL", "ADMINISTRATOR_NAME", "ADMINISTRATOR_PASSWORD"),
    }
    assert len(read) > 20
    assert named == read | elsewhere
