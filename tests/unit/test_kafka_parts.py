"""What needs no broker: the wire form, the layout of topics, grouping, the order of offsets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import ValidationError

from pipeline.config.kafka import KafkaOptions
from pipeline.connectors.kafka.topics import Layout, Topic, layouts, mismatches
from pipeline.connectors.kafka.wire import decode, encode
from pipeline.errors import BackPressureError
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.runners.kafka_assigned import Assigned
from pipeline.runners.kafka_groups import Groups
from tests.adapter_rig import until
from tests.district import BEGIN, batches

BATCH = next(batches())
OPTIONS = KafkaOptions(prefix="p.", partitions=4)


@pytest.mark.parametrize("entry", [BATCH, Tick(BEGIN), ReadingBatch.of([])])
def test_what_is_encoded_is_decoded(entry: Entry) -> None:
    assert decode(encode(entry)) == entry


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="JSON"),
        pytest.param(b"5", id="text that is a number in MessagePack too"),
        pytest.param(b"\x93no", id="an array cut off"),
        pytest.param(encode(BATCH)[:-1], id="a batch cut off"),
        pytest.param(encode(Tick(BEGIN))[:-1], id="a tick cut off"),
        pytest.param(b"\x92\x02\x05", id="a tick of another version"),
        pytest.param(b"\x92\x01\xcf" + b"\xff" * 8, id="a tick after the end of time"),
    ],
)
def test_anything_else_is_refused(value: bytes | None) -> None:
    with pytest.raises(BatchError):
        decode(value)


def changed(topic: Topic, **fields: Any) -> dict[str, Layout]:
    found = layouts(OPTIONS)
    one = found["p." + topic]
    values: dict[str, Any] = {
        "partitions": one.partitions,
        "replication": one.replication,
        "settings": one.settings,
    } | fields
    return found | {"p." + topic: Layout(**values)}


def without(topic: Topic) -> dict[str, Layout]:
    return {name: layout for name, layout in layouts(OPTIONS).items() if name != "p." + topic}


@pytest.mark.parametrize(
    ("found", "fatal", "words"),
    [
        pytest.param(without(Topic.STATE), True, "topic p.state is missing", id="missing"),
        pytest.param(changed(Topic.READINGS, partitions=8), True, "has 8 partitions", id="partitions"),
        pytest.param(changed(Topic.READINGS, replication=1), False, "kept by 1 brokers", id="replication"),
        pytest.param(
            changed(Topic.STATE, settings={"cleanup.policy": "delete", "min.insync.replicas": "2"}),
            True,
            "cleanup.policy=delete, the configuration asks for compact",
            id="state that would be deleted",
        ),
        pytest.param(
            changed(
                Topic.FINDINGS,
                settings={"cleanup.policy": "delete", "min.insync.replicas": "2", "retention.ms": "1000"},
            ),
            False,
            "retention.ms=1000",
            id="retention",
        ),
    ],
)  # fmt: skip
def test_each_difference_is_explained(found: dict[str, Layout], fatal: bool, words: str) -> None:  # noqa: FBT001  # a column
    (mismatch,) = mismatches(OPTIONS, found)
    assert mismatch.fatal is fatal
    assert words in mismatch.words


def test_what_is_as_configured_is_not_complained_of() -> None:
    assert mismatches(OPTIONS, layouts(OPTIONS)) == []
    assert mismatches(OPTIONS, changed(Topic.READINGS, replication=5)) == []


@pytest.mark.parametrize(
    "options", [{"servers": "localhost"}, {"servers": ""}, {"prefix": "a b"}, {"partitions": 0}, {"surprise": 1}]
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        KafkaOptions.model_validate(options)


class Sent:
    """Stands where Kafka does: notes what is sent, and says it is durable when told to."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, ReadingBatch]] = []
        self.futures: list[asyncio.Future[None]] = []

    def __call__(self, partition: int, entry: Entry) -> asyncio.Future[None]:
        assert isinstance(entry, ReadingBatch)
        self.messages.append((partition, entry))
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]

    @property
    def sizes(self) -> list[int]:
        return [len(batch) for _, batch in self.messages]


