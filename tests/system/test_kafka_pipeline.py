"""A recording through gateway, broker and workers comes to what it comes to in one process."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.connectors.kafka.topics import Topic
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import Replayed, replay
from tests.chaos import chance, kills, note
from tests.kafka_cluster import Cluster, recordings
from tests.kafka_results import assert_same, counts, finish
from tests.kafka_server import Broker

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

KILLS: Final = kills()


@pytest.fixture(scope="module")
def embedded(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """The same recordings through one core in this process."""
    config = Cluster(tmp_path_factory.mktemp("embedded"), broker.servers, 1).config
    with Recording(RecordingOptions(files=tuple(recordings())), config.inventory) as recording:
        return replay(config.plan(), recording.batches(), EVENT_TICK_S)


@pytest.fixture(scope="module")
def undisturbed(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Two partitions, one worker, left alone."""
    return played(Cluster(tmp_path_factory.mktemp("undisturbed"), broker.servers, 2))


def played(cluster: Cluster) -> Cluster:
    cluster.hand_in()
    finish(cluster)
    return cluster


@pytest.mark.parametrize("partitions", [1, 4])
def test_any_number_of_partitions_comes_to_the_same(
    broker: Broker, embedded: Replayed, tmp_path: Path, partitions: int
) -> None:
    assert embedded.warnings
    assert_same(played(Cluster(tmp_path, broker.servers, partitions)), embedded)


def test_two_partitions_come_to_the_same(undisturbed: Cluster, embedded: Replayed) -> None:
    assert_same(undisturbed, embedded)
    said = [undisturbed.held(topic) for topic in (Topic.FINDINGS, Topic.ASSESSMENTS, Topic.WARNINGS)]
    assert said == [len(embedded.findings), len(embedded.assessments), len(embedded.warnings)]


@pytest.mark.chaos
@pytest.mark.timeout(600 + 60 * KILLS)
def test_a_worker_that_is_killed_loses_and_doubles_nothing(
    undisturbed: Cluster, embedded: Replayed, tmp_path: Path
) -> None:
    cluster = Cluster(tmp_path, undisturbed.options.servers, 2, snapshot_every_s=0.1)
    cluster.hand_in()
    total, draw = cluster.held(Topic.READINGS), chance()
    for number in range(KILLS):
        least = total * (number + draw.random()) / (2 * KILLS + 2)
        with cluster.start("worker") as worker:
            worker.wait_until(lambda reached=least: cluster.committed() > reached)  # type: ignore[misc]
            worker.kill()
        assert least < cluster.committed() < total
    finish(cluster)
    assert_same(cluster, embedded)
    assert cluster.states() == undisturbed.states()
    note("a worker is killed", KILLS, **counts(cluster))
