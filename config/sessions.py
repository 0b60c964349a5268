"""Django's sessions in the database, read with a prepared statement: every page of a
signed-in person begins with this."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.utils import timezone

from archive import prepared

_READ = """
SELECT session_data FROM django_session
WHERE session_key = %s AND expire_date > %s
"""


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> Any:
        from django.contrib.sessions.models import Session

        return Session

    def load(self) -> dict[str, Any]:
        key = self.session_key or ""
        found = "\x00" not in key and prepared.rows(_READ, [key, timezone.now()])
        if not found:
            self._session_key = None
            return {}
        stored: dict[str, Any] = self.decode(found[0][0])
        return stored
