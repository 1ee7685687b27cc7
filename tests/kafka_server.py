"""A real Kafka broker for system tests: one KRaft node on free ports, its log in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

import pytest

from tests.servers import Given, free_port

KAFKA: Final = "FOREWARN_TEST_KAFKA"
"""HOST:PORT of a broker, if the tests are not to start one (it must allow anonymous clients to create topics)."""
SCRIPT: Final = Path(__file__).parents[1] / "scripts" / "kafka.sh"
READY_S: Final = 60.0
JAVA: Final = ("-Xmx512m", "-Xms256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=INFO")
"""A broker for small tests: quick to start rather than quick to run."""

PROPERTIES: Final = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/log
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


class Kafka:
    """A broker that keeps its log in `folder` over a restart."""

    def __init__(self, folder: Path, more: str = "", formatting: tuple[str, ...] = ()) -> None:
        """`more`: further properties; `formatting`: further words for the tool that formats the log."""
        self.folder = folder
        self._classpath = f"{_jars()}/*"
        port = free_port()
        self.servers = f"127.0.0.1:{port}"
        self._properties = folder / "server.properties"
        self._properties.write_text(PROPERTIES.format(port=port, controller=free_port(), folder=folder) + more)
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        cluster = self._java("kafka.tools.StorageTool", "random-uuid").stdout.decode().strip()
        self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties), *formatting)

    def _java(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["java", *JAVA, "-cp", self._classpath, *words], check=True, capture_output=True)

    def start(self) -> Self:
        command = ["java", *JAVA, "-cp", self._classpath, "kafka.Kafka", str(self._properties)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        until_s = time.monotonic() + READY_S  # noqa: TID251  # how long a real server takes
        while b"Kafka Server started" not in self._log.read_bytes():
            if self._process.poll() is not None or time.monotonic() > until_s:  # noqa: TID251  # the same
                pytest.fail(f"Kafka does not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.1)
        return self

    @property
    def pid(self) -> int:
        """Of the broker that runs."""
        assert self._process is not None
        return self._process.pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(READY_S)
            self._process = None


class GivenKafka(Given):
    """A broker that runs elsewhere."""

    variable = KAFKA

    def __init__(self, servers: str) -> None:
        self.servers = servers


Broker = Kafka | GivenKafka


def kafka_in(folder: Path) -> Broker:
    """The broker of a test, running."""
    servers = os.environ.get(KAFKA)
    return GivenKafka(servers) if servers else Kafka(folder).start()


def fresh_prefix() -> str:
    """What the names of a test's topics begin with, so that tests share a broker without meeting."""
    return f"t{uuid4().hex[:8]}."


def _jars() -> str:
    """The folder that scripts/kafka.sh prints; the system tests of a machine without Java fail with its words."""
    if shutil.which("java") is None:
        pytest.fail(f"java is not installed: apt-get install default-jre-headless maven, or set {KAFKA}=HOST:PORT")
    brought = subprocess.run([str(SCRIPT)], check=False, capture_output=True, text=True)
    if brought.returncode:
        pytest.fail(f"Kafka cannot be brought by scripts/kafka.sh: {brought.stderr[-1000:]}\nor set {KAFKA}=HOST:PORT")
    return brought.stdout.strip()
