"""Django's sessions in the database, read together with the person whose they are, by
one prepared statement: every page of a signed-in person begins with this."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.utils import timezone

from archive import prepared
from config import permissions


class SessionStore(DatabaseSessions):
    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        # Made once a request: what was read for another one holds no more.
        permissions.read_ahead(None)

    @classmethod
    def get_model_class(cls) -> Any:
        from channels.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        from django.contrib.auth import SESSION_KEY

        session: Any = super().create_model_instance(data)
        session.person_id = data.get(SESSION_KEY)
        return session

    def load(self) -> dict[str, Any]:
        key = self.session_key or ""
        found = "\x00" not in key and prepared.rows(_reading(), [key, timezone.now()])
        if not found:
            self._session_key = None
            return {}
        [(data, *person)] = found
        permissions.read_ahead(person)
        stored: dict[str, Any] = self.decode(data)
        return stored


@cache
def _reading() -> str:
    return f"""
        SELECT session.session_data, {permissions.columns()}
        FROM channels_session session
        LEFT JOIN channels_user person ON person.id = session.person_id
        WHERE session.session_key = %s AND session.expire_date > %s
    """
