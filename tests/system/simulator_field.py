"""A small field to simulate: two sites with two sensors each, a short recording, and what must arrive of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.model.area import Area
from pipeline.model.inventory import Inventory
from pipeline.model.site import Sensor, Site

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
ROWS: Final = 120
"""Readings a sensor, one a second of the story."""


def _sensor(name: str, site: str) -> Sensor:
    fields: dict[str, Any] = {"kind": "gas", "quantity": "gas_ppm", "range_low": 0, "range_high": 1e6, "interval_s": 1}
    return Sensor(id=name, site=site, **fields)


INVENTORY: Final = Inventory(
    (Area(code="990101001001", name_zh="甲一村", name_en="Alpha One"),),
    tuple(Site(id=site, area="990101001001", name_zh=site, name_en=site) for site in ("s1", "s2")),
    tuple(_sensor(f"{site}-{letter}", site) for site in ("s1", "s2") for letter in "ab"),
)
"""With two targets, s1 pushes over the first and s2 over the second."""


def write_recording(path: Path) -> Path:
    """ROWS readings of each sensor, the first one second after the present; the value is the second."""
    seconds = [second for second in range(ROWS + 1) for _ in INVENTORY.sensors]
    columns = {
        "observed_at": pa.array([START + timedelta(seconds=second) for second in seconds], pa.timestamp("us", "UTC")),
        "sensor": [sensor.id for _ in range(ROWS + 1) for sensor in INVENTORY.sensors],
        "value": [float(second) for second in seconds],
        "unit": ["ppm"] * len(seconds),
    }
    pq.write_table(pa.table(columns), path)
    return path


def first_arrivals(readings: Iterable[tuple[str, float]]) -> dict[str, list[float]]:
    """Sensor -> values in the order in which each came for the first time."""
    arrived: dict[str, dict[float, None]] = {}
    for sensor, value in readings:
        arrived.setdefault(sensor, {})[value] = None
    return {sensor: list(values) for sensor, values in arrived.items()}


def complete(*sensors: str) -> dict[str, list[float]]:
    """What must have arrived of these sensors."""
    return {sensor: [float(second) for second in range(1, ROWS + 1)] for sensor in sensors}


async def listening(port: int) -> None:
    """Return when somebody listens on `port`."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        await writer.wait_closed()
        return
