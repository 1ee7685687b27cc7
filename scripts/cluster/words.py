"""What is told when the cluster stands."""

from __future__ import annotations

from cluster.files import DEVICE_TOKEN
from cluster.places import PORTS, Places
from cluster.start import BIN


def told(places: Places) -> str:
    """Addresses, and how to go on."""
    influx = f"http://{places.address('influxdb')}"
    rows = {
        "page": f"http://{places.address('page')}/",
        "devices": f"POST http://{places.address('http')}/v1/readings, token {DEVICE_TOKEN}",
        "Kafka": places.address("kafka"),
        "InfluxDB": f"{influx} (user forewarn; its password, and the token: {places.token})",
        "Grafana": f"INFLUXDB_URL={influx} INFLUXDB_ORG=forewarn INFLUXDB_BUCKET=forewarn "
        f'INFLUXDB_TOKEN="$(cat {places.token})", with deploy/grafana',
        "metrics": " ".join(f"http://{places.address(name)}/metrics" for name in PORTS[5:]),
        "configuration": str(places.config),
        "logs": str(places.logs),
        "processes": f"{BIN / 'supervisorctl'} -c {places.supervision} status",
    }
    lines = [f"{name:<14}{text}" for name, text in rows.items()]
    return "\n".join([*lines, "Ctrl-C stops all; the next start goes on from here."])
