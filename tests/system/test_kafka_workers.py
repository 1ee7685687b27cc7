"""Workers that join, die, hear nothing, or fail: nothing is lost, nothing is said differently."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from pipeline.clock import SystemClock
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import encode
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import replay
from pipeline.stages.shards import Shards
from tests.chaos import chance, kills, note
from tests.district import batches
from tests.kafka_cluster import WAIT_S, Child
from tests.kafka_field import Field
from tests.kafka_results import assert_same, counts, finish
from tests.kafka_say import say
from tests.kafka_server import Broker

KILLS: Final = kills()
BY_VILLAGE: Final = '[assessment]\nrain_network = "village"\n' + "".join(
    f'[assessment.{hazard}]\narea_level = "village"\n' for hazard in ("rainstorm", "forest_fire", "fire_danger")
)
"""With 3 partitions, each of the district's sites is in one of its own, and one is empty."""
RAISES: Final = """
import sys
from pipeline.stages.detect import Detect
take, seen = Detect.take, []

def raising(self, columns):
    seen.append(columns)
    if len(seen) >= {at}:
        raise ZeroDivisionError("a detector that raises")
    return take(self, columns)

Detect.take = raising
from pipeline.cli.main import main
main()
"""

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


@pytest.mark.chaos
@pytest.mark.timeout(600 + 60 * KILLS)
def test_a_worker_that_joins_and_one_that_dies_change_nothing(broker: Broker, tmp_path: Path) -> None:
    field = Field(tmp_path / "field", broker.servers, partitions=3, more=BY_VILLAGE)
    assert len({Shards(field.config.plan(), 3).partition_of(name) for name in ("rain-1", "rain-2")}) == 2
    stream = list(batches(minutes=1200, per_batch_min=4))
    parts = 2 * KILLS + 2
    pushed, draw = 0, chance()

    def push_part(amid: Callable[[], None] = lambda: None) -> None:
        """The next part, something happening somewhere amid it."""
        nonlocal pushed
        part = stream[pushed * len(stream) // parts : (pushed + 1) * len(stream) // parts]
        middle = draw.randrange(len(part))
        for number, batch in enumerate(part):
            if number == middle:
                amid()
            field.push(batch)
        pushed += 1

    with ExitStack() as within:
        gateway = within.enter_context(field.gateway())
        push_part()
        older = within.enter_context(field.worker())
        older.wait_until(lambda: sorted(older.partitions()) == [0, 1, 2])
        for _ in range(KILLS):
            younger = within.enter_context(field.worker())
            younger.wait_until(younger.asked.is_well)
            push_part()
            push_part(older.kill)
            older = younger
        push_part()
        assert pushed == parts
        older.wait_until(lambda: field.committed() == field.held(Topic.READINGS))
        older.stop()
        gateway.stop()
    assert_same(field, replay(field.config.plan(), stream, EVENT_TICK_S))
    undisturbed = field.copied(tmp_path / "undisturbed")
    finish(undisturbed)
    assert field.states() == undisturbed.states()
    note("a worker joins, another is killed", KILLS, **counts(field))


def test_silence_is_told_of_though_no_gateway_says_that_time_moves_on(broker: Broker, tmp_path: Path) -> None:
    field = Field(tmp_path, broker.servers, time="wall", kafka="tick_floor_s = 1")
    shards = Shards(field.config.plan(), 2)
    readings = batches(minutes=60, begin=SystemClock().now() - timedelta(hours=3))
    pieces = chain.from_iterable(map(shards.split, readings))
    say(field.options, (Message(Topic.READINGS, encode(piece), number) for number, piece in pieces))
    with field.worker() as worker:
        worker.wait_until(lambda: {one["detector"] for one in field.results(Topic.FINDINGS)} == {"sensor_health"})
        worker.stop()
    silent = {one["trigger"] for one in field.results(Topic.FINDINGS)}
    assert silent == {"rain-1/rain", "rain-2/rain", "gas-1/gas_lel"}


@pytest.mark.chaos
@pytest.mark.timeout(600 + 60 * KILLS)
def test_a_detector_that_raises_ends_the_process_and_its_successor_goes_on(broker: Broker, tmp_path: Path) -> None:
    field = Field(tmp_path, broker.servers)
    stream = list(batches(minutes=600))
    with field.gateway() as gateway:
        for batch in stream:
            field.push(batch)
        gateway.stop()
    draw = chance()
    for number in range(KILLS):
        code = RAISES.format(at=draw.randrange(1, 40))
        with Child([sys.executable, "-c", code, "worker", str(field.path)], tmp_path / f"{number}.log") as worker:
            assert worker.process.wait(WAIT_S) == 4
            assert "a detector that raises" in worker.words()
            assert "will be taken in again at the next start" in worker.words()
    finish(field)
    assert_same(field, replay(field.config.plan(), stream, EVENT_TICK_S))
    note("a detector raises", KILLS, **counts(field))
