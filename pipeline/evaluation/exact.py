"""The exact interval of a share (Clopper and Pearson 1934, Biometrika 26)."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log, log1p
from typing import Final

ALPHA: Final = 0.05
_HALVINGS: Final = 60


def interval(hits: int, trials: int, alpha: float = ALPHA) -> tuple[float, float]:
    """Both ends of the interval that holds the true share with probability 1 - alpha; (0, 1) without a trial.

    Raises:
        ValueError: more hits than trials, or fewer than none.
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} hits of {trials} trials")
    low = _rising_root(lambda p: at_least(hits, trials, p) - alpha / 2) if hits else 0.0
    high = _rising_root(lambda p: alpha / 2 - (1 - at_least(hits + 1, trials, p))) if hits < trials else 1.0
    return low, high


def at_least(hits: int, trials: int, share: float) -> float:
    """Probability of `hits` or more in `trials` independent ones, 0 < share < 1."""
    return min(sum(_exactly(k, trials, share) for k in range(hits, trials + 1)), 1.0)


def _exactly(k: int, n: int, share: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(share) + (n - k) * log1p(-share))


def _rising_root(function: Callable[[float], float]) -> float:
    """Where a function that rises over (0, 1) passes zero."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if function(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
