"""A small inventory and a way to feed a detector from a list, for tests of single detectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from detectors.base import Detector
from detectors.bound import BoundDetector
from pipeline.model.area import Area
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site

START_S = 1_760_000_400
"""A full hour in October 2025: the instant 0 of the tests' rows."""
Row = tuple[float, float]
"""Seconds since START_S, value."""


def sensor(kind: SensorKind, quantity: Quantity, interval_s: float, **more: Any) -> Sensor:
    fields: dict[str, Any] = {"id": "a1", "site": "site", "range_low": -1e6, "range_high": 1e6} | more
    return Sensor(kind=kind, quantity=quantity, interval_s=interval_s, **fields)


def inventory(*sensors: Sensor) -> Inventory:
    area = Area(code="330212000000", name_zh="鄞州区", name_en="Yinzhou")
    site = Site(id="site", area=area.code, name_zh="示例", name_en="Sample")
    return Inventory((area,), (site,), sensors)


def bind(detector: Detector, *sensors: Sensor) -> BoundDetector:
    return BoundDetector(detector, inventory(*sensors))


def feed(bound: BoundDetector, rows: Iterable[Row], slot: int = 0) -> list[Finding]:
    """The findings that rows of one sensor bring about."""
    return feed_many(bound, [(at_s, slot, value) for at_s, value in rows])


def feed_many(bound: BoundDetector, rows: Sequence[tuple[float, int, float]]) -> list[Finding]:
    """The findings of rows of several sensors: seconds since START_S, slot, value."""
    assert {slot for _, slot, _ in rows} <= set(range(len(bound._inventory.sensors)))
    return [
        finding
        for _, finding in bound.feed(
            np.array([slot for _, slot, _ in rows], np.int32),
            np.array([round((START_S + at_s) * NS_PER_S) for at_s, _, _ in rows], np.int64),
            np.array([value for _, _, value in rows], np.float64),
            np.ones(len(rows), np.uint8),
        )
    ]


def since_start_s(finding: Finding) -> float:
    """When a finding was made, on the tests' scale."""
    return finding.at.timestamp() - START_S


def told(findings: Iterable[Finding]) -> list[tuple[float, str, str]]:
    """Second, level and criterion of each finding."""
    return [(since_start_s(finding), finding.level.word, finding.criterion) for finding in findings]
