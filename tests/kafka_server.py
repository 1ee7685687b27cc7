"""A real Kafka broker for system tests: one KRaft node on free ports, its log in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from tests.servers import Given, Local, free_port

KAFKA: Final = "FOREWARN_TEST_KAFKA"
"""HOST:PORT of a broker, if the tests are not to start one (it must allow anonymous clients to create topics)."""
SCRIPT: Final = Path(__file__).parents[1] / "scripts" / "kafka.sh"
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


class Kafka(Local):
    """A broker that keeps its log in `folder` over a restart."""

    def __init__(self, folder: Path, more: str = "", formatting: tuple[str, ...] = ()) -> None:
        """`more`: further properties; `formatting`: further words for the tool that formats the log."""
        self.folder = folder
        self._classpath = f"{_jars()}/*"
        port = free_port()
        self.servers = f"127.0.0.1:{port}"
        self._properties = folder / "server.properties"
        self._properties.write_text(PROPERTIES.format(port=port, controller=free_port(), folder=folder) + more)
        command = ["java", *JAVA, "-cp", self._classpath, "kafka.Kafka", str(self._properties)]
        super().__init__(command, folder / "server.log")
        cluster = self._java("kafka.tools.StorageTool", "random-uuid").stdout.decode().strip()
        self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties), *formatting)

    def _java(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["java", *JAVA, "-cp", self._classpath, *words], check=True, capture_output=True)

    def _answers(self) -> bool:
        return b"Kafka Server started" in self.log.read_bytes()


class GivenKafka(Given):
    """A broker that runs elsewhere."""

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
