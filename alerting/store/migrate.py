"""Bringing the tables of a store to what this program works with.

Whoever opens a store migrates it, under a lock and in one transaction: another process that starts at the same moment
waits and finds it done; a crash in between leaves the store as it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

MIGRATIONS: Final = Path(__file__).with_name("migrations")
_PG_LOCK: Final = 0x666F7265
"""Of PostgreSQL's advisory locks, the one that migrations take: "fore"."""


class RevisionError(ValueError):
    """Tables that this program cannot work with; the text says why and what to do."""


def revisions(folder: Path = MIGRATIONS) -> tuple[str, ...]:
    """The numbers of all revisions, in order; the last is what this program works with."""
    return tuple(sorted(path.name[:4] for path in (folder / "versions").glob("[0-9]*.py")))


def current(connection: Connection) -> str | None:
    """The revision that a store is at; None for one without tables.

    Raises:
        RevisionError: it has tables, but nothing tells of which revision.
    """
    there = inspect(connection)
    if there.has_table("alembic_version"):
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision
    if there.has_table("findings"):
        raise RevisionError(
            "written by a program older than any release, which kept no revision; "
            "use that program, or begin with an empty store"
        )
    return None


def is_current(connection: Connection, folder: Path = MIGRATIONS) -> bool:
    """Whether the tables are what this program works with.

    Raises:
        RevisionError: they are of a newer program.
    """
    known, found = revisions(folder), current(connection)
    if found is not None and found not in known:
        raise RevisionError(
            f"at revision {found}, this program knows revisions up to {known[-1]}; "
            "use the newer program that wrote it, or a copy saved before that"
        )
    return found == known[-1]


def upgrade(connection: Connection, folder: Path = MIGRATIONS) -> None:
    """Make or alter the tables, in the write transaction of `connection`; what is in them stays.

    Raises:
        RevisionError: as `is_current`.
    """
    from alembic import command  # noqa: PLC0415  # half a second that only a new or old store needs
    from alembic.config import Config  # noqa: PLC0415  # the same

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PG_LOCK})
    if not is_current(connection, folder):
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        command.upgrade(config, "head")
