"""Thresholds of the quality tests, by quantity: the defaults behind `QualityOptions`.

QARTOD prescribes the tests and leaves the figures to the operator. For weather they are those of WMO (Guidelines on
quality control procedures for data from automatic weather stations, CBS/OPAG-IOS ET-AWS-3 Doc. 4(1), 2004: limit of
suspicion between one-minute values; least variability over 60 minutes). The rest are ours, wide on purpose because a
test only makes a reading suspect: a gas head needs seconds to answer (IEC 60079-29-1 allows 60 s to 90 %), a tank, a
slope or a gauge moves no faster than stated. Where rest at one value is normal (clean air, an idle tank, dry weather)
the flat-line test is off or spares that value; rooms are steadier than weather, so temperature and humidity may rest
longer than WMO's hour. Fire is what a fire detector is for: ceiling thermometers in four room fires (NIST TN 1455,
SDC02, 05, 10, 33) changed by up to 76 K/s and jumped there and back by up to 56 K; ours for them leave room.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, nan
from typing import Final

from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """Limits in the quantity's unit. `inf` switches a test off.

    Attributes:
        spike: a jump there and back by more than this is a spike.
        rate_per_s: a change faster than this is suspect.
        flat_after_s: how long the value may stay within `flat_tolerance`.
        rest: the value that a healthy sensor may show for ever; NaN where there is none.
    """

    spike: float = inf
    rate_per_s: float = inf
    flat_after_s: float = inf
    flat_tolerance: float = 0.0
    rest: float = nan


HOUR_S: Final = 3600.0

ABSOLUTE: Final[dict[Quantity, QualityLimits]] = {
    Quantity.OXYGEN: QualityLimits(spike=2.0, rate_per_s=0.5),
    Quantity.TEMPERATURE: QualityLimits(spike=3.0, rate_per_s=3.0, flat_after_s=24 * HOUR_S, flat_tolerance=0.05),
    Quantity.HUMIDITY: QualityLimits(
        spike=10.0, rate_per_s=10.0, flat_after_s=6 * HOUR_S, flat_tolerance=0.5, rest=100.0
    ),
    Quantity.WIND_SPEED: QualityLimits(spike=10.0, rate_per_s=10.0, flat_after_s=HOUR_S, flat_tolerance=0.25, rest=0.0),
    Quantity.TILT: QualityLimits(spike=2.0, rate_per_s=2.0),
}
"""Quantities whose limits are the same for every instrument."""

FIRE_TEMPERATURE: Final = replace(ABSOLUTE[Quantity.TEMPERATURE], spike=100.0, rate_per_s=100.0)
"""Of a thermometer of kind fire."""

OF_SPAN: Final[dict[Quantity, QualityLimits]] = {
    Quantity.GAS_LEL: QualityLimits(spike=0.3, rate_per_s=0.2, flat_after_s=12 * HOUR_S, rest=0.0),
    Quantity.GAS_PPM: QualityLimits(spike=0.3, rate_per_s=0.2),
    Quantity.TANK_LEVEL: QualityLimits(spike=0.05, rate_per_s=0.01),
    Quantity.PRESSURE: QualityLimits(spike=0.2, rate_per_s=0.2),
    Quantity.DISPLACEMENT: QualityLimits(spike=0.05, rate_per_s=0.05),
    Quantity.SMOKE: QualityLimits(spike=0.5, rate_per_s=0.5, flat_after_s=24 * HOUR_S, rest=0.0),
}
"""Quantities whose `spike` and `rate_per_s` are shares of the instrument's span. Rain comes in bursts: not listed."""


ENDS_ARE_USUAL: Final = frozenset({Quantity.HUMIDITY, Quantity.HEAT_SPOT, Quantity.WIND_DIRECTION, Quantity.RAIN_TOTAL})
"""Quantities that stand at the upper end of their range in a sound instrument."""


def limits_of(sensor: Sensor) -> QualityLimits:
    """The defaults for a sensor, in its quantity's unit."""
    if sensor.kind is SensorKind.FIRE and sensor.quantity is Quantity.TEMPERATURE:
        return FIRE_TEMPERATURE
    if sensor.quantity in ABSOLUTE:
        return ABSOLUTE[sensor.quantity]
    share = OF_SPAN.get(sensor.quantity, QualityLimits())
    span = sensor.range_high - sensor.range_low
    return QualityLimits(
        share.spike * span, share.rate_per_s * span, share.flat_after_s, share.flat_tolerance, share.rest
    )
