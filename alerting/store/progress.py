"""How far the runner got: its snapshot, with the position in the journal that it includes."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import delete, insert, select

from alerting.store.database import Database
from alerting.store.schema import progress

_SNAPSHOT: Final = "snapshot"


class Snapshot(NamedTuple):
    """The state of the pipeline after it had processed the journal up to and including `position`."""

    position: int
    blob: bytes


class ProgressQueries(Database):
    """One snapshot, the last."""

    def save_snapshot(self, position: int, blob: bytes) -> None:
        """Replace the snapshot: both parts or neither."""
        with self.write() as connection:
            connection.execute(delete(progress).where(progress.c.key == _SNAPSHOT))
            connection.execute(insert(progress).values(key=_SNAPSHOT, number=position, blob=blob))

    def load_snapshot(self) -> Snapshot | None:
        """The last one saved, None in a new store."""
        with self.read() as connection:
            row = connection.execute(select(progress).where(progress.c.key == _SNAPSHOT)).one_or_none()
        return None if row is None else Snapshot(row.number, bytes(row.blob))
