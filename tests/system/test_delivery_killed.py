"""kill -9 in the middle of dispatching: nothing is missing, and what is repeated carries an id that tells."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from alerting.store.store import Store
from pipeline.model.delivery import DeliveryState
from tests.receivers import Receiver, receiver
from tests.reports import delivery, put, warning
from tests.system.dispatching import TARGETS

pytestmark = [pytest.mark.system, pytest.mark.chaos]

ROOT = Path(__file__).parents[2]
KILLS = 2
REPORTS = 30


def dispatch(store_url: str, server: Receiver) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.system.dispatching", store_url, server.url("created")]
    return subprocess.Popen(command, cwd=ROOT)


def wait(condition: Callable[[], bool], within_s: float = 30) -> None:
    end_s = time.perf_counter() + within_s
    while not condition():
        assert time.perf_counter() < end_s
        time.sleep(0.002)


def test_nothing_is_missing_and_a_repeat_has_the_same_id(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store = Store(url)
    reports = [warning(f"{number}") for number in range(REPORTS)]
    queued = [delivery(report, "duty", target) for report in reports for target in TARGETS]
    put(store, reports, queued)
    draw = random.Random(7)  # noqa: S311  # instants to kill at, nothing secret
    with receiver() as server:
        for _ in range(KILLS):
            enough = len(server.received) + draw.randint(1, 20)
            process = dispatch(url, server)
            wait(lambda enough=enough: len(server.received) >= enough)  # type: ignore[misc]  # bound now
            process.kill()
            process.wait()
        process = dispatch(url, server)
        wait(lambda: store.delivery_counts() == {("duty", DeliveryState.ACCEPTED): len(queued)})
        process.kill()
        process.wait()
        seen = Counter(one.headers["idempotency-key"] for one in server.received)
    assert seen.keys() == {one.id for one in queued}
    assert sum(seen.values()) - len(seen) <= KILLS * len(TARGETS)
    assert {len(store.attempts(one.id)) for one in queued} == {1}
    store.close()
