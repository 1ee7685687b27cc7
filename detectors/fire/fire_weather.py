"""Forest fire danger: the Canadian fire weather index of a site's own weather station, once a day.

At noon, local standard time, the index (`fwi`) is carried on with temperature, humidity and wind about noon and the
rain since the noon before (`noon`). A day without its weather takes that of the day before, at most `carry_days` in
succession; after more the codes begin anew. Classes are those of EFFIS: high, very high, extreme. It says how dry the
woods are and how fast a fire would spread, not that anything burns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import inf
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field, model_validator

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.calendar import month
from detectors.evidence import grade, levels
from detectors.fire.fwi import START_DC, START_DMC, START_FFMC, bui, day_lengths, dc, dmc, ffmc, fwi, isi
from detectors.fire.noon import AIR, DAY_NS, GAUGES_MAX, NOON, air_of, blow, fall, over_since, rain_mm
from detectors.kernel import kernel
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site

CHANNELS_MAX: Final = 16
_AIR: Final = (Quantity.TEMPERATURE, Quantity.HUMIDITY, Quantity.WIND_SPEED)
_RAIN: Final = (Quantity.RAIN, Quantity.RAIN_TOTAL)
_KMH: Final = 3.6
_STORM_M_S: Final = 60.0
"""What blows harder, or is hotter than 60 degC, is a fault, and would leave the law of the index behind."""
_HOUR_NS: Final = DAY_NS // 24
_NORTH_CHINA: Final = (120.0, 36.0)
"""Longitude and latitude of a site that has none: noon is that of UTC+8."""


class FireWeatherOptions(DetectorOptions):
    """Classes of the index, and with what it begins."""

    blue_fwi: float | None = Field(default=None, gt=0, description="blue; None: not told, as in the national signal")
    yellow_fwi: float = Field(default=21.3, gt=0, description="yellow: EFFIS high")
    orange_fwi: float = Field(default=38.0, gt=0, description="orange: EFFIS very high")
    red_fwi: float = Field(default=50.0, gt=0, description="red: EFFIS extreme")
    deadband: float = Field(default=0.0, ge=0, lt=1, description="share of a threshold to fall below to leave it")
    start_ffmc: float = Field(default=START_FFMC, ge=0, le=101, description="fine fuel moisture code to begin with")
    start_dmc: float = Field(default=START_DMC, ge=0, le=1000, description="duff moisture code to begin with")
    start_dc: float = Field(default=START_DC, ge=0, le=2000, description="drought code to begin with")
    warm_up_days: int = Field(default=3, ge=1, description="days of weather before anything is said")
    carry_days: int = Field(default=3, ge=0, le=30, description="days without weather that are carried over")

    @model_validator(mode="after")
    def _classes_rise(self) -> Self:
        classes = (self.blue_fwi or 0.0, self.yellow_fwi, self.orange_fwi, self.red_fwi)
        if not classes[0] < classes[1] < classes[2] < classes[3]:
            listed = ", ".join(f"{value:g}" for value in classes)
            message = f"blue_fwi, yellow_fwi, orange_fwi, red_fwi must rise; they are {listed}"
            raise ValueError(message)
        return self


STATE: Final = np.dtype(
    [
        ("weather", NOON),
        ("over", "i8"),
        ("days", "i8"),
        ("missing", "i8"),
        ("air", "f8", (AIR,)),
        ("codes", "f8", (3,)),
        ("index", "f8"),
        ("heard", "?"),
    ],
    align=True,
)
"""`over`: the noon that was reckoned last; `days`: how many had their weather; `missing`: since when none has."""
PARAMS: Final = np.dtype(
    [
        ("role", "i8", (CHANNELS_MAX,)),
        ("is_counter", "u1", (CHANNELS_MAX,)),
        ("noon_ns", "i8"),
        ("hours", "f8", (12,)),
        ("factors", "f8", (12,)),
        ("start", "f8", (3,)),
        ("classes", "f8", (4,)),
        ("deadband", "f8"),
        ("warm_up", "i8"),
        ("carry", "i8"),
    ],
    align=True,
)
"""`role`: 0 to 2 temperature, humidity, wind; from 3 on a rain gauge."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:
    """Reckon the noons that are over, then take the reading in."""
    over = over_since(at_ns, params.noon_ns)
    if not state.heard:
        state.heard, state.over = True, over
        state.codes[:] = params.start
    if over - state.over > params.carry + 1:
        _begin_anew(state, params, over - 1)
    while state.over < over:
        state.over += 1
        _reckon(state, params)
    role = params.role[channel]
    if role < AIR:
        blow(state.weather, role, at_ns, params.noon_ns, value)
    else:
        fall(state.weather.gauges[role - AIR], at_ns, params.noon_ns, value, params.is_counter[channel] > 0)
    if state.days < params.warm_up:
        return
    evidence.level = grade(state.index, params.classes, params.deadband, level)
    evidence.value = state.index
    evidence.threshold = params.classes[max(evidence.level, 2) - 1]
    evidence.score = state.index / params.classes[1]
    evidence.window_ns = params.noon_ns + (state.over - 1) * DAY_NS


