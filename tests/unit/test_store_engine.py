"""Which errors of a PostgreSQL will pass by waiting."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from alerting.store.engine import is_away


@pytest.mark.parametrize(
    ("said", "away"),
    [
        ('connection to server at "127.0.0.1", port 1 failed: Connection refused', True),
        ("connection timeout expired", True),
        ("FATAL:  the database system is starting up", True),
        ("FATAL:  the database system is in recovery mode", True),
        ("FATAL:  sorry, too many clients already", True),
        ("server closed the connection unexpectedly", True),
        ('FATAL:  password authentication failed for user "me"', False),
        ('FATAL:  database "nowhere" does not exist', False),
        ("fe_sendauth: no password supplied", False),
        ("server does not support SSL, but SSL was required", False),
    ],
)
def test_a_server_is_away_or_something_is_wrong(said: str, away: bool) -> None:  # noqa: FBT001  # a table
    assert is_away(OperationalError("SELECT 1", None, Exception(said))) is away


def test_a_statement_that_is_refused_is_no_absence() -> None:
    refused: SQLAlchemyError = ProgrammingError("SELECT 1", None, Exception("no such table"))
    assert not is_away(refused)
