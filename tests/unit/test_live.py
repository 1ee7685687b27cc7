"""What the page reads while the processor writes."""

from datetime import UTC, datetime
from threading import Thread

import numpy as np

from pipeline.clock import ManualClock
from pipeline.model.entry import Yield
from pipeline.runners.live import Live
from pipeline.runners.page.sensors import states
from pipeline.stages.core import Outcome
from pipeline.stages.qualify import Columns
from tests.district import inventory

ONE = Outcome(
    Yield(),
    Columns(np.zeros(1, np.int64), np.zeros(1, np.int32), np.ones(1, np.int64), np.ones(1), np.ones(1, np.uint8)),
)


def test_a_sensor_that_changes_while_the_page_looks_is_shown_then_or_at_the_next_look() -> None:
    live = Live(inventory(), ManualClock(datetime(2026, 6, 1, tzinfo=UTC)))
    live.take(ONE, None)
    seen: list[tuple[int, int]] = []

    def look() -> None:
        found = states(inventory(), live, 1)
        seen.append((found.version, len(found.rows)))

    page, keep = Thread(target=look), live.recent.take

    def take_while_the_page_looks(columns: Columns) -> None:
        keep(columns)
        page.start()
        page.join(0.2)

    live.recent.take = take_while_the_page_looks  # type: ignore[method-assign]  # the real one, and a page beside it
    live.take(ONE, None)
    page.join()
    assert seen in ([(1, 0)], [(2, 1)])
