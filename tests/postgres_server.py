"""A real PostgreSQL for tests: Debian's binaries, in a folder of its own, as an unprivileged user, on a free port.

Or the one that FOREWARN_TEST_POSTGRES_URL names, whose user must be allowed to create databases.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import psycopg
import pytest
from sqlalchemy import make_url

from tests.servers import free_port

POSTGRES_URL: Final = "FOREWARN_TEST_POSTGRES_URL"
"""Where a PostgreSQL is, if the tests are not to start one: postgresql://USER:PASSWORD@HOST:PORT/postgres."""
_BINARIES: Final = "/usr/lib/postgresql/15/bin"
_SETTINGS: Final = ("max_connections=60", "shared_buffers=32MB", "unix_socket_directories=''")
START_S: Final = 240


class Postgres:
    """One server; it refuses to run as root, so root lends it to the user nobody.

    Args:
        fsync: whether it writes as carefully as it must where power may fail; a killed process needs no such care.
    """

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self._fsync = "on" if fsync else "off"
        self._bin = shutil.which("initdb", path=f"{os.environ.get('PATH', '')}:{_BINARIES}")
        if self._bin is None:
            pytest.fail(f"PostgreSQL is not installed: apt-get install postgresql-15, or set {POSTGRES_URL}")
        self.folder = folder / "pg"
        self.port = free_port()
        self.url = f"postgresql://forewarn@127.0.0.1:{self.port}/postgres"
        self.folder.mkdir(mode=0o700)
        self._owner: tuple[int | None, int | None] = (None, None)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            shutil.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._owner = (nobody.pw_uid, nobody.pw_gid)
        self._run("initdb", "-U", "forewarn", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        """Returns when it takes connections."""
        settings = (*_SETTINGS, f"fsync={self._fsync}", f"port={self.port}", "listen_addresses=127.0.0.1")
        options = " ".join(f"-c {one}" for one in settings)
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-t", str(START_S), "-l", log, "-o", options)

    def stop(self, how: str = "fast") -> None:
        """`immediate` leaves what a crash would leave."""
        self._run("pg_ctl", "stop", "-w", "-m", how)

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = (str(Path(self._bin or "").with_name(program)), "-D", str(self.folder), *arguments)
        done = subprocess.run(
            command, cwd="/", check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, user=self._owner[0], group=self._owner[1],
        )  # fmt: skip
        if done.returncode:
            pytest.fail(f"{program}: exit code {done.returncode}: {done.stderr[-1000:]}")


@contextmanager
def postgres(*, fsync: bool = False) -> Iterator[Postgres]:
    """A server that is there while the block runs."""
    folder = Path(mkdtemp(prefix="forewarn-pg-"))
    folder.chmod(0o755)
    server = Postgres(folder, fsync=fsync)
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(folder)


@contextmanager
def postgres_url() -> Iterator[str]:
    """The address of the given server, or of one that is there while the block runs."""
    given = os.environ.get(POSTGRES_URL)
    if given:
        yield given
    else:
        with postgres() as server:
            yield server.url


@contextmanager
def database(server_url: str, like: str = "template1") -> Iterator[str]:
    """The address of a new database of the server: empty, or with what the one called `like` holds."""
    name = f"forewarn_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
