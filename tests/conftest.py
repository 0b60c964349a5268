from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings

from tests import make
from tests.peers import wordpress

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest_django

    from channels.models import Channel, Department, Municipality, User


@dataclass
class Cast:
    """The people every test knows. Anna has a mandate on the school's channel, Bo has
    the same role and none; Hanna heads the schools, Otto the streets."""

    anna: User
    bo: User
    hanna: User
    otto: User
    arkiv: User
    chief: User
    municipality: Municipality
    schools: Department
    streets: Department


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    """Argon2 is slow on purpose; seven people a test would be most of the run."""
    cheap = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=cheap):
        yield


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_triggers() -> Iterator[None]:
    """Tests that need real commits empty the tables afterwards, which our own triggers
    rightly refuse: as a superuser, and only there, the triggers are switched off."""
    original = DatabaseOperations.sql_flush

    def sql_flush(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        statements = original(self, *args, **kwargs)
        if not statements:
            return statements
        return [
            "SET session_replication_role = replica;",
            *statements,
            "SET session_replication_role = DEFAULT;",
        ]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]
    yield
    DatabaseOperations.sql_flush = original  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """Ends what threads and killed workers left connected, or the database of the run
    could not be dropped at its end."""
    yield
    with django_db_blocker.unblock():
        # A test may have ended ours, too: a new one asks.
        connection.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def cast(db: None) -> Cast:
    make.rules()
    officer, head = "Communications officer", "Head of department"
    hanna, otto = make.person("Hanna", head), make.person("Otto", head)
    chief = make.person("Chief", "Information chief")
    return Cast(
        anna=make.person("Anna", officer),
        bo=make.person("Bo", officer),
        hanna=hanna,
        otto=otto,
        arkiv=make.person("Arkiv", "Archivist"),
        chief=chief,
        municipality=make.municipality(information_chief=chief),
        schools=make.department("Schools", hanna),
        streets=make.department("Streets", otto),
    )


@pytest.fixture
def school_channel(cast: Cast) -> Channel:
    return make.channel(cast.anna, cast.schools)


@pytest.fixture(scope="session")
def wp_debian() -> Iterator[wordpress.Site]:
    site = wordpress.debian_site()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def wp_playground() -> Iterator[wordpress.Site]:
    site = wordpress.playground_site()
    yield site
    site.stop()


@pytest.fixture(params=["wp_debian", "wp_playground"])
def wp(request: pytest.FixtureRequest) -> wordpress.Site:
    """Each version of WordPress in turn, mended."""
    site: wordpress.Site = request.getfixturevalue(request.param)
    site.mend()
    return site


@pytest.fixture
def wp_one(wp_debian: wordpress.Site) -> wordpress.Site:
    """The one WordPress of tests that are about us, not about its versions."""
    wp_debian.mend()
    return wp_debian
