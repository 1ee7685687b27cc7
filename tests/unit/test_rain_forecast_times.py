"""When a signal is expected by a forecast: the interval is of whole steps of ten minutes."""

from __future__ import annotations

import pytest

from detectors.rain.heard import FORECASTS
from detectors.rain.rain_forecast import RainForecast
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from tests.unit.detector_rig import START_S, bind, feed_many, sensor

MINUTE = 60.0


@pytest.mark.parametrize(
    ("amount_mm", "expected_min", "earliest_min"),
    [pytest.param(8.0, 40, 30, id="at the end of a step"), pytest.param(7.0, 40, 30, id="35 min: within one")],
)
def test_a_sure_forecast_tells_the_step_within_which_it_crosses(
    amount_mm: float, expected_min: float, earliest_min: float
) -> None:
    """12 mm within the hour and 36 within three, for sure: 0.2 mm a minute."""
    own = {f"rain_forecast.{colour}_mm": 900.0 for colour in ("yellow", "orange", "red")}
    own["rain_forecast.blue_mm"] = amount_mm
    forecasts = [
        sensor(SensorKind.RAIN, quantity, 300.0, id=quantity.value, range_low=0, group="radar", thresholds=own)
        for quantity in FORECASTS
    ]
    amounts = [12.0 if FORECASTS[quantity][0] == 0 else 36.0 for quantity in FORECASTS]
    rows = [(0.0, slot, amount) for slot, amount in enumerate(amounts)]
    last = feed_many(bind(RainForecast(), *forecasts), rows)[-1]
    assert last.level is Level.BLUE
    assert last.expected_at is not None
    assert last.expected_earliest_at is not None
    assert last.expected_latest_at == last.expected_at
    assert last.expected_at.timestamp() - START_S == expected_min * MINUTE
    assert last.expected_earliest_at.timestamp() - START_S == earliest_min * MINUTE
