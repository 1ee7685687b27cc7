"""Made-up tanks that are filled: shape, interval, noise, pumps and grain drawn at random, even seeds for choosing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.tank.tank_overfill import TankOverfill, TankOverfillOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import START_S, Row, bind, feed, sensor, since_start_s

SHAPES: Final = ("standing", "lying", "sphere", "strapped")
INTERVALS_S: Final = (10.0, 60.0, 300.0, 900.0)
MINUTE_S: Final = 60.0
_HOUR_S: Final = 3600.0
_SHARES: Final = np.linspace(0.0, 1.0, 501)


@dataclass(frozen=True)
class Filling:
    """A gauge, what it reads, and when the tank is at its critical height [s]."""

    gauge: Sensor
    rows: list[Row]
    full_s: float
    shape: str
    pumps: str
    volumes: NDArray[np.float64]


def draw(seed: int) -> Filling:
    """A filling that ends a little above the critical height; the last change of pumping is 75 min before or more."""
    own = np.random.default_rng(seed)
    shape = SHAPES[seed // 2 % 4]
    interval_s = float(own.choice(INTERVALS_S))
    height_m = float(own.uniform(3.0, 20.0))
    volumes = _volumes(shape)
    total_s = float(own.uniform(3.0, 12.0)) * _HOUR_S
    full_s = 4 * _HOUR_S + total_s
    at_s = np.arange(own.uniform(0, interval_s), full_s + 900.0, interval_s)
    pumps = str(own.choice(["one", "changed", "two", "batches"]))
    pumped = _pumped(own, pumps, at_s, full_s)
    full = float(np.interp(0.98, _SHARES, volumes))
    level = height_m * np.interp(full * (1.0 - pumped), volumes, _SHARES)
    level += 0.002 * np.sin(2 * np.pi * at_s / 86_400.0)
    level += own.normal(0.0, float(own.choice([0.001, 0.003, 0.01])), at_s.size)
    if own.random() < 0.25:
        level = np.round(level, 2)
    kept = own.random(at_s.size) > 0.01
    own_options: dict[str, Any] = {"tank_overfill.lying_diameter_m": height_m} if shape == "lying" else {}
    gauge = sensor(
        SensorKind.TANK,
        Quantity.TANK_LEVEL,
        interval_s,
        range_low=0.0,
        range_high=height_m,
        thresholds=own_options,
    )
    return Filling(
        gauge, list(zip(at_s[kept].tolist(), level[kept].tolist(), strict=True)), full_s, shape, pumps, volumes
    )


def _volumes(shape: str) -> NDArray[np.float64]:
    """Of `_SHARES` of the height, up to 1."""
    angle = np.arccos(1 - 2 * _SHARES)
    lying = (angle - np.sin(angle) * np.cos(angle)) / np.pi
    shapes = {
        "standing": _SHARES,
        "lying": lying,
        "sphere": _SHARES**2 * (3 - 2 * _SHARES),
        "strapped": 0.7 * _SHARES + 0.3 * _SHARES**2,
    }
    volumes: NDArray[np.float64] = shapes[shape]
    return volumes


def _pumped(own: np.random.Generator, pumps: str, at_s: NDArray[np.float64], full_s: float) -> NDArray[np.float64]:
    """Share of the full volume that is still missing: 0 at `full_s`, below it afterwards."""
    fill_s = full_s - 4 * _HOUR_S
    last = 1.0 / float(own.uniform(fill_s * 1.1, fill_s * 2.5))
    rate = np.where(at_s >= 4 * _HOUR_S, last, 0.0)
    changed_s = full_s - float(own.uniform(75 * MINUTE_S, fill_s))
    if pumps == "changed":
        rate[at_s < changed_s] *= float(own.uniform(0.3, 1.0))
    elif pumps == "two":
        rate[at_s < changed_s] *= 0.5
    elif pumps == "batches":
        waits = (at_s < full_s - 3 * _HOUR_S) & ((at_s // (1.5 * _HOUR_S)) % 2 == 0)
        rate[waits] = 0.0
    steps = np.diff(at_s, prepend=at_s[0])
    through = np.cumsum(rate * steps)
    missing: NDArray[np.float64] = np.interp(full_s, at_s, through) - through
    return missing


def sound_month(seed: int) -> tuple[Sensor, list[Row]]:
    """A tank filled in batches to 85 % at most, more than 90 min being left when pumping stops, and drawn off."""
    own = np.random.default_rng(10_000 + seed)
    interval_s, height_m = float(own.choice(INTERVALS_S)), float(own.uniform(3.0, 20.0))
    at_s = np.arange(own.uniform(0, interval_s), 30 * 86_400.0, interval_s)
    corners, now_s, level = [(0.0, 0.3 * height_m)], 0.0, 0.3 * height_m
    most_m_h = (0.98 - 0.85) * height_m / 1.6
    while now_s < 30 * 86_400.0:
        for target, rate_m_h in (
            (own.uniform(0.5, 0.85) * height_m, own.uniform(0.2, 1.0) * most_m_h),
            (own.uniform(0.1, 0.4) * height_m, own.uniform(0.3, 3.0)),
        ):
            pumping_s = abs(target - level) / rate_m_h * _HOUR_S
            now_s, level = now_s + pumping_s, target
            corners.append((now_s, level))
            now_s += own.uniform(0.2, 20.0) * _HOUR_S
            corners.append((now_s, level))
    values = np.interp(at_s, *np.array(corners).T)
    values *= 1.0 + own.uniform(0.0, 0.003) * np.sin(2 * np.pi * at_s / 86_400.0)
    values += own.normal(0.0, float(own.choice([0.001, 0.003, 0.01])), at_s.size)
    values += own.choice([0.0, 0.01]) * np.sin(2 * np.pi * at_s / own.uniform(5.0, 60.0))
    if own.random() < 0.25:
        values = np.round(values, 2)
    if own.random() < 0.3:
        stuck = int(own.integers(at_s.size - 1))
        values[stuck : stuck + round(own.uniform(1, 24) * _HOUR_S / interval_s)] = values[stuck]
    wrong = own.random(at_s.size) < 3e-4
    values[wrong] = own.uniform(0.0, height_m, int(wrong.sum()))
    gauge = sensor(SensorKind.TANK, Quantity.TANK_LEVEL, interval_s, range_low=0.0, range_high=height_m)
    return gauge, list(zip(at_s.tolist(), values.tolist(), strict=True))


def tables(one: Filling, folder: Path) -> Path | None:
    """The strapping table that the tank has, on disk; None for one that has none."""
    if one.shape not in {"sphere", "strapped"}:
        return None
    path = folder / "strapping.csv"
    rows = [
        f"{one.gauge.id},{one.gauge.range_high * s:.4f},{500 * v:.4f}"
        for s, v in zip(_SHARES, one.volumes, strict=True)
    ]
    path.write_text("\n".join(["sensor,level_m,volume_m3", *rows[::10]]), encoding="utf-8")
    return path


def told(one: Filling, folder: Path) -> list[Finding]:
    """What `tank_overfill` says of it."""
    options = TankOverfillOptions(strapping=tables(one, folder))
    return feed(bind(TankOverfill(options), one.gauge), one.rows)


def an_hour_before(one: Filling, folder: Path) -> tuple[float, bool] | None:
    """Share by which the time left is wrong in the first finding of the last 75 min; whether its interval held.

    None where there is none until 40 min are left.
    """
    for finding in told(one, folder):
        left_s = one.full_s - since_start_s(finding)
        if left_s < 40 * MINUTE_S:
            return None
        if finding.level and left_s <= 75 * MINUTE_S and finding.expected_at:
            earliest, latest = finding.expected_earliest_at, finding.expected_latest_at
            held = bool(earliest and latest and earliest.timestamp() <= one.full_s + START_S <= latest.timestamp())
            return (finding.expected_at - finding.at).total_seconds() / left_s - 1.0, held
    return None
