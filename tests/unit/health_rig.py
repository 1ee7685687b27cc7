"""A qualifier over a few sensors, fed from short lists: for tests of the quality tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from detectors.sensor_health.qualify import Qualified, Qualifier, QualityOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import START_S, inventory, since_start_s

NAN: Final = float("nan")


class Row(NamedTuple):
    """One reading: seconds since START_S, and what may differ from a good value."""

    at_s: float
    value: float
    quality: Quality = Quality.NOT_EVALUATED
    status: DeviceStatus = DeviceStatus.NORMAL
    slot: int = 0


def thermometer(**more: Any) -> Sensor:
    """Reports every minute, -40 to 85 degC."""
    fields: dict[str, Any] = {
        "id": "t1", "kind": SensorKind.WEATHER, "range_low": -40.0, "range_high": 85.0, "interval_s": 60.0,
    } | more  # fmt: skip
    return Sensor(site="site", quantity=Quantity.TEMPERATURE, **fields)


def qualifier(*sensors: Sensor, **options: float) -> Qualifier:
    return Qualifier(inventory(*(sensors or (thermometer(),))), QualityOptions(**options))


def instant_ns(at_s: float) -> int:
    return round((START_S + at_s) * NS_PER_S)


def feed(judge: Qualifier, rows: Iterable[Row | tuple[float, float]], received_s: float | None = None) -> Qualified:
    """One batch; pairs are good readings of the first sensor."""
    full = [Row(*row) for row in rows]
    return judge.feed(
        np.array([row.slot for row in full], np.int32),
        np.array([instant_ns(row.at_s) for row in full], np.int64),
        np.array([row.value for row in full], np.float64),
        np.array([row.quality for row in full], np.uint8),
        np.array([row.status for row in full], np.uint8),
        None if received_s is None else np.full(len(full), instant_ns(received_s)),
    )


def minutes(values: Sequence[float], start_s: float = 0.0) -> list[Row]:
    """One value a minute."""
    return [Row(start_s + 60.0 * k, value) for k, value in enumerate(values)]


def faults(findings: Iterable[tuple[int, Finding] | Finding]) -> list[tuple[float, str, str]]:
    """Second, state and criterion of each finding."""
    alone = [one[1] if isinstance(one, tuple) else one for one in findings]
    return [(since_start_s(one), one.state.value, one.criterion) for one in alone]
