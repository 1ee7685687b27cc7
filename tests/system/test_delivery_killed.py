"""kill -9 in the middle of dispatching: nothing is missing, and what is repeated carries an id that tells."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from alerting.store.claims import LEASE_S, dispatchers
from alerting.store.database_clock import now_ns
from alerting.store.schema import attempts, deliveries
from alerting.store.store import Store
from pipeline.model.delivery import Delivery, DeliveryState
from tests.chaos import chance, kills, note
from tests.http_sink import http_sink, stats
from tests.postgres_server import postgres
from tests.system.dispatching import TARGETS, queue, start

pytestmark = [pytest.mark.system, pytest.mark.chaos]

KILLS: Final = kills(20)
WARNINGS: Final = 2000
SHARED: Final = 1000
UNSETTLED: Final = 500
"""In doubt at most when a process or the database is killed: what one group of outcomes holds, with some to spare."""
ENDS: Final = {"ok": "accepted", "flaky": "accepted", "quota": "accepted"}
"""What becomes of a delivery to each kind of receiver; the others fail for good."""


def wait(condition: Callable[[], bool], within_s: float = 240) -> None:
    end_s = time.perf_counter() + within_s
    while not condition():
        assert time.perf_counter() < end_s
        time.sleep(0.05)


def all_settled(store: Store) -> bool:
    return not any(state is DeliveryState.QUEUED for _, state in store.delivery_counts())


def told_twice(store: Store, queued: list[Delivery], seen: dict[str, int]) -> int:
    """How many requests were made that no attempt stands for, after each delivery was found at its end."""
    rows = {one.id: one for one in store.deliveries(len(queued))}
    wrong = Counter((TARGETS[one.target], rows[one.id].state) for one in queued)
    assert all(state == ENDS.get(kind, "failed") for kind, state in wrong), wrong
    assert seen.keys() == {one.id for one in queued}
    with store.read() as connection:
        query = select(attempts.c.delivery, func.count()).group_by(attempts.c.delivery)
        recorded: dict[str, int] = {str(one): number for one, number in connection.execute(query)}
    # A try may also end before its request was heard: then an attempt is one more.
    return sum(max(seen[one.id] - recorded[one.id], 0) for one in queued if TARGETS[one.target] != "hang")


@pytest.mark.timeout(max(600, 20 * KILLS))
def test_nothing_is_missing_after_kills_at_random_instants(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    draw = chance()
    with closing(Store(url)) as store, http_sink() as address:
        queued = queue(store, WARNINGS)
        for _ in range(KILLS):
            process = start(url, address)
            time.sleep(draw.uniform(0.05, 0.5))
            process.kill()
            process.join()
            if all_settled(store):
                queued += queue(store, WARNINGS, len(queued))
        process = start(url, address)
        wait(lambda: all_settled(store))
        process.kill()
        process.join()
        told = stats(address)
        twice = told_twice(store, queued, told["seen"])
    assert twice <= KILLS * UNSETTLED
    note("alerting is killed, on SQLite", KILLS, deliveries=len(queued), sent_twice=twice)


@pytest.mark.timeout(900)
def test_two_processes_share_a_postgresql_and_survive_each_other_and_its_restart() -> None:
    with postgres(fsync=True) as server, http_sink() as address, closing(Store(server.url)) as store:
        queued = queue(store, SHARED)
        first, second = start(server.url, address), start(server.url, address)
        wait(lambda: alive(store) == 2)
        server.stop("immediate")
        server.start()
        wait(lambda: alive(store) == 2)
        time.sleep(LEASE_S + 1)  # from then on each judges for itself who is dead
        before = held(store)
        first.kill()
        first.join()
        wait(lambda: some_was_taken_over(store, before) or all_settled(store))
        wait(lambda: all_settled(store))
        second.kill()
        second.join()
        told = stats(address)
        assert told_twice(store, queued, told["seen"]) <= 2 * UNSETTLED


@pytest.mark.timeout(max(600, 20 * KILLS))
def test_nothing_is_missing_after_kills_of_processes_and_of_their_postgresql() -> None:
    draw = chance()
    with postgres(fsync=True) as server, http_sink() as address, closing(Store(server.url)) as store:
        queued = queue(store, SHARED)
        processes = [start(server.url, address), start(server.url, address)]
        for _ in range(KILLS // 4):
            time.sleep(draw.uniform(0.1, 1.5))
            place = draw.randrange(3)
            if place == len(processes):
                server.stop("immediate")
                server.start()
            else:
                processes[place].kill()
                processes[place].join()
                processes[place] = start(server.url, address)
            if all_settled(store):
                queued += queue(store, SHARED, len(queued))
        wait(lambda: all_settled(store))
        for process in processes:
            process.kill()
            process.join()
        told = stats(address)
        twice = told_twice(store, queued, told["seen"])
    assert twice <= KILLS * UNSETTLED
    note("two alerting processes and their PostgreSQL are killed", KILLS // 4, deliveries=len(queued), sent_twice=twice)


def alive(store: Store) -> int:
    with store.read() as connection:
        there = select(func.count()).where(dispatchers.c.until_ns >= now_ns(connection))
        return connection.scalar(there) or 0


def held(store: Store) -> dict[str, int]:
    """Process -> how much it is about to send."""
    mine = (deliveries.c.holder.is_not(None), deliveries.c.state == DeliveryState.QUEUED)
    query = select(deliveries.c.holder, func.count()).where(*mine).group_by(deliveries.c.holder)
    with store.read() as connection:
        return {str(holder): number for holder, number in connection.execute(query)}


def some_was_taken_over(store: Store, before: dict[str, int]) -> bool:
    """Whether what a process held that is dead is less by now."""
    now = held(store)
    with store.read() as connection:
        lapsed = select(dispatchers.c.holder).where(dispatchers.c.until_ns < now_ns(connection))
        dead = set(connection.scalars(lapsed))
    return bool(dead) and all(now.get(one, 0) < before[one] for one in dead & before.keys())
