"""The signals of the weather service, from forecasts of the rain that is to come: when, and how probably.

A forecast is a reading, of a sensor that stands for it: the rain of the next 1 and 3 hours, median and upper bound,
from radar, from the gauges around, or from outside. What has fallen at the site's gauge and what is forecast make each
signal's probability; it is told from `probability` on, with the time by which half of it will have come true.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, Subject
from detectors.kernel import kernel
from detectors.rain.ahead import AHEAD, exceeded, reach_min, take_in
from detectors.rain.gauge import COUNTER, DOUBT, take_rain
from detectors.rain.heard import CHANNEL_FIELDS, CHANNELS_MAX, FALLEN, FORECASTS, GAUGE, SOURCES, channel_params
from detectors.rain.ring import RING, minute_of, sum_um
from detectors.rain.table_options import COLOURS, RULE_FIELDS, SOURCE, SOURCE_ZH, TableOptions, rule_params
from detectors.rain.tables import regional
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

_STEP_MIN: Final = 10
_UTMOST: Final = 4.0
"""Times the upper bound that are not worth a look: twice its root is exceeded less than one time in two hundred."""
_ADJUST_MIN: Final = 180
_MINUTE_NS: Final = 60_000_000_000


class RainForecastOptions(TableOptions):
    """Which table, how probable, how far ahead. Overrides are those of the site's first forecast sensor."""

    lower_after_s: float = Field(default=1800.0, ge=0, description="hold-off: forecasts come every few minutes")
    expected_tolerance_s: float = Field(default=900.0, ge=0, description="a forecast's time moves with each issue")
    probability: float = Field(default=0.3, gt=0, lt=1, description="from which on a signal is told")
    ahead_s: float = Field(default=10800.0, ge=600, le=10800, description="how far ahead a signal is looked for")
    fresh_s: float = Field(default=1200.0, ge=300, le=3600, description="how old a forecast may be")
    adjust_max: float = Field(default=2.0, ge=1, le=5, description="greatest correction of radar by the site's gauge")


