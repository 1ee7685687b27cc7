"""The Qualifier: a flag on every reading, repeats and late ones out, faults of the sensors themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isinf
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from detectors.base import LONGEST_S, MOST, overridden
from detectors.episode import EPISODE, POLICY
from detectors.evidence import EVENT, EVIDENCE
from detectors.kernel import records
from detectors.loop import EVENT_CAPACITY
from detectors.revision import Place, Teller, finding
from detectors.sensor_health.examine import CLOCK_WRONG, LATE, REPEAT, UNKNOWN, UNTIMED, examine, look
from detectors.sensor_health.faults import CRITERIA, Fault
from detectors.sensor_health.health import FACTS, HEALTH, LIMITS
from detectors.sensor_health.limits import ENDS_ARE_USUAL, limits_of
from detectors.slots import require_slots
from detectors.snapshot import load, save
from pipeline.model.finding import Finding, finding_id
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.site import Sensor

KIND: Final = "sensor_health"
VERSION: Final = 2
DROP_REASONS: Final[Mapping[int, str]] = {
    UNKNOWN: "unknown_sensor",
    CLOCK_WRONG: "clock_wrong",
    REPEAT: "repeat",
    LATE: "late",
}
_LASTING: Final = frozenset({Fault.DEVICE_STATUS, Fault.GROSS_RANGE})
"""Faults that must last `raise_after_s`; the others count or wait by themselves."""
_FOR_EVER_NS: Final = 2**62
INTERVALS_MAX: Final = 200.0
"""Of a sensor that reports once a year they still fit into 64 bits of nanoseconds."""


class QualityOptions(BaseModel):
    """Bounds of the quality tests; a sensor's `thresholds` may override each as `sensor_health.NAME`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    margin_low_share: float = Field(
        default=0.0125, ge=0, description="share of the span below it that still counts as measured: NE 43, 3.8 mA"
    )
    margin_high_share: float = Field(default=0.03125, ge=0, description="the same above the span: NE 43, 20.5 mA")
    spike: float | None = Field(default=None, gt=0, description="a jump there and back [quantity's unit]")
    rate_per_s: float | None = Field(default=None, gt=0, description="fastest change [quantity's unit per second]")
    flat_after_s: float | None = Field(
        default=None, gt=0, le=LONGEST_S, description="how long a value may stay the same"
    )
    flat_tolerance: float | None = Field(default=None, ge=0, description="what counts as the same")
    silence_intervals: float = Field(
        default=3.0, ge=1, le=INTERVALS_MAX, description="intervals without a reading that are a silence"
    )
    silence_min_s: float = Field(default=60.0, ge=0, le=LONGEST_S, description="no silence is told before this")
    gap_intervals: float = Field(
        default=2.5, ge=1, le=INTERVALS_MAX, description="intervals without a reading that are a gap"
    )
    repeat_window_s: float = Field(
        default=3600.0, gt=0, le=LONGEST_S, description="three spikes, changes or gaps within are a fault"
    )
    saturated_after_s: float = Field(
        default=600.0, ge=0, le=LONGEST_S, description="how long a value may stand at the upper end of the range"
    )
    repeats: int = Field(default=20, ge=1, le=MOST, description="times that the same reading may come in succession")
    clock_ahead_s: float = Field(
        default=60.0, ge=0, le=LONGEST_S, description="how far a device's clock may be ahead of ours"
    )
    clock_behind_s: float = Field(
        default=30 * 86_400.0, gt=0, le=LONGEST_S, description="the same behind ours: devices buffer"
    )
    raise_after_s: float = Field(
        default=60.0, ge=0, le=LONGEST_S, description="how long a bad status or range lasts to be a fault"
    )
    lower_after_s: float = Field(
        default=600.0, ge=0, le=LONGEST_S, description="hold-off: how long a fault must be gone"
    )


@dataclass(frozen=True, slots=True)
class Qualified:
    """What the tests made of n readings.

    Attributes:
        keep: bool[n]; False for readings that must reach no state: see DROP_REASONS.
        quality: u1[n]; the worst of what the adapter said and the tests found; the adapter's where not kept.
        dropped: reason -> number of readings, only where there are some.
        findings: faults opened, changed or closed, each with the row that showed it, in order of rows.
    """

    keep: NDArray[np.bool_]
    quality: NDArray[np.uint8]
    dropped: Mapping[str, int]
    findings: list[tuple[int, Finding]]


