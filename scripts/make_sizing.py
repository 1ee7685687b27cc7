"""Writes docs/sizing.md: how many of what for how many sensors, reckoned from docs/benchmarks.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log10
from pathlib import Path
from typing import Final

from jinja2 import Template

ROOT: Final = Path(__file__).resolve().parents[1]
TEMPLATE: Final = Path(__file__).with_name("sizing.md.j2")
UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
PAGE: Final = ROOT / "docs" / "sizing.md"
SENSORS: Final = (10_000, 1_000_000, 100_000_000)
INTERVAL_S: Final = 60
RESERVE: Final = 2
"""Twice what an even load needs: after a stop, what was missed is worked off beside what comes."""
WORKER_BYTES: Final = 64e9
"""State that one worker holds, at most."""
KEPT_DAYS: Final = 7
REPLICATION: Final = 3
LEAST: Final = 2
"""Of every process, so that one may be away."""
PARTITIONS_LEAST: Final = 16
PARTITIONS_A_WORKER: Final = 4
USED: Final = ("kafka.worker", "kafka.gateway_http", "kafka.bytes_per_reading", "embedded.bytes_per_sensor")


@dataclass(frozen=True, slots=True)
class Size:
    """What so many sensors need."""

    sensors: int
    readings_per_s: float
    gateways: int
    workers: int
    partitions: int
    state_bytes: float
    disk_bytes: float


def reckon(sensors: int, figures: Mapping[str, float]) -> Size:
    """From the figures named in USED."""
    per_s = sensors / INTERVAL_S
    state_bytes = sensors * figures["embedded.bytes_per_sensor"]
    workers = max(LEAST, ceil(per_s * RESERVE / figures["kafka.worker"]), ceil(state_bytes / WORKER_BYTES))
    day = per_s * 86_400 * figures["kafka.bytes_per_reading"]
    return Size(
        sensors,
        per_s,
        max(LEAST, ceil(per_s * RESERVE / figures["kafka.gateway_http"])),
        workers,
        max(PARTITIONS_LEAST, PARTITIONS_A_WORKER * workers),
        state_bytes,
        day * KEPT_DAYS * REPLICATION,
    )


def page(figures: Mapping[str, float]) -> str:
    """The text of the page."""
    sizes = [reckon(sensors, figures) for sensors in SENSORS]
    names = {
        "sensors": [f"{one.sensors:,}" for one in sizes],
        f"readings/s = sensors / {INTERVAL_S}": [f"{one.readings_per_s:,.0f}" for one in sizes],
        "gateways": [f"{one.gateways}" for one in sizes],
        "workers": [f"{one.workers}" for one in sizes],
        "partitions": [f"{one.partitions}" for one in sizes],
        "memory for state, all workers": [_bytes(one.state_bytes) for one in sizes],
        f"disk of all brokers, {KEPT_DAYS} days, {REPLICATION} replicas": [_bytes(one.disk_bytes) for one in sizes],
    }
    measured = {name: _three(figures[name]) for name in USED}
    template = Template(TEMPLATE.read_text("utf-8"), keep_trailing_newline=True, trim_blocks=True)
    return str(template.render({**globals(), "rows": names, "measured": measured}))


def _bytes(value: float) -> str:
    steps = min(int(log10(value)) // 3, len(UNITS) - 1)
    return f"{_three(value / 1000**steps)} {UNITS[steps]}"


def _three(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.10g}"


def figures() -> dict[str, float]:
    """Name -> value of what was measured."""
    record = json.loads((ROOT / "docs" / "benchmarks.json").read_text("utf-8"))
    return {entry["name"]: entry["value"] for entry in record["figures"]}


if __name__ == "__main__":
    PAGE.write_text(page(figures()), "utf-8")
