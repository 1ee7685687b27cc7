"""The signals of the weather service, from what has fallen and from what falls if the rain goes on.

A signal is issued when its amount has fallen within its window, or is expected to (CMA order No. 16, 2007). What is
expected is reckoned with the median of the site's forecast while a fresh one is there, else by persistence: the rain
goes on at the lesser of its rates over the last 15 and the last 60 minutes, for at most `horizon_s`. The lesser of two
keeps one burst from being taken for a storm: a cloudburst of five minutes must have brought half of the amount before
it is expected to bring the rest. On radar rain of a summer day (KNMI, 2010-08-26, 3820 points, amounts scaled to 6 mm
in 3 h) it gave a median lead of 35 min with 66 % of the alarms false, against 55 min and 83 % with the 15-minute rate
alone; no crossing was missed by either.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, Subject
from detectors.kernel import kernel
from detectors.rain.ahead import AHEAD, rate_um_h, take_in
from detectors.rain.gauge import COUNTER, DOUBT, take_rain
from detectors.rain.heard import CHANNEL_FIELDS, CHANNELS_MAX, FALLEN, FORECASTS, SOURCES, channel_params
from detectors.rain.ring import DAY_MIN, RING, crossing_min, minute_of, sum_um
from detectors.rain.table_options import COLOURS, RULE_FIELDS, SOURCE, SOURCE_ZH, TableOptions, rule_params
from detectors.rain.tables import regional
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

_EXPECTED: Final = 4
"""Criteria of expected amounts follow the four of fallen ones."""
_MINUTE_NS: Final = 60_000_000_000


class RainOptions(TableOptions):
    """Which table, and how far ahead."""

    lower_after_s: float = Field(default=3600.0, ge=0, description="hold-off: rain comes in showers")
    horizon_s: float = Field(default=3600.0, ge=0, le=10800, description="how early an expected amount raises a level")
    outlook_s: float = Field(default=10800.0, ge=0, le=86400, description="how far the next higher colour is foreseen")
    rate_short_s: float = Field(default=900.0, ge=900, le=3600, description="the shorter window of the rain's rate")
    rate_long_s: float = Field(default=3600.0, ge=900, le=3600, description="the longer window of the rain's rate")
    fresh_s: float = Field(default=1200.0, ge=300, le=3600, description="how old a forecast may be")


STATE: Final = np.dtype([("ring", RING), ("counter", COUNTER), ("doubt", DOUBT), ("ahead", AHEAD)], align=True)
PARAMS: Final = np.dtype(
    [
        *RULE_FIELDS,
        *CHANNEL_FIELDS,
        ("interval_min", "i8"),
        ("horizon_min", "i8"),
        ("outlook_min", "i8"),
        ("short_min", "i8"),
        ("long_min", "i8"),
        ("least_um", "i8"),
        ("fresh_ns", "i8"),
        ("is_counter", "?"),
    ],
    align=True,
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Take in rain or a forecast, and say the worst colour that has fallen or is expected."""
    ring = state.ring
    horizon = params.horizon[channel]
    if horizon >= 0:
        take_in(state.ahead, horizon, params.part[channel], params.rank[channel], at_ns, value, params.fresh_ns)
    else:
        take_rain(ring, state.counter, state.doubt, params.is_counter, params.interval_min, at_ns, value)
    behind = min(max(minute_of(at_ns) - ring.minute, 0), DAY_MIN)
    foreseen = rate_um_h(state.ahead, at_ns, params.fresh_ns, params.horizon_min)
    rule, wait = _worst(ring, params, behind, foreseen)
    fallen = wait == 0
    if fallen:
        foreseen = rate_um_h(state.ahead, at_ns, params.fresh_ns, params.outlook_min)
        wait = _next(ring, params, behind, rule, _rate_um_h(ring, params, foreseen))
    _say(ring, params, behind, rule, fallen, wait, at_ns, evidence)


@kernel
def _rate_um_h(ring: Any, params: Any, foreseen: int) -> int:
    """How it is expected to rain: as `foreseen`, or where that is -1 as it did."""
    if foreseen >= 0:
        return foreseen
    return min(_had_um_h(ring, params.short_min), _had_um_h(ring, params.long_min))


@kernel
def _had_um_h(ring: Any, minutes: int) -> int:
    return sum_um(ring, minutes) * 60 // minutes


