"""Rows of a file against the inventory: readings in their quantity's unit, the rest tallied. No Python per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.codecs.base import RejectReason
from device_adapters.codecs.measurements import Measured, Measurements
from device_adapters.codecs.times import UNREADABLE
from device_adapters.recordings.rows import Columns, Rows
from device_adapters.recordings.tally import Tally
from pipeline.model.quality import DeviceStatus, Quality, are_codes

UNKNOWN_STATUS: Final = 255
SAYS_NOTHING: Final = -2
UNHEARD_OF: Final = -3


class Settler:
    """Settles the rows of one recording. Tables for units that rows state are made once."""

    def __init__(self, table: Measurements, words: Mapping[str, DeviceStatus], unit: str | None, tally: Tally) -> None:
        self._table = table.in_unit(unit) if unit else table
        self._words = words
        self.tally = tally
        self._words_before: Sequence[str | None] | None = None
        self._slots_before = np.zeros(0, np.int32)
        self._by_unit: dict[str, Measurements] = {}
        quantities = sorted({quantity for _, quantity in table.series})
        self._quantity_code = {quantity.value: code for code, quantity in enumerate(quantities)}
        codes = [self._quantity_code[quantity] for _, quantity in table.series]
        self._quantity_of_slot = np.array([*codes, -1], np.int32)

    def settle(self, rows: Rows) -> Columns:
        """The readings among the rows, order kept."""
        slot = self._slots_of(rows.sensor.words)[rows.sensor.code]
        status = self._statuses(rows)
        measured, convertible = self._measured(rows, slot, status)
        good = self._known_sensors(rows, slot)
        for holds, reason, detail in (
            (
                self._right_quantities(rows, slot),
                RejectReason.UNKNOWN_QUANTITY,
                "a quantity that the sensor does not measure",
            ),
            (status != UNKNOWN_STATUS, RejectReason.BAD_STATUS, f"a status that is none of {', '.join(self._words)}"),
            (are_codes(measured.quality, Quality), RejectReason.BAD_VALUE, "a quality that is none of QARTOD's flags"),
            (rows.at_ns != UNREADABLE, RejectReason.BAD_TIME, "a time that cannot be read; see time_format and zone"),
            (convertible, RejectReason.BAD_UNIT, "a unit that the sensor's quantity cannot be converted from"),
            (~np.isinf(rows.sent), RejectReason.BAD_VALUE, "a value that is no finite number; see missing"),
            (~np.isinf(measured.value), RejectReason.BAD_VALUE, "a value too large for its unit"),
        ):
            bad = np.flatnonzero(good & ~holds)
            self.tally.add(rows.path, reason, detail, rows.row[bad], detail, _first_of(rows, bad))
            good &= holds
        columns = Columns(slot, rows.at_ns, measured.value, measured.quality, measured.status)
        return columns if good.all() else columns[good]

    def _slots_of(self, words: Sequence[str | None]) -> NDArray[np.int32]:
        if words is not self._words_before:
            slots = self._table.slot_by_sensor
            self._words_before = words
            self._slots_before = np.array([slots.get(word or "", -1) for word in words], np.int32)
        return self._slots_before

    def _known_sensors(self, rows: Rows, slot: NDArray[np.int32]) -> NDArray[np.bool_]:
        known = slot >= 0
        for code in np.unique(rows.sensor.code[~known]).tolist():
            word = rows.sensor.words[code]
            at = rows.row[rows.sensor.code == code]
            self.tally.add(rows.path, RejectReason.UNKNOWN_SENSOR, str(word), at, f"sensor {word!r:.80} is not listed")
        return known

    def _right_quantities(self, rows: Rows, slot: NDArray[np.int32]) -> NDArray[np.bool_]:
        if rows.quantity is None:
            return np.ones(len(slot), np.bool_)
        codes = [
            SAYS_NOTHING if not word else self._quantity_code.get(word, UNHEARD_OF) for word in rows.quantity.words
        ]
        said = np.array(codes, np.int32)[rows.quantity.code]
        right: NDArray[np.bool_] = (said == SAYS_NOTHING) | (said == self._quantity_of_slot[slot])
        return right

    def _statuses(self, rows: Rows) -> NDArray[np.uint8]:
        if rows.status is None:
            return np.zeros(len(rows.row), np.uint8)
        codes = [0 if not word else self._words.get(word.lower(), UNKNOWN_STATUS) for word in rows.status.words]
        return np.array(codes, np.uint8)[rows.status.code]

    def _measured(
        self, rows: Rows, slot: NDArray[np.int32], status: NDArray[np.uint8]
    ) -> tuple[Measured, NDArray[np.bool_]]:
        if rows.quality is not None:
            quality = np.where(np.isnan(rows.sent), Quality.MISSING, rows.quality).astype(np.uint8)
            return Measured(rows.sent, quality, status), np.ones(len(slot), np.bool_)
        if rows.unit is None:
            return self._converted(self._table, slot, rows.sent, status)
        parts = Measured(np.empty(len(slot)), np.empty(len(slot), np.uint8), np.empty(len(slot), np.uint8))
        convertible = np.empty(len(slot), np.bool_)
        for code, word in enumerate(rows.unit.words):
            here = rows.unit.code == code
            part, convertible[here] = self._converted(self._in_unit(word), slot[here], rows.sent[here], status[here])
            parts.value[here], parts.quality[here], parts.status[here] = part.value, part.quality, part.status
        return parts, convertible

    def _in_unit(self, unit: str | None) -> Measurements:
        if not unit:
            return self._table
        if unit not in self._by_unit:
            self._by_unit[unit] = self._table.in_unit(unit)
        return self._by_unit[unit]

    @staticmethod
    def _converted(
        table: Measurements, slot: NDArray[np.int32], sent: NDArray[np.float64], status: NDArray[np.uint8]
    ) -> tuple[Measured, NDArray[np.bool_]]:
        return table.convert(slot, sent, status), ~np.isnan(table.factor[slot])


def _first_of(rows: Rows, at: NDArray[np.int64]) -> str:
    """What the first of some rows says, to find it by."""
    if not len(at):
        return ""
    said = {"sensor": rows.sensor, "quantity": rows.quantity, "unit": rows.unit, "status": rows.status}
    words = {name: coded.words[coded.code[at[0]]] for name, coded in said.items() if coded is not None}
    return ", ".join(f"{name} {word!r:.80}" for name, word in words.items() if word)
