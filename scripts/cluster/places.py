"""Where the parts of the cluster are: one folder, and ports in a row. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
PORTS: Final = ("page", "http", "kafka", "controller", "influxdb", "gateway", "worker-0", "worker-1", "sink", "console")
"""In this order from the first port on. The last five are those of health and metrics."""
WORKERS: Final = 2


@dataclass(frozen=True, slots=True)
class Places:
    """One cluster on one machine; nothing of it listens beyond loopback."""

    folder: Path
    first_port: int

    def port(self, name: str) -> int:
        """Of one of PORTS."""
        return self.first_port + PORTS.index(name)

    def address(self, name: str) -> str:
        """HOST:PORT of one of PORTS."""
        return f"{HOST}:{self.port(name)}"

    @property
    def config(self) -> Path:
        """What all processes of Forewarn read."""
        return self.folder / "forewarn.toml"

    @property
    def supervision(self) -> Path:
        """What supervisord reads."""
        return self.folder / "supervisord.conf"

    @property
    def socket(self) -> Path:
        """Where supervisord is talked to."""
        return self.folder / "supervisor.sock"

    @property
    def logs(self) -> Path:
        """A file a process."""
        return self.folder / "logs"

    @property
    def token(self) -> Path:
        """InfluxDB's, and the password of its page."""
        return self.folder / "influxdb.token"

    @property
    def broker(self) -> Path:
        """Kafka's log and properties."""
        return self.folder / "kafka"

    @property
    def influxdb(self) -> Path:
        """InfluxDB's data."""
        return self.folder / "influxdb"
