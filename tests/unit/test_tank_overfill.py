"""Time to overflow, from the fill rate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from detectors.tank.tank_overfill import TankOverfill, TankOverfillOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import Row, bind, feed, sensor, since_start_s, told

MINUTE = 60.0


def gauge(**thresholds: float) -> Sensor:
    own = {f"tank_overfill.{key}": value for key, value in thresholds.items()}
    return sensor(SensorKind.TANK, Quantity.TANK_LEVEL, 10, range_low=0.0, range_high=10.0, thresholds=own)


def found(rows: list[Row], watched: Sensor | None = None, **options: float) -> list[Finding]:
    return feed(bind(TankOverfill(TankOverfillOptions(**options)), watched or gauge()), rows)


def filling(m_per_min: float, overflow_min: float, until_min: float, noise_m: float = 0.0) -> list[Row]:
    """A steady fill that reaches critical high (9.8 m) at `overflow_min`; a reading every 10 s."""
    noise = np.random.default_rng(3).normal(0.0, 1.0, 10_000)
    return [
        (10.0 * k, 9.8 - m_per_min * (overflow_min - k / 6) + noise_m * float(noise[k]))
        for k in range(round(until_min * 6) + 1)
    ]


def test_colours_come_at_60_30_15_and_5_minutes_left() -> None:
    findings = found(filling(0.05, 90, 90), expected_tolerance_s=1e9)
    raised = [(one.level.word, since_start_s(one) / MINUTE) for one in findings]
    assert [colour for colour, _ in raised] == ["blue", "yellow", "orange", "red"]
    assert [at_min for _, at_min in raised] == pytest.approx([30, 60, 75, 85], abs=0.4)
    assert {one.criterion for one in findings} == {"time_left"}


def test_the_crossing_time_is_foreseen() -> None:
    findings = found(filling(0.05, 90, 80))
    assert all(one.expected_at is not None for one in findings)
    for one in findings:
        assert one.expected_at is not None
        assert one.expected_at.timestamp() - findings[0].at.timestamp() + since_start_s(findings[0]) == pytest.approx(
            90 * MINUTE, abs=2.0
        )
        assert one.value == pytest.approx(90 - since_start_s(one) / MINUTE, abs=0.1)


def test_the_crossing_time_is_foreseen_through_noise() -> None:
    findings = found(filling(0.05, 90, 80, noise_m=0.02))
    assert {one.level.word for one in findings} >= {"blue", "yellow", "orange"}
    last = findings[-1]
    assert last.expected_at is not None
    assert last.expected_at.timestamp() - last.at.timestamp() == pytest.approx(
        90 * MINUTE - since_start_s(last), abs=3 * MINUTE
    )


def test_one_wrong_value_hardly_moves_what_is_told() -> None:
    rows = filling(0.05, 90, 80)
    rows[-100] = (rows[-100][0], 0.0)
    disturbed, steady = (told(found(one, lower_after_s=0.0)) for one in (rows, filling(0.05, 90, 80)))
    assert [level for _, level, _ in disturbed] == [level for _, level, _ in steady]
    assert [at_s for at_s, _, _ in disturbed] == pytest.approx([at_s for at_s, _, _ in steady], abs=10.0)


QUIET: dict[str, list[Row]] = {
    "a still tank, nearly full": [(10.0 * k, 9.79) for k in range(500)],
    "a still tank with waves": [(10.0 * k, 9.5 + 0.03 * math.sin(k)) for k in range(500)],
    "a still tank with a noisy gauge": [
        (10.0 * k, 9.7 + 0.1 * float(noise)) for k, noise in enumerate(np.random.default_rng(5).normal(size=500))
    ],
    "a tank being emptied": [(10.0 * k, 9.8 - 0.001 * k) for k in range(500)],
    "a rise slower than the least rate": [(10.0 * k, 9.78 + 0.0001 * k) for k in range(100)],
    "a fill that ends in hours": filling(0.05, 180, 100),
    "one wrong value": [(10.0 * k, 9.7 if k == 50 else 5.0) for k in range(500)],
    "two readings": filling(0.5, 2, 0.2)[:2],
}


@pytest.mark.parametrize("name", QUIET)
def test_no_overfill(name: str) -> None:
    assert found(QUIET[name]) == []


def test_a_fill_that_stops_is_closed() -> None:
    rows = filling(0.05, 90, 70)
    full = rows[-1][1]
    rows += [(rows[-1][0] + 10.0 * k, full) for k in range(1, 1000)]
    assert found(rows)[-1].state == "closed"


def test_a_long_gap_starts_the_rate_afresh() -> None:
    rows = [*filling(0.05, 90, 70), (86_400.0, 9.0), (86_410.0, 9.0)]
    last = found(rows, lower_after_s=0.0)[-1]
    assert (last.state, since_start_s(last)) == ("closed", 86_400.0)


def test_a_rate_is_told_once_readings_span_half_the_window() -> None:
    first = found(filling(0.05, 20, 20))[0]
    assert since_start_s(first) == 10.0 + 300.0 + 10.0


def test_the_window_holds_at_least_ten_readings() -> None:
    slow = gauge().model_copy(update={"interval_s": 180.0})
    first = found([(180.0 * k, 8.0 + 0.15 * k) for k in range(12)], slow)[0]
    assert since_start_s(first) == 180.0 * 7


def test_each_tank_has_its_own_overflow() -> None:
    rows = filling(0.05, 150, 60)
    assert found(rows) == []
    assert found(rows, gauge(critical_high_m=7.0))


def test_minutes_are_options() -> None:
    rows = filling(0.05, 90, 80)
    findings = found(rows, expected_tolerance_s=1e9, blue_min=80.0, yellow_min=50.0, orange_min=40.0, red_min=30.0)
    assert [one.level.word for one in findings] == ["blue", "yellow", "orange", "red"]
    assert [since_start_s(one) / MINUTE for one in findings] == pytest.approx([10, 40, 50, 60], abs=0.4)


def test_minutes_that_do_not_fall_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"red_min must fall; they are 60, 30, 15, 20"):
        TankOverfillOptions(red_min=20.0)