@kernel
def _out_of_reach(ring: Any, params: Any, foreseen: int) -> bool:
    """Whether all rain of the day and the most that is expected stay below every amount.

    So it is nearly always, and the sums of all windows, far apart in memory, need no look.
    """
    day_um = sum_um(ring, DAY_MIN)
    rate = foreseen if foreseen >= 0 else day_um * 60 // params.long_min
    return bool(day_um + rate * params.horizon_min // 60 < params.least_um)


@kernel
def _worst(ring: Any, params: Any, behind: int, foreseen: int) -> tuple[int, int]:
    """The rule of the worst colour reached within the horizon, the soonest of that colour; (last rule, -1) if none."""
    best, soonest = params.rules - 1, -1
    if _out_of_reach(ring, params, foreseen):
        return best, soonest
    rate = _rate_um_h(ring, params, foreseen)
    for k in range(params.rules):
        if soonest >= 0 and params.level[k] < params.level[best]:
            break
        wait = crossing_min(ring, behind, params.window_min[k], params.amount_um[k], rate, params.horizon_min)
        if wait >= 0 and (soonest < 0 or wait < soonest):
            best, soonest = k, wait
    return best, soonest


@kernel
def _next(ring: Any, params: Any, behind: int, rule: int, rate: int) -> int:
    """In how many minutes a colour above that of `rule` is reached; -1 if none is within the outlook."""
    soonest = -1
    for k in range(rule):
        wait = crossing_min(ring, behind, params.window_min[k], params.amount_um[k], rate, params.outlook_min)
        if wait > 0 and (soonest < 0 or wait < soonest):
            soonest = wait
    return soonest


@kernel
def _say(
    ring: Any,
    params: Any,
    behind: int,
    rule: int,
    fallen: bool,  # noqa: FBT001  # a kernel's flag
    wait: int,
    at_ns: int,
    evidence: Any,
) -> None:
    colour = params.level[rule]
    window = params.window_min[rule]
    evidence.value = sum_um(ring, max(window - behind, 0)) / 1000.0
    evidence.threshold = params.amount_um[rule] / 1000.0
    evidence.score = evidence.value / evidence.threshold
    evidence.window_ns = (ring.minute + behind - window) * _MINUTE_NS
    evidence.level = colour if fallen or wait > 0 else 0
    evidence.criterion = colour - 1 if fallen else colour - 1 + _EXPECTED
    if wait > 0:
        evidence.expected_ns = at_ns + wait * _MINUTE_NS


def _criterion(level: Level, colour: str, *, expected: bool) -> Criterion:
    if expected:
        return Criterion(
            f"{level.word}_expected",
            SOURCE,
            "mm",
            "the rain going on as forecast, or else as in the last hour, "
            f"its amount reaches the {level.word} signal at the time expected",
            f"若降雨如预报或近一小时那样持续，累计雨量将在预计时刻达到{colour}预警信号标准",
            standard_zh=SOURCE_ZH,
        )
    return Criterion(
        level.word,
        SOURCE,
        "mm",
        f"rain within the window has reached the amount of the {level.word} signal",
        f"时段累计雨量已达到{colour}预警信号标准",
        standard_zh=SOURCE_ZH,
    )


class RainSignals(Detector):
    """Rainstorm signals of one rain gauge."""

    kind: ClassVar[str] = "rain_signals"
    version: ClassVar[int] = 3
    state_since: ClassVar[int | None] = 2
    hazard: ClassVar = Hazard.RAINSTORM
    options_type: ClassVar = RainOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = tuple(
        _criterion(level, colour, expected=expected) for expected in (False, True) for level, colour in COLOURS.items()
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every gauge of kind rain, one by one; the site's forecasts are heard by the first, others expect nothing.

        Raises:
            ValueError: tables of regions that cannot be read.
        """
        regions = regional(self.options.signals)  # type: ignore[attr-defined]  # of RainOptions
        forecasts: dict[str, list[Sensor]] = {}
        first: dict[str, Sensor] = {}
        rain = [one for one in inventory.sensors if one.kind is SensorKind.RAIN]
        for sensor in rain:
            if sensor.quantity in FORECASTS:
                forecasts.setdefault(sensor.site, []).append(sensor)
        gauges = [one for one in rain if one.quantity in FALLEN]
        for sensor in sorted(gauges, key=lambda one: one.group == SOURCES[0]):
            first.setdefault(sensor.site, sensor)
        found = []
        for sensor in gauges:
            ahead = forecasts.get(sensor.site, [])
            options = self.options_for(sensor).at(inventory.site_by_id[sensor.site].area, regions)
            is_first = first[sensor.site] is sensor
            heard = [sensor, *(ahead if is_first else [])][:CHANNELS_MAX]
            params = _params(heard, options) | ({} if is_first or not ahead else {"horizon_min": 0, "outlook_min": 0})
            found.append(Subject(sensor.id, sensor.site, tuple(one.series for one in heard), params, options))
        return found


def _params(heard: list[Sensor], options: RainOptions) -> dict[str, Any]:
    sensor, rules = heard[0], rule_params(options)
    return {
        **rules,
        "least_um": min(rules["amount_um"][: rules["rules"]]),
        **channel_params(heard),
        "fresh_ns": round(options.fresh_s * 1e9),
        "interval_min": max(1, round(sensor.interval_s / 60)),
        "horizon_min": int(options.horizon_s // 60),
        "outlook_min": int(options.outlook_s // 60),
        "short_min": round(options.rate_short_s / 60),
        "long_min": round(options.rate_long_s / 60),
        "is_counter": sensor.quantity is Quantity.RAIN_TOTAL,
    }
