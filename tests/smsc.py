"""A real SMS centre on loopback: npm's `smpp`, as scripts/smsc/server.js makes it behave."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest

from tests.servers import free_port

SCRIPTS: Final = Path(__file__).parents[1] / "scripts"


class SmsCentre:
    """Its port, and what it was given: messages, and how we answered its receipts."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.said: list[dict[str, Any]] = []

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [one for one in self.said if "to" in one]


@contextmanager
def sms_centre(port: int | None = None) -> Iterator[SmsCentre]:
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is not installed: apt-get install npm")
    modules = subprocess.run([SCRIPTS / "smsc.sh"], check=True, capture_output=True, text=True).stdout.strip()
    centre = SmsCentre(port or free_port())
    command = [node, str(SCRIPTS / "smsc" / "server.js"), modules, str(centre.port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        lines = process.stdout
        reading = Thread(target=lambda: centre.said.extend(map(json.loads, lines)), daemon=True)
        reading.start()
        try:
            yield centre
        finally:
            process.terminate()
            process.wait()
            reading.join()
