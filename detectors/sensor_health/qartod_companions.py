"""QARTOD's multi-variate and neighbour tests: a change that no companion shows.

U.S. IOOS, Manual for Real-Time Quality Control of In-situ Temperature and Salinity Data 2.1 (2020), the multi-variate
test and the neighbour test: a value that changes by more than so many of its standard deviations is suspect where
another variable beside it, or the same variable at a neighbour, does not change by so many of its own. Neither test has
a fail flag, and `ioos_qc` has neither. Companions are sensors of the same site and group that are named too. A reading
is judged with the one after it: by then its companions have spoken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.kernel import kernel
from detectors.watched import named
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.site import Sensor

BLUE: Final = int(Level.BLUE)
CHANNELS: Final = 8
RING: Final = 256
GOOD, NOT_EVALUATED, SUSPECT = 1, 2, 3
MULTI_VARIATE, NEIGHBOUR = 0, 1

STATE: Final = np.dtype(
    [
        ("turn", "i8", (CHANNELS,)),
        ("last_ns", "i8", (CHANNELS,)),
        ("jumped_ns", "i8", (CHANNELS, 2)),
        ("large", "u1", (CHANNELS,)),
        ("marks", "u1", (CHANNELS, 2)),
        ("values", "f8", (CHANNELS, RING)),
    ],
    align=True,
)
"""By channel: `large`, whether its last change was too large for the multi-variate and neighbour tests of its own;
`jumped_ns`, its last two changes that were large as a companion's; `marks`, the flags of the reading judged last."""
PARAMS: Final = np.dtype(
    [
        ("channels", "i8"),
        ("variable", "i8", (CHANNELS,)),
        ("interval_ns", "i8", (CHANNELS,)),
        ("deviations", "f8", (CHANNELS,)),
        ("companion", "f8", (CHANNELS,)),
        ("readings", "i8", (CHANNELS,)),
    ],
    align=True,
)


class CompanionOptions(DetectorOptions):
    """Whom it watches, and what counts as a change."""

    sensors: tuple[str, ...] = Field(default=(), description="sensors to test, by id; * and ? are wild")
    deviations: float = Field(default=3.0, gt=0, description="standard deviations of a change that needs a companion's")
    companion_deviations: float = Field(default=1.5, gt=0, description="of its own, by which a companion must change")
    readings: int = Field(default=100, ge=3, le=RING, description="readings before it that a deviation is taken over")


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the hold-off is the episode's
    """Judge the channel's reading before this one, then look at the change of this one."""
    turn, before_ns = state.turn[channel], state.last_ns[channel]
    if state.large[channel] > 0:
        _judge(state, params, channel, before_ns)
    else:
        state.marks[channel, :] = GOOD if turn > params.readings[channel] else NOT_EVALUATED
    for test in range(2):
        if evidence.level == 0 and state.marks[channel, test] == SUSPECT:
            evidence.level, evidence.criterion, evidence.score = BLUE, test, 1.0
            evidence.value, evidence.threshold = state.values[channel, (turn - 1) % RING], float(SUSPECT)
            evidence.window_ns = before_ns
    state.large[channel] = 0
    if turn >= params.readings[channel]:
        change = abs(value - state.values[channel, (turn - 1) % RING])
        deviation = spread(state.values[channel], turn, params.readings[channel])
        state.large[channel] = 1 if change > params.deviations[channel] * deviation else 0
        if change > params.companion[channel] * deviation:
            state.jumped_ns[channel, 1] = state.jumped_ns[channel, 0]
            state.jumped_ns[channel, 0] = at_ns
    state.values[channel, turn % RING] = value
    state.turn[channel], state.last_ns[channel] = turn + 1, at_ns


