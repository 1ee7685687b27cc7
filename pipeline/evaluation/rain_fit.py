"""Choosing the coefficients of pipeline/forecast/spread.toml: least CRPS on the first half of the forecasts.

What errs least is chosen by the continuous ranked probability score of the root of the amount, a normal censored at 0
(Gneiting et al. 2005, Monthly Weather Review 133, 1098; the censored one: Thorarinsdottir and Gneiting 2010, Journal of
the Royal Statistical Society A 173, 371). The two weights add up to 1: over a climate rain grows as often as it decays,
and the one morning that is to choose by has mostly growth in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from pipeline.evaluation.rain_boxes import Frames, halves
from pipeline.forecast.spread import HORIZONS_MIN, Horizon

Amounts = NDArray[np.float64]
Brought = Mapping[int, Mapping[int, tuple[Amounts, Amounts]]]
"""Start -> horizon [min] -> what motion brings to each box, near and wide [mm]."""
_BEGIN: Final = (0.1, 0.5, 0.2, 0.2)


def fitted(frames: Frames, brought: Brought) -> tuple[Horizon, ...]:
    """The coefficients of each horizon, to two digits."""
    return tuple(_fitted(frames, brought, minutes) for minutes in HORIZONS_MIN)


def _fitted(frames: Frames, brought: Brought, minutes: int) -> Horizon:
    starts, _ = halves(frames.starts(minutes))
    covered = frames.covered
    near, wide = (
        np.sqrt(np.concatenate([np.nan_to_num(brought[one][minutes][part])[covered] for one in starts]))
        for part in (0, 1)
    )
    came = np.sqrt(np.concatenate([frames.after_mm(one, minutes)[covered] for one in starts]))
    wet = wide > 0

    def score(values: Any) -> float:
        base, share, error, error_share = np.abs(values)
        mean = base + share * near[wet] + (1.0 - share) * wide[wet]
        return float(crps(mean, np.hypot(error, error_share * wide[wet]) + 1e-3, came[wet]).mean())

    found = np.abs(minimize(score, _BEGIN, method="Nelder-Mead", options={"maxiter": 4000}).x)
    base, share, error, error_share = (round(float(one), 2) for one in found)
    share = min(share, 1.0)
    return Horizon(
        minutes=minutes, base=base, near=share, wide=round(1 - share, 2), error=error, error_share=error_share
    )


def crps(mean: Amounts, sd: Amounts, came: Amounts) -> Amounts:
    """Of normals censored at 0, f8[n]; `came` is not negative."""
    dry, at = -mean / sd, (came - mean) / sd
    below = norm.cdf(dry)
    inner = at * (2 * norm.cdf(at) - 1) + 2 * norm.pdf(at) - dry * below**2 - 2 * norm.pdf(dry) * below
    score: Amounts = sd * (inner - norm.sf(np.sqrt(2) * dry) / np.sqrt(np.pi))
    return score
