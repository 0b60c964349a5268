"""/healthz and /readyz, each part of it failing for real."""

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from config import health
from config.tasks import HEARTBEAT_KEY, heartbeat
from tests.peers.services import Services


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(health, "_migrated_at", None)
    cache.delete(HEARTBEAT_KEY)
    yield
    cache.delete(HEARTBEAT_KEY)


@pytest.mark.django_db
def test_ready_when_everything_answers(client: Client) -> None:
    heartbeat()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": "ok",
        "broker": "ok",
        "migrations": "ok",
        "beat": "ok",
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_not_ready_before_the_first_heartbeat_and_when_it_stays_away(
    client: Client, settings: Settings
) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["beat"]) == (503, "no heartbeat yet")
    cache.set(HEARTBEAT_KEY, time.time() - settings.HEARTBEAT_MAX_AGE_S - 5)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["beat"].startswith("last heartbeat 6")


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("simple_history", "0001_none")
    last = MigrationRecorder.Migration.objects.filter(app="auth").latest("id")
    last.delete()
    heartbeat()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "1 not applied"


@pytest.mark.faults
@pytest.mark.django_db
def test_not_ready_without_broker_but_alive(client: Client, services: Services) -> None:
    services.stop_valkey()
    try:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["broker"] == "no answer"
        assert answer.json()["database"] == "ok"
        assert client.get("/healthz").status_code == 200
    finally:
        services.start_valkey()


def test_not_ready_without_database_but_alive(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pytest-django lets no test without the mark reach the database: that is as good
    # as a database that refuses.
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "no answer"
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/favicon.ico", "/robots.txt"])
def test_what_browsers_and_robots_ask_for_is_there(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
