"""Ground that moves as told, and the detectors that look at it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from detectors.base import Detector
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import Row, bind, sensor

DAY_S = 86_400.0
HOUR_S = 3600.0
FAILS_D = 9.5
Curve = Callable[[float], float]


def bound(detector: Detector, interval_s: float = 600.0, **thresholds: float) -> Any:
    own = {f"{detector.kind}.{name}": value for name, value in thresholds.items()}
    return bind(detector, sensor(SensorKind.SUBSIDENCE, Quantity.DISPLACEMENT, interval_s, thresholds=own))


def rows(curve: Curve, days: float, interval_s: float = 600.0, noise_mm: float = 0.0, seed: int = 1) -> list[Row]:
    noise = np.random.default_rng(seed).normal(0.0, noise_mm, int(days * DAY_S / interval_s) + 1)
    return [(k * interval_s, curve(k * interval_s / DAY_S) + float(error)) for k, error in enumerate(noise)]


def worst(findings: list[Finding]) -> Level:
    return max((finding.level for finding in findings), default=Level.NONE)


def failing(day: float, lasts_d: float = 2.0, scale_mm: float = 60.0) -> float:
    """Fukuzono's curve: rest, then a velocity of scale / time left; still from two minutes before failure on."""
    gone = min(max(day - FAILS_D + lasts_d, 0.0), lasts_d - 120 / DAY_S)
    return -scale_mm * math.log1p(-gone / lasts_d)
