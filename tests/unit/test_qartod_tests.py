"""QARTOD by an operator's own figures, as findings; tests/property compares the flags with those of ioos_qc."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.sensor_health.qartod_tests import QartodOptions, QartodTests
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import bind, feed, sensor, since_start_s

STEP_S = 60.0
CALM = [10.0, 10.5, 11.0, 10.5] * 10


def found(values: list[float], **options: Any) -> list[Finding]:
    thermometer = sensor(SensorKind.WEATHER, Quantity.TEMPERATURE, STEP_S)
    bound = bind(QartodTests(QartodOptions(**({"sensors": ("a*",)} | options))), thermometer)
    return feed(bound, [(STEP_S * row, value) for row, value in enumerate(values)])


def changed(row: int, *values: float) -> list[float]:
    return CALM[:row] + list(values) + CALM[row + len(values) :]


CASES: dict[str, tuple[list[float], dict[str, Any], int, str]] = {
    "above the instrument": (changed(9, 31.0), {"fail_high": 30.0}, 9, "gross_range"),
    "below the instrument": (changed(9, -3.0), {"fail_low": -2.0}, 9, "gross_range"),
    "above the operator's span": (changed(9, 31.0), {"suspect_high": 30.0, "told_from": "suspect"}, 9, "gross_range"),
    "below it": (changed(9, -3.0), {"suspect_low": -2.0, "told_from": "suspect"}, 9, "gross_range"),
    "not of the season": (changed(9, 31.0), {"q4_low": 0.0, "q4_high": 30.0, "told_from": "suspect"}, 9, "climatology"),
    "a spike, told with the reading after it": (changed(9, 21.0), {"spike_fail": 8.0}, 10, "spike"),
    "a spike by its smaller jump": (
        changed(9, 21.0),
        {"spike_suspect": 5.0, "spike_method": "differential", "told_from": "suspect"},
        10,
        "spike",
    ),
    "too fast": (changed(9, 21.0), {"rate_fail_per_s": 0.1}, 9, "rate_of_change"),
    "fast": (changed(9, 21.0), {"rate_suspect_per_s": 0.1, "told_from": "suspect"}, 9, "rate_of_change"),
    "flat": (changed(8, *[10.0] * 10), {"flat_fail_s": 300.0}, 13, "flat_line"),
    "flat for less long": (
        changed(8, *[10.0] * 10),
        {"flat_suspect_s": 180.0, "flat_tolerance": 0.5, "told_from": "suspect"},
        11,
        "flat_line",
    ),
    "attenuated": (
        changed(8, *[10.0, 10.1] * 5),
        {"attenuated_s": 240.0, "attenuated_fail": 0.3, "attenuated_readings": 4},
        11,
        "attenuated_signal",
    ),
    "a little attenuated": (
        changed(8, *[10.0, 10.1] * 5),
        {"attenuated_s": 240.0, "attenuated_suspect": 0.3, "told_from": "suspect"},
        11,
        "attenuated_signal",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_and_only_where_it_is_tested(name: str) -> None:
    values, options, row, criterion = CASES[name]
    first = found(values, **options)[0]
    assert (since_start_s(first) / STEP_S, first.criterion) == (row, f"qartod_{criterion}")
    assert first.hazard is Hazard.SENSOR_FAULT
    assert not found(values)
    assert not found(CALM, **options)
    assert not found(values, **options, sensors=("b*",))


def test_what_is_suspect_is_told_only_if_that_is_asked_for() -> None:
    assert not found(changed(9, 31.0), suspect_high=30.0)


@pytest.mark.parametrize("season", ["q1", "q2", "q3"])
def test_the_other_seasons_are_not_now(season: str) -> None:
    options: dict[str, Any] = {f"{season}_low": 0.0, f"{season}_high": 1.0}
    assert not found(CALM, told_from="suspect", **options)
