"""How far the runner got: its snapshot, with the position in the journal that it includes."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import delete, insert, select

from alerting.store.database import Database
from alerting.store.schema import progress


class Snapshot(NamedTuple):
    """The state of the pipeline after it had processed the journal up to and including `position`."""

    position: int
    blob: bytes


class ProgressQueries(Database):
    """One snapshot a node, the last.

    Attributes:
        node: the process whose it is; each has its own journal, and several may share the store.
    """

    node = ""

    def save_snapshot(self, position: int, blob: bytes) -> None:
        """Replace the snapshot: both parts or neither."""
        with self.write() as connection:
            connection.execute(delete(progress).where(progress.c.key == self._key))
            connection.execute(insert(progress).values(key=self._key, number=position, blob=blob))

    def load_snapshot(self) -> Snapshot | None:
        """The last one saved, None in a new store."""
        with self.read() as connection:
            row = connection.execute(select(progress).where(progress.c.key == self._key)).one_or_none()
        return None if row is None else Snapshot(row.number, bytes(row.blob))

    @property
    def _key(self) -> str:
        return f"snapshot {self.node}"
