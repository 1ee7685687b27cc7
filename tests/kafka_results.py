"""What workers said, compared with what one core in one process says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from pydantic import BaseModel

from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import decode
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.runners.replay import Replayed
from tests.kafka_cluster import Cluster


def finish(cluster: Cluster) -> None:
    """A worker, until it has taken in everything."""
    with cluster.start("worker") as worker:
        worker.wait_until(lambda: cluster.committed() == cluster.held(Topic.READINGS))
        worker.stop()


def told(values: Sequence[BaseModel] | list[dict[str, Any]], key: str) -> dict[str, list[Any]]:
    """In their order, by what keeps its order."""
    found = defaultdict(list)
    for value in values:
        one = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        found[one[key]].append(one)
    return dict(found)


def assert_same(cluster: Cluster, expected: Replayed, letters: int = 0) -> None:
    """Equal to the last digit, in the same order within each site and area; `letters` could not be read."""
    assert told(cluster.results(Topic.FINDINGS), "site") == told(expected.findings, "site")
    assert told(cluster.results(Topic.ASSESSMENTS), "area") == told(expected.assessments, "area")
    assert told(cluster.results(Topic.WARNINGS), "area") == told(expected.warnings, "area")
    assert cluster.held(Topic.DEAD_LETTER) == letters


def counts(cluster: Cluster) -> dict[str, int]:
    """What was compared: different readings that came in, and what was said of them."""
    said = {topic.value: len(cluster.results(topic)) for topic in (Topic.FINDINGS, Topic.ASSESSMENTS, Topic.WARNINGS)}
    return {"readings": len(set(_readings(cluster))), **said}


def _readings(cluster: Cluster) -> Iterator[tuple[str, str, int]]:
    """Identities, as often as they stand there."""
    for message in cluster.messages(Topic.READINGS):
        with suppress(BatchError):
            entry = decode(message.value())
            if isinstance(entry, ReadingBatch):
                yield from ((*one.series, one.observed_at_ns) for one in entry.readings())
