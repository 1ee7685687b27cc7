"""The figures, in the order they are measured and shown. A new one is a function and a line here."""

from __future__ import annotations

from typing import Final

from tests.bench import figures_alerting as alerting
from tests.bench import figures_kafka as kafka
from tests.bench import figures_live as live
from tests.bench import figures_memory as memory
from tests.bench import figures_replay as replay
from tests.bench.figure import Figure

FIGURES: Final[tuple[Figure, ...]] = (
    replay.REPLAY,
    replay.PLAIN,
    replay.GAUSSIAN,
    live.MEDIAN,
    live.P99,
    live.LATE,
    memory.BYTES,
    memory.GROWTH,
    *kafka.ALL,
    *alerting.ALL,
)
