"""Statements that the database plans once a connection and then only runs.

For the few that are run most. Everything else goes through the ORM, whose statements
PostgreSQL plans anew each time. A pooler between us and the database has to know
prepared statements (PgBouncer from 1.21 does).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models.base import ModelState

if TYPE_CHECKING:
    from django.db.models import Model


class _Prepared(psycopg.Cursor[tuple[Any, ...]]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True, **options)


Values = Sequence[Any] | Mapping[str, Any]


def run(statement: str, values: Values) -> None:
    """In the caller's transaction. `statement` must be the same text every time."""
    with _cursor() as cursor:
        cursor.execute(statement, values)


def rows(statement: str, values: Values) -> list[tuple[Any, ...]]:
    """`run`, and the rows that it answers."""
    return ask(statement, values)()


def ask(statement: str, values: Values) -> Callable[[], list[tuple[Any, ...]]]:
    """`rows` that are not waited for: to be called once what is asked `together` has
    been answered."""
    cursor = _cursor()
    cursor.execute(statement, values)

    def answered() -> list[tuple[Any, ...]]:
        with cursor:
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    return answered


def several(*asked: tuple[str, Values]) -> list[list[tuple[Any, ...]]]:
    """The rows that each statement answers, all of them asked for in one packet."""
    with together():
        answers = [ask(statement, values) for statement, values in asked]
    return [answered() for answered in answers]


@contextmanager
def together() -> Iterator[None]:
    """What is asked for inside goes to the database in one packet and is waited for at
    the end, once: `rows` inside would wait by itself, too. A statement that fails,
    fails there. Not around the commit, which has to be waited for by itself."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.pipeline():
        yield


def _cursor() -> Any:
    # Looked up once: the stand-in that Django has for it looks at each word.
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    raw = database.connection
    # Django's default forbids what is asked for here; nothing else is prepared.
    if raw.prepare_threshold is None:
        raw.prepare_threshold = _NEVER_BY_ITSELF
    return database._prepare_cursor(_Prepared(raw))


def columns(model: type[Model], alias: str) -> list[str]:
    """The model's own columns, for a statement in which its table is `alias`."""
    return [f'{alias}."{field.column}"' for field in model._meta.concrete_fields]


def loader(model: type[Model]) -> Callable[[Sequence[Any]], Any]:
    """Makes the model from what `columns` gave; None where there was no row."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    key = next(place for place, field in enumerate(fields) if field.primary_key)
    convert = [
        (field.attname, getattr(field, "from_db_value"))  # noqa: B009
        for field in fields
        if hasattr(field, "from_db_value")
    ]

    def load(values: Sequence[Any]) -> Model | None:
        if values[key] is None:
            return None
        # As `from_db`, less the constructor: a row of all columns needs no defaults,
        # and none of our models listens to being made.
        one = model.__new__(model)
        one._state = state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        stored = one.__dict__
        stored.update(zip(names, values, strict=True))
        for name, from_db_value in convert:
            stored[name] = from_db_value(stored[name], None, connection)
        return one

    return load


_NEVER_BY_ITSELF = 1_000_000_000
