"""What the three detectors of ground movement share: options, the track of one sensor, and how a verdict is kept.

Lines are fitted when a stretch of the window closes; between that the last verdict stands and is said again.

What falls, comes back within a day and does so every day is heat and cold, not motion: a rise of no more than half as
much again counts for nothing. Ground that goes to its failure does not fall, what rebounds or is jacked up falls once:
neither raises the bound, and one day that does not swing takes it off. A sensor that is new has no days to compare; for
its first four what came back today or yesterday is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
from pydantic import Field

from detectors.base import DetectorOptions, Subject
from detectors.evidence import EVIDENCE
from detectors.kernel import kernel
from detectors.subsidence.settle import BOTH, NOTHING, SETTLER, settle
from detectors.subsidence.track import POINTS, TRACK, extend, latest, since_ns
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor


class GroundOptions(DetectorOptions):
    """The window, and what is not motion."""

    lower_after_s: float = Field(
        default=21_600.0, ge=0, description="hold-off: ground that rests for a while may go on"
    )
    expected_tolerance_s: float = Field(default=1800.0, ge=0, description="failure times move with every fit")
    window_s: float = Field(default=86_400.0, ge=60, description="what is looked at: 64 means over equal stretches")
    jump_mm: float = Field(default=5.0, gt=0, description="least change between two readings that must be confirmed")
    moved_mm: float = Field(
        default=5.0, ge=0, description="less within a window, or than it swings a day, is no motion"
    )
    errors: float = Field(default=4.0, ge=0, description="standard errors by which a velocity is held to be less")


SWING: Final = np.dtype(
    [
        ("at_ns", "i8"),
        ("peak_ns", "i8"),
        ("peak", "f8"),
        ("trough", "f8"),
        ("days", "i8"),
        ("returned", "f8", (4,)),
    ],
    align=True,
)
"""The peak of the last day and the trough since; of today and the three days before, how far the displacement fell and
came back; and how many days are over."""
_SWINGS: Final = 1.5
_DAY_NS: Final = 86_400 * NS_PER_S
GROUND: Final = np.dtype([("settler", SETTLER), ("track", TRACK), ("said", EVIDENCE), ("daily", SWING)], align=True)
BASICS: Final = np.dtype(
    [("stretch_ns", "i8"), ("window_ns", "i8"), ("jump_mm", "f8"), ("moved_mm", "f8"), ("errors", "f8")], align=True
)


@kernel
def move(ground: Any, basics: Any, at_ns: int, value: float) -> bool:
    """Take in one reading; says whether there is a new point, and so a new fit to make."""
    settler, track = ground.settler, ground.track
    taken = settle(settler, at_ns, value, basics.jump_mm, basics.window_ns)
    if taken == NOTHING:
        return False
    closed = False
    if taken == BOTH:
        closed = extend(track, settler.held_ns, settler.held, basics.stretch_ns, basics.window_ns)
    closed = extend(track, at_ns, settler.value, basics.stretch_ns, basics.window_ns) or closed
    if closed:
        _sway(ground.daily, since_ns(track, 1), latest(track))
    return closed


@kernel
def _sway(swing: Any, at_ns: int, value: float) -> None:
    """Take in the latest point; after a day without one all begins anew."""
    returned = swing.returned
    if swing.peak_ns == 0 or at_ns - swing.at_ns > _DAY_NS:
        swing.peak_ns, swing.peak, swing.trough, swing.days = at_ns, value, value, 0
        returned[:] = 0.0
    elif at_ns // _DAY_NS != swing.at_ns // _DAY_NS:
        swing.days += 1
        returned[3], returned[2], returned[1], returned[0] = returned[2], returned[1], returned[0], 0.0
    swing.at_ns = at_ns
    swing.trough = min(swing.trough, value)
    returned[0] = max(returned[0], min(value, swing.peak) - swing.trough)
    if value >= swing.peak or at_ns - swing.peak_ns > _DAY_NS:
        swing.peak_ns, swing.peak, swing.trough = at_ns, value, value


@kernel
def least_rise(ground: Any, basics: Any) -> float:
    """What a rise must at least be to be motion [mm]."""
    returned = ground.daily.returned
    if ground.daily.days <= len(returned) - 1:
        back = max(returned[0], returned[1])
    else:  # the first day, of which only a part was seen, is forgotten
        back = min(returned[1], returned[2], returned[3])
    return max(basics.moved_mm, _SWINGS * back)  # type: ignore[no-any-return]  # of a record


@kernel
def clear(said: Any, at_ns: int) -> None:
    """Begin a new verdict: nothing to say."""
    said.level, said.criterion = 0, 0
    said.value, said.threshold, said.score = 0.0, 0.0, 0.0
    said.window_ns, said.expected_ns, said.earliest_ns, said.latest_ns = at_ns, 0, 0, 0


@kernel
def repeat(said: Any, evidence: Any) -> None:
    """Say the last verdict again."""
    evidence.level, evidence.criterion = said.level, said.criterion
    evidence.value, evidence.threshold, evidence.score = said.value, said.threshold, said.score
    evidence.expected_ns, evidence.earliest_ns, evidence.latest_ns = said.expected_ns, said.earliest_ns, said.latest_ns
    if said.window_ns:
        evidence.window_ns = said.window_ns


_LEAST_WINDOW: Final = 8
"""Intervals of silence that a slow sensor may at least keep without beginning anew."""
O = TypeVar("O", bound=GroundOptions)  # noqa: E741  # options


def subjects(
    inventory: Inventory, options_for: Callable[[Sensor], O], params: Callable[[O], dict[str, Any]]
) -> list[Subject]:
    """Every sensor of kind subsidence that measures displacement, one by one."""
    return [
        Subject(
            sensor.id,
            sensor.site,
            (sensor.series,),
            {"basics": _basics(sensor, options), **params(options)},
            options,
        )
        for sensor in inventory.sensors
        if sensor.kind is SensorKind.SUBSIDENCE and sensor.quantity is Quantity.DISPLACEMENT
        for options in [options_for(sensor)]
    ]


def _basics(sensor: Sensor, options: GroundOptions) -> tuple[int, int, float, float, float]:
    stretch_s = max(options.window_s / POINTS, sensor.interval_s)
    return (
        round(stretch_s * NS_PER_S),
        round(max(options.window_s, _LEAST_WINDOW * stretch_s) * NS_PER_S),
        options.jump_mm,
        options.moved_mm,
        options.errors,
    )
