"""kill -9 while neighbouring areas are merged: what comes of it is what comes of an undisturbed run."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest

from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning
from tests.alerting_rig import Rig
from tests.chaos import chance, kills, note
from tests.merge_rig import storm, towns
from tests.reports import later

pytestmark = [pytest.mark.system, pytest.mark.chaos]
KILLS: Final = kills(10)
TOWNS: Final = 12
ROUTES: Final = [{"name": "all", "to": ["sms/duty-room", "siren/village"]}]
_CONTEXT: Final = multiprocessing.get_context("forkserver")


def story() -> list[tuple[float, HazardWarning]]:
    """Each town joins, rises, and leaves again, a second apart; each with the instant it is stored."""
    told = [storm(town, at_s=town) for town in range(1, TOWNS + 1)]
    told += [storm(town, 2, 100 + town, Level.RED) for town in range(1, TOWNS + 1)]
    told += [storm(town, 3, 200 + town, Level.NONE) for town in range(TOWNS, 0, -1)]
    return [((one.sent_at - later(0)).total_seconds(), one) for one in told]


def tell(url: str, pause_s: float) -> None:
    """Store the whole story from its beginning; what is there already stays as it is."""
    with closing(Store(url)) as store:
        rig = Rig(store, routes=ROUTES, routing={"merge": {"hazards": ["rainstorm"]}}, inventory=towns(TOWNS))
        for at_s, reports in groupby(sorted(story(), key=lambda one: one[0]), key=lambda one: one[0]):
            saved = tuple(report for _, report in reports)
            store.save(Record(warnings=saved), later(at_s), rig.outlet.offer)
            time.sleep(pause_s)


def left(url: str) -> tuple[Any, ...]:
    """What the store holds in the end."""
    with closing(Store(url)) as store:
        rows = {(one.id, one.channel, one.target, one.state, one.queued_at) for one in store.deliveries(9999)}
        return store.recent_warnings(9999), rows, store.ledger(), store.ledger(joint=True)


@pytest.mark.timeout(max(300, 10 * KILLS))
def test_merging_that_is_killed_again_and_again_comes_to_the_same(store_url: str, tmp_path: Path) -> None:
    undisturbed = f"sqlite:///{tmp_path / 'undisturbed.db'}"
    tell(undisturbed, 0)
    _CONTEXT.set_forkserver_preload([__name__])
    draw, killed = chance(), 0
    while killed < KILLS:
        process = _CONTEXT.Process(target=tell, args=(store_url, 0.02), daemon=True)
        process.start()
        process.join(draw.uniform(0.05, 0.6))
        if process.exitcode is not None:
            break  # it came to the end: kills from now on would meet nothing
        process.kill()
        process.join()
        killed += 1
    tell(store_url, 0)
    warnings, rows, ledger, joint = left(store_url)
    assert (warnings, rows, ledger, joint) == left(undisturbed)
    assert max(len(one.areas) for one in warnings) == TOWNS
    note("merging is killed", killed, reports=len(warnings))
