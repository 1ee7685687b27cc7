"""Faults that show against a sensor's own past and beside its companions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.bound import BoundDetector
from detectors.learned.learned_fault import COMPANIONS, FaultOptions, LearnedFault
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed_many, sensor, since_start_s

STEP_S = 900.0
ROWS = 1000
FAULT = 900


def water(seed: int = 0) -> NDArray[np.float64]:
    """A value that wanders, read to a hundredth."""
    return np.round(10 + np.cumsum(0.03 * np.random.default_rng(seed).standard_normal(ROWS)), 2)


def probe(name: str = "a1", group: str = "probe", **thresholds: float) -> Sensor:
    own = {f"learned_fault.{key}": value for key, value in thresholds.items()}
    return sensor(SensorKind.WEATHER, Quantity.PRESSURE, STEP_S, id=name, group=group, thresholds=own)


def found(*columns: NDArray[np.float64], probes: tuple[Sensor, ...] | None = None, **options: Any) -> list[Finding]:
    """NaN is a reading that does not come."""
    every = probes or tuple(probe(f"a{number}") for number in range(len(columns)))
    bound = bind(LearnedFault(FaultOptions(**({"sensors": ("a*",)} | options))), *every)
    rows = [
        (STEP_S * row, slot, float(values[row]))
        for row in range(len(columns[0]))
        for slot, values in enumerate(columns)
        if not np.isnan(values[row])
    ]
    return feed_many(bound, rows)


def opened(findings: list[Finding]) -> list[tuple[int, str, str]]:
    """Row, criterion and sensor of each that opened."""
    return [
        (round(since_start_s(one) / STEP_S), one.criterion, one.trigger.partition("/")[0])
        for one in findings
        if one.state.value == "opened"
    ]


def jumps(size: float, seed: int = 0, row: int = FAULT) -> NDArray[np.float64]:
    values = water(seed)
    values[row] += size
    return values


def test_a_change_that_the_sensor_never_makes() -> None:
    (one,) = opened(found(jumps(5.0)))
    assert one == (FAULT, "sudden_change", "a0")
    assert {finding.hazard for finding in found(jumps(5.0))} == {Hazard.SENSOR_FAULT}


def test_what_the_sensor_often_does_is_no_fault() -> None:
    values = water()
    values[50::40] += 5.0
    assert not opened(found(values))


def test_a_smaller_change_counts_beside_a_companion_in_trouble() -> None:
    assert not opened(found(jumps(0.22), water(1)))
    told = opened(found(jumps(0.22), jumps(5.0, 1, FAULT - 1), lower_after_s=0.0))
    assert ("disturbed_together", "a0") in {(criterion, name) for _, criterion, name in told}


def test_a_silent_companion_is_in_trouble() -> None:
    silent = water(1)
    silent[FAULT - 3 : FAULT + 3] = np.nan
    assert opened(found(jumps(0.22), silent)) == [(FAULT, "disturbed_together", "a0")]


def test_another_group_is_no_companion() -> None:
    silent = water(1)
    silent[FAULT - 3 : FAULT + 3] = np.nan
    assert not opened(found(jumps(0.22), silent, probes=(probe("a0"), probe("a1", "other"))))


def of_twenty(values: NDArray[np.float64], **options: float) -> list[tuple[int, str, str]]:
    """What opened at a sensor whose span is 20, of which no change by itself is too large."""
    narrow = sensor(SensorKind.WEATHER, Quantity.PRESSURE, STEP_S, id="a0", range_low=0.0, range_high=20.0)
    return opened(found(values, probes=(narrow,), **({"sudden": 6.0, "spike": 1.5} | options)))


def restless(spike: float = 0.0) -> NDArray[np.float64]:
    """A value that often changes by much, and comes back over many readings; a spike of that size is over at once."""
    values = water()
    for row in range(40, FAULT - 40, 60):
        values[row : row + 20] += np.linspace(4.0, 0.0, 20)
    values[FAULT] += spike
    return values


def test_a_value_that_leaps_and_comes_back_at_once() -> None:
    assert not of_twenty(restless())
    assert of_twenty(restless(4.2)) == of_twenty(restless(-4.2)) == [(FAULT + 1, "spike", "a0")]


def test_a_spike_has_a_height_and_comes_back() -> None:
    assert not of_twenty(restless(4.2), spike=6.0)
    assert not of_twenty(restless(4.2), spike_share=0.25)
    for leap, left in ((4.2, 4.2), (6.0, 3.0), (4.2, 8.4)):
        stays = restless(leap)
        stays[FAULT + 1 :] += left
        assert not of_twenty(stays)


def test_a_value_that_stays_longer_than_ever() -> None:
    values = water()
    values[FAULT:960] = values[FAULT]
    ((row, criterion, _),) = opened(found(values))
    assert criterion == "stuck"
    assert 7 <= row - FAULT <= 12


def test_a_sensor_that_rests_by_nature_is_not_stuck() -> None:
    values = np.zeros(ROWS)
    values[600:620] = water()[:20]
    assert "stuck" not in {one.criterion for one in found(values)}


def test_one_jump_does_not_hide_the_next() -> None:
    values = water()
    for row in (700, 800, 900):
        values[row] += 8.0
    assert [row for row, _, _ in opened(found(values))] == [700, 800, 900]


@pytest.mark.parametrize(
    ("option", "quiet"),
    [("sudden", 9.0), ("warm_up", 950), ("sensors", ("b*",))],
)
def test_each_option_counts(option: str, quiet: Any) -> None:
    assert opened(found(jumps(5.0)))
    assert not opened(found(jumps(5.0), **{option: quiet}))


def test_options_of_being_stuck_and_together_count() -> None:
    values = water()
    values[FAULT:940] = values[FAULT]
    assert opened(found(values))
    assert not opened(found(values, stuck_least=60.0))
    assert not opened(found(values, stuck_factor=30.0))
    silent = water(1)
    silent[FAULT - 3 : FAULT + 3] = np.nan
    assert not opened(found(jumps(0.22), silent, together=9.0))


def test_a_sensor_may_differ_from_its_companions() -> None:
    told = found(jumps(5.0), jumps(5.0, 1, FAULT + 20), probes=(probe("a0", sudden=9.0, together=9.0), probe("a1")))
    assert [row for row, _, _ in opened(told)] == [FAULT + 20]


def test_a_large_group_is_several() -> None:
    many = tuple(probe(f"a{number:02}") for number in range(COMPANIONS + 3))
    names = [subject.id for subject in bind_all(many).subjects]
    assert names == ["site/probe", "site/probe/2"]
    assert [len(subject.series) for subject in bind_all(many).subjects] == [COMPANIONS, 3]
    assert [subject.id for subject in bind_all((probe("a1", ""),)).subjects] == ["site"]


def bind_all(sensors: tuple[Sensor, ...]) -> BoundDetector:
    return bind(LearnedFault(FaultOptions(sensors=("*",))), *sensors)
