"""The recorded values, set so that each recording ends at the instant the tests begin."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from alerting.console.sensor_views import SeriesView, ThresholdView
from alerting.console.views import Name
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.console.district import RECORDED

NOW = datetime(2025, 7, 8, 6, 20, 0, tzinfo=UTC)
_SERIES = json.loads(Path(__file__).with_name("recorded.json").read_text())["series"]
# Creep by Voight's law with alpha = 2, displacement = -A ln(1 - t / t_f): no recording of one is at hand.
_SERIES["slope"] = {"step_s": 3600, "values": [3.1, 3.3, 3.6, 3.9, 4.3, 4.7, 5.2, 5.8, 6.4, 7.2, 8.1, 9.2, 10.6, 12.4]}
_SERIES["slope_still"] = {
    "step_s": 3600,
    "values": [2.0, 2.1, 2.0, 2.0, 2.1, 2.0, 2.1, 2.1, 2.0, 2.1, 2.1, 2.0, 2.1, 2.1],
}

THRESHOLDS = {
    Quantity.GAS_PPM: (
        (25.0, Level.YELLOW, "一级报警", "First level"),
        (50.0, Level.ORANGE, "二级报警", "Second level"),
    ),
    Quantity.TEMPERATURE: ((57.0, Level.ORANGE, "定温", "Fixed temperature"),),
    Quantity.SMOKE: ((4.0, Level.RED, "感烟", "Smoke"),),
    Quantity.TANK_LEVEL: ((8.2, Level.ORANGE, "高高液位", "High-high"), (8.6, Level.RED, "临界高", "Critical high")),
}


def series(sensor: str, recording: str, quantity: Quantity) -> SeriesView:
    """The last readings of `sensor`, with its threshold lines."""
    step_ms = int(_SERIES[recording]["step_s"] * 1000)
    values = tuple(_SERIES[recording]["values"])
    end_ms = int(NOW.timestamp() * 1000)
    lines = tuple(ThresholdView(v, level, Name(zh, en)) for v, level, zh, en in THRESHOLDS.get(quantity, ()))
    at_ms = tuple(end_ms - (len(values) - 1 - place) * step_ms for place in range(len(values)))
    return SeriesView(sensor=sensor, unit=quantity.unit, at_ms=at_ms, values=values, thresholds=lines)


def recording_of(sensor: str) -> str:
    """Which recording speaks for `sensor`; those that were added for their number share one."""
    return RECORDED[sensor][2] if sensor in RECORDED else "gas0"
