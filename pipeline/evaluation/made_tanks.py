"""Made-up tanks, each from its number alone: fillings to the critical height, and sound months.

Shape, interval, noise, pumps and the gauge's grain are drawn at random. Even numbers were chosen by, odd ones report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHAPES: Final = ("standing", "lying", "sphere", "strapped")
INTERVALS_S: Final = (10.0, 60.0, 300.0, 900.0)
MINUTE_S: Final = 60.0
_GRAINY, _STICKS = 0.25, 0.3
"""Share of the gauges that read to the centimetre, and that stick for up to a day of a sound month."""
_LOST, _WRONG = 0.01, 3e-4
"""Share of the readings that are lost while it is filled, and that are anything in a sound month."""
_HOUR_S: Final = 3600.0
SHARES: Final = np.linspace(0.0, 1.0, 501)


Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gauge:
    """What a gauge of a tank of `height_m` reads every `interval_s`.

    Attributes:
        at_s: f8[n], since the beginning.
        level_m: f8[n].
    """

    height_m: float
    interval_s: float
    at_s: Floats
    level_m: Floats


@dataclass(frozen=True, slots=True)
class Filling:
    """A tank that is filled.

    Attributes:
        full_s: when it is at its critical height, 98 %.
        shape, pumps: of `SHAPES`; "one", "changed", "two" or "batches".
        volumes: f8[501], of `SHARES` of the height, up to 1.
    """

    gauge: Gauge
    full_s: float
    shape: str
    pumps: str
    volumes: Floats


def draw(number: int) -> Filling:
    """A filling that ends a little above the critical height; the last change of pumping is 75 min before or more."""
    own = np.random.default_rng(number)
    shape = SHAPES[number // 2 % 4]
    interval_s = float(own.choice(INTERVALS_S))
    height_m = float(own.uniform(3.0, 20.0))
    volumes = _volumes(shape)
    total_s = float(own.uniform(3.0, 12.0)) * _HOUR_S
    full_s = 4 * _HOUR_S + total_s
    at_s = np.arange(own.uniform(0, interval_s), full_s + 900.0, interval_s)
    pumps = str(own.choice(["one", "changed", "two", "batches"]))
    pumped = _pumped(own, pumps, at_s, full_s)
    full = float(np.interp(0.98, SHARES, volumes))
    level = height_m * np.interp(full * (1.0 - pumped), volumes, SHARES)
    level += 0.002 * np.sin(2 * np.pi * at_s / 86_400.0)
    level += own.normal(0.0, float(own.choice([0.001, 0.003, 0.01])), at_s.size)
    if own.random() < _GRAINY:
        level = np.round(level, 2)
    kept = own.random(at_s.size) > _LOST
    return Filling(Gauge(height_m, interval_s, at_s[kept], level[kept]), full_s, shape, pumps, volumes)


def _volumes(shape: str) -> Floats:
    """Of `SHARES` of the height, up to 1."""
    angle = np.arccos(1 - 2 * SHARES)
    lying = (angle - np.sin(angle) * np.cos(angle)) / np.pi
    shapes = {
        "standing": SHARES,
        "lying": lying,
        "sphere": SHARES**2 * (3 - 2 * SHARES),
        "strapped": 0.7 * SHARES + 0.3 * SHARES**2,
    }
    volumes: Floats = shapes[shape]
    return volumes


def _pumped(own: np.random.Generator, pumps: str, at_s: Floats, full_s: float) -> Floats:
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
    missing: Floats = np.interp(full_s, at_s, through) - through
    return missing


def sound_month(number: int) -> Gauge:
    """A tank filled in batches to 85 % at most, more than 90 min being left when pumping stops, and drawn off."""
    own = np.random.default_rng(10_000 + number)
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
    if own.random() < _GRAINY:
        values = np.round(values, 2)
    if own.random() < _STICKS:
        stuck = int(own.integers(at_s.size - 1))
        values[stuck : stuck + round(own.uniform(1, 24) * _HOUR_S / interval_s)] = values[stuck]
    wrong = own.random(at_s.size) < _WRONG
    values[wrong] = own.uniform(0.0, height_m, int(wrong.sum()))
    return Gauge(height_m, interval_s, at_s, values)
