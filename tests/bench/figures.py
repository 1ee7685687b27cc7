"""The figures, in the order they are measured and shown. A new one is a function and a line here."""

from __future__ import annotations

from typing import Final

from tests.bench.figure import Figure
from tests.bench.figures_replay import GAUSSIAN, PLAIN, REPLAY

FIGURES: Final[tuple[Figure, ...]] = (REPLAY, PLAIN, GAUSSIAN)
