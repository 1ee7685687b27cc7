"""Arrangements of those on duty, and the tokens by which people are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, Column, Connection, Index, Row, Table, Text, delete, select, update

from alerting.people.roster import Override
from alerting.store.database import Database, insert_new
from alerting.store.schema import metadata
from pipeline.model.instant import Instant, from_ns, to_ns

overrides: Final = Table(
    "duty_overrides",
    metadata,
    Column("id", Text, primary_key=True),
    Column("roster", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("ends_at_ns", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("duty_overrides_by_end", "ends_at_ns"),
)

tokens: Final = Table(
    "access_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("made_at_ns", BigInteger, nullable=False),
    Column("expires_at_ns", BigInteger, nullable=True),
    Column("revoked_at_ns", BigInteger, nullable=True),
    Index("access_tokens_by_hash", "hash", unique=True),
)


class AccessToken(BaseModel):
    """What is kept of a token: never the token itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    person: str
    made_at: Instant
    expires_at: Instant | None = None
    revoked_at: Instant | None = None


class DutyQueries(Database):
    """Who arranged what, and whose token is whose."""

    def overrides(self, now: datetime) -> tuple[Override, ...]:
        """Arrangements that have not ended, by their end."""
        with self.read() as connection:
            return tuple(overrides_of(connection, now))

    def tokens(self) -> tuple[AccessToken, ...]:
        """Every token ever made, oldest first."""
        with self.read() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.made_at_ns, tokens.c.id)).all()
        return tuple(_token(row) for row in rows)

    def token(self, hashed: str, now: datetime) -> AccessToken | None:
        """The valid token with this hash; None: unknown, revoked or expired."""
        with self.read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.hash == hashed)).first()
        found = _token(row) if row else None
        if found is None or found.revoked_at or (found.expires_at and found.expires_at <= now):
            return None
        return found


def overrides_of(connection: Connection, now: datetime) -> list[Override]:
    """As `overrides`, within a transaction."""
    query = select(overrides.c.document).where(overrides.c.ends_at_ns > to_ns(now))
    rows = connection.scalars(query.order_by(overrides.c.ends_at_ns, overrides.c.id))
    return [Override.model_validate_json(text) for text in rows]


def add_overrides(connection: Connection, rows: Sequence[Override]) -> None:
    """Enter arrangements; what is there already stays."""
    insert_new(
        connection,
        overrides,
        [
            {
                "id": one.id,
                "roster": one.roster,
                "source": one.source,
                "ends_at_ns": to_ns(one.ends_at),
                "document": one.model_dump_json(),
            }
            for one in rows
        ],
    )


def drop_overrides(connection: Connection, roster: str, source: str) -> int:
    """Take out what a calendar had brought; how many those were."""
    here = (overrides.c.roster == roster, overrides.c.source == source)
    return connection.execute(delete(overrides).where(*here)).rowcount


def drop_override(connection: Connection, override: str) -> int:
    """Take one out; how many those were."""
    return connection.execute(delete(overrides).where(overrides.c.id == override)).rowcount


def add_token(connection: Connection, token: AccessToken, hashed: str) -> None:
    """Keep a token's hash."""
    row = {
        "id": token.id,
        "person": token.person,
        "hash": hashed,
        "made_at_ns": to_ns(token.made_at),
        "expires_at_ns": None if token.expires_at is None else to_ns(token.expires_at),
    }
    insert_new(connection, tokens, [row])


def revoke_token(connection: Connection, token: str, at: datetime) -> int:
    """End a token now; how many valid ones those were."""
    here = (tokens.c.id == token, tokens.c.revoked_at_ns.is_(None))
    return connection.execute(update(tokens).where(*here).values(revoked_at_ns=to_ns(at))).rowcount


def _token(row: Row[Any]) -> AccessToken:
    return AccessToken(
        id=row.id,
        person=row.person,
        made_at=from_ns(row.made_at_ns),
        expires_at=None if row.expires_at_ns is None else from_ns(row.expires_at_ns),
        revoked_at=None if row.revoked_at_ns is None else from_ns(row.revoked_at_ns),
    )
