"""Flags and drops: what becomes of each single reading."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.model.hazard import SensorKind
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import sensor
from tests.unit.health_rig import NAN, Row, feed, minutes, qualifier, thermometer

GOOD, NOT_EVALUATED, SUSPECT, FAIL, MISSING = Quality
NORMAL, OVER, UNDER, FAULT, CALIBRATION, MAINTENANCE, WARM_UP = DeviceStatus
SPAN = 125.0
LOW, HIGH = -40.0 - 0.0125 * SPAN, 85.0 + 0.03125 * SPAN
INF = float("inf")


FLAGS = {
    "plain": (Row(0, 20.0), GOOD),
    "the adapter has doubts": (Row(0, 20.0, SUSPECT), SUSPECT),
    "the adapter says good": (Row(0, 20.0, GOOD), GOOD),
    "the adapter says fail": (Row(0, 20.0, FAIL), FAIL),
    "the adapter says missing": (Row(0, NAN, MISSING), MISSING),
    "no value": (Row(0, NAN, GOOD), MISSING),
    "infinite": (Row(0, INF), FAIL),
    "minus infinite": (Row(0, -INF), FAIL),
    "at the margin below (3.8 mA)": (Row(0, LOW), GOOD),
    "just below it": (Row(0, float(np.nextafter(LOW, -100))), FAIL),
    "at the margin above (20.5 mA)": (Row(0, HIGH), GOOD),
    "just above it": (Row(0, float(np.nextafter(HIGH, 200))), FAIL),
    "over range as the device says": (Row(0, 200.0, NOT_EVALUATED, OVER), GOOD),
    "under range as the device says": (Row(0, -80.0, NOT_EVALUATED, UNDER), GOOD),
    "over range and doubtful": (Row(0, 200.0, SUSPECT, OVER), SUSPECT),
    "faulty": (Row(0, 20.0, NOT_EVALUATED, FAULT), FAIL),
    "calibrating": (Row(0, 20.0, GOOD, CALIBRATION), FAIL),
    "in maintenance": (Row(0, 20.0, GOOD, MAINTENANCE), FAIL),
    "warming up": (Row(0, 20.0, GOOD, WARM_UP), FAIL),
    "faulty without a value": (Row(0, NAN, MISSING, FAULT), MISSING),
}


@pytest.mark.parametrize("name", FLAGS)
def test_flag_of_a_first_reading(name: str) -> None:
    row, want = FLAGS[name]
    result = feed(qualifier(), [row])
    assert result.quality.tolist() == [want]
    assert result.keep.tolist() == [True]


FOLLOWED: dict[str, tuple[list[float], list[int]]] = {
    "a jump is suspect, what stays there is not": ([20, 20, 24, 24, 24], [1, 1, 3, 1, 1]),
    "a jump of the threshold is none": ([20, 20, 23, 23], [1, 1, 1, 1]),
    "a spike is suspect, its way back is not": ([20, 20, 30, 20, 20], [1, 1, 3, 1, 1]),
    "down and back": ([20, 20, 10, 20, 20], [1, 1, 3, 1, 1]),
    "a staircase is suspect at each step": ([20, 24, 28, 32], [1, 3, 3, 3]),
    "a failed value is no neighbour": ([20, 20, 1000, 20, 20], [1, 1, 4, 1, 1]),
    "nor is a missing one": ([20, 20, NAN, 20, 20], [1, 1, 9, 1, 1]),
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_flags_of_a_run(name: str) -> None:
    values, want = FOLLOWED[name]
    assert feed(qualifier(), minutes(values)).quality.tolist() == want


@pytest.mark.parametrize(("rate_per_s", "want"), [(0.99, GOOD), (1.0, GOOD), (1.01, SUSPECT)])
def test_rate_of_change_is_per_second_of_the_devices_clock(rate_per_s: float, want: Quality) -> None:
    judge = qualifier(rate_per_s=1.0, spike=100.0)
    result = feed(judge, [(0, 20.0), (10, 20.0 + 10 * rate_per_s)])
    assert result.quality.tolist() == [GOOD, want]


@pytest.mark.parametrize(("repeats", "want"), [(59, GOOD), (60, SUSPECT), (61, SUSPECT)])
def test_a_flat_line_is_suspect_after_its_time(repeats: int, want: Quality) -> None:
    result = feed(qualifier(flat_after_s=3600.0), minutes([20.0] * (repeats + 1)))
    assert result.quality[-1] == want


@pytest.mark.parametrize(("count", "want"), [(4, GOOD), (5, SUSPECT)])
def test_a_flat_line_needs_five_equal_readings(count: int, want: Quality) -> None:
    result = feed(qualifier(flat_after_s=1.0), minutes([20.0] * count))
    assert result.quality[-1] == want


def test_a_value_at_rest_is_no_flat_line() -> None:
    gas = sensor(SensorKind.GAS, Quantity.GAS_LEL, 60, range_low=0, range_high=100)
    assert set(feed(qualifier(gas), minutes([0.0] * 2000)).quality) == {GOOD}
    assert feed(qualifier(gas), minutes([12.0] * 2000)).quality[-1] == SUSPECT


def test_a_tolerance_widens_what_is_flat() -> None:
    values = [20.0, 20.25] * 40
    assert feed(qualifier(flat_after_s=60.0, flat_tolerance=0.1), minutes(values)).quality[-1] == GOOD
    assert feed(qualifier(flat_after_s=60.0, flat_tolerance=0.25), minutes(values)).quality[-1] == SUSPECT


DROPS: dict[str, tuple[list[Row | tuple[float, float]], list[bool], dict[str, int]]] = {
    "a repeat": ([(0, 20.0), (0, 20.0)], [True, False], {"repeat": 1}),
    "a repeat with another value": ([(0, 20.0), (0, 21.0)], [True, False], {"repeat": 1}),
    "a late one": ([(60, 20.0), (0, 20.0), (120, 20.0)], [True, False, True], {"late": 1}),
    "an unknown sensor": ([Row(0, 20.0, slot=-1), Row(0, 20.0)], [False, True], {"unknown_sensor": 1}),
}


@pytest.mark.parametrize("name", DROPS)
def test_what_is_dropped(name: str) -> None:
    rows, keep, dropped = DROPS[name]
    result = feed(qualifier(), rows)
    assert result.keep.tolist() == keep
    assert result.dropped == dropped
    assert result.findings == []


@pytest.mark.parametrize(
    ("at_s", "kept"), [(160, True), (160.001, False), (-899.999, True), (-900, True), (-900.001, False)]
)
def test_a_clock_may_be_ahead_or_behind_by_its_bounds(at_s: float, kept: bool) -> None:  # noqa: FBT001  # a column of the table
    result = feed(qualifier(clock_ahead_s=60.0, clock_behind_s=1000.0), [(at_s, 20.0)], received_s=100.0)
    assert result.keep.tolist() == [kept]
    assert result.dropped == ({} if kept else {"clock_wrong": 1})


def test_a_clock_that_ran_ahead_does_not_make_a_sensor_deaf() -> None:
    judge = qualifier()
    feed(judge, [(0, 20.0)], received_s=0.0)
    assert feed(judge, [(86_400, 20.0)], received_s=60.0).dropped == {"clock_wrong": 1}
    assert feed(judge, [(120, 20.0)], received_s=120.0).keep.tolist() == [True]


def test_a_recording_that_does_not_tell_when_it_came_gets_no_clock_test() -> None:
    assert feed(qualifier(), [(10**9, 20.0)]).keep.tolist() == [True]


def test_a_dropped_reading_reaches_no_state() -> None:
    rows = minutes([20, 21, 22, 21, 20])
    disturbed = [rows[0], rows[0], rows[1], Row(30, 80.0), rows[2], Row(120, 80.0), rows[3], rows[4]]
    plain, noisy = qualifier(), qualifier()
    want = feed(plain, rows)
    result = feed(noisy, disturbed)
    assert result.quality[result.keep].tolist() == want.quality.tolist()
    assert noisy.snapshot() == plain.snapshot()


def test_limits_come_from_the_quantity_the_options_and_the_sensor() -> None:
    def flags(judged: Sensor, **options: float) -> list[int]:
        found: list[int] = feed(qualifier(judged, **options), minutes([20, 20, 25])).quality.tolist()
        return found

    assert flags(thermometer()) == [1, 1, 3]
    assert flags(thermometer(), spike=6.0) == [1, 1, 1]
    assert flags(thermometer(thresholds={"sensor_health.spike": 4.0}), spike=6.0) == [1, 1, 3]
    with pytest.raises(ValueError, match="no_such"):
        qualifier(thermometer(thresholds={"sensor_health.no_such": 4.0}))


def test_a_slot_beyond_the_inventory_is_refused_before_anything_is_taken_in() -> None:
    judge = qualifier(thermometer())
    before = judge.snapshot()
    with pytest.raises(ValueError, match="slot 1 is beyond the inventory of 1 sensors"):
        feed(judge, [Row(0, 20.0), Row(0, 20.0, slot=1)])
    assert judge.snapshot() == before


def test_an_inventory_without_sensors() -> None:
    judge = qualifier(thermometer())
    empty = feed(judge, [])
    assert (empty.keep.size, empty.dropped, empty.findings) == (0, {}, [])


def test_a_snapshot_is_taken_up_by_sensor_id() -> None:
    one, two, new = (thermometer(id=name) for name in ("t1", "t2", "t0"))
    first = qualifier(one, two)
    feed(first, [Row(0, 20.0, slot=0), Row(60, 21.0, slot=1)])
    second = qualifier(new, two)
    second.restore(first.snapshot())
    assert feed(second, [Row(60, 20.0, slot=0), Row(60, 21.0, slot=1)]).dropped == {"repeat": 1}
    assert second.state_bytes == first.state_bytes
