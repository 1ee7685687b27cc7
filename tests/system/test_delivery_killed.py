"""kill -9 in the middle of dispatching: nothing is missing, and what is repeated carries an id that tells."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from alerting.store.schema import attempts
from alerting.store.store import Store
from pipeline.model.delivery import Delivery, DeliveryState
from tests.http_sink import http_sink, stats
from tests.postgres_server import postgres
from tests.system.dispatching import TARGETS, queue, start

pytestmark = [pytest.mark.system, pytest.mark.chaos]

KILLS: Final = int(os.environ.get("FOREWARN_KILLS", "20"))
WARNINGS: Final = 2000
ENDS: Final = {"ok": "accepted", "flaky": "accepted", "quota": "accepted"}
"""What becomes of a delivery to each kind of receiver; the others fail for good."""


def wait(condition: Callable[[], bool], within_s: float) -> None:
    end_s = time.perf_counter() + within_s
    while not condition():
        assert time.perf_counter() < end_s
        time.sleep(0.05)


def all_settled(store: Store) -> bool:
    return not any(state is DeliveryState.QUEUED for _, state in store.delivery_counts())


def told_twice(store: Store, queued: list[Delivery], seen: dict[str, int]) -> int:
    """How many requests were made that no attempt stands for, after each delivery was found at its end."""
    rows = {one.id: one for one in store.deliveries(WARNINGS)}
    wrong = Counter((TARGETS[one.target], rows[one.id].state) for one in queued)
    assert all(state == ENDS.get(kind, "failed") for kind, state in wrong), wrong
    assert seen.keys() == {one.id for one in queued}
    with store.read() as connection:
        query = select(attempts.c.delivery, func.count()).group_by(attempts.c.delivery)
        recorded: dict[str, int] = dict(connection.execute(query).tuples().all())
    in_doubt = {one.id: seen[one.id] - recorded[one.id] for one in queued if TARGETS[one.target] != "hang"}
    assert min(in_doubt.values()) >= 0
    return sum(in_doubt.values())


def test_nothing_is_missing_after_kills_at_random_instants(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    draw = random.Random(7)  # noqa: S311  # instants to kill at, nothing secret
    with closing(Store(url)) as store, http_sink() as address:
        queued, kills = queue(store, WARNINGS), 0
        while kills < KILLS:
            process = start(url, address)
            time.sleep(draw.uniform(0.05, 0.5))
            process.kill()
            process.join()
            kills += 1
            if all_settled(store):
                break
        process = start(url, address)
        wait(lambda: all_settled(store), 90)
        process.kill()
        process.join()
        told = stats(address)
        assert told_twice(store, queued, told["seen"]) <= kills * len(TARGETS)


def test_two_processes_share_a_postgresql_and_survive_each_other_and_its_restarts() -> None:
    draw = random.Random(8)  # noqa: S311  # the same
    with postgres(fsync=True) as server, http_sink() as address, closing(Store(server.url)) as store:
        queued = queue(store, WARNINGS)
        processes = [start(server.url, address) for _ in range(2)]
        for turn in range(4):
            time.sleep(draw.uniform(0.5, 2))
            if turn % 2:
                server.stop("immediate")
                time.sleep(0.3)
                server.start()
            else:
                processes[0].kill()
                processes[0].join()
                processes = [processes[1], start(server.url, address)]
        wait(lambda: all_settled(store), 90)
        for process in processes:
            process.kill()
            process.join()
        told = stats(address)
        assert told_twice(store, queued, told["seen"]) <= 4 * len(TARGETS)
