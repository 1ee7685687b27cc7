"""The Canadian forest fire weather index: three moisture codes carried from noon to noon, and what they come to.

Van Wagner and Pickett (1985), Forestry Technical Report 33; numbers of equations are theirs. As in the reference of the
Canadian Forest Service (cffdrs), the constants of equations 1, 12 and 23 are such that a code of 0 is the wettest state
exactly, and day lengths are those of the latitude (Lawson and Armitage 2008, Weather guide for the CFFDRS).
Weather of noon, local standard time: temperature [degC], humidity [%RH], wind [km/h], rain of 24 h [mm].
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.kernel import kernel

START_FFMC, START_DMC, START_DC = 85.0, 6.0, 15.0
"""What a season begins with, three days after the snow has gone."""
_MOISTURE: Final = 250.0 * 59.5 / 101.0

_DMC_HOURS: Final = (
    (30.0, (6.5, 7.5, 9.0, 12.8, 13.9, 13.9, 12.4, 10.9, 9.4, 8.0, 7.0, 6.0)),
    (10.0, (7.9, 8.4, 8.9, 9.5, 9.9, 10.2, 10.1, 9.7, 9.1, 8.6, 8.1, 7.8)),
    (-10.0, (9.0,) * 12),
    (-30.0, (10.1, 9.6, 9.1, 8.5, 8.1, 7.8, 7.9, 8.3, 8.9, 9.4, 9.9, 10.2)),
    (-90.1, (11.5, 10.5, 9.2, 7.9, 6.8, 6.2, 6.5, 7.4, 8.7, 10.0, 11.2, 11.8)),
)
"""Effective day length by month, north of a latitude."""
_DC_FACTORS: Final = (
    (20.0, (-1.6, -1.6, -1.6, 0.9, 3.8, 5.8, 6.4, 5.0, 2.4, 0.4, -1.6, -1.6)),
    (-20.0, (1.4,) * 12),
    (-90.1, (6.4, 5.0, 2.4, 0.4, -1.6, -1.6, -1.6, -1.6, -1.6, 0.9, 3.8, 5.8)),
)
"""Seasonal day length adjustment by month, north of a latitude."""


def day_lengths(latitude_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the duff moisture code and of the drought code, f8[12] each, by month."""
    hours, factors = (
        next(months for north_of, months in table if latitude_deg > north_of) for table in (_DMC_HOURS, _DC_FACTORS)
    )
    return np.array(hours), np.array(factors)


@kernel
def ffmc(before: float, temperature: float, humidity: float, wind: float, rain: float) -> float:
    """Fine fuel moisture code, 0..101: litter that dries within a day (equations 1 to 10)."""
    moisture = _MOISTURE * (101.0 - before) / (59.5 + before)
    if rain > 0.5:
        moisture = _wetted(moisture, rain - 0.5)
    warmth = 0.18 * (21.1 - temperature) * (1.0 - exp(-0.115 * humidity))
    dry = 0.942 * humidity**0.679 + 11.0 * exp((humidity - 100.0) / 10.0) + warmth
    wet = 0.618 * humidity**0.753 + 10.0 * exp((humidity - 100.0) / 10.0) + warmth
    share = humidity / 100.0
    if moisture > dry:
        moisture = dry + (moisture - dry) * 10.0 ** -_rate(share, wind, temperature)
    elif moisture < wet:
        moisture = wet - (wet - moisture) * 10.0 ** -_rate(1.0 - share, wind, temperature)
    return max(0.0, min(101.0, 59.5 * (250.0 - moisture) / (_MOISTURE + moisture)))


@kernel
def _wetted(moisture: float, rain: float) -> float:
    """Litter after the rain that reached it (equations 3a, 3b)."""
    wetted = moisture + 42.5 * rain * exp(-100.0 / (251.0 - moisture)) * (1.0 - exp(-6.93 / rain))
    if moisture > 150.0:
        wetted += 0.0015 * (moisture - 150.0) ** 2 * sqrt(rain)
    return min(wetted, 250.0)


@kernel
def _rate(share: float, wind: float, temperature: float) -> float:
    """Decades by which the way to the equilibrium shortens in a day (equations 4 to 7)."""
    calm = 0.424 * (1.0 - share**1.7) + 0.0694 * sqrt(wind) * (1.0 - share**8)
    return float(calm * 0.581 * exp(0.0365 * temperature))


@kernel
def dmc(before: float, temperature: float, humidity: float, rain: float, hours: float) -> float:
    """Duff moisture code: the layer below, of about two weeks (equations 11 to 17)."""
    code = before
    if rain > 1.5:
        reaches = 0.92 * rain - 1.27
        moisture = 20.0 + 280.0 / exp(0.023 * before)
        if before <= 33.0:
            slope = 100.0 / (0.5 + 0.3 * before)
        elif before <= 65.0:
            slope = 14.0 - 1.3 * log(before)
        else:
            slope = 6.2 * log(before) - 17.2
        moisture += 1000.0 * reaches / (48.77 + slope * reaches)
        code = max(43.43 * (5.6348 - log(moisture - 20.0)), 0.0)
    return max(code + 1.894 * (max(temperature, -1.1) + 1.1) * (100.0 - humidity) * hours * 1e-4, 0.0)


@kernel
def dc(before: float, temperature: float, rain: float, factor: float) -> float:
    """Drought code: deep layers, of about two months (equations 18 to 23)."""
    code = before
    if rain > 2.8:
        moisture = 800.0 * exp(-before / 400.0)
        code = max(before - 400.0 * log(1.0 + 3.937 * (0.83 * rain - 1.27) / moisture), 0.0)
    return code + max((0.36 * (max(temperature, -2.8) + 2.8) + factor) / 2.0, 0.0)


@kernel
def isi(fine: float, wind: float) -> float:
    """Initial spread index (equations 24 to 26)."""
    moisture = _MOISTURE * (101.0 - fine) / (59.5 + fine)
    return float(0.208 * exp(0.05039 * wind) * 91.9 * exp(-0.1386 * moisture) * (1.0 + moisture**5.31 / 4.93e7))


@kernel
def bui(duff: float, drought: float) -> float:
    """Buildup index (equations 27a, 27b)."""
    if duff <= 0.0:
        return 0.0
    built = 0.8 * drought * duff / (duff + 0.4 * drought)
    if built < duff:
        built = max(duff - (duff - built) / duff * (0.92 + (0.0114 * duff) ** 1.7), 0.0)
    return built


@kernel
def fwi(spread: float, built: float) -> float:
    """Fire weather index (equations 28 to 30)."""
    if built > 80.0:
        intensity = 0.1 * spread * (1000.0 / (25.0 + 108.64 / exp(0.023 * built)))
    else:
        intensity = 0.1 * spread * (0.626 * built**0.809 + 2.0)
    return intensity if intensity <= 1.0 else exp(2.72 * (0.434 * log(intensity)) ** 0.647)
