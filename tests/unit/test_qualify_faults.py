"""Faults of the sensors themselves: when each is opened, what it says, when it is closed."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from detectors.sensor_health.faults import CRITERIA, Fault
from detectors.sensor_health.limits import ABSOLUTE, FIRE_TEMPERATURE, HOUR_S, OF_SPAN, limits_of
from pipeline.model.finding import FindingState, finding_id
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.level import Level
from pipeline.model.quality import DeviceStatus, Quality
from tests.unit.detector_rig import START_S
from tests.unit.health_rig import NAN, Row, faults, feed, instant_ns, minutes, qualifier, thermometer

DEMO = Path(__file__).parents[2] / "pipeline" / "samples" / "demo"

FAULT = DeviceStatus.FAULT


def steady(start_s: float, count: int) -> list[Row]:
    """Healthy readings, one a minute."""
    return minutes([20.0 + 0.1 * (k % 7) for k in range(count)], start_s)


def broken(start_s: float, count: int) -> list[Row]:
    """Readings of a device that reports a fault."""
    return [Row(start_s + 60.0 * k, 20.0, Quality.NOT_EVALUATED, FAULT) for k in range(count)]


SPIKES = [20, 20, 30, 20, 20]

OPENED = {
    "gross range, when it lasts a minute": (minutes([20, 500, 500, 500]), (120, "gross_range")),
    "device status, when it lasts a minute": (broken(0, 3), (60, "device_status")),
    "no value, when it lasts a minute": (minutes([20, NAN, NAN]), (120, "device_status")),
    "the third spike in an hour": (minutes(SPIKES * 3), (13 * 60, "spike")),
    "the third gap in an hour": ([Row(at, 20.0) for at in (0, 170, 340, 510)], (510, "gap")),
    "at the upper end for ten minutes": (minutes([20, 84, *[85, 85.5] * 6]), (12 * 60, "saturated")),
    "over range for ten minutes": (
        [Row(60.0 * k, 20.0 + k % 2, status=DeviceStatus.OVER_RANGE) for k in range(11)],
        (600, "saturated"),
    ),
    "the same reading again and again": ([Row(0, 20.0), *[Row(60, 21.0)] * 21], (60, "repeating")),
    "a flat line": (minutes([20.0] * 1441), (1440 * 60, "flat_line")),
}


@pytest.mark.parametrize("name", OPENED)
def test_fault_is_opened(name: str) -> None:
    rows, (at_s, criterion) = OPENED[name]
    assert faults(feed(qualifier(silence_intervals=9.0), rows).findings) == [(at_s, "opened", criterion)]


NOT_OPENED = {
    "at the upper end for less long": minutes([20, *[85, 85.5] * 5, 84, *[85, 85.5] * 5]),
    "each reading twenty times": [Row(60.0 * k, 20.0 + k % 2) for k in range(9) for _ in range(20)],
    "one value out of range": minutes([20, 500, 20, 21, 20]),
    "one missing value": minutes([20, NAN, 20, 21, 20]),
    "two spikes in an hour": minutes(SPIKES * 2),
    "three spikes in more than an hour": minutes([*SPIKES, *[20, 21] * 15, *SPIKES, *[20, 21] * 15, *SPIKES]),
    "jumps that come back a little": minutes([20, 20, 30, 29, 29, 20, 21, 20] * 3),
    "two gaps in an hour": [Row(at, 20.0) for at in (0, 170, 340)],
    "readings at the limit of a gap": [Row(150.0 * k, 20.0 + k % 2) for k in range(9)],
    "over range as the device says": [Row(60.0 * k, 200.0, status=DeviceStatus.OVER_RANGE) for k in range(9)],
    "a day's steady readings": steady(0, 1440),
}


@pytest.mark.parametrize("name", NOT_OPENED)
def test_fault_is_not_opened(name: str) -> None:
    assert feed(qualifier(silence_intervals=9.0), NOT_OPENED[name]).findings == []


def test_repeated_fast_changes_are_a_fault_and_no_spike() -> None:
    rows = [(0, 20.0), (1, 30.0), (60, 30.0), (61, 40.0), (120, 40.0), (121, 50.0), (180, 50.0)]
    ((row, finding),) = feed(qualifier(rate_per_s=3.0), rows).findings
    assert (row, finding.criterion, finding.value, finding.threshold) == (6, "rate_of_change", 10.0, 3.0)


def test_a_finding_says_all_that_is_known() -> None:
    sensor = thermometer()
    ((row, finding),) = feed(qualifier(sensor), minutes([20, 500, 500])).findings
    assert row == 2
    assert (finding.hazard, finding.level, finding.state) == (Hazard.SENSOR_FAULT, Level.BLUE, FindingState.OPENED)
    assert (finding.detector, finding.subject, finding.trigger) == ("sensor_health", "t1", "t1/temperature")
    assert (finding.site, finding.area) == ("site", "330212000000")
    assert (finding.value, finding.threshold) == (500.0, 85 + 0.03125 * 125)
    assert finding.onset_at.timestamp() * 1e9 == instant_ns(60)
    assert finding.id == finding_id("sensor_health", "t1", "gross_range", instant_ns(60))


def test_a_fault_is_closed_after_its_hold_off() -> None:
    rows = [*broken(0, 3), *steady(180, 12)]
    assert faults(feed(qualifier(), rows).findings) == [
        (60, "opened", "device_status"),
        (180 + 600, "closed", "device_status"),
    ]


def test_faults_of_one_sensor_stand_side_by_side() -> None:
    rows = [*minutes(SPIKES * 3), *broken(900, 3)]
    found = [finding for _, finding in feed(qualifier(), rows).findings]
    assert [one.criterion for one in found] == ["spike", "device_status"]
    assert len({one.id for one in found}) == 2


def test_a_clock_fault_is_dated_by_our_clock() -> None:
    judge = qualifier()
    opened = feed(judge, [(5000, 20.0)], received_s=100.0).findings
    closed = [feed(judge, [(at_s, 20.0)], received_s=at_s).findings for at_s in range(160, 900, 60)]
    assert faults(opened) == [(100, "opened", "clock")]
    assert (opened[0][1].value, opened[0][1].threshold) == (4900.0, 60.0)
    assert [faults(one) for one in closed if one] == [[(760, "closed", "clock")]]


class TestSilence:
    """Silence: found by a tick, or by the reading that ends it."""

    def test_opens_when_the_deadline_is_past_and_is_dated_by_it(self) -> None:
        judge = qualifier()
        feed(judge, [(0, 20.0)])
        assert judge.tick(instant_ns(180)) == []
        (opened,) = judge.tick(instant_ns(500))
        assert faults([opened]) == [(180, "opened", "silence")]
        assert (opened.onset_at, opened.value, opened.threshold) == (opened.at, 180.0, 180.0)
        assert judge.tick(instant_ns(9000)) == []

    def test_is_closed_by_the_first_reading(self) -> None:
        judge = qualifier()
        feed(judge, [(0, 20.0)])
        judge.tick(instant_ns(500))
        assert faults(feed(judge, [(600, 20.0)]).findings) == [(600, "closed", "silence")]
        assert faults(judge.tick(instant_ns(9000))) == [(780, "opened", "silence")]

    @pytest.mark.parametrize("ticks_s", [[], [181], [200, 400], [599]])
    def test_does_not_depend_on_when_a_tick_comes(self, ticks_s: list[float]) -> None:
        judge = qualifier()
        feed(judge, [(0, 20.0)])
        found = [finding for at_s in ticks_s for finding in judge.tick(instant_ns(at_s))]
        found += [finding for _, finding in feed(judge, [(600, 20.0)]).findings]
        assert faults(found) == [(180, "opened", "silence"), (600, "closed", "silence")]

    def test_of_a_sensor_never_heard_counts_from_the_first_tick(self) -> None:
        judge = qualifier()
        assert judge.tick(instant_ns(1000)) == []
        assert judge.tick(instant_ns(1180)) == []
        assert faults(judge.tick(instant_ns(1181))) == [(1180, "opened", "silence")]

    def test_is_never_told_before_a_minute(self) -> None:
        judge = qualifier(thermometer(interval_s=1.0))
        feed(judge, [(0, 20.0)])
        assert judge.tick(instant_ns(60)) == []
        assert faults(judge.tick(instant_ns(61))) == [(60, "opened", "silence")]

    def test_is_told_in_order_of_sensor_id(self) -> None:
        judge = qualifier(*(thermometer(id=name) for name in ("c", "a", "b")))
        feed(judge, [Row(at_s, 20.0, slot=slot) for slot, at_s in enumerate((50, 0, 20))])
        assert [one.subject for one in judge.tick(instant_ns(9000))] == ["a", "b", "c"]

    def test_ended_by_a_backlog_is_closed_no_earlier_than_it_was_opened(self) -> None:
        judge = qualifier()
        feed(judge, [(0, 20.0)])
        judge.tick(instant_ns(300))
        assert faults(feed(judge, [(60, 20.0), (120, 20.0)]).findings) == [(180, "closed", "silence")]

    def test_of_more_sensors_than_one_call_has_room_for(self) -> None:
        judge = qualifier(*(thermometer(id=f"t{k:05}") for k in range(5000)))
        judge.tick(instant_ns(0))
        assert len(judge.tick(instant_ns(181))) == 5000

    def test_survives_a_restart(self) -> None:
        first, second = qualifier(), qualifier()
        feed(first, [(0, 20.0)])
        first.tick(instant_ns(500))
        second.restore(first.snapshot())
        assert second.tick(instant_ns(501)) == []
        assert faults(feed(second, [(600, 20.0)]).findings) == [(600, "closed", "silence")]


def test_more_findings_than_one_call_has_room_for() -> None:
    sensors = [thermometer(id=f"t{k:05}") for k in range(3000)]
    judge = qualifier(*sensors)
    rows = [Row(at_s, 20.0, slot=slot) for at_s in (0, 600) for slot in range(3000)]
    assert len(feed(judge, rows).findings) == 6000


def test_each_fault_has_its_criterion() -> None:
    assert [criterion.key for criterion in CRITERIA] == [fault.key for fault in Fault]
    assert {fault.key for fault in Fault if fault.disqualifies} == {"silence", "clock", "device_status", "gross_range"}


def test_no_quantity_has_two_sets_of_limits() -> None:
    assert not ABSOLUTE.keys() & OF_SPAN.keys()
    assert limits_of(thermometer()).spike == 3.0


def test_a_thermometer_of_a_fire_detector_may_change_as_fast_as_a_fire() -> None:
    found = limits_of(thermometer(kind=SensorKind.FIRE))
    assert found == FIRE_TEMPERATURE
    assert (found.flat_after_s, found.flat_tolerance) == (24 * HOUR_S, 0.05)


def test_real_fires_are_no_fault_of_the_thermometers_that_saw_them() -> None:
    """Nine ceiling thermometers of NIST SDC02, 05 and 10, as the demonstration has them; on defaults."""
    rows = _ceiling_rows()
    assert _sensors_at_fault(rows, SensorKind.FIRE) == set()
    assert _sensors_at_fault(rows, SensorKind.WEATHER) >= {"house-1.b.temperature", "house-2.e.temperature"}


def _ceiling_rows() -> list[tuple[str, float, float]]:
    """Sensor, second, temperature, in order of time."""
    table = pq.read_table(DEMO / "recordings" / "fire.parquet")
    rows = zip(*(table[name].to_pylist() for name in ("sensor", "observed_at", "value")), strict=True)
    return [(name, at.timestamp() - START_S, value) for name, at, value in rows if name.endswith("temperature")]


def _sensors_at_fault(rows: list[tuple[str, float, float]], kind: SensorKind) -> set[str]:
    names = sorted({name for name, _, _ in rows})
    judge = qualifier(*(thermometer(id=name, kind=kind, range_high=600.0) for name in names))
    findings = feed(judge, [Row(at_s, value, slot=names.index(name)) for name, at_s, value in rows]).findings
    return {one.subject for _, one in findings if one.criterion in ("spike", "rate_of_change")}
