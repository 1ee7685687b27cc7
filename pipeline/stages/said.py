"""A forecast that waits for its time, small enough to keep many; and the statement that it comes to."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.forecast.spread import exceeded
from pipeline.model.forecast import AMOUNTS_MM, ForecastState, RainAhead, Reaching, forecast_id
from pipeline.model.instant import from_ns

_MINUTE_NS: Final = 60_000_000_000
_LIKELY: Final = 0.5


class Said(msgspec.Struct, array_like=True, order=True, frozen=True):
    """Ordered by when it is due."""

    due_ns: int
    site: str
    source: str
    horizon_min: int
    median_mm: float
    high_mm: float
    in_force: bool

    @property
    def issued_ns(self) -> int:
        """When it was said."""
        return self.due_ns - self.horizon_min * _MINUTE_NS


def ahead_of(said: Said, area: str, state: ForecastState, fell_um: NDArray[np.uint32] | None) -> RainAhead:
    """The statement.

    Args:
        fell_um: what had fallen 0, 1, 2 ... minutes after the issue [um], up to the end; None where it is not known.
    """
    return RainAhead(
        id=forecast_id(said.site, said.source, said.horizon_min, said.issued_ns),
        area=area,
        site=said.site,
        source=said.source,
        horizon_min=said.horizon_min,
        issued_at=from_ns(said.issued_ns),
        due_at=from_ns(said.due_ns),
        median_mm=said.median_mm,
        high_mm=said.high_mm,
        in_force=said.in_force,
        state=state,
        fell_mm=None if fell_um is None else int(fell_um[-1]) / 1000.0,
        amounts=tuple(_reaching(said, amount_mm, fell_um) for amount_mm in AMOUNTS_MM[said.horizon_min]),
    )


def _reaching(said: Said, amount_mm: float, fell_um: Any) -> Reaching:
    median, high = np.array([said.median_mm]), np.array([said.high_mm])
    probability = round(float(exceeded(median, high, amount_mm)[0]), 3)
    expected_at = reached_at = None
    if probability >= _LIKELY and said.median_mm > 0:  # the median grows in a straight line
        share = min(amount_mm / said.median_mm, 1.0)
        expected_at = from_ns(said.issued_ns + round(share * said.horizon_min * _MINUTE_NS))
    if fell_um is not None and int(fell_um[-1]) >= amount_mm * 1000.0:
        minutes = int(np.searchsorted(fell_um, round(amount_mm * 1000.0)))
        reached_at = from_ns(said.issued_ns + minutes * _MINUTE_NS)
    return Reaching(amount_mm=amount_mm, probability=probability, expected_at=expected_at, reached_at=reached_at)
