"""What workers said, compared with what one core in one process says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from pipeline.connectors.kafka.topics import Topic
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


def assert_same(cluster: Cluster, expected: Replayed) -> None:
    """Equal to the last digit, in the same order within each site and area."""
    assert told(cluster.results(Topic.FINDINGS), "site") == told(expected.findings, "site")
    assert told(cluster.results(Topic.ASSESSMENTS), "area") == told(expected.assessments, "area")
    assert told(cluster.results(Topic.WARNINGS), "area") == told(expected.warnings, "area")
    assert cluster.held(Topic.DEAD_LETTER) == 0
