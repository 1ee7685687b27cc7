"""What the three detectors of ground movement share: options, the track of one sensor, and how a verdict is kept.

Lines are fitted when a stretch of the window closes; between that the last verdict stands and is said again.
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
from detectors.subsidence.track import POINTS, TRACK, extend
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
    moved_mm: float = Field(default=5.0, ge=0, description="less within a window is heat and cold, not motion")
    errors: float = Field(default=4.0, ge=0, description="standard errors by which a velocity is held to be less")


GROUND: Final = np.dtype([("settler", SETTLER), ("track", TRACK), ("said", EVIDENCE)], align=True)
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
    return extend(track, at_ns, settler.value, basics.stretch_ns, basics.window_ns) or closed


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
