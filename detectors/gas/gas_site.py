"""A leak seen by a site's sensors together, with the wind.

A source of a given strength shows the less, the more the wind thins its plume: concentration goes with strength divided
by wind speed (Gaussian plume; Pasquill 1961). So evidence of a leak is the excess over the baseline times the wind
speed, and gas that lies about in a calm, hours after its source was shut, is worth little. What all sensors see at once
comes from elsewhere: the median of the site's excesses is taken off. The strongest sensor speaks for the site, after
an EWMA (Roberts 1959). Where the wind's direction is measured too, it says where the source lies (see `bearing`). One
statement a site, so the public is not told eight times. Soft evidence: blue and yellow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.gas.baseline import READINGS, follow, share, smoothed
from detectors.gas.bearing import BEARING, VANE, bring, point, turn
from detectors.gas.gas_background import is_trace
from detectors.kernel import kernel
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

CHANNELS_MAX: Final = 32
"""Gas sensors and wind gauges that one site may hold."""
LEAST_SENSORS: Final = 3
"""Fewer have no median to speak of."""
_GAS, _WIND, _VANE = 0, 1, 2
_ROLES: Final = {Quantity.WIND_SPEED: _WIND, Quantity.WIND_DIRECTION: _VANE}


class GasSiteOptions(DetectorOptions):
    """Calibrated on the first three days of ADED 2022; docs/detectors/gas.md says how far."""

    lower_after_s: float = Field(default=1800.0, ge=0, description="hold-off: plumes come and go with the wind")
    flux_blue: float = Field(default=2.0, gt=0, description="excess times wind speed [ppm m/s]: blue")
    flux_yellow: float = Field(default=10.0, gt=0, description="excess times wind speed [ppm m/s]: yellow")
    deadband: float = Field(default=0.0, ge=0, lt=1, description="share of a threshold to fall below to leave it")
    smooth_s: float = Field(default=600.0, gt=0, description="time constant of the evidence of one sensor")
    excess_most_ppm: float = Field(default=5.0, gt=0, description="an excess counts up to this")
    fall_s: float = Field(default=3600.0, gt=0, description="time constant of a baseline that falls")
    rise_factor: float = Field(default=16.0, ge=1, description="how much slower it rises")
    noise_floor_ppm: float = Field(default=0.05, gt=0, description="no sensor is believed to be quieter")
    wind_s: float = Field(default=300.0, gt=0, description="time constant of the wind speed")
    wind_least_m_s: float = Field(default=0.5, gt=0, description="a calm counts as this wind")
    wind_assumed_m_s: float = Field(default=1.5, gt=0, description="where no wind is measured, or its gauge is silent")
    silent_s: float = Field(
        default=900.0, gt=0, description="a sensor silent for longer, and for three intervals, does not count"
    )


SENSOR: Final = np.dtype(
    [
        ("first_ns", "i8"),
        ("at_ns", "i8"),
        ("baseline", "f8"),
        ("noise", "f8"),
        ("above", "f8"),
        ("flux", "f8"),
        ("heard", "?"),
        ("readings", "u1"),
        ("bearing", BEARING),
    ],
    align=True,
)
"""Baseline and noise in ppm, the latest excess, the smoothed flux of one sensor, and where it came from."""
STATE: Final = np.dtype(
    [("sensors", SENSOR, (CHANNELS_MAX,)), ("wind", "f8"), ("wind_ns", "i8"), ("vane", VANE)], align=True
)
PARAMS: Final = np.dtype(
    [
        ("channels", "i8"),
        ("role", "i8", (CHANNELS_MAX,)),
        ("thresholds", "f8", (4,)),
        ("deadband", "f8"),
        ("smooth_s", "f8"),
        ("most", "f8"),
        ("fall_s", "f8"),
        ("rise_factor", "f8"),
        ("noise_s", "f8"),
        ("noise_floor", "f8"),
        ("bound", "f8"),
        ("wind_s", "f8"),
        ("wind_least", "f8"),
        ("wind_assumed", "f8"),
        ("silent_ns", "i8"),
    ],
    align=True,
)
_NOISE_S: Final = 86_400.0
_BOUND: Final = 30.0
_ALONE: Final = 0.9
"""Of what the next level asks, one reading brings at most so much: a spike is no leak, whatever the wind."""
_BEGUN: Final = 0.5
"""From so much of what blue asks on, a reading is not the first, and the next level is yellow."""
_SILENT: Final = 3.0
"""Intervals without a reading before a sensor is silent, however seldom it reports."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:
    """Move the sensor or the wind on; the strongest sensor speaks."""
    if params.role[channel] == _WIND:
        _blow(state, params, at_ns, value)
    elif params.role[channel] == _VANE:
        turn(state.vane, at_ns, value)
    else:
        sensor = state.sensors[channel]
        _, passed_s = follow(sensor, params, at_ns, value)
        sensor.above = value - sensor.baseline
        excess = min(sensor.above - max(_median(state, params, at_ns), 0.0), params.most)
        taken = smoothed(passed_s, params.smooth_s)
        most = params.thresholds[0 if sensor.flux < _BEGUN * params.thresholds[0] else 1]
        flux = min(excess * _wind(state, params, at_ns), _ALONE * most / taken)
        sensor.flux += (flux - sensor.flux) * taken
        bring(sensor.bearing, state.vane, params.silent_ns, at_ns, flux, taken)
    strongest, witness = 0.0, -1
    for k in range(params.channels):
        one = state.sensors[k]
        spoke = params.role[k] == _GAS and at_ns - one.at_ns <= params.silent_ns and one.readings >= READINGS
        if spoke and one.flux > strongest:
            strongest, witness = one.flux, k
    evidence.level = grade(strongest, params.thresholds, params.deadband, level)
    evidence.value = strongest
    evidence.threshold = params.thresholds[max(evidence.level, 1) - 1]
    evidence.score = strongest / params.thresholds[0]
    evidence.window_ns = at_ns - int(params.smooth_s * NS_PER_S)
    evidence.spread_deg = 0.0
    if evidence.level > 0 and witness >= 0:
        evidence.witness = witness
        point(state.sensors[witness].bearing, strongest, evidence)


