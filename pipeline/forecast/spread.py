"""How far a forecast of rain errs: from what simple motion would bring to a median and an upper bound.

The square root of an amount is taken for normal, censored at 0 (non-homogeneous regression: Gneiting et al. 2005,
Monthly Weather Review 133, 1098; the root: Hamill and Whitaker 2006, MWR 134, 3209). Its mean is a weighted mean of the
roots of the amounts that motion brings, averaged over a near and a wide neighbourhood: what is small cannot be foreseen
for long (Germann and Zawadzki 2002, MWR 130, 2859). To that comes a constant, for rain that is born on the way; the
weights add up to 1, for rain that grows is as frequent as rain that decays. The coefficients are data of spread.toml,
with where they were chosen.
"""

from __future__ import annotations

import tomllib
from functools import cache
from math import erfc, hypot
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

HIGH_SD: Final = 1.2815515655446004
"""What is exceeded one time in ten lies so many standard deviations above the mean."""
HORIZONS_MIN: Final = (60, 180)
_erfc: Final = np.vectorize(erfc, otypes=[np.float64])


class Horizon(BaseModel):
    """Coefficients of one horizon: mean = base + near * sqrt(near mm) + wide * sqrt(wide mm), all in sqrt(mm).

    Attributes:
        minutes: how far ahead.
        base: what comes where little is brought, as long as the wide neighbourhood is not dry.
        near, wide: weights of the two neighbourhoods.
        error, error_share: standard deviation: a constant, and a share of sqrt(wide mm); their squares add up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: int = Field(gt=0)
    base: float = Field(ge=0)
    near: float = Field(ge=0)
    wide: float = Field(ge=0)
    error: float = Field(gt=0)
    error_share: float = Field(ge=0)


class Spread(BaseModel):
    """The coefficients of one way to forecast, and the recording that they were chosen on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    horizons: tuple[Horizon, ...]

    def at(self, minutes: int) -> Horizon:
        """Those of one horizon."""
        return next(one for one in self.horizons if one.minutes == minutes)


@cache
def spreads() -> dict[str, Spread]:
    """`radar` and `gauges`, from the file beside this one."""
    text = Path(__file__).with_name("spread.toml").read_text(encoding="utf-8")
    return {name: Spread.model_validate(one) for name, one in tomllib.loads(text).items()}


def told(
    horizon: Horizon, near_mm: NDArray[np.float64], wide_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median and upper bound [mm] of amounts f8[n] that motion brings.

    Both are 0 where the wide neighbourhood is dry, and NaN where nothing is known of it.
    """
    near, wide = np.sqrt(np.maximum(near_mm, 0.0)), np.sqrt(np.maximum(wide_mm, 0.0))
    mean = horizon.base + horizon.near * near + horizon.wide * wide
    error = np.hypot(horizon.error, horizon.error_share * wide)
    is_dry = wide == 0
    return np.where(is_dry, 0.0, mean**2), np.where(is_dry, 0.0, (mean + HIGH_SD * error) ** 2)


def bound_mm(minutes: int, median_mm: float) -> float:
    """The upper bound of a median that comes without one [mm]: with the error of forecasts from radar; 0 of none."""
    horizon = spreads()["radar"].at(minutes)
    root = max(median_mm, 0.0) ** 0.5
    high_mm = (root + HIGH_SD * hypot(horizon.error, horizon.error_share * root)) ** 2
    return round(high_mm, 3) if median_mm > 0 else 0.0


def exceeded(median_mm: NDArray[np.float64], high_mm: NDArray[np.float64], amount_mm: float) -> NDArray[np.float64]:
    """The probability f8[n] of at least `amount_mm`; certain or impossible where the bounds are equal."""
    mean = np.sqrt(np.maximum(median_mm, 0.0))
    error = (np.sqrt(np.maximum(high_mm, 0.0)) - mean) / HIGH_SD
    lack = np.sqrt(amount_mm) - mean
    certain = np.where(lack <= 0, 1.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        likely: NDArray[np.float64] = 0.5 * _erfc(lack / (error * np.sqrt(2.0)))
    return np.where(error > 0, likely, certain)
