"""What stands in the cluster's folder before anything starts. What is there already is left as it is."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Final

from cluster.places import PORTS, Places
from cluster.supervision import java, supervision

DEVICE_TOKEN: Final = "demonstration"  # noqa: S105  # no secret: of simulated devices, on loopback only
SAMPLE: Final = Path(__file__).parents[2] / "pipeline" / "samples" / "demo"
PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
listeners=PLAINTEXT://{kafka},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{kafka}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={log}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=false
"""


def prepare(places: Places, jars: Path, influxd: Path) -> None:
    """Make whatever is missing.

    Raises:
        CalledProcessError: Kafka's log cannot be formatted.
    """
    for folder in (places.folder, places.logs, places.broker, places.influxdb, places.folder / "data"):
        folder.mkdir(parents=True, exist_ok=True)
    if not places.token.exists():
        places.token.touch(mode=0o600)
        places.token.write_text(secrets.token_urlsafe(32) + "\n", "ascii")
    if not (places.folder / "inventory").exists():
        shutil.copytree(SAMPLE / "inventory", places.folder / "inventory")
    if not places.config.exists():
        places.config.write_text(_configuration(places), "utf-8")
    for target in ("townships", "repairs"):
        (places.folder / "data" / target).mkdir(exist_ok=True)
    _broker(places, jars)
    places.supervision.write_text(supervision(places, jars, influxd, SAMPLE, DEVICE_TOKEN), "utf-8")


def _configuration(places: Places) -> str:
    template = (Path(__file__).parent / "forewarn.toml.template").read_text("utf-8")
    ports = {name: str(places.port(name)) for name in PORTS}
    servers = {name: places.address(name) for name in ("kafka", "influxdb")}
    digest = sha256(DEVICE_TOKEN.encode()).hexdigest()
    return template.format(**ports | servers, token=DEVICE_TOKEN, token_sha256=digest)


def _broker(places: Places, jars: Path) -> None:
    """Format the log of a broker that has none."""
    properties, log = places.broker / "server.properties", places.broker / "log"
    servers = {name: places.address(name) for name in ("kafka", "controller")}
    properties.write_text(PROPERTIES.format(log=log, **servers), "utf-8")
    if not (log / "meta.properties").exists():
        tool = [*java(jars), "kafka.tools.StorageTool"]
        made = subprocess.run([*tool, "random-uuid"], check=True, capture_output=True, text=True)
        words = ["format", "--cluster-id", made.stdout.strip(), "--config", str(properties)]
        subprocess.run([*tool, *words], check=True, capture_output=True)
