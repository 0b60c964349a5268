"""Redis holds hints: where it cannot be reached, only they are missing."""

from __future__ import annotations


def unreachable() -> tuple[type[Exception], ...]:
    """What the cache raises then. Asked for when something failed: the library takes a
    tenth of a second to load, which no command has to wait for."""
    from redis.exceptions import RedisError

    return RedisError, OSError
