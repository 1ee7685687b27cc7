"""What a detector of rain hears at a site besides a gauge: the sensors that stand for forecasts, as channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

FORECASTS: Final = {
    Quantity.RAIN_1H: (0, 0),
    Quantity.RAIN_1H_HIGH: (0, 1),
    Quantity.RAIN_3H: (1, 0),
    Quantity.RAIN_3H_HIGH: (1, 1),
}
"""Quantity -> horizon and part, as `take_in` numbers them."""
FALLEN: Final = (Quantity.RAIN, Quantity.RAIN_TOTAL)
SOURCES: Final = ("radar", "gauges")
"""Groups of sensors that a forecast comes from, the most trusted first; any other comes between them."""
CHANNELS_MAX: Final = 16
GAUGE, RADAR = -1, -2
"""Of channels that tell what has fallen, in the place of a horizon."""
CHANNEL_FIELDS: Final = [
    ("horizon", "i8", (CHANNELS_MAX,)),
    ("part", "i8", (CHANNELS_MAX,)),
    ("rank", "i8", (CHANNELS_MAX,)),
]
"""Of a params record: what each channel stands for."""


def channel_params(heard: Sequence[Sensor]) -> dict[str, Any]:
    """The fields of CHANNEL_FIELDS, for sensors in the order of their channels."""
    unused = [0] * (CHANNELS_MAX - len(heard))
    parts = [FORECASTS.get(one.quantity, (_fallen(one), 0)) for one in heard]
    return {
        "horizon": [horizon for horizon, _ in parts] + unused,
        "part": [part for _, part in parts] + unused,
        "rank": [rank_of(one.group) for one in heard] + unused,
    }


def rank_of(group: str) -> int:
    """How little a source is trusted: 0 radar, 1 anything from outside, 2 the gauges around."""
    return {SOURCES[0]: 0, SOURCES[1]: 2}.get(group, 1)


def _fallen(sensor: Sensor) -> int:
    return RADAR if sensor.group == SOURCES[0] else GAUGE