def grouped(use: Callable[[Groups, Sent], Any], linger_s: float = 60.0) -> Any:
    async def run() -> Any:
        sent = Sent()
        return await use(Groups(sent, 40, linger_s), sent)

    return asyncio.run(run())


def test_a_group_goes_when_it_is_full_and_a_long_batch_is_cut() -> None:
    async def use(groups: Groups, sent: Sent) -> None:
        groups.add(0, BATCH)  # 30 readings
        groups.add(1, BATCH)
        assert sent.sizes == []
        groups.add(0, BATCH)
        assert sent.sizes == [30]
        groups.add(0, BATCH.take(slice(0, 10)))
        assert sent.sizes == [30, 40]
        groups.flush()
        assert [number for number, _ in sent.messages] == [0, 0, 1]
        assert len(Groups(sent, 7, 60).add(2, BATCH)) == 5
        assert sent.sizes[3:] == [7, 7, 7, 7]

    grouped(use)


def test_a_group_goes_when_it_has_waited_and_all_in_it_are_told() -> None:
    async def use(groups: Groups, sent: Sent) -> None:
        waiting = [*groups.add(0, BATCH.take(slice(0, 5))), *groups.add(0, BATCH.take(slice(5, 9)))]
        await until(lambda: sent.sizes)
        assert sent.sizes == [9]
        assert not any(one.done() for one in waiting)
        sent.futures[0].set_result(None)
        await asyncio.gather(*waiting)

    grouped(use, linger_s=0.01)


def test_a_failure_is_told_to_all_in_the_group() -> None:
    async def use(groups: Groups, sent: Sent) -> list[Any]:
        waiting = [*groups.add(0, BATCH), *groups.add(0, BATCH.take(slice(0, 5)))]
        groups.flush()
        sent.futures[0].set_exception(BackPressureError("away", 2))
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(one) for one in grouped(use)] == [BackPressureError] * 2


def test_timed_and_untimed_readings_do_not_share_a_message() -> None:
    async def use(groups: Groups, sent: Sent) -> None:
        piece = BATCH.take(slice(0, 5))
        groups.add(0, piece)
        groups.add(0, ReadingBatch.of(piece.readings(), received_at_ns=1))
        groups.flush()
        assert [batch.received_at_ns for _, batch in sent.messages] == [None, 1]

    grouped(use)


class At:
    """A partition whose state includes the messages up to `position`."""

    def __init__(self, position: int) -> None:
        self.position = position


def taken(assigned: Assigned, position: At, offsets: list[int], together: int) -> list[int]:
    """Which of the offsets are taken in, so many at once; a gap is noted as the offset to go back to, negative."""
    seen = []
    for start in range(0, len(offsets), together):
        events = [SimpleNamespace(message=SimpleNamespace(offset=one)) for one in offsets[start : start + together]]
        chosen, back = assigned.choose(cast(Any, events))
        seen += [] if back is None else [-back]
        seen += [event.message.offset for event in chosen]
        position.position = max([position.position, *seen])
    return seen


@pytest.mark.parametrize("together", [1, 2, 9])
@pytest.mark.parametrize(
    ("position", "offsets", "expected"),
    [
        pytest.param(-1, [0, 1, 2], [0, 1, 2], id="from the start"),
        pytest.param(4, [3, 4, 5, 6], [5, 6], id="what the state includes is not taken again"),
        pytest.param(4, [7, 8, 9, 5, 6, 7, 8], [-5, 5, 6, 7, 8], id="committed ahead of the state: back once"),
        pytest.param(4, [7, 8, 7, 8, 9], [-5, 7, 8, 9], id="what is missing is gone: on from where the topic begins"),
        pytest.param(4, [7, 8, 6, 7, 8], [-5, 6, 7, 8], id="some of it is gone"),
    ],
)
def test_each_message_is_taken_once_and_in_order(
    position: int, offsets: list[int], expected: list[int], together: int
) -> None:
    at = At(position)
    assert taken(Assigned(cast(Any, at)), at, offsets, together) == expected