STATE: Final = np.dtype(
    [("ring", RING), ("radar", RING), ("counter", COUNTER), ("doubt", DOUBT), ("radar_doubt", DOUBT), ("ahead", AHEAD)],
    align=True,
)
PARAMS: Final = np.dtype(
    [
        *RULE_FIELDS,
        *CHANNEL_FIELDS,
        ("interval_min", "i8", (CHANNELS_MAX,)),
        ("is_counter", "?"),
        ("probability", "f8"),
        ("ahead_min", "i8"),
        ("fresh_ns", "i8"),
        ("adjust_max", "f8"),
    ],
    align=True,
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Take in rain or a forecast; say the worst colour that is probable."""
    horizon = params.horizon[channel]
    if horizon >= 0:
        part, rank = params.part[channel], params.rank[channel]
        take_in(state.ahead, horizon, part, rank, at_ns, value, params.fresh_ns)
    else:
        is_gauge = horizon == GAUGE
        ring = state.ring if is_gauge else state.radar
        is_counter = is_gauge and params.is_counter
        doubt = state.doubt if is_gauge else state.radar_doubt
        take_rain(ring, state.counter, doubt, is_counter, params.interval_min[channel], at_ns, value)
    _judge(state, params, at_ns, evidence)


@kernel
def _judge(state: Any, params: Any, at_ns: int, evidence: Any) -> None:
    """The worst colour whose probability is enough, the probability, and when."""
    evidence.value = 0.0
    reach = min(reach_min(state.ahead, at_ns, params.fresh_ns), params.ahead_min)
    if reach <= 0:
        return
    factor = _adjustment(state, params)
    for rule in range(params.rules):
        best = _best(state, params, rule, at_ns, reach, factor)
        if best > evidence.value / 100.0:
            evidence.value = 100.0 * best
        if best >= params.probability:
            evidence.value = 100.0 * best
            evidence.level = params.level[rule]
            evidence.criterion = params.level[rule] - 1
            _when(state, params, rule, at_ns, reach, factor, best, evidence)
            break
    evidence.threshold = 100.0 * params.probability
    evidence.score = evidence.value / evidence.threshold


@kernel
def _best(state: Any, params: Any, rule: int, at_ns: int, reach: int, factor: float) -> float:
    best = 0.0
    lack_mm = (params.amount_um[rule] - _fallen_um(state, at_ns, params.window_min[rule])) / 1000.0
    if lack_mm > _UTMOST * factor * max(state.ahead.high_mm[0], state.ahead.high_mm[1]):
        return best
    for minutes in range(_STEP_MIN, reach + 1, _STEP_MIN):
        best = max(best, _probability(state, params, rule, at_ns, minutes, factor))
    return best


@kernel
def _probability(state: Any, params: Any, rule: int, at_ns: int, minutes: int, factor: float) -> float:
    """That the rule's amount lies within its window when `minutes` have passed."""
    window = params.window_min[rule]
    fallen_um = _fallen_um(state, at_ns, window - minutes) if window > minutes else 0
    lack_mm = (params.amount_um[rule] - fallen_um) / 1000.0
    return exceeded(state.ahead, at_ns, params.fresh_ns, max(0, minutes - window), minutes, lack_mm, factor)


@kernel
def _fallen_um(state: Any, at_ns: int, minutes: int) -> int:
    """Rain of the last minutes at the gauge, or by radar where there is none; a ring may lag behind now."""
    ring = state.ring if state.ring.minute else state.radar
    behind = minute_of(at_ns) - ring.minute
    if ring.minute == 0 or behind >= minutes:
        return 0
    return sum_um(ring, minutes - max(behind, 0))


@kernel
def _adjustment(state: Any, params: Any) -> float:
    """Gauge over radar in the last hours, within bounds: 1 mm is added to both, so that drizzle tells nothing."""
    of_radar = state.ahead.rank[0] == 0 or state.ahead.rank[1] == 0
    if not of_radar or state.ring.minute == 0 or state.radar.minute == 0:
        return 1.0
    if abs(state.ring.minute - state.radar.minute) > _ADJUST_MIN // 6:
        return 1.0
    ratio = (sum_um(state.ring, _ADJUST_MIN) + 1000.0) / (sum_um(state.radar, _ADJUST_MIN) + 1000.0)
    return min(max(ratio, 1.0 / params.adjust_max), params.adjust_max)  # type: ignore[no-any-return]  # a field of a record is Any


@kernel
def _when(
    state: Any, params: Any, rule: int, at_ns: int, reach: int, factor: float, best: float, evidence: Any
) -> None:
    """The instants by which a tenth, half and nine tenths of the probability have come true.

    The interval is of whole steps: it begins where the step begins within which the first tenth comes true.
    """
    evidence.expected_ns = evidence.earliest_ns = evidence.latest_ns = 0
    if _fallen_um(state, at_ns, params.window_min[rule]) >= params.amount_um[rule]:
        return
    for minutes in range(_STEP_MIN, reach + 1, _STEP_MIN):
        share = _probability(state, params, rule, at_ns, minutes, factor) / best
        then_ns = at_ns + minutes * _MINUTE_NS
        if share >= 0.1 and evidence.earliest_ns == 0:
            evidence.earliest_ns = then_ns - _STEP_MIN * _MINUTE_NS
        if share >= 0.5 and evidence.expected_ns == 0:
            evidence.expected_ns = then_ns
        if share >= 0.9:
            evidence.latest_ns = then_ns
            break


def _criterion(level: Level, colour: str) -> Criterion:
    return Criterion(
        f"{level.word}_likely",
        SOURCE,
        "%",
        f"with the rain forecast for the hours ahead, the amount of the {level.word} signal is likely to be reached",
        f"据未来数小时雨量预报，累计雨量很可能达到{colour}预警信号标准",
        "probability",
        "概率",
        standard_zh=SOURCE_ZH,
    )


class RainForecast(Detector):
    """Rainstorm signals to be expected at one site."""

    kind: ClassVar[str] = "rain_forecast"
    version: ClassVar[int] = 3
    state_since: ClassVar[int | None] = 2
    hazard: ClassVar = Hazard.RAINSTORM
    options_type: ClassVar = RainForecastOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = tuple(_criterion(level, colour) for level, colour in COLOURS.items())

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every site with sensors that stand for forecasts; the first gauge there, and radar's rain, are heard too."""
        regions = regional(self.options.signals)  # type: ignore[attr-defined]  # of RainForecastOptions
        rain_at: dict[str, list[Sensor]] = {}
        for sensor in inventory.sensors:
            if sensor.kind is SensorKind.RAIN:
                rain_at.setdefault(sensor.site, []).append(sensor)
        found = []
        for site, rain in rain_at.items():
            forecasts = [one for one in rain if one.quantity in FORECASTS]
            if not forecasts:
                continue
            gauges = [one for one in rain if one.quantity in FALLEN]
            gauge = [one for one in gauges if one.group not in SOURCES][:1]
            radar = [one for one in gauges if one.group == SOURCES[0] and one.quantity is Quantity.RAIN][:1]
            heard = [*gauge, *radar, *forecasts][:CHANNELS_MAX]
            options = self.options_for(forecasts[0]).at(inventory.site_by_id[site].area, regions)
            series = tuple(one.series for one in heard)
            found.append(Subject(f"{site}/forecast", site, series, _params(heard, options), options))
        return found


def _params(heard: list[Sensor], options: RainForecastOptions) -> dict[str, Any]:
    unused = [0] * (CHANNELS_MAX - len(heard))
    return {
        **rule_params(options),
        **channel_params(heard),
        "interval_min": [max(1, round(one.interval_s / 60)) for one in heard] + unused,
        "is_counter": any(one.quantity is Quantity.RAIN_TOTAL for one in heard),
        "probability": options.probability,
        "ahead_min": int(options.ahead_s // 60),
        "fresh_ns": round(options.fresh_s * 1e9),
        "adjust_max": options.adjust_max,
    }
