"""What the environment makes of the settings."""

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from config.embedded import BASE_DIR

DATABASE = "postgresql://user:p%40ss@db.example.org:5433/kommunen"


def settings_of(var: Path, *names: str, **given: str) -> dict[str, Any]:
    """The named settings of a process that was given this environment and no more."""
    question = (
        "import json; from django.conf import settings; "
        f"print(json.dumps({{n: getattr(settings, n, None) for n in {names!r}}}, "
        "default=str))"
    )
    done = subprocess.run(
        [sys.executable, "-c", question],
        cwd=BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENV_FILE": os.devnull,
            "KANALVAKT_VAR": str(var),
            **given,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_with_nothing_given_it_is_the_demonstration_with_its_own_secret(
    tmp_path: Path,
) -> None:
    names = ("DEMONSTRATION", "SECRET_KEY", "EMAIL_BACKEND", "HOST", "DEBUG")
    first, second = settings_of(tmp_path, *names), settings_of(tmp_path, *names)
    assert first == second
    assert first["DEMONSTRATION"] is True
    assert len(first["SECRET_KEY"]) > 60
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert first["EMAIL_BACKEND"] == "config.mail.FolderBackend"
    assert (first["HOST"], first["DEBUG"]) == ("127.0.0.1", False)


def test_a_real_installation_is_made_of_what_is_given(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("k" * 30 + "abcdefghij" * 5 + "\n")
    found = settings_of(
        tmp_path,
        *("DEMONSTRATION", "SECRET_KEY", "DATABASES", "CELERY_BROKER_URL"),
        *("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS"),
        *("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS"),
        *("EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_HOST_PASSWORD"),
        DATABASE_URL=DATABASE,
        REDIS_URL="rediss://redis.example.org:6380/2",
        SECRET_KEY_FILE=str(secret),
        BASE_URL="https://kanaler.example.org/",
        EMAIL_URL="smtp+tls://bot:s%3Acret@mail.example.org:587",
    )
    assert found["DEMONSTRATION"] is False
    assert found["SECRET_KEY"] == secret.read_text().strip()
    database = found["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"]) == ("db.example.org", 5433)
    assert (database["PASSWORD"], database["NAME"]) == ("p@ss", "kommunen")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (60, True)
    broker = Connection(found["CELERY_BROKER_URL"])
    assert (broker.hostname, broker.virtual_host) == ("redis.example.org", "2")
    assert broker.ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://kanaler.example.org"]
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] > 0
    assert "kanaler.example.org" in found["ALLOWED_HOSTS"]
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example.org", 587)
    assert found["EMAIL_USE_TLS"] is True
    assert found["EMAIL_HOST_PASSWORD"] == "s:cret"
    assert not (tmp_path / "secret-key").exists()


def test_the_env_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("PORT=8123\nLANGUAGE_CODE=nb\n# a remark\nTIME_ZONE=Europe/Oslo\n")
    found = settings_of(
        tmp_path,
        *("PORT", "LANGUAGE_CODE", "TIME_ZONE"),
        ENV_FILE=str(file),
        PORT="8124",
    )
    assert found == {"PORT": 8124, "LANGUAGE_CODE": "nb", "TIME_ZONE": "Europe/Oslo"}


@pytest.mark.parametrize(
    ("given", "broker"),
    [
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        (
            "unix:///run/redis.sock?db=3",
            "redis+socket:///run/redis.sock?virtual_host=3",
        ),
        ("redis://localhost:6379/1", "redis://localhost:6379/1"),
    ],
)
def test_the_broker_speaks_the_address_of_the_cache(
    given: str, broker: str, tmp_path: Path
) -> None:
    found = settings_of(tmp_path, "CELERY_BROKER_URL", "CACHES", REDIS_URL=given)
    assert found["CELERY_BROKER_URL"] == broker
    assert found["CACHES"]["default"]["LOCATION"] == given
