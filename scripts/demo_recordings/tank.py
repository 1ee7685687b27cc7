"""Tank: a synthetic overfill, on the noise of a simulated plant.

Noise: levels of the Tennessee Eastman process without a fault (d00_te.dat, XMEAS 8, 12, 15, percent of span, simulated;
University of Illinois). Their deviations from the mean, 4 mm a percent, are the ripple a gauge sees; a sample (3 min
there) is a minute here. Made here: the movements of the liquid. Tank 1 is filled past its brim: nobody stops the pump.
Tank 2 is filled and stopped in time, tank 3 rests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from demo_recordings.story import Block, Event, grid, mirror

AREA: Final = "990101002001"
STEP_S: Final = 60.0
RIPPLE_M_PER_PERCENT: Final = 0.004
BRIM_M: Final = 10.2
"""Above it tank 1 overflows (critical high level of API 2350)."""

_HOUR: Final = 3600.0
LEVELS_M: Final = {
    "tank-1": ((-36 * _HOUR, 4.0), (-150 * 60, 4.0), (24 * 60, 10.38), (30 * 60, 10.38), (90 * 60, 7.4)),
    "tank-2": ((-36 * _HOUR, 3.0), (-28 * _HOUR, 3.0), (-25 * _HOUR, 7.5), (-12 * _HOUR, 7.5), (-9 * _HOUR, 3.2)),
    "tank-3": ((-36 * _HOUR, 6.1),),
}
"""Corners of each tank's level: seconds from PRESENT, metres; straight between them."""
GAUGES: Final = {"tank-1.a": 8, "tank-1.b": 12, "tank-2.a": 15, "tank-2.b": 8, "tank-3.a": 12}
"""Gauge -> XMEAS that gives its ripple."""


def blocks(source: Path) -> list[Block]:
    """Five gauges at three tanks, to the millimetre."""
    plant = np.loadtxt(source / "tank" / "d00_te.dat")
    at_s = grid(STEP_S)
    return [
        Block(gauge, "m", at_s, np.round(_level(gauge, at_s) + _ripple(plant[:, xmeas - 1], gauge, at_s.size), 3))
        for gauge, xmeas in GAUGES.items()
    ]


def events(_: Path) -> list[Event]:
    """The instant tank 1 runs over, without the ripple."""
    at_s = grid(1.0)
    onset_s = float(at_s[int(np.argmax(_level("tank-1.a", at_s) >= BRIM_M))])
    return [Event("tank_overfill", AREA, onset_s, f"tank 1 passes its brim at {BRIM_M} m", "synthetic filling")]


def _level(gauge: str, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    corners = np.array(LEVELS_M[gauge.partition(".")[0]])
    return np.asarray(np.interp(at_s, corners[:, 0], corners[:, 1]))


def _ripple(percent: NDArray[np.float64], gauge: str, count: int) -> NDArray[np.float64]:
    """f8[count] in metres; the second gauge of a tank sees it from the other end."""
    ripple_m = RIPPLE_M_PER_PERCENT * (percent - percent.mean())
    return mirror(ripple_m[::-1] if gauge.endswith(".b") else ripple_m, count)