class Qualifier:
    """Streaming tests after QARTOD over all sensors of an inventory. Not thread-safe: one caller at a time.

    A reading that is a repeat, late or dated wrongly changes nothing but the clock's own fault: a device whose clock
    once ran ahead is heard again as soon as it is right. The result does not depend on how readings are cut into
    batches, nor, for a silence that readings end, on whether a tick came in between.
    """

    def __init__(self, inventory: Inventory, options: QualityOptions | None = None) -> None:
        sensors = inventory.sensors
        self._inventory = inventory
        self._names = [sensor.id for sensor in sensors]
        self._teller = Teller(KIND, VERSION, Hazard.SENSOR_FAULT)
        self._health = records(len(sensors), HEALTH)
        self._limits = records(len(sensors), LIMITS)
        self._episodes = records(len(sensors) * len(Fault), EPISODE).reshape(-1, len(Fault))
        self._policies = records(len(sensors) * len(Fault), POLICY).reshape(-1, len(Fault))
        self._facts = records(1, FACTS)
        self._evidence = records(1, EVIDENCE)
        self._events = records(EVENT_CAPACITY, EVENT)
        self._written = np.zeros(1, np.int64)
        usual = options or QualityOptions()
        self._policies[:] = _policies(usual)
        for slot, sensor in enumerate(sensors):
            own = overridden(usual, KIND, sensor)
            self._limits[slot] = _limits(sensor, own)
            if own is not usual:
                self._policies[slot] = _policies(own)

    def feed(
        self,
        slot: NDArray[np.int32],
        at_ns: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint8],
        status: NDArray[np.uint8],
        received_ns: NDArray[np.int64] | None = None,
    ) -> Qualified:
        """Flags of these readings, in order of arrival.

        Args:
            slot: i4[n], the series' place in the inventory, -1 where it is unknown.
            at_ns: i8[n], the device's clock, nanoseconds UTC.
            value: f8[n], in the quantity's unit; NaN is MISSING.
            quality: u1[n], `Quality` as the adapter saw it.
            status: u1[n], `DeviceStatus`.
            received_ns: i8[n], our clock, for the test of the device's, or UNTIMED; None for a recording that does not
                tell.

        Raises:
            ValueError: a slot beyond the inventory; nothing was taken in.
        """
        require_slots(slot, len(self._names))
        size = len(slot)
        keep, flag, dropped = np.zeros(size, np.bool_), np.zeros(size, np.uint8), np.zeros(len(DROP_REASONS), np.int64)
        found: list[tuple[int, Finding]] = []
        received = np.full(size, UNTIMED) if received_ns is None else received_ns
        columns, result = (slot, at_ns, value, quality, status, received), (keep, flag, dropped)
        row = 0
        while row < size:
            row = examine(row, columns, self._sensors(), result, self._out())
            found.extend((int(event["row"]), self._finding(event)) for event in self._told())
        reasons = {DROP_REASONS[why]: number for why, number in enumerate(dropped.tolist()) if number}
        return Qualified(keep, flag, reasons, found)

    def tick(self, at_ns: int) -> list[Finding]:
        """Silences whose deadline has passed by `at_ns`, in order of sensor id; each is dated by its deadline.

        A sensor that was never heard is watched from its first tick on.
        """
        found: list[Finding] = []
        slot, size = 0, len(self._names)
        while slot < size:
            slot = look(slot, at_ns, self._sensors(), self._out())
            found.extend(self._finding(event) for event in self._told())
        return found

    def open_ids(self) -> set[str]:
        """Ids of the faults whose episodes are open."""
        opened = zip(*np.nonzero(self._episodes["level"]), strict=True)
        return {self._identity(slot, fault, self._episodes[slot, fault]["onset_ns"]) for slot, fault in opened}

    def snapshot(self) -> bytes:
        """State of every sensor, by id."""
        return save(VERSION, self._names, (self._health, self._episodes))

    def restore(self, data: bytes) -> None:
        """Take up what `snapshot` wrote; sensors it does not name start afresh, as all do after a change of version."""
        load(data, VERSION, self._names, (self._health, self._episodes))

    @property
    def state_bytes(self) -> int:
        """Memory held for all sensors."""
        return sum(array.nbytes for array in self._sensors())

    def _sensors(self) -> tuple[Any, ...]:
        return self._health, self._limits, self._episodes, self._policies

    def _out(self) -> tuple[Any, ...]:
        self._written[0] = 0
        return self._facts, self._evidence, self._events, self._written

    def _told(self) -> Any:
        return self._events[: self._written[0]]

    def _finding(self, event: Any) -> Finding:
        sensor = self._inventory.sensors[event["subject"]]
        criterion = CRITERIA[event["criterion"]]
        identity = self._identity(event["subject"], event["criterion"], event["onset_ns"])
        place = Place(sensor.id, sensor.site, self._inventory.area_of(sensor.id).code)
        return finding(event, identity, self._teller, place, criterion, str(sensor.series))

    def _identity(self, slot: int, fault: int, onset_ns: int) -> str:
        return finding_id(KIND, self._names[slot], CRITERIA[fault].key, int(onset_ns))


def _limits(sensor: Sensor, options: QualityOptions) -> tuple[float | int, ...]:
    """The sensor's LIMITS record."""
    default = limits_of(sensor)
    span = sensor.range_high - sensor.range_low
    flat_after_s = _either(options.flat_after_s, default.flat_after_s)
    return (
        sensor.range_low - options.margin_low_share * span,
        sensor.range_high + options.margin_high_share * span,
        _either(options.spike, default.spike),
        _either(options.rate_per_s, default.rate_per_s),
        _either(options.flat_tolerance, default.flat_tolerance),
        default.rest,
        inf if sensor.quantity in ENDS_ARE_USUAL else sensor.range_high,
        _ns(options.saturated_after_s),
        options.repeats,
        _FOR_EVER_NS if isinf(flat_after_s) else _ns(flat_after_s),
        _ns(max(options.silence_intervals * sensor.interval_s, options.silence_min_s)),
        _ns(options.gap_intervals * sensor.interval_s),
        _ns(max(options.repeat_window_s, 20 * sensor.interval_s)),
        _ns(options.clock_ahead_s),
        _ns(options.clock_behind_s),
    )


def _policies(options: QualityOptions) -> NDArray[Any]:
    """POLICY by fault."""
    return np.array([_policy(fault, options) for fault in Fault], POLICY)


def _policy(fault: Fault, options: QualityOptions) -> tuple[int, int, int]:
    """The POLICY record of one fault; a silence ends with the first reading."""
    raise_after_s = options.raise_after_s if fault in _LASTING else 0.0
    lower_after_s = 0.0 if fault is Fault.SILENCE else options.lower_after_s
    return _ns(raise_after_s), _ns(lower_after_s), 0


def _either(own: float | None, default: float) -> float:
    return default if own is None else own


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)
