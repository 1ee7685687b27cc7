"""A fault never raises a hazard: faults of every type in every sensor of a calm field, and no warning of danger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors import scenario
from detectors.rain.heard import FORECASTS
from pipeline.config.plan import Plan
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.level import Level
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.registry import Group, kinds, load
from pipeline.runners.replay import Replayed, replay

pytestmark = pytest.mark.timeout(600)  # the first to run compiles every detector

Field = dict[str, NDArray[np.float64]]
"""What is injected: values, instants in seconds since the start, status."""
ROWS = scenario.READINGS
AT = slice(120, 180)


def calm(instrument: scenario.Instrument) -> Field:
    """At rest."""
    at_s = instrument.interval_s * np.arange(ROWS, dtype=np.float64)
    return {"value": np.full(ROWS, instrument.calm), "at_s": at_s, "status": np.zeros(ROWS)}


def beyond(field: Field, high: float) -> None:
    field["value"][AT] = 1.5 * high


def below(field: Field, high: float) -> None:
    field["value"][AT] = -0.5 * high


def broken_wire(field: Field, high: float) -> None:
    field["value"][AT], field["status"][AT] = high, DeviceStatus.FAULT


def calibrated(field: Field, high: float) -> None:
    field["value"][AT], field["status"][AT] = 0.6 * high, DeviceStatus.CALIBRATION


def maintained(field: Field, high: float) -> None:
    field["value"][AT], field["status"][AT] = 0.9 * high, DeviceStatus.MAINTENANCE


def warming_up(field: Field, high: float) -> None:
    field["value"][AT], field["status"][AT] = 0.9 * high, DeviceStatus.WARM_UP


def missing(field: Field, high: float) -> None:
    del high
    field["value"][AT] = np.nan


def infinite(field: Field, high: float) -> None:
    del high
    field["value"][AT] = np.inf


def stuck(field: Field, high: float) -> None:
    del high
    field["value"][120:] = field["value"][120]


def silent(field: Field, high: float) -> None:
    del high
    for name in field:
        field[name] = np.delete(field[name], AT)


def repeating(field: Field, high: float) -> None:
    del high
    for name in field:
        field[name] = np.repeat(field[name], 3)


def out_of_order(field: Field, high: float) -> None:
    del high
    order = np.arange(ROWS).reshape(-1, 4)[:, ::-1].ravel()
    for name in field:
        field[name] = field[name][order]


def clock_ahead(field: Field, high: float) -> None:
    field["at_s"][AT] += 86_400.0
    field["value"][AT] = 0.9 * high


def clock_behind(field: Field, high: float) -> None:
    field["at_s"][AT] -= 40 * 86_400.0
    field["value"][AT] = 0.9 * high


def resent(field: Field, high: float) -> None:
    del high
    for name in field:
        field[name][AT] = field[name][AT.start]


def clock_stopped(field: Field, high: float) -> None:
    field["at_s"][AT] = field["at_s"][AT.start]
    field["value"][AT] = np.linspace(field["value"][AT.start], 0.9 * high, AT.stop - AT.start)


def fill_value(field: Field, high: float) -> None:
    del high
    field["value"][120::7] = -9999.0


FAULTS: dict[str, Callable[[Field, float], None]] = {
    one.__name__.replace("_", " "): one
    for one in (
        beyond, below, broken_wire, calibrated, maintained, warming_up, missing, infinite, stuck, silent, repeating,
        out_of_order, clock_ahead, clock_behind, resent, clock_stopped, fill_value,
    )
}  # fmt: skip
TOLD = {
    "beyond",
    "below",
    "broken wire",
    "missing",
    "infinite",
    "silent",
    "clock ahead",
    "clock behind",
    "resent",
    "clock stopped",
}
"""Those that last and whose fault must be told of, for every sensor."""


@cache
def plan(interval_s: float) -> Plan:
    """The sensors that report so often, and every installed detector."""
    whole = scenario.inventory()
    sensors = tuple(one for one in whole.sensors if one.interval_s == interval_s)
    return Plan(replace(whole, sensors=sensors), [load(Group.DETECTORS, kind)() for kind in kinds(Group.DETECTORS)])


INTERVALS_S = sorted({one.interval_s for one in scenario.INSTRUMENTS.values()})


def played(fault: Callable[[Field, float], None]) -> list[Replayed]:
    """Every instrument of the field with the fault, each entry received when it was due."""
    return [_played(fault, interval_s) for interval_s in INTERVALS_S]


def _played(fault: Callable[[Field, float], None], interval_s: float, only: str = "") -> Replayed:
    sensors = plan(interval_s).inventory.sensors
    columns: dict[str, list[NDArray[np.float64]]] = {"index": [], "due_s": [], "value": [], "at_s": [], "status": []}
    for number, one in enumerate(sensors):
        instrument = scenario.INSTRUMENTS[one.id]
        field = calm(instrument)
        if only in {"", one.id}:
            fault(field, instrument.high)
        honest = fault not in {clock_ahead, clock_behind, resent, clock_stopped}
        columns["due_s"].append(field["at_s"] if honest else interval_s * np.arange(ROWS, dtype=np.float64))
        columns["index"].append(np.full(len(field["value"]), float(number)))
        for name, column in field.items():
            columns[name].append(column)
    whole = {name: np.concatenate(parts) for name, parts in columns.items()}
    order = np.argsort(whole["due_s"], kind="stable") if fault is not out_of_order else np.arange(len(whole["due_s"]))
    parts = np.array_split(order, ROWS // 8)
    series = tuple(sensor.series for sensor in sensors)
    batches = [_batch(series, {name: column[rows] for name, column in whole.items()}) for rows in parts]
    return replay(plan(interval_s), batches, interval_s)


def _batch(series: tuple[object, ...], rows: dict[str, NDArray[np.float64]]) -> ReadingBatch:
    return ReadingBatch(
        series,  # type: ignore[arg-type]  # those of the inventory
        rows["index"].astype(np.int32),
        scenario.START_NS + (rows["at_s"] * NS_PER_S).astype(np.int64),
        rows["value"],
        np.full(len(rows["value"]), Quality.NOT_EVALUATED, np.uint8),
        rows["status"].astype(np.uint8),
        received_at_ns=scenario.START_NS + round(float(rows["due_s"].max()) * NS_PER_S),
    )


@pytest.mark.parametrize("name", FAULTS)
def test_no_warning_of_danger(name: str) -> None:
    found = played(FAULTS[name])
    assert [one for each in found for one in each.warnings if one.hazard is not Hazard.SENSOR_FAULT] == []
    findings = [one for each in found for one in each.findings]
    assert [one for one in findings if one.hazard is not Hazard.SENSOR_FAULT] == []
    if name in TOLD:
        assert {one.subject for one in findings} == set(scenario.INSTRUMENTS)


MEASURING = [name for name, one in scenario.INSTRUMENTS.items() if one.quantity not in FORECASTS]
"""A forecast of others is no reading: it is taken at its word."""


@pytest.mark.parametrize("who", MEASURING)
def test_one_wrong_reading_within_the_span_is_yellow_at_most(who: str) -> None:
    def wrong_once(field: Field, high: float) -> None:
        field["value"][AT.start] = 0.95 * high

    found = _played(wrong_once, scenario.INSTRUMENTS[who].interval_s, who)
    told = [one.level for one in found.warnings if one.hazard is not Hazard.SENSOR_FAULT]
    assert max(told, default=Level.NONE) <= Level.YELLOW


def test_the_field_is_calm_without_a_fault() -> None:
    found = played(lambda field, high: None)  # noqa: ARG005  # no fault
    assert {one.criterion for each in found for one in each.findings} <= {"flat_line"}  # days without a breath of wind
    assert sum(each.readings for each in found) == ROWS * len(scenario.INSTRUMENTS)


def test_danger_is_still_seen() -> None:
    """So that the silence above is worth something."""

    def worse(field: Field, high: float) -> None:
        field["value"][AT] = 0.9 * high

    hazards = {one.hazard for each in played(worse) for one in each.findings}
    assert hazards >= {Hazard.GAS_LEAK, Hazard.FIRE, Hazard.RAINSTORM, Hazard.TANK_OVERFILL}
