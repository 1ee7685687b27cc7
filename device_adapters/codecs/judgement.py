"""The judgement of claims against the inventory: readings in their quantity's unit, rejects for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.codecs.base import Decoded, Reject, RejectReason
from device_adapters.codecs.claims import Claims, excerpt
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.times import UNREADABLE, TimeOptions, instants
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S, from_ns, to_text
from pipeline.model.quality import LIVE_STATUS_MAX
from pipeline.model.units import Affine, UnitError

EARLIEST_NS: Final = 946_684_800 * NS_PER_S
"""2000-01-01T00:00Z: an older time comes from a clock that was never set."""
AHEAD_MAX_NS: Final = 86_400 * NS_PER_S
"""A time further ahead of its receipt comes from a clock that is wrong, whatever the zone was taken to be."""


def judge(claims: Claims, measurements: Measurements, times: TimeOptions, received_at_ns: int) -> Decoded:
    """The readings among the claims, in their quantity's unit and in order, and a reject for each of the rest."""
    if not claims.sensors:
        return Decoded(None, claims.rejects)
    court = _Court(claims, measurements, instants(claims.at, times, received_at_ns), received_at_ns)
    return Decoded(court.batch(), [*claims.rejects, *court.rejects()])


class _Court:
    """One round of judgement. A check looks at the rows that are still good and names the bad ones among them."""

    def __init__(
        self, claims: Claims, measurements: Measurements, at_ns: NDArray[np.int64], received_at_ns: int
    ) -> None:
        self._claims = claims
        self._table = measurements
        self._at_ns = at_ns
        self._latest_ns = received_at_ns + AHEAD_MAX_NS
        slots = map(measurements.slot_by_sensor.get, claims.sensors, repeat(-1))
        self._slot = np.fromiter(slots, np.int32, len(claims.sensors))
        self._sent = np.array(claims.values, np.float64)
        self._status = np.array(claims.statuses, np.uint8)
        self._stated: dict[int, Affine] = {}
        self._good = np.ones(len(self._slot), np.bool_)
        self._verdicts: list[tuple[int, RejectReason, str]] = []
        self._strike(self._slot < 0, RejectReason.UNKNOWN_SENSOR, self._of_sensor)
        self._strike(~measurements.allowed[self._slot], RejectReason.NOT_ALLOWED, self._of_permission)
        self._check_quantities()
        self._check_units()
        self._strike(self._bad_values(), RejectReason.BAD_VALUE, self._of_value)
        bad_times = (at_ns < EARLIEST_NS) | (at_ns > self._latest_ns)
        self._strike(bad_times, RejectReason.BAD_TIME, self._of_time)
        self._measured = measurements.convert(self._slot, self._sent, self._status, self._stated)
        self._strike(np.isinf(self._measured.value), RejectReason.BAD_VALUE, self._of_value)

    def batch(self) -> ReadingBatch | None:
        """The good rows."""
        good = self._good
        if not good.any():
            return None
        slot = self._slot[good]
        used = np.flatnonzero(np.bincount(slot)).astype(np.int32)
        place = np.zeros(len(self._table.series), np.int32)
        place[used] = np.arange(len(used))
        return ReadingBatch(
            self._table.series_of(used),
            place[slot],
            self._at_ns[good],
            self._measured.value[good],
            self._measured.quality[good],
            self._measured.status[good],
            self._latest_ns - AHEAD_MAX_NS,
        )

    def rejects(self) -> Sequence[Reject]:
        """The struck rows, in order."""
        claims = self._claims
        return [
            Reject(claims.positions[row], reason, detail, excerpt(claims.items[row]))
            for row, reason, detail in sorted(self._verdicts)
        ]

    def _strike(self, bad: NDArray[np.bool_], reason: RejectReason, detail: Callable[[int], str]) -> None:
        rows = np.flatnonzero(bad & self._good).tolist()
        self._good[rows] = False
        self._verdicts += [(row, reason, detail(row)) for row in rows]

    def _check_quantities(self) -> None:
        stated, series = self._claims.quantities, self._table.series
        if stated.count(None) == len(stated):
            return
        rows = zip(stated, self._slot.tolist(), strict=True)
        wrong = [said is not None and slot >= 0 and said != series[slot].quantity for said, slot in rows]
        self._strike(np.array(wrong), RejectReason.UNKNOWN_QUANTITY, self._of_quantity)

    def _check_units(self) -> None:
        stated = self._claims.units
        if stated.count(None) == len(stated):
            return
        wrong = [
            unit is not None and good and not self._has_unit(row, unit)
            for row, (unit, good) in enumerate(zip(stated, self._good.tolist(), strict=True))
        ]
        self._strike(np.array(wrong), RejectReason.BAD_UNIT, self._of_unit)

    def _has_unit(self, row: int, unit: str) -> bool:
        try:
            affine = self._table.stated(int(self._slot[row]), unit)
        except UnitError:
            return False
        if affine is not None:
            self._stated[row] = affine
        return True

    def _bad_values(self) -> NDArray[np.bool_]:
        """None is missing only from a device that says it does not measure."""
        said_missing = np.isnan(self._sent) & (self._status > LIVE_STATUS_MAX)
        return ~np.isfinite(self._sent) & ~said_missing

    def _of_sensor(self, row: int) -> str:
        return f"sensor {self._claims.sensors[row]!r:.80} is not in the inventory; add it there, or correct the name"

    def _of_permission(self, row: int) -> str:
        return f"this device may not send for sensor {self._claims.sensors[row]}; extend its list of sensors"

    def _of_quantity(self, row: int) -> str:
        known = self._table.series[self._slot[row]].quantity
        return f"sensor {self._claims.sensors[row]} measures {known}, not {self._claims.quantities[row]!r:.80}"

    def _of_unit(self, row: int) -> str:
        slot = int(self._slot[row])
        unit, declared = self._claims.units[row], self._table.units[slot]
        quantity = self._table.series[slot].quantity
        return (
            f"sensor {self._claims.sensors[row]}: unit {unit!r:.40} cannot be brought to "
            f"{quantity} [{quantity.unit}]; the inventory declares {declared}"
        )

    def _of_value(self, row: int) -> str:
        return f"sensor {self._claims.sensors[row]}: value {self._claims.values[row]} is no finite number; send one"

    def _of_time(self, row: int) -> str:
        sensor, at = self._claims.sensors[row], self._claims.at[row]
        if self._at_ns[row] == UNREADABLE:
            return f"sensor {sensor}: time {at!r:.80} cannot be read; send RFC 3339 with a zone, or a number since 1970"
        bounds = f"{to_text(from_ns(EARLIEST_NS))} and {to_text(from_ns(self._latest_ns))}"
        return f"sensor {sensor}: time {at!r:.80} is not between {bounds}; set the device's clock"
