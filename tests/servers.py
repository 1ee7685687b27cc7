"""Real servers for system tests: started on a free port, stopped at the end; or those that the environment names."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit

import pytest

MQTT_URL: Final = "FOREWARN_TEST_MQTT_URL"
"""Where an MQTT broker is, if the tests are not to start one (it must allow anonymous clients)."""
READY_S: Final = 240.0
_LOOK_S: Final = 0.05


_PORTS: Final = range(10_000, 20_000)
"""Below those that systems give to clients: one that was found free stays so until its server binds it."""
_found: Final[set[int]] = set()


def free_port() -> int:
    """A port that nobody listens at, and that no other call has named; another test process hardly finds the same."""
    while True:
        port = SystemRandom().choice(_PORTS)
        if port in _found:
            continue
        _found.add(port)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def listens(host: str, port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex((host, port)) == 0


class Local(ABC):
    """A server of the tests' own, which keeps what it holds over a restart."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.log = log
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Return when it answers."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, start_new_session=True)
        until_s = time.monotonic() + READY_S  # noqa: TID251  # how long a real server takes
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until_s:  # noqa: TID251  # the same
                pytest.fail(f"{type(self).__name__} does not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(_LOOK_S)
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """At once with SIGKILL; one that does not run is left alone."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(READY_S)
            self._process = None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    @abstractmethod
    def _answers(self) -> bool: ...


class Given:
    """A server that runs elsewhere, named by a variable of the environment; tests do not stop it."""

    def stop(self) -> None:
        """Left running."""


OneLocal = TypeVar("OneLocal", bound=Local)


@contextmanager
def killable(found: OneLocal | Given, another: Callable[[], OneLocal]) -> Iterator[OneLocal]:
    """A server that a test may kill: the one found, running again afterwards, or another where that runs elsewhere."""
    one = another() if isinstance(found, Given) else found
    try:
        yield one
    finally:
        if one is not found:
            one.stop()
        elif not one.is_running:
            one.start()


class Mosquitto(Local):
    """A broker that keeps sessions in `folder`."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if binary is None:
            pytest.fail(f"mosquitto is not installed: apt-get install mosquitto, or set {MQTT_URL}=mqtt://HOST:PORT")
        self.host, self.port = "127.0.0.1", free_port()
        config = folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"persistence true\npersistence_location {folder}/\nuser root\n"
        )
        super().__init__([binary, "-c", str(config)], folder / "mosquitto.log")

    def _answers(self) -> bool:
        return listens(self.host, self.port)


class GivenBroker(Given):
    """An MQTT broker."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 1883


MqttBroker = Mosquitto | GivenBroker


def broker_in(folder: Path) -> MqttBroker:
    """The broker of a test, running."""
    url = os.environ.get(MQTT_URL)
    return GivenBroker(url) if url else Mosquitto(folder).start()
