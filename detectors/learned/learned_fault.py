"""Faults that show against a sensor's own past and beside its companions: sudden changes, values that stay put.

Each change from reading to reading has a rarity by rank among those of the past (`rank`), on a scale that no
instrument resolves finer than its smallest step. A change rarer than `sudden` is a fault by itself. One rarer than
`together` is a fault where a companion, another sensor of its site and group, is in trouble too: silent, failed, or
changing suddenly; who lifts a probe out of the water disturbs all that hangs on it. A value that leaps and comes back
with the next reading is a spike, which weather and processes hardly make: there less will do. A value that stays put
is judged by the longest that it ever stayed. What is learned of a jump is cut at one scale above the largest known,
so that one does not hide the next, and a stuck sensor teaches nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.kernel import kernel
from detectors.learned.rank import ENOUGH, MEMORY, UPPER, p_value, remember, upper_scale
from detectors.watched import named
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.site import Sensor

BLUE: Final = int(Level.BLUE)
SUDDEN, TOGETHER, STUCK, SPIKE = range(4)
"""Places of the criteria."""
COMPANIONS: Final = 8
"""Sensors in one record; a larger group is several."""
MISSING_INTERVALS: Final = 1.5
"""A companion that has not been heard for so long is in trouble."""
RECENT_INTERVALS: Final = 2.5
"""For how long a trouble counts, one's own and a companion's."""
STILL: Final = 12
"""Readings without a change after which nothing is learned any more."""
MOVES: Final = 0.2
"""A sensor is stuck only if at least this share of its readings differed from the one before: clean air rests."""
FORGETTING: Final = 1 / 500
LONGEST: Final = 48
"""A stay longer than this teaches nothing of how long is usual."""

STATE: Final = np.dtype(
    [
        ("turn", "i8", (COMPANIONS,)),
        ("last_ns", "i8", (COMPANIONS,)),
        ("trouble_ns", "i8", (COMPANIONS,)),
        ("rare_ns", "i8", (COMPANIONS,)),
        ("value", "f8", (COMPANIONS,)),
        ("moved", "f8", (COMPANIONS,)),
        ("finest", "f8", (COMPANIONS,)),
        ("longest", "f8", (COMPANIONS,)),
        ("moves", "f8", (COMPANIONS,)),
        ("stay", "i4", (COMPANIONS,)),
        ("count", "i4", (COMPANIONS,)),
        ("learned", "i8", (COMPANIONS,)),
        ("ranked", "f8", (COMPANIONS, MEMORY)),
        ("ring", "f8", (COMPANIONS, MEMORY)),
    ],
    align=True,
)
"""By channel. `rare_ns`: the last change rarer than `together`; `trouble_ns`: the last one rarer than `sudden`; 0
for none. `moved`: the last change, with its sign. `finest`: the smallest change seen, 0 before one. `stay`:
readings without a change; `longest`: the longest of them that was no fault. `moves`: the share of readings that
differed from the one before."""
PARAMS: Final = np.dtype(
    [
        ("sudden", "f8", (COMPANIONS,)),
        ("together", "f8", (COMPANIONS,)),
        ("spike", "f8", (COMPANIONS,)),
        ("spike_least", "f8", (COMPANIONS,)),
        ("stuck_least", "f8", (COMPANIONS,)),
        ("stuck_factor", "f8", (COMPANIONS,)),
        ("warm_up", "i8", (COMPANIONS,)),
        ("interval_ns", "i8", (COMPANIONS,)),
    ],
    align=True,
)


class FaultOptions(DetectorOptions):
    """Whom it watches and what it tells. It watches nobody until `sensors` says whom: it costs memory."""

    sensors: tuple[str, ...] = Field(default=(), description="sensors to watch, by id; * and ? are wild")
    sudden: float = Field(default=4.7, gt=0, description="rarity of a change that is a fault by itself [decades]")
    together: float = Field(default=3.0, gt=0, description="the same while a companion is in trouble [decades]")
    spike: float = Field(default=2.5, gt=0, description="the same of a change that the next takes back [decades]")
    spike_share: float = Field(default=0.1, gt=0, description="share of the span below which that is no spike")
    stuck_least: float = Field(default=8.0, ge=2, description="readings without a change that are no fault yet")
    stuck_factor: float = Field(default=1.5, ge=1, description="how much longer than ever before a value must stay")
    warm_up: int = Field(default=500, ge=1, description="readings before it says anything")
    lower_after_s: float = Field(default=1800.0, ge=0, description="hold-off: how long quiet must last to lower one")


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the hold-off is the episode's
    """Judge the change from the last reading, then learn it."""
    turn, before_ns = state.turn[channel], state.last_ns[channel]
    change, height = abs(value - state.value[channel]), _there_and_back(state, channel, value)
    state.turn[channel] = turn + 1
    state.last_ns[channel] = at_ns
    state.value[channel] = value
    if turn == 0:
        return
    if change > 0.0 and (state.finest[channel] == 0.0 or change < state.finest[channel]):
        state.finest[channel] = change
    stay = _stay(state, params, channel, change)
    rarity = _rarity(state, channel, change)
    spike = _rarity(state, channel, height) if height >= params.spike_least[channel] else 0.0
    state.trouble_ns[channel] = at_ns if rarity > params.sudden[channel] else state.trouble_ns[channel]
    state.rare_ns[channel] = at_ns if rarity > params.together[channel] else state.rare_ns[channel]
    if state.stay[channel] <= STILL:
        moved = 1.0 if change > 0.0 else 0.0
        state.moves[channel] += max(FORGETTING, 1.0 / turn) * (moved - state.moves[channel])
        _learn(state, channel, change)
    if turn < params.warm_up[channel]:
        return
    recent_ns = at_ns - round(RECENT_INTERVALS * params.interval_ns[channel])
    if rarity > params.sudden[channel]:
        _say(evidence, SUDDEN, rarity, params.sudden[channel], before_ns)
    elif state.stay[channel] >= stay and state.moves[channel] >= MOVES:
        _say(evidence, STUCK, float(state.stay[channel]), stay, before_ns)
    elif state.rare_ns[channel] > recent_ns and _companion_in_trouble(state, params, channel, at_ns, recent_ns):
        _say(evidence, TOGETHER, max(rarity, params.together[channel]), params.together[channel], before_ns)
    elif spike > params.spike[channel]:
        _say(evidence, SPIKE, spike, params.spike[channel], before_ns)


@kernel
def _say(evidence: Any, criterion: int, value: float, threshold: float, since_ns: int) -> None:
    evidence.level = BLUE
    evidence.criterion = criterion
    evidence.value = value
    evidence.threshold = threshold
    evidence.score = value / threshold
    evidence.window_ns = since_ns


@kernel
def _stay(state: Any, params: Any, channel: int, change: float) -> float:
    """Count readings without a change; says from how many on the value is stuck."""
    bound = max(params.stuck_least[channel], params.stuck_factor[channel] * state.longest[channel] + 1.0)
    stayed = state.stay[channel]
    if change == 0.0:
        state.stay[channel] = stayed + 1
        return float(bound)
    if stayed < bound or state.turn[channel] <= params.warm_up[channel]:
        state.longest[channel] = max(state.longest[channel], stayed)
    elif stayed <= LONGEST:
        state.longest[channel] = max(state.longest[channel], min(stayed, 1.2 * state.longest[channel] + 1.0))
    state.stay[channel] = 0
    return float(bound)


@kernel
def _there_and_back(state: Any, channel: int, value: float) -> float:
    """Height of a spike that ends here, less by what is missing of the way back; 0 for none."""
    there, back = state.moved[channel], value - state.value[channel]
    state.moved[channel] = back if state.turn[channel] > 0 else 0.0
    return float(max(min(abs(there), abs(back)) - abs(there + back), 0.0))


@kernel
def _rarity(state: Any, channel: int, change: float) -> float:
    """Decades by which so large a change is seldom."""
    p = p_value(change, state.ranked[channel], state.count[channel], UPPER, state.finest[channel])
    return -math.log10(max(p, 1e-300))


@kernel
def _learn(state: Any, channel: int, change: float) -> None:
    ranked, count = state.ranked[channel], state.count[channel]
    if count > ENOUGH:
        change = min(change, ranked[count - 1] + max(upper_scale(ranked, count), state.finest[channel]))
    state.count[channel] = remember(change, ranked, state.ring[channel], count, state.learned[channel])
    state.learned[channel] += 1


@kernel
def _companion_in_trouble(state: Any, params: Any, channel: int, at_ns: int, recent_ns: int) -> bool:
    for other in range(COMPANIONS):
        if other == channel or state.turn[other] == 0:
            continue
        missing_ns = round(MISSING_INTERVALS * params.interval_ns[other])
        if state.trouble_ns[other] > recent_ns or at_ns - state.last_ns[other] > missing_ns:
            return True
    return False


_STANDARD: Final = "Forewarn, docs/detectors/learned.md"


class LearnedFault(Detector):
    """One subject a group of sensors that are named. It speaks to those who look after sensors, never to the public."""

    kind: ClassVar[str] = "learned_fault"
    version: ClassVar[int] = 2
    hazard: ClassVar[Hazard] = Hazard.SENSOR_FAULT
    options_type = FaultOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = (
        Criterion("sudden_change", _STANDARD, "", "a change that this sensor never makes", "数值突变, 前所未见",
                  "rarity (decades)", "罕见度(数量级)"),
        Criterion("disturbed_together", _STANDARD, "", "disturbed together with its companions", "与同组设备同时受扰",
                  "rarity (decades)", "罕见度(数量级)"),
        Criterion("stuck", _STANDARD, "", "the value stays longer than it ever did", "数值停滞, 时长前所未有",
                  "readings without a change", "未变化的读数个数"),
        Criterion("spike", _STANDARD, "", "the value leaped and came back at once", "数值瞬间跳变后复原",
                  "rarity (decades)", "罕见度(数量级)"),
    )  # fmt: skip

    @classmethod
    def on_trial(cls) -> Self:
        """Watching everybody from the first hour on, and easily alarmed."""
        return cls(FaultOptions(sensors=("*",), warm_up=20, sudden=1.8, together=1.7))

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Sensors whose ids fit one of `sensors`, by site and group, at most eight together."""
        watched = sorted(named(self, inventory), key=lambda one: (one[0].site, one[0].group, one[0].id))
        return [
            _subject(f"{site}/{group}".rstrip("/") + (f"/{start // COMPANIONS + 1}" if start else ""), members)
            for (site, group), every in groupby(watched, key=lambda one: (one[0].site, one[0].group))
            for start, members in _eights(list(every))
        ]


Member = tuple[Sensor, FaultOptions]


def _eights(members: Sequence[Member]) -> Iterator[tuple[int, Sequence[Member]]]:
    for start in range(0, len(members), COMPANIONS):
        yield start, members[start : start + COMPANIONS]


def _subject(name: str, members: Sequence[Member]) -> Subject:
    """Hold-off and the like are those of the first member."""
    rest = [0.0] * (COMPANIONS - len(members))
    names = ("sudden", "together", "spike", "stuck_least", "stuck_factor", "warm_up")
    params: dict[str, Any] = {one: [*(getattr(options, one) for _, options in members), *rest] for one in names}
    params["spike_least"] = [
        *(options.spike_share * (sensor.range_high - sensor.range_low) for sensor, options in members),
        *rest,
    ]
    params["interval_ns"] = [*(round(sensor.interval_s * NS_PER_S) for sensor, _ in members), *rest]
    sensors = [sensor for sensor, _ in members]
    return Subject(name, sensors[0].site, tuple(one.series for one in sensors), params, members[0][1])
