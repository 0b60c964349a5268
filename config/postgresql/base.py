"""Django's PostgreSQL, with a cheaper look at whether a kept connection still lives."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Asked once a request. A server that closed the connection, restarting or by
        command, has left its last word in the socket: only when there is something to
        read is the database itself asked."""
        raw = self.connection
        if raw is None or raw.closed:
            return False
        if raw.info.transaction_status != TransactionStatus.IDLE:
            return super().is_usable()
        waiting = select.poll()
        waiting.register(raw.fileno(), select.POLLIN)
        return True if not waiting.poll(0) else super().is_usable()
