"""`/healthz`: this process answers. `/readyz`: so does all it needs."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.tasks import HEARTBEAT_KEY

log = structlog.get_logger("kanalvakt.health")

OK = "ok"
# Reading every migration file takes longer than all the rest; it is done once a
# minute at most, and a "no" is asked again at once.
_MIGRATIONS_TRUSTED_S = 60.0
_migrated_at: float | None = None


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 or 503 with a word for each: database, broker, migrations, beat.

    The words say what is wrong but not where: no host, no user, no message of a
    driver leaves the machine.
    """
    answers = {name: _ask(name, question) for name, question in QUESTIONS.items()}
    ready = all(answer == OK for answer in answers.values())
    response = JsonResponse({"ready": ready, **answers}, status=200 if ready else 503)
    # Said above, part by part; Django would add an error for every call of a monitor.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _ask(name: str, question: Callable[[], str]) -> str:
    try:
        return question()
    except Exception:
        log.warning("not ready", part=name, exc_info=True)
        return "no answer"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return OK


def _broker() -> str:
    cache.get(HEARTBEAT_KEY)
    return OK


def _migrations() -> str:
    global _migrated_at
    now = time.monotonic()
    if _migrated_at is None or now - _migrated_at > _MIGRATIONS_TRUSTED_S:
        _migrated_at = None
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return f"{len(missing)} not applied"
        _migrated_at = now
    return OK


def _beat() -> str:
    seen_at = cache.get(HEARTBEAT_KEY)
    if seen_at is None:
        return "no heartbeat yet"
    age = time.time() - float(seen_at)
    if age > settings.HEARTBEAT_MAX_AGE_S:
        return f"last heartbeat {int(age)} seconds ago"
    return OK


QUESTIONS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "migrations": _migrations,
    "beat": _beat,
}

health_urls = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