@kernel
def _blow(state: Any, params: Any, at_ns: int, speed: float) -> None:
    if state.wind_ns == 0 or at_ns - state.wind_ns > params.silent_ns:
        state.wind = speed
    state.wind += (speed - state.wind) * share(max(at_ns - state.wind_ns, 0) / NS_PER_S, params.wind_s)
    state.wind_ns = at_ns


@kernel
def _wind(state: Any, params: Any, at_ns: int) -> float:
    if state.wind_ns == 0 or at_ns - state.wind_ns > params.silent_ns:
        return params.wind_assumed  # type: ignore[no-any-return]  # a field of a record is Any
    return max(state.wind, params.wind_least)  # type: ignore[no-any-return]  # the same


@kernel
def _median(state: Any, params: Any, at_ns: int) -> float:
    """Of the latest excesses of all sensors that are heard."""
    ranked = np.empty(CHANNELS_MAX)
    count = 0
    for k in range(params.channels):
        one = state.sensors[k]
        if params.role[k] != _GAS or not one.heard or at_ns - one.at_ns > params.silent_ns:
            continue
        place = count
        while place > 0 and ranked[place - 1] > one.above:
            ranked[place] = ranked[place - 1]
            place -= 1
        ranked[place] = one.above
        count += 1
    return 0.5 * (ranked[(count - 1) // 2] + ranked[count // 2])  # type: ignore[no-any-return]  # of an array


class GasSite(Detector):
    """Evidence of a leak from all trace gas sensors of a site, and its wind."""

    kind: ClassVar[str] = "gas_site"
    version: ClassVar[int] = 4
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.GAS_LEAK
    options_type: ClassVar = GasSiteOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "flux",
            "concentration times wind speed, Gaussian plume (Pasquill 1961); calibrated on ADED 2022 (METEC)",
            "ppm m/s",
            "more gas is carried past a sensor than background and wind explain: a source on the site",
            "结合风速与多传感器数据，浓度高于背景，疑似现场存在泄漏源",
            "excess over the background times wind speed",
            "高出背景值与风速之积",
            below_alarm=True,
            standard_zh="浓度与风速之积，高斯烟羽（Pasquill 1961），以ADED 2022（METEC）数据标定",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every site and gas with three trace gas sensors or more; gauges of wind speak to the site's first gas.

        Vanes for which there is no room are left out: they only say where a leak lies.

        Raises:
            InventoryError: more than CHANNELS_MAX sensors and gauges of wind speed.
        """
        sites: dict[tuple[str, str], list[Sensor]] = defaultdict(list)
        winds: dict[str, list[Sensor]] = defaultdict(list)
        for sensor in inventory.sensors:
            if is_trace(sensor):
                sites[sensor.site, sensor.gas or ""].append(sensor)
            elif sensor.kind is SensorKind.WEATHER and sensor.quantity in _ROLES:
                winds[sensor.site].append(sensor)
        found = []
        for (site, gas), sensors in sorted(sites.items()):
            if len(sensors) >= LEAST_SENSORS:
                found.append(self._subject(f"{site}/{gas}", sensors, winds.pop(site, [])))
        return found

    def _subject(self, name: str, sensors: Sequence[Sensor], winds: Sequence[Sensor]) -> Subject:
        vanes = [wind for wind in winds if _ROLES[wind.quantity] == _VANE]
        room = max(CHANNELS_MAX - len(sensors) - len(winds) + len(vanes), 0)
        winds = [wind for wind in winds if wind not in vanes[room:]]
        whole = [*sensors, *winds]
        if len(whole) > CHANNELS_MAX:
            raise InventoryError(
                f"site {name}", f"{len(whole)} gas sensors and gauges of wind speed, at most {CHANNELS_MAX}"
            )
        options = self.options_for(sensors[0])
        role = [_GAS] * len(sensors) + [_ROLES[wind.quantity] for wind in winds]
        params = {
            "channels": len(whole),
            "role": role + [_GAS] * (CHANNELS_MAX - len(whole)),
            "thresholds": levels(blue=options.flux_blue, yellow=options.flux_yellow),
            "deadband": options.deadband,
            "smooth_s": options.smooth_s,
            "most": options.excess_most_ppm,
            "fall_s": options.fall_s,
            "rise_factor": options.rise_factor,
            "noise_s": _NOISE_S,
            "noise_floor": options.noise_floor_ppm,
            "bound": _BOUND,
            "wind_s": options.wind_s,
            "wind_least": options.wind_least_m_s,
            "wind_assumed": options.wind_assumed_m_s,
            "silent_ns": round(max(options.silent_s, _SILENT * max(one.interval_s for one in sensors)) * NS_PER_S),
        }
        return Subject(name, sensors[0].site, tuple(sensor.series for sensor in whole), params, options)
