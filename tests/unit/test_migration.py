"""Migrations: the revisions make the tables that the program works with, and nothing is lost on the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from make_migration import VERSIONS, main, topics
from sqlalchemy import text

from alerting.store import migrate
from alerting.store.record import Record
from alerting.store.schema import metadata
from alerting.store.store import Store
from pipeline.errors import StoreError
from tests.postgres_server import database
from tests.reports import NOON, finding
from tests.stores import BOTH

REVISION = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "9000", {before!r}
def upgrade():
    op.add_column("findings", sa.Column("note", sa.Text(), nullable=False, server_default="-"))
    {then}
"""


def with_next(folder: Path, then: str = "") -> Path:
    """The revisions, and one more."""
    shutil.copytree(migrate.MIGRATIONS, folder / "migrations")
    code = REVISION.format(before=migrate.revisions()[-1], then=then)
    (folder / "migrations" / "versions" / "9000_note.py").write_text(code)
    return folder / "migrations"


def test_the_revisions_make_the_tables_of_the_program(store: Store) -> None:
    assert topics()  # every file of tables has been loaded
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_revisions_are_what_the_script_makes(tmp_path: Path) -> None:
    main(tmp_path)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text() for path in VERSIONS.glob("[0-9]*.py")}


def test_an_older_store_is_brought_up_with_all_that_is_in_it(store: Store, tmp_path: Path) -> None:
    store.save(Record(findings=(finding(),)), NOON)
    folder = with_next(tmp_path)
    with store.write() as connection:
        migrate.upgrade(connection, folder)
    with store.read() as connection:
        assert connection.execute(text("SELECT id, note FROM findings")).all() == [(finding().id, "-")]
        assert migrate.current(connection) == "9000"


def test_a_migration_that_fails_leaves_the_store_as_it_was(store: Store, tmp_path: Path) -> None:
    folder = with_next(tmp_path, then='raise RuntimeError("broken")')
    with pytest.raises(RuntimeError, match="broken"), store.write() as connection:
        migrate.upgrade(connection, folder)
    store.save(Record(findings=(finding(),)), NOON)
    with store.read() as connection:
        assert migrate.current(connection) == migrate.revisions()[-1]


def test_a_newer_store_is_refused_with_what_to_do(store: Store, store_url: str) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"store \S+: at revision 9999, this program .* use the newer program"):
        Store(store_url)


def test_a_store_that_kept_no_revision_is_refused_with_what_to_do(store: Store, store_url: str) -> None:
    with store.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(StoreError, match=r"older than any release.* begin with an empty store"):
        Store(store_url)


@contextmanager
def empty(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a store that nobody has opened."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'empty.db'}"
    else:
        with database(request.getfixturevalue("server_url")) as url:
            yield url


@pytest.mark.parametrize("kind", BOTH)
def test_processes_that_start_at_once_take_turns(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with empty(kind, tmp_path, request) as url:
        start_at_once(url)


def start_at_once(store_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        opened = list(threads.map(Store, [store_url] * 4))
    for one in opened:
        one.save(Record(findings=(finding(),)), NOON)
        assert one.findings(9) == (finding(),)
        one.close()
