"""Who else is looking at a message: a hint in the cache, which may be lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.core.cache import cache

from channels.hints import unreachable

if TYPE_CHECKING:
    from channels.models import User
    from moderation.models import Case

FRESH = 45  # seconds; an open page says so every 15


def look(case: Case, user: User) -> list[str]:
    """Notes that `user` has the case open; answers the names of the others."""
    key = f"looking:{case.pk}"
    now = time.time()
    try:
        lookers: dict[int, tuple[str, float]] = cache.get(key) or {}
        lookers = {pk: seen for pk, seen in lookers.items() if now - seen[1] < FRESH}
        lookers[user.pk] = (str(user), now)
        cache.set(key, lookers, timeout=FRESH)
    except unreachable():
        return []
    return [name for pk, (name, _at) in lookers.items() if pk != user.pk]
