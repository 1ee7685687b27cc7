"""One partition of `readings` through a core of its own, its state saved with the offset that it includes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby
from typing import Final, cast

from msgspec import MsgspecError

from pipeline.clock import Clock
from pipeline.config.plan import Plan
from pipeline.connectors.journal import DeadLetter
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.results import messages
from pipeline.connectors.kafka.states import States
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import decode
from pipeline.errors import BrokerError
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.runners.processor import COMPONENT, SNAPSHOT_READINGS
from pipeline.stages.core import Core, Outcome
from pipeline.telemetry import Event, Telemetry

NOT_A_BATCH: Final = "not_a_batch"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What the partitions of a worker share."""

    producer: Producer
    states: States
    clock: Clock
    telemetry: Telemetry


class Partition:
    """One caller at a time; calls block.

    Attributes:
        position: the offset of the last message taken in, -1 before the first.
    """

    def __init__(self, number: int, plan: Plan, means: Means) -> None:
        """Take up the newest snapshot, if there is one.

        Raises:
            BrokerError: state cannot be read, or is another version's.
        """
        self._number = number
        self._means = means
        self._core = Core(plan)
        self._sent: list[Future[int]] = []
        self._unknown: set[str] = set()
        self._unsaved = 0
        saved = means.states.load(number)
        self.position = self._saved_position = -1 if saved is None else saved.position
        if saved is not None:
            self._restore(saved.data)
            log.info("partition %d: state up to offset %d taken up", number, saved.position)

    def _restore(self, data: bytes) -> None:
        try:
            self._core.restore(data)
        except (ValueError, MsgspecError) as error:
            place = f"the state of partition {self._number} in topic {self._means.states.topic}"
            remedy = "use the program that wrote it, or begin anew with topics of another kafka.prefix"
            raise BrokerError(f"{place} cannot be taken up: {error}; {remedy}") from error

    def take(self, told: Sequence[tuple[int, bytes | None]]) -> bool:
        """Take in the messages at these offsets, at least one; batches that follow each other as one.

        Returns:
            Whether so much came since the last snapshot that state was saved.
        """
        entries = [entry for offset, value in told if (entry := self._read(offset, value))]
        for is_tick, run in groupby(entries, lambda entry: isinstance(entry, Tick)):
            if is_tick:
                for tick in run:
                    self._tell(self._core.process(tick))
            else:
                self._take_batches(cast("list[ReadingBatch]", list(run)))
        self.position, _ = told[-1]
        if self._unsaved < SNAPSHOT_READINGS:
            return False
        self.save()
        return True

    def save(self) -> None:
        """Return when everything sent so far and a snapshot of the state are durable; nothing where nothing is new.

        Raises:
            BackPressureError: Kafka did not take something; the process has to end and take it in again.
        """
        if self.position == self._saved_position:
            return
        for one in self._sent:
            one.result()
        self._sent.clear()
        self._means.states.save(self._number, self.position, self._core.snapshot())
        self._saved_position = self.position
        self._unsaved = 0

    def _read(self, offset: int, value: bytes | None) -> Entry | None:
        """None where it cannot be read: it is among the dead letters."""
        try:
            return decode(value)
        except BatchError as error:
            self._means.telemetry.count(COMPONENT, Event.DROPPED, 1, NOT_A_BATCH)
            self._letter(NOT_A_BATCH, str(error), value or b"", f"{self._name}@{offset}")
            return None

    def _take_batches(self, batches: list[ReadingBatch]) -> None:
        outcome = self._core.take(batches)
        readings = sum(map(len, batches))
        self._unsaved += readings
        self._means.telemetry.count(COMPONENT, Event.RECEIVED, readings)
        self._means.telemetry.count(COMPONENT, Event.SENT, len(outcome.columns))
        self._tell(outcome)

    def _tell(self, outcome: Outcome) -> None:
        """Send what was made, and count what went no further."""
        self._sent += [self._means.producer.send(one) for one in messages(outcome.made)]
        telemetry = self._means.telemetry
        for reason, number in outcome.dropped.items():
            telemetry.count(COMPONENT, Event.DROPPED, number, reason)
        for series in sorted({str(one) for one in outcome.unknown} - self._unknown):
            self._unknown.add(series)
            detail = "the inventory lists no such sensor with this quantity in this partition"
            self._letter("unknown_series", detail, series.encode(), self._name)

    def _letter(self, reason: str, detail: str, excerpt: bytes, source: str) -> None:
        letter = DeadLetter(self._means.clock.now_ns(), source, reason, detail, excerpt)
        self._sent.append(self._means.producer.bury(letter))

    @property
    def _name(self) -> str:
        return f"{Topic.READINGS}/{self._number}"
