"""supervisord's configuration: who is started with what, is started again when it dies, and is stopped in which order.

Servers are stopped last: what the processes have in hand when they are told to stop still finds its place.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from io import StringIO
from pathlib import Path
from typing import Final

from cluster.places import WORKERS, Places

SERVERS: Final = ("kafka", "influxdb")
OURS: Final = "forewarn"
"""The group of all other processes; a group is stopped at once, the one of higher priority number first."""
STARTS: Final = 1_000_000
"""How often one that does not stay up is tried again, each time a second later than the time before."""
STOP_S: Final = 60


def java(jars: Path) -> list[str]:
    """Java with Kafka on its path, small."""
    options = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-Dlog4j2.level=WARN")
    return ["java", *options, "-cp", f"{jars}/*"]


def supervision(places: Places, jars: Path, influxd: Path, story: Path, token: str) -> str:
    """The whole file."""
    made = ConfigParser(interpolation=None)
    made["unix_http_server"] = {"file": str(places.socket), "chmod": "0700"}
    made["supervisord"] = {
        "directory": str(places.folder),
        "logfile": str(places.logs / "supervisord.log"),
        "pidfile": str(places.folder / "supervisord.pid"),
        "childlogdir": str(places.logs),
    }
    made["supervisorctl"] = {"serverurl": f"unix://{places.socket}"}
    factory = "supervisor.rpcinterface:make_main_rpcinterface"
    made["rpcinterface:supervisor"] = {"supervisor.rpcinterface_factory": factory}
    for name, command in _commands(places, jars, influxd, story, token):
        made[f"program:{name}"] = _program(places, name, command)
    made["group:servers"] = {"programs": ",".join(SERVERS), "priority": "1"}
    made[f"group:{OURS}"] = {"programs": ",".join(_processes()), "priority": "2"}
    written = StringIO()
    made.write(written)
    return written.getvalue()


def _processes() -> list[str]:
    return ["gateway", *(f"worker-{number}" for number in range(WORKERS)), "sink", "console", "simulator"]


def _commands(
    places: Places, jars: Path, influxd: Path, story: Path, token: str
) -> Iterator[tuple[str, Sequence[str]]]:
    yield "kafka", [*java(jars), "kafka.Kafka", str(places.broker / "server.properties")]
    stored = [f"--{name}={places.influxdb / name}" for name in ("bolt-path", "engine-path", "sqlite-path")]
    address = f"--http-bind-address={places.address('influxdb')}"
    yield "influxdb", [str(influxd), *stored, address, "--reporting-disabled"]
    forewarn = str(Path(sys.executable).parent / "forewarn")
    for name in ("gateway", "sink", "console"):
        yield name, [forewarn, name, str(places.config)]
    for number in range(WORKERS):
        name = f"worker-{number}"
        yield name, [forewarn, "worker", str(places.config), "--port", str(places.port(name))]
    url = f"http://{places.address('http')}/v1/readings"
    inventory = str(places.folder / "inventory")
    yield "simulator", [forewarn, "simulate", str(story), "--inventory", inventory, "--url", url, "--token", token]


def _program(places: Places, name: str, command: Sequence[str]) -> dict[str, str]:
    return {
        "command": " ".join(f'"{word}"' for word in command).replace("%", "%%"),
        "autostart": "true" if name in SERVERS else "false",
        "autorestart": "true",
        "startretries": str(STARTS),
        "stopwaitsecs": str(STOP_S),
        "redirect_stderr": "true",
        "stdout_logfile": str(places.logs / f"{name}.log").replace("%", "%%"),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "1",
    }
