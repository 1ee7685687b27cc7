"""Chaos in tests: how often things are killed, the chance that says when, and a table of what was left."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

SEED: Final = "FOREWARN_SEED"
TABLE: Final = "FOREWARN_CHAOS_TABLE"
"""A file that each test adds a row to: what was done, how often, what was counted afterwards."""


def kills(default: int = 1) -> int:
    """How often: FOREWARN_KILLS, as `make chaos` sets it, or `default`."""
    return int(os.environ.get("FOREWARN_KILLS", default))


def chance() -> Random:
    """Other instants in each run, unless FOREWARN_SEED repeats those of a run that failed."""
    seed = int(os.environ.get(SEED) or SystemRandom().randrange(1 << 32))
    print(f"{SEED}={seed}")  # noqa: T201  # pytest shows it when the test fails
    return Random(seed)  # noqa: S311  # no secret


def note(what: str, times: int, **counts: int) -> None:
    """Add a row, for what a test has just found equal."""
    if os.environ.get(TABLE):
        with Path(os.environ[TABLE]).open("a", encoding="utf-8") as table:
            said = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items())
            table.write(f"| {what} | {times} | {said} |\n")