@kernel
def spread(ring: Any, turn: int, readings: int) -> float:
    """Sample standard deviation of the last `readings` values before reading `turn`."""
    mean = 0.0
    for back in range(1, readings + 1):
        mean += ring[(turn - back) % RING]
    mean /= readings
    squares = 0.0
    for back in range(1, readings + 1):
        squares += (ring[(turn - back) % RING] - mean) ** 2
    return math.sqrt(squares / (readings - 1))


@kernel
def _judge(state: Any, params: Any, channel: int, at_ns: int) -> None:
    """Flags of a large change at an instant: not evaluated without a companion that was heard about then."""
    state.marks[channel, :] = NOT_EVALUATED
    for other in range(params.channels):
        about_ns = max(params.interval_ns[channel], params.interval_ns[other])
        if other == channel or state.turn[other] <= params.readings[other]:
            continue
        if abs(state.last_ns[other] - at_ns) > 2 * about_ns:
            continue
        test = NEIGHBOUR if params.variable[other] == params.variable[channel] else MULTI_VARIATE
        shown = False
        for k in range(2):
            jumped_ns = state.jumped_ns[other, k]
            shown = shown or (jumped_ns > 0 and abs(jumped_ns - at_ns) <= about_ns)
        if shown:
            state.marks[channel, test] = GOOD
        elif state.marks[channel, test] == NOT_EVALUATED:
            state.marks[channel, test] = SUSPECT


class QartodCompanions(Detector):
    """One subject a group of sensors that are named. It speaks to those who look after sensors, never to the public."""

    kind: ClassVar[str] = "qartod_companions"
    version: ClassVar[int] = 1
    hazard: ClassVar[Hazard] = Hazard.SENSOR_FAULT
    options_type = CompanionOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = (
        Criterion("qartod_multi_variate", "QARTOD T/S manual 2.1 (2020), multi-variate test", "",
                  "changes, and no other variable beside it does", "多变量一致性检验", "value; flag", "数值;标志",
                  standard_zh="QARTOD温盐手册2.1版（2020）多变量检验"),
        Criterion("qartod_neighbor", "QARTOD T/S manual 2.1 (2020), neighbor test", "",
                  "changes, and no neighbour does", "邻站一致性检验", "value; flag", "数值;标志",
                  standard_zh="QARTOD温盐手册2.1版（2020）邻站检验"),
    )  # fmt: skip

    @classmethod
    def on_trial(cls) -> Self:
        """Testing everybody over few readings; every change is large, and a companion's never."""
        return cls(CompanionOptions(sensors=("*",), readings=10, deviations=1.0, companion_deviations=50.0))

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Sensors whose ids fit one of `sensors`, by site and group, at most eight together; nobody alone."""
        watched = [member for member in named(self, inventory) if member[0].group]
        watched.sort(key=lambda one: (one[0].site, one[0].group, one[0].id))
        found = []
        for (site, group), every in groupby(watched, key=lambda one: (one[0].site, one[0].group)):
            members = list(every)
            for start in range(0, len(members), CHANNELS):
                part = members[start : start + CHANNELS]
                name = f"{site}/{group}" + (f"/{start // CHANNELS + 1}" if start else "")
                found += [_subject(name, part)] if len(part) > 1 else []
        return found


def _subject(name: str, members: Sequence[tuple[Sensor, CompanionOptions]]) -> Subject:
    """Hold-off and the like are those of the first member."""
    rest = [0] * (CHANNELS - len(members))
    variables = sorted({sensor.quantity for sensor, _ in members})
    params: dict[str, Any] = {
        "channels": len(members),
        "variable": [variables.index(sensor.quantity) for sensor, _ in members] + rest,
        "interval_ns": [round(sensor.interval_s * NS_PER_S) for sensor, _ in members] + rest,
        "deviations": [options.deviations for _, options in members] + rest,
        "companion": [options.companion_deviations for _, options in members] + rest,
        "readings": [options.readings for _, options in members] + rest,
    }
    return Subject(name, members[0][0].site, tuple(one.series for one, _ in members), params, members[0][1])
