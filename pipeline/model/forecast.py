"""A forecast of rain at one site, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.identity import content_id
from pipeline.model.instant import Instant

AMOUNTS_MM: Final = {60: (1.0, 5.0, 20.0), 180: (3.0, 15.0, 50.0)}
"""Horizon [min] -> amounts that a forecast is scored by: some rain, much, and the amount of a signal (20 mm in an hour
is the weather service's short-time rainstorm, 50 mm in 3 h its orange signal, CMA order No. 16)."""


class ForecastState(StrEnum):
    """PENDING: its time has not come. VERIFIED: what fell is known. UNVERIFIED: its time passed, nobody measured it."""

    PENDING = "pending"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"


class Reaching(BaseModel):
    """One amount: how probable it was, by when half of that was to have come true, and when it was reached.

    Attributes:
        expected_at: None where it was less probable than not.
        reached_at: None where it was not, or is not known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount_mm: float
    probability: float = Field(ge=0, le=1)
    expected_at: Instant | None = None
    reached_at: Instant | None = None


class RainAhead(BaseModel):
    """What was said once, of one site and horizon by one source; told when it is issued, and again with its verdict.

    Attributes:
        source: the group of the sensors that stand for it.
        horizon_min: it is of what falls from `issued_at` on, for so long.
        median_mm, high_mm: the latter is exceeded one time in ten.
        in_force: whether it was what counted when it was issued: no better source had a fresh one.
        fell_mm: what fell, once verified.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    area: str
    site: str
    source: str
    horizon_min: int
    issued_at: Instant
    due_at: Instant
    median_mm: float
    high_mm: float
    in_force: bool
    state: ForecastState = ForecastState.PENDING
    fell_mm: float | None = None
    amounts: tuple[Reaching, ...]


def forecast_id(site: str, source: str, horizon_min: int, issued_ns: int) -> str:
    """The id of what `source` says of `site` at an instant."""
    return content_id("forecast", site, source, horizon_min, issued_ns)
