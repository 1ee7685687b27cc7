"""The district's devices before a gateway process: over HTTP and MQTT, each batch repeated until it is acknowledged."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import decode
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import from_ns, to_text
from tests.asked import Asked
from tests.district import inventory
from tests.kafka_cluster import FOREWARN, Child, Cluster
from tests.kafka_say import say
from tests.process import TOKEN, body, push_section, write_inventory
from tests.servers import MqttBroker, free_port

CONFIG: Final = """
[process]
time = "{time}"
data = "data"
snapshot_every_s = 0.2
[inventory]
path = "inventory.toml"
[quality]
clock_behind_s = 1e9
{push}{mqtt}
[kafka]
servers = "{{servers}}"
prefix = "{{prefix}}"
partitions = {{partitions}}
replication = 1
linger_s = 0.01
session_s = 6
send_timeout_s = {patience_s}
{kafka}
[service]
gateway_port = {service}
worker_port = 0
log = "text"
{more}
"""
MQTT: Final = """
[adapters.broker]
kind = "mqtt"
host = "{host}"
port = {port}
client_id = "gateway-of-a-test"
topics = ["field/+"]
reconnect_max_s = 0.5
"""

Identity = tuple[str, int, float]


class Worker(Child):
    """A worker, and what it tells of itself."""

    def __init__(self, command: list[str], log: Path, port: int) -> None:
        super().__init__(command, log)
        self.asked = Asked(port)

    def partitions(self) -> list[int]:
        """Those that it has taken something in from."""
        return [int(number) for number in self.asked.by_label("forewarn_position", "partition")]


class Field(Cluster):
    """Topics, a configuration with devices, and where they are answered.

    Attributes:
        asked: how the gateway is.
    """

    def __init__(
        self,
        folder: Path,
        servers: str,
        *,
        partitions: int = 2,
        mqtt: MqttBroker | None = None,
        time: str = "event",
        patience_s: float = 60,
        kafka: str = "",
        more: str = "",
    ) -> None:
        """`patience_s`: how long a gateway waits for the broker before it counts as away."""
        port, service = free_port(), free_port()
        self.url, self.asked = f"http://127.0.0.1:{port}", Asked(service)
        text = CONFIG.format(
            time=time,
            patience_s=patience_s,
            push=push_section(port),
            mqtt=MQTT.format(host=mqtt.host, port=mqtt.port) if mqtt else "",
            kafka=kafka,
            service=service,
            more=more,
        )
        write_inventory(folder, inventory())
        super().__init__(folder, servers, partitions, text=text)

    @contextmanager
    def gateway(self) -> Iterator[Child]:
        """A gateway process that answers."""
        with self.start("gateway") as child:
            child.wait_until(self.answers)
            yield child

    def worker(self) -> Worker:
        """A worker process, just started."""
        port = free_port()
        command = [*FOREWARN, "worker", str(self.path), "--port", str(port)]
        return Worker(command, self.path.parent / f"worker-{port}.log", port)

    def copied(self, folder: Path) -> Cluster:
        """Topics of their own that hold the same readings."""
        folder.mkdir()
        for name in ("forewarn.toml", "inventory.toml"):
            shutil.copy(self.path.parent / name, folder / name)
        text = (folder / "forewarn.toml").read_text().replace(self.options.prefix, "{prefix}")
        other = Cluster(folder, self.options.servers, self.options.partitions, text=text)
        readings = self.messages(Topic.READINGS)
        say(other.options, (Message(Topic.READINGS, one.value(), one.partition() or 0) for one in readings))
        return other

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=10).is_success
        except httpx.HTTPError:
            return False

    def post(self, batch: ReadingBatch) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        return httpx.post(f"{self.url}/v1/readings", content=body(batch), headers=headers, timeout=120)

    def push(self, batch: ReadingBatch) -> None:
        """Until it is acknowledged, whatever happens to the gateway."""
        while True:
            try:
                answer = self.post(batch)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if answer.is_success:
                return
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            assert int(answer.headers["Retry-After"]) >= 1
            time.sleep(0.05)

    def entries(self) -> list[ReadingBatch]:
        """The batches that `readings` holds, partition by partition."""
        found = (decode(message.value()) for message in self.messages(Topic.READINGS))
        return [entry for entry in found if isinstance(entry, ReadingBatch)]


def identities(batches: Iterable[ReadingBatch]) -> list[Identity]:
    """Every reading, in order, as often as it is there."""
    return [(one.series.sensor, one.observed_at_ns, one.value) for batch in batches for one in batch.readings()]


def messages_of(batch: ReadingBatch) -> Iterator[tuple[str, bytes]]:
    """What the devices publish: (topic, payload)."""
    for one in batch.readings():
        at = to_text(from_ns(one.observed_at_ns))
        said = {"sensor": one.series.sensor, "value": one.value, "at": at}
        yield f"field/{one.series.sensor}", json.dumps(said).encode()
