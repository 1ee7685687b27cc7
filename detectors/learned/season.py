"""What is usual at this hour: a profile of the day and one of the week, each a mean that forgets."""

from __future__ import annotations

from typing import Any, Final

from detectors.kernel import kernel
from pipeline.model.instant import NS_PER_S

DAY_NS: Final = 86_400 * NS_PER_S
WEEK_NS: Final = 7 * DAY_NS
DAY_BINS: Final = 48
WEEK_BINS: Final = 168
FORGETTING: Final = 0.15
"""Weight of the newest reading of a bin, once the bin has seven."""


@kernel
def surprise(at_ns: int, value: float, day: Any, day_seen: Any, week: Any, week_seen: Any) -> float:
    """Value less what was expected at this hour, then learned; NaN where nothing was. Instants count from 1970 UTC.

    Whichever of the two profiles comes closer explains the value: a Sunday is no fault of the day's profile.

    Args:
        day, week: f8, mean of each bin; day_seen, week_seen: i4, readings in it.
    """
    hour, weekly = at_ns % DAY_NS * DAY_BINS // DAY_NS, at_ns % WEEK_NS * WEEK_BINS // WEEK_NS
    left = value - day[hour] if day_seen[hour] > 0 else float("nan")
    if week_seen[weekly] > 0 and abs(value - week[weekly]) < abs(left):
        left = value - week[weekly]
    _learn(value, day, day_seen, hour)
    _learn(value, week, week_seen, weekly)
    return left


@kernel
def _learn(value: float, mean: Any, seen: Any, place: int) -> None:
    seen[place] = min(seen[place] + 1, 1 << 30)
    mean[place] += max(FORGETTING, 1.0 / seen[place]) * (value - mean[place])
