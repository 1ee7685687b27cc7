"""What the workers said, from Kafka into the store: findings, assessments, forecasts, warnings and their deliveries.

The topics are read side by side, so a warning may be here before the findings that it cites. It waits for them, a
little: the ledger needs them, but nobody is to be warned later for their sake. Offsets are committed when everything up
to them is stored; what comes twice, after a crash here or of a worker, is in the store already and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event as Flag
from typing import Any, Final

import confluent_kafka
from pydantic import BaseModel, ValidationError

from alerting.store.record import Record
from alerting.store.store import Offer, Store
from pipeline.clock import Clock
from pipeline.config.kafka import KafkaOptions
from pipeline.connectors.journal import DeadLetter
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.topics import Topic
from pipeline.errors import StoreError
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding
from pipeline.model.forecast import RainAhead
from pipeline.model.warning import HazardWarning
from pipeline.runners.processor import STORE_RETRY_S
from pipeline.runners.sink_stream import Stream
from pipeline.telemetry import Event, Telemetry

COMPONENT: Final = "results"
GROUP: Final = "forewarn-console"
NOT_READABLE: Final = "not_readable"
FINDINGS_MAX_S: Final = 2.0
"""How long a warning waits for the findings that it cites."""
_AT_ONCE: Final = 500
_LOOK_S: Final = 0.05
_KINDS: Final[dict[Topic, type[BaseModel]]] = {
    Topic.FINDINGS: Finding,
    Topic.ASSESSMENTS: Assessment,
    Topic.WARNINGS: HazardWarning,
    Topic.FORECASTS: RainAhead,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """A warning that waits."""

    warning: HazardWarning
    partition: int
    offset: int
    since_s: float


@dataclass(slots=True)
class _Taken:
    """What a look at the topics brought, and how far it came."""

    findings: list[Finding] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    forecasts: list[RainAhead] = field(default_factory=list)
    positions: dict[tuple[Topic, int], int] = field(default_factory=dict)


class Results:
    """One thread's, which runs `run`.

    Args:
        offer: what becomes of a warning, in the transaction that stores it.
        stored: told of each record once it is stored.
    """

    def __init__(
        self,
        options: KafkaOptions,
        store: Store,
        producer: Producer,
        offer: Offer,
        stored: Callable[[Record], None],
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._options = options
        self._store = store
        self._producer = producer
        self._offer = offer
        self._stored = stored
        self._clock = clock
        self._telemetry = telemetry
        self._held: list[_Held] = []
        self.backlog = 0

    def run(self, stop: Flag) -> None:
        """Until `stop`.

        Raises:
            BrokerError: the connection is broken for good, or a topic is gone.
            StoreError: it failed, and `stop` came before it answered again.
        """
        stream = Stream(self._options, GROUP, tuple(_KINDS))
        try:
            while not stop.is_set():
                self._step(stream, stop)
        finally:
            stream.close()

    def _step(self, stream: Stream, stop: Flag) -> None:
        messages = stream.take(_AT_ONCE, _LOOK_S)
        taken = _Taken()
        for message in messages:
            self._read(stream.topic_of(message), message, taken)
        self._keep(Record(taken.findings, taken.assessments, forecasts=taken.forecasts), stop)
        ready = self._ready()
        self._keep(Record(warnings=[one.warning for one in ready]), stop)
        for one in ready:
            taken.positions[Topic.WARNINGS, one.partition] = one.offset
        for topic in _KINDS:
            reached = {number: at for (which, number), at in taken.positions.items() if which is topic}
            if reached:
                stream.acknowledge_up_to(topic, reached)
        self.backlog = sum(stream.lag().values()) if messages else 0

    def _read(self, topic: Topic, message: confluent_kafka.Message, taken: _Taken) -> None:
        partition, offset = message.partition() or 0, message.offset() or 0
        self._telemetry.count(COMPONENT, Event.RECEIVED, 1)
        try:
            one: Any = _KINDS[topic].model_validate_json(message.value() or b"")
        except ValidationError as error:
            self._bury(f"{topic}/{partition}@{offset}", message.value() or b"", error)
            one = None
        if isinstance(one, HazardWarning):
            self._held.append(_Held(one, partition, offset, self._clock.monotonic_s()))
        else:
            taken.findings += [one] if isinstance(one, Finding) else []
            taken.assessments += [one] if isinstance(one, Assessment) else []
            taken.forecasts += [one] if isinstance(one, RainAhead) else []
            if topic is not Topic.WARNINGS or not any(held.partition == partition for held in self._held):
                taken.positions[topic, partition] = offset

    def _ready(self) -> list[_Held]:
        """The warnings that need not wait, of each partition in their order; they are held no more."""
        now_s = self._clock.monotonic_s()
        ready: list[_Held] = []
        waiting: set[int] = set()
        for one in self._held:
            patient = now_s < one.since_s + FINDINGS_MAX_S
            if one.partition in waiting or (patient and not self._has(one.warning.findings)):
                waiting.add(one.partition)
            else:
                ready.append(one)
        self._held = [one for one in self._held if one not in ready]
        return ready

    def _has(self, findings: Sequence[str]) -> bool:
        try:
            return all(self._store.finding(one) for one in findings)
        except StoreError:
            return False

    def _keep(self, record: Record, stop: Flag) -> None:
        """While the store fails, wait for it, unless told to stop."""
        if not record:
            return
        told = False
        while True:
            try:
                self._store.save(record, self._clock.now(), self._offer)
                break
            except StoreError as error:
                if not told:
                    log.error("nothing is stored: %s; trying again", error)  # noqa: TRY400  # its text says all
                told = True
                if stop.wait(STORE_RETRY_S):
                    raise
        if told:
            log.warning("the store answers again")
        number = sum(map(len, (record.findings, record.assessments, record.warnings, record.forecasts)))
        self._telemetry.count(COMPONENT, Event.SENT, number)
        self._stored(record)

    def _bury(self, source: str, value: bytes, error: ValidationError) -> None:
        """Keep what cannot be read; durable on return."""
        self._telemetry.count(COMPONENT, Event.DROPPED, 1, NOT_READABLE)
        detail = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        letter = DeadLetter(self._clock.now_ns(), source, NOT_READABLE, detail, value)
        self._producer.bury(letter).result()
