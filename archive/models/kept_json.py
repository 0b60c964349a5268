from __future__ import annotations

import json
from typing import Any

from django.db import models

from archive import canonical


class KeptJSON(models.JSONField):
    """JSON that is kept as the text in which it was written: whoever checks a hundred
    thousand records does not have PostgreSQL put each together anew. What is there but
    is no JSON reads as None; the check of the record names it."""

    def db_type(self, connection: Any) -> str:
        return "text"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        try:
            return None if value is None else json.loads(value)
        except ValueError:
            return None

    def get_db_prep_value(
        self, value: Any, connection: Any, prepared: bool = False
    ) -> Any:
        return None if value is None else canonical.column(value)
