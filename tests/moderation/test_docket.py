"""What a decision reads at once."""

from __future__ import annotations

from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from moderation import docket


def test_the_driver_keeps_what_it_made_of_the_reading_statement():
    """A longer one is taken apart anew at each decision."""
    statement, _loaders = docket._reading()
    assert len(statement) <= MAX_CACHED_STATEMENT_LENGTH
