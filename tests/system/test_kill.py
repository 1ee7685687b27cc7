"""kill -9 of the whole process at random instants: nothing acknowledged is lost, nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from time import sleep

import httpx
import pytest

from alerting.cap_check import validate
from alerting.channels.file_drop import file_name
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.connectors.journal import Journal
from pipeline.model.batch import ReadingBatch
from pipeline.model.delivery import DeliveryState
from tests.chaos import chance, kills, note
from tests.district import batches, inventory
from tests.process import Process, body, post, rows, write_site
from tests.servers import free_port

KILLS = kills(20)

pytestmark = [pytest.mark.system, pytest.mark.chaos, pytest.mark.timeout(300 + 30 * KILLS)]


class Supervised:
    """Starts the process, kills it at random instants, starts it again; in the end lets it be."""

    def __init__(self, config: Path, port: int, kills: int) -> None:
        self.config, self.port = config, port
        self.left = kills
        self.process = Process(config, port)
        self.process.wait_ready()
        self._thread = Thread(target=self._kill, daemon=True)
        self._thread.start()

    def _kill(self) -> None:
        draw = chance()
        while self.left:
            sleep(draw.uniform(0.0, 0.3))
            self.process.kill()
            self.process = Process(self.config, self.port)
            self.process.wait_ready()
            self.left -= 1

    def finish(self) -> int:
        self._thread.join()
        return self.process.stop()


def feed(supervised: Supervised, stream: list[ReadingBatch]) -> int:
    """Post each batch until it is acknowledged, paced so that all kills fall into the stream; how many repeats."""
    repeats = 0
    with httpx.Client(timeout=5) as client:
        for number, batch in enumerate(stream):
            content = body(batch)
            while not post(client, supervised.process.url, content):
                repeats += 1
                sleep(0.02)
            while supervised.left > KILLS * (1 - number / len(stream)):
                sleep(0.01)
    return repeats


def played(folder: Path, stream: list[ReadingBatch], kills: int) -> Path:
    port = free_port()
    config = write_site(folder, inventory(), port)
    supervised = Supervised(config, port, kills)
    feed(supervised, stream)
    assert supervised.finish() == 0
    return folder / "data"


def readings(stream: Iterable[ReadingBatch]) -> set[tuple[str, int, float]]:
    return {(one.series.sensor, one.observed_at_ns, one.value) for batch in stream for one in batch.readings()}


def held(data: Path) -> set[tuple[str, int, float]]:
    return readings(entry for _, entry in Journal(data / "journal.db").after(0) if isinstance(entry, ReadingBatch))


def test_a_process_killed_again_and_again_comes_to_the_same(tmp_path: Path) -> None:
    begin = SystemClock().now().replace(microsecond=0) - timedelta(hours=9)  # late enough for reports still valid now
    stream = list(batches(minutes=480, per_batch_min=1, begin=begin))
    undisturbed = played(tmp_path / "undisturbed", stream, 0)
    killed = played(tmp_path / "killed", stream, KILLS)
    assert held(killed) == held(undisturbed) == readings(stream)
    assert rows(killed) == rows(undisturbed)
    assert all(rows(killed).values())
    check_deliveries(killed)
    note(
        "the one process is killed", KILLS, readings=len(readings(stream)), results=sum(map(len, rows(killed).values()))
    )


def check_deliveries(data: Path) -> None:
    """Each is final, and each one called delivered is there, whole."""
    deliveries = Store(f"sqlite:///{data / 'store.db'}").deliveries(10_000)
    assert {one.state for one in deliveries} <= {DeliveryState.DELIVERED, DeliveryState.EXPIRED}
    delivered = {one.warning for one in deliveries if one.state is DeliveryState.DELIVERED}
    assert delivered
    files = list((data.parent / "dropped").iterdir())
    assert {path.name for path in files} == {file_name(warning) for warning in delivered}
    assert not any(fault for path in files for fault in validate(path.read_bytes()))