@kernel
def _begin_anew(state: Any, params: Any, noon: int) -> None:
    state.over, state.days, state.missing, state.index = noon, 0, 0, 0.0
    state.codes[:] = params.start


@kernel
def _reckon(state: Any, params: Any) -> None:
    """Carry the codes to the noon `over`, with its weather or with the last there was."""
    rain = rain_mm(state.weather, state.over)
    known = not np.isnan(rain)
    for k in range(AIR):
        known = known and not np.isnan(air_of(state.weather, state.over, k))
    if known:
        for k in range(AIR):
            state.air[k] = air_of(state.weather, state.over, k)
        state.days += 1
        state.missing = 0
    else:
        state.missing += 1
        if state.days == 0 or state.missing > params.carry:
            _begin_anew(state, params, state.over)
            return
    rain = 0.0 if np.isnan(rain) else rain
    temperature, humidity = min(max(state.air[0], -60.0), 60.0), min(max(state.air[1], 0.0), 100.0)
    wind = min(max(state.air[2], 0.0), _STORM_M_S) * _KMH
    now = month(state.over * DAY_NS + params.noon_ns)
    state.codes[0] = ffmc(state.codes[0], temperature, humidity, wind, rain)
    state.codes[1] = dmc(state.codes[1], temperature, humidity, rain, params.hours[now])
    state.codes[2] = dc(state.codes[2], temperature, rain, params.factors[now])
    state.index = fwi(isi(state.codes[0], wind), bui(state.codes[1], state.codes[2]))


class FireWeather(Detector):
    """One subject a site with a weather station."""

    kind: ClassVar[str] = "fire_weather"
    version: ClassVar[int] = 1
    hazard: ClassVar[Hazard] = Hazard.FIRE_DANGER
    options_type = FireWeatherOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = (
        Criterion(
            "fire_weather_index",
            "Van Wagner (1987), Forestry Technical Report 35; classes of EFFIS",
            "FWI",
            "the woods are dry and a fire would spread fast",
            "林内可燃物干燥，火势易蔓延",
            "fire weather index",
            "火险天气指数",
            standard_zh="Van Wagner（1987），加拿大林务局林业技术报告35；EFFIS分级",
        ),
    )

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Every site whose sensors of kind weather measure temperature, humidity and wind, and that has a rain gauge.

        Raises:
            InventoryError: more sensors than one site may bring.
        """
        sites: dict[str, list[Sensor]] = defaultdict(list)
        for sensor in inventory.sensors:
            of_station = sensor.kind is SensorKind.WEATHER and sensor.quantity in (*_AIR, *_RAIN)
            if of_station or (sensor.kind is SensorKind.RAIN and sensor.quantity in _RAIN):
                sites[sensor.site].append(sensor)
        return [
            self._subject(inventory.site_by_id[site], sensors)
            for site, sensors in sorted(sites.items())
            if {one.quantity for one in sensors} >= set(_AIR) and any(one.quantity in _RAIN for one in sensors)
        ]

    def _subject(self, site: Site, sensors: Sequence[Sensor]) -> Subject:
        gauges = [one for one in sensors if one.quantity in _RAIN]
        if len(sensors) > CHANNELS_MAX or len(gauges) > GAUGES_MAX:
            what = f"{len(sensors)} weather sensors, {len(gauges)} of them rain gauges"
            raise InventoryError(f"site {site.id}", f"{what}; at most {CHANNELS_MAX} and {GAUGES_MAX}")
        options = self.options_for(sensors[0])
        longitude, latitude = _place(site, sensors)
        hours, factors = day_lengths(latitude)
        role = [AIR + gauges.index(one) if one in gauges else _AIR.index(one.quantity) for one in sensors]
        unused = [0] * (CHANNELS_MAX - len(sensors))
        params = {
            "role": role + unused,
            "is_counter": [one.quantity is Quantity.RAIN_TOTAL for one in sensors] + unused,
            "noon_ns": round((12.0 - longitude / 15.0) * _HOUR_NS),
            "hours": hours,
            "factors": factors,
            "start": [options.start_ffmc, options.start_dmc, options.start_dc],
            "classes": levels(
                blue=inf if options.blue_fwi is None else options.blue_fwi,
                yellow=options.yellow_fwi,
                orange=options.orange_fwi,
                red=options.red_fwi,
            ),
            "deadband": options.deadband,
            "warm_up": options.warm_up_days,
            "carry": options.carry_days,
        }
        return Subject(site.id, site.id, tuple(one.series for one in sensors), params, options)


def _place(site: Site, sensors: Sequence[Sensor]) -> tuple[float, float]:
    """Longitude and latitude of the site, else of its first sensor that has them."""
    places = [(site.longitude_deg, site.latitude_deg), *((one.longitude_deg, one.latitude_deg) for one in sensors)]
    for longitude, latitude in places:
        if longitude is not None and latitude is not None:
            return longitude, latitude
    return _NORTH_CHINA
