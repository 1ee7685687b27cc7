"""What the page of a cluster shows of sensors, from the readings in a real Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from time import sleep

import pytest

from alerting.console.sensor_views import Condition
from pipeline.clock import ManualClock, SystemClock
from pipeline.config.kafka import KafkaOptions
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import encode
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry
from pipeline.runners.kafka_live import BEHIND_MAX, COMPONENT, NOT_A_BATCH, SKIPPED, LiveReadings
from pipeline.runners.live import Live
from pipeline.runners.page.sensors import series, states
from pipeline.stages.core import Core
from pipeline.stages.qualify import Columns
from pipeline.stages.shards import Shards
from pipeline.telemetry import Event, Telemetry
from tests.district import BEGIN, batches
from tests.kafka_field import Field
from tests.kafka_say import say
from tests.kafka_server import Broker

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


class Held(Live):
    """Live, but nothing is noted before `go`."""

    go: Flag

    def look(self, columns: Columns, received_at_ns: int | None) -> None:
        self.go.wait()
        super().look(columns, received_at_ns)


def put(field: Field, entries: Iterable[Entry | bytes]) -> None:
    shards = Shards(field.config.plan(), field.options.partitions)
    messages = []
    for entry in entries:
        pieces = shards.split(entry) if isinstance(entry, ReadingBatch) else [(0, entry)]
        for partition, piece in pieces:
            value = piece if isinstance(piece, bytes) else encode(piece)
            messages.append(Message(Topic.READINGS, value, partition))
    say(field.options, messages)


@contextmanager
def looking(field: Field, live: Live, telemetry: Telemetry) -> Iterator[None]:
    stop = Flag()
    readings = LiveReadings(field.config, live, SystemClock(), telemetry)
    thread = Thread(target=readings.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def wait_until(reached: Callable[[], bool]) -> None:
    """Until something holds; the test's own time-out ends it otherwise."""
    while not reached():
        sleep(0.02)


def skipped(telemetry: Telemetry) -> int:
    return telemetry.counts().get((COMPONENT, Event.DROPPED, SKIPPED), 0)


def test_sensors_are_shown_as_one_process_shows_them(broker: Broker, tmp_path: Path) -> None:
    field = Field(tmp_path, broker.servers)
    stream = list(batches())
    put(field, [*stream, b"no batch"])
    inventory, plan = field.config.inventory, field.config.plan()
    clock = ManualClock(BEGIN)
    expected, live, telemetry = Live(inventory, clock), Live(inventory, clock), Telemetry()
    core = Core(plan)
    for batch in stream:
        expected.look(core.process(batch).columns, None)
    with looking(field, live, telemetry):
        wait_until(lambda: telemetry.total(COMPONENT, Event.RECEIVED) == sum(map(len, stream)))
        wait_until(lambda: telemetry.counts().get((COMPONENT, Event.DROPPED, NOT_A_BATCH)) == 1)
    assert live.delay_s(0.5) is None, "of recorded readings nobody knows when they were received"
    assert live.readings_per_s() > 0
    shown = states(inventory, live, 0).rows
    assert shown == states(inventory, expected, 0).rows
    assert {one.condition for one in shown} == {Condition.GOOD}
    criteria = plan.criteria()
    for sensor in inventory.sensors:
        assert series(inventory, live, criteria, sensor.id) == series(inventory, expected, criteria, sensor.id)


def test_it_begins_a_little_before_the_end_and_skips_what_it_cannot_keep_up_with(
    broker: Broker, tmp_path: Path
) -> None:
    field = Field(tmp_path, broker.servers, partitions=1)
    (one,) = batches(1)
    put(field, [one] * (BEHIND_MAX + 10))
    live, telemetry = Held(field.config.inventory, SystemClock()), Telemetry()
    live.go = Flag()
    with looking(field, live, telemetry):
        wait_until(lambda: telemetry.total(COMPONENT, Event.RECEIVED) > 0)
        put(field, [one] * (BEHIND_MAX + 500))
        live.go.set()
        seen = 2 * BEHIND_MAX + 500
        wait_until(lambda: telemetry.total(COMPONENT, Event.RECEIVED) // len(one) + skipped(telemetry) == seen)
    assert skipped(telemetry) > 0


def test_a_broker_that_is_away_is_waited_for(broker: Broker, tmp_path: Path) -> None:
    field = Field(tmp_path, broker.servers)
    field.config = replace(field.config, kafka=KafkaOptions(servers="127.0.0.1:1"))
    with looking(field, Live(field.config.inventory, SystemClock()), Telemetry()):
        sleep(0.5)
