"""Months in machine code."""

from __future__ import annotations

from typing import Final

from detectors.kernel import kernel
from pipeline.model.instant import NS_PER_S

_DAY_NS: Final = 86_400 * NS_PER_S


@kernel
def month(at_ns: int) -> int:
    """0 for January, UTC; days to months after Howard Hinnant's chrono-compatible date algorithms."""
    day = at_ns // _DAY_NS + 719_468
    day_of_era = day % 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    return int(((5 * day_of_year + 2) // 153 + 2) % 12)
