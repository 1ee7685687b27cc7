"""Real servers for system tests: found on PATH, started on a free port, stopped at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import ClassVar, Final, Self
from urllib.parse import urlsplit

import pytest

MQTT_URL: Final = "FOREWARN_TEST_MQTT_URL"
"""Where an MQTT broker is, if the tests are not to start one (it must allow anonymous clients)."""
READY_S: Final = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


class Mosquitto:
    """A broker that keeps sessions in `folder` over a restart."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if binary is None:
            pytest.fail(f"mosquitto is not installed: apt-get install mosquitto, or set {MQTT_URL}=mqtt://HOST:PORT")
        self.host = "127.0.0.1"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        config = folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"persistence true\npersistence_location {folder}/\nuser root\n"
        )
        self._command = [binary, "-c", str(config)]

    def start(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_S  # noqa: TID251  # how long a real server takes
        while not self._answers():
            if time.monotonic() > deadline:  # noqa: TID251  # the same
                pytest.fail(f"mosquitto does not listen on port {self.port} after {READY_S:g} s")
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(READY_S)
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as sock:
            return sock.connect_ex((self.host, self.port)) == 0


class Given:
    """A server that runs elsewhere, named by a variable of the environment; it cannot be stopped by a test."""

    variable: ClassVar[str]

    def start(self) -> Self:
        pytest.skip(f"{self.variable} is set: the server cannot be restarted by a test")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Left running."""


class GivenBroker(Given):
    """An MQTT broker."""

    variable = MQTT_URL

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 1883


def broker_in(folder: Path) -> Mosquitto | GivenBroker:
    """The broker of a test, running."""
    url = os.environ.get(MQTT_URL)
    return GivenBroker(url) if url else Mosquitto(folder).start()
