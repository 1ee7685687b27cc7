"""Stores for tests: each on SQLite, and on a real PostgreSQL that the tests share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from alerting.store.store import Store
from tests.postgres_server import database, postgres_url

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.system)]
"""What a fixture of stores is parametrised with."""


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server for the whole run."""
    with postgres_url() as url:
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """A database of it with the tables, to copy from: quicker than to make them for each test."""
    with database(server_url) as url:
        Store(url).close()
        yield make_url(url).database or ""


@pytest.fixture(scope="session")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for SQLite."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=BOTH)
def store_url(request: pytest.FixtureRequest, tmp_path: Path, template_file: Path) -> Iterator[str]:
    """The address of a new store, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(template_file, tmp_path)}"
    else:
        server_url, template = (request.getfixturevalue(name) for name in ("server_url", "template"))
        with database(server_url, template) as url:
            yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open one."""
    opened = Store(store_url)
    yield opened
    opened.close()
