"""Rain: a synthetic storm, because none of the recordings holds an extreme one.

A design storm after Keifer and Chu (1957, "Synthetic storm pattern for drainage design", J. Hydraulics Div. ASCE 83),
the Chicago hyetograph: the mean intensity over any time t around the peak is a / (t + b)^c. It crosses the district
from one village to the next, weaker away from its track, and is seen by tipping buckets of 0.2 mm every 5 min.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from demo_recordings.story import Block, Event, grid

STEP_S: Final = 300.0
DURATION_MIN: Final = 180.0
A_MM_MIN: Final = 29.2
"""With b and c: 116 mm in 3 h at the centre of the track."""
B_MIN: Final = 20.0
C: Final = 0.72
PEAK_AT: Final = 0.4
"""Share of the duration that lies before the peak."""
BUCKET_MM: Final = 0.2
BOUNDS_MM: Final = (50, 100)

GAUGES: Final = {
    "rain-alpha-1": ("990101001001", -105.0, 1.0),
    "rain-alpha-2": ("990101001002", -95.0, 0.9),
    "rain-beta-1": ("990101002001", -70.0, 1.0),
    "rain-beta-2": ("990101002002", -55.0, 0.8),
    "rain-gamma-1": ("990101003001", -40.0, 0.65),
    "rain-gamma-2": ("990101003002", -30.0, 0.6),
    "rain-delta-1": ("990101004001", -10.0, 0.35),
    "rain-delta-2": ("990101004002", 0.0, 0.25),
}
"""Gauge -> area, minute at which the storm reaches it (from PRESENT), share of the depth at the centre."""
SILENT_GAUGE: Final = "rain-delta-2"
SILENT_FROM_S: Final = -4 * 3600.0
"""A fault to be found: this gauge reports nothing more."""


def blocks(_: Path) -> list[Block]:
    """Rain since the reading before, at one gauge a village."""
    at_s = grid(STEP_S)
    return [Block(gauge, "mm", *_heard(gauge, at_s, _fallen(gauge, at_s))) for gauge in GAUGES]


def events(_: Path) -> list[Event]:
    """When 3 h of rain at a gauge first passed 50 mm (national signal: orange) and 100 mm (red), in each township."""
    at_s = grid(STEP_S)
    first: dict[tuple[str, int], float] = {}
    for gauge, (village, _arrival, _share) in GAUGES.items():
        sums = np.convolve(_fallen(gauge, at_s), np.ones(round(3 * 3600 / STEP_S)))[: at_s.size]
        for key in ((village[:9] + "000", bound_mm) for bound_mm in BOUNDS_MM):
            passed_s = at_s[sums >= key[1]]
            if passed_s.size:
                first[key] = min(float(passed_s[0]), first.get(key, np.inf))
    return [
        Event("rainstorm", area, onset_s, f"3 h rain passes {bound_mm} mm", "synthetic storm")
        for (area, bound_mm), onset_s in first.items()
    ]


def hyetograph_mm_min(since_start_min: NDArray[np.float64]) -> NDArray[np.float64]:
    """f8[n]: intensity at these minutes of the storm, 0 outside it."""
    peak_min = PEAK_AT * DURATION_MIN
    before = (peak_min - since_start_min) / PEAK_AT
    after = (since_start_min - peak_min) / (1 - PEAK_AT)
    t = np.where(since_start_min < peak_min, before, after)
    intensity = A_MM_MIN * ((1 - C) * t + B_MIN) / (t + B_MIN) ** (1 + C)
    return np.where((since_start_min >= 0) & (since_start_min <= DURATION_MIN), intensity, 0.0)


def _fallen(gauge: str, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """f8[n]: mm between one reading and the next, in whole tips of the bucket."""
    _, arrival_min, share = GAUGES[gauge]
    minute = np.arange(at_s[0] / 60, at_s[-1] / 60 + 1) + 0.5
    total = share * np.cumsum(hyetograph_mm_min(minute - arrival_min))
    tips = np.floor(np.interp(at_s / 60, minute + 0.5, total) / BUCKET_MM)
    return np.asarray(np.round(np.diff(tips, prepend=tips[0]) * BUCKET_MM, 1))


def _heard(
    gauge: str, at_s: NDArray[np.float64], fallen_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    heard = at_s < (SILENT_FROM_S if gauge == SILENT_GAUGE else np.inf)
    return at_s[heard], fallen_mm[heard]
