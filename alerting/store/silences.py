"""Silences, as people set them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from alerting.stages.silence import Silence
from alerting.store.database import Database, insert_new
from alerting.store.hold import silences
from pipeline.model.instant import to_ns


class SilenceQueries(Database):
    """What is silenced, was, and will be."""

    def silences(self, now: datetime | None = None) -> tuple[Silence, ...]:
        """Every silence by its end, latest first; with `now` those that have not ended."""
        with self.read() as connection:
            return _silences(connection, now)


def in_force(connection: Connection, now: datetime) -> tuple[Silence, ...]:
    """The silences that hold at an instant."""
    return tuple(one for one in _silences(connection, now) if one.begins_at <= now)


def put_silence(connection: Connection, silence: Silence) -> None:
    """Write a silence anew or in place of what it was."""
    row = {"id": silence.id, "ends_at_ns": to_ns(silence.ends_at), "document": silence.model_dump_json()}
    insert_new(connection, silences, [row])
    connection.execute(update(silences).where(silences.c.id == silence.id).values(row))


def _silences(connection: Connection, now: datetime | None) -> tuple[Silence, ...]:
    query = select(silences.c.document).order_by(silences.c.ends_at_ns.desc(), silences.c.id)
    texts = connection.scalars(query if now is None else query.where(silences.c.ends_at_ns > to_ns(now)))
    return tuple(Silence.model_validate_json(text) for text in texts)
