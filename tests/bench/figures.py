"""The figures, in the order they are measured and shown. A new one is a function and a line here."""

from __future__ import annotations

from typing import Final

from tests.bench.figure import Figure

FIGURES: Final[tuple[Figure, ...]] = ()
