"""The words and cells of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from pipeline.model.instant import from_ns, to_text

_SECONDS_BELOW_S: Final = 300.0
_MINUTES_BELOW_S: Final = 7200.0

INTRODUCTION: Final = """# How good the detectors are

Made by `forewarn evaluate` (this project's own by `make evaluate RECORDINGS=folder`); not to be edited by hand. The
same figures for machines: [evaluation.json](evaluation.json). Recordings are played through the same core that runs in
the field, {whose}; a part where thresholds were chosen says so."""

NO_PLOTS: Final = "There are no plots here: matplotlib was not installed (forewarn[plot])."

HOW_TO_READ: Final = """## How to read it

- What is counted are episodes, not rows: one opens when a subject (a sensor, a room, an area) reaches the level and was
  below it for the whole hold-off before (30 min of quiet, its own hold-off included); what follows sooner belongs to
  it. No later reading changes that. Of warnings each chain counts.
- A row is a detector, the assessment of all of them, or the warnings that people get, from the lowest level on; a row
  that names a level counts from that level on.
- `found`: an episode opened in time; `delay` from the begin of the event; `lead` to the instant it became a danger,
  where that is known. POD with its exact 95 % interval (Clopper and Pearson). An episode that was open already finds
  nothing; where one was, and no other opened in time, the event counts as `in force`, and its line says for how much
  longer that alarm stood. People had been warned then, of what came before.
- `chance`: what the same episodes find when they are turned in time against the events (499 turns); `skill` is what is
  reached of the way from there to 1. `under alarm`: share of the time for which some alarm stood, which is what chance
  would find in force.
- `POD early`: of the events whose onset is known, the share warned of as long before it as the suite asks for.
- Expected onset: every statement that named a time before the event set in, against the instant it did; `in interval`
  is the share of the intervals told that held it.
- `false`: opened outside every event and its afterglow; `premature`: those of them that still stood when an event
  began. FAR = false / episodes, CSI = found / (events + false). A sensor-month is 30 days of one sensor;
  wind gauges do not count.
- `ns a reading`: processor time on the machine that made this page, quickest of three runs; the only column that
  differs from run to run."""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [list(columns), ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def share(value: float | None) -> str:
    """Two digits; empty for none."""
    return "" if value is None else f"{value:.2f}"


def cell(value: float | None, digits: int = 2) -> str:
    """A number without needless digits; empty for none."""
    return "" if value is None else f"{value:,.{digits}f}".removesuffix(".00")


def seconds(value: float) -> str:
    """`233 s` below five minutes, `5.3 min` below two hours, then `2.1 h`."""
    if abs(value) < _SECONDS_BELOW_S:
        return f"{value:.0f} s"
    return f"{value / 60:.1f} min" if abs(value) < _MINUTES_BELOW_S else f"{value / 3600:.1f} h"


def instant(at: datetime | int) -> str:
    """RFC 3339, to the second."""
    return to_text((from_ns(at) if isinstance(at, int) else at).replace(microsecond=0))
