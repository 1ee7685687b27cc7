"""A detector bound to the sensors of one inventory: its arrays, its snapshot, its findings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.base import Detector
from detectors.episode import EPISODE, POLICY
from detectors.evidence import EVENT, EVIDENCE
from detectors.kernel import records
from detectors.loop import EVENT_CAPACITY, run
from detectors.revision import Place, Teller, finding
from detectors.slots import require_slots
from detectors.snapshot import load, save
from pipeline.model.finding import Finding, finding_id
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory


class BoundDetector:
    """One detector over all its subjects. Not thread-safe: one caller at a time."""

    def __init__(self, detector: Detector, inventory: Inventory) -> None:
        self.detector = detector
        self._inventory = inventory
        self.subjects = tuple(detector.subjects(inventory))
        self._names = [subject.id for subject in self.subjects]
        self._teller = Teller(detector.kind, detector.version, detector.hazard)
        self._places = [
            Place(
                subject.id,
                subject.site,
                inventory.site_by_id[subject.site].area,
                tuple(series.sensor for series in subject.series),
            )
            for subject in self.subjects
        ]
        count = len(self.subjects)
        self._state = detector.initial(count)
        self._params = records(count, detector.params)
        self._policy = records(count, POLICY)
        self._episode = records(count, EPISODE)
        self._evidence = records(1, EVIDENCE)
        self._events = records(EVENT_CAPACITY, EVENT)
        self._subject_of = np.full(len(inventory.sensors), -1, np.int32)
        self._channel_of = np.zeros(len(inventory.sensors), np.uint8)
        for position, subject in enumerate(self.subjects):
            self._bind(position, subject)

    def _bind(self, position: int, subject: Any) -> None:
        for name, value in subject.params.items():
            self._params[position][name] = value
        options = subject.options
        self._policy[position] = tuple(
            round(seconds * NS_PER_S)
            for seconds in (options.raise_after_s, options.lower_after_s, options.expected_tolerance_s)
        )
        for channel, series in enumerate(subject.series):
            slot = self._inventory.slot_by_series[series]
            self._subject_of[slot] = position
            self._channel_of[slot] = channel

    def feed(
        self,
        slot: NDArray[np.int32],
        at_ns: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint8],
    ) -> list[tuple[int, Finding]]:
        """Findings of these readings, each with the row that brought it about, in order of rows.

        Args:
            slot: i4[n], the series' place in the inventory, -1 where it is unknown.
            at_ns: i8[n], nanoseconds UTC, rising within a series.
            value: f8[n]; not read where quality is FAIL or MISSING.
            quality: u1[n].

        Raises:
            ValueError: a slot beyond the inventory; nothing was taken in.
        """
        require_slots(slot, self._subject_of.size)
        if not self.subjects:
            return []
        found: list[tuple[int, Finding]] = []
        row, size = 0, len(slot)
        while row < size:
            row, count = run(
                self.detector.step,
                row,
                (slot, at_ns, value, quality),
                (self._subject_of, self._channel_of),
                (self._state, self._params, self._policy, self._episode),
                self._evidence,
                self._events,
            )
            found.extend(
                (int(event["row"]), self._finding(event, int(slot[event["row"]]))) for event in self._events[:count]
            )
        return found

    def _finding(self, event: Any, slot: int) -> Finding:
        place = self._places[event["subject"]]
        return finding(
            event,
            finding_id(self.detector.kind, place.subject, "", int(event["onset_ns"])),
            self._teller,
            place,
            self.detector.criteria[event["criterion"]],
            str(self._inventory.sensors[slot].series),
        )

    def open_ids(self) -> set[str]:
        """Ids of the findings whose episodes are open."""
        kind, opened = self.detector.kind, np.flatnonzero(self._episode["level"])
        return {finding_id(kind, self._names[row], "", int(self._episode[row]["onset_ns"])) for row in opened}

    @property
    def bytes_per_subject(self) -> int:
        """Memory that one more subject costs."""
        return sum(array.itemsize for array in (self._state, self._params, self._policy, self._episode))

    def snapshot(self) -> bytes:
        """State of every subject, by name: it survives a change of the inventory."""
        return save(self.detector.version, self._names, (self._state, self._episode))

    def restore(self, data: bytes) -> None:
        """Take up what `snapshot` wrote; subjects it does not name keep their initial state.

        A snapshot of a version that the detector does not take up is not taken: its subjects start afresh.
        """
        detector = self.detector
        load(data, detector.version, self._names, (self._state, self._episode), detector.state_since)
