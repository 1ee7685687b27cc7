"""What the balance of a tank rests on: volumes at one temperature, and how noisy the gauge is."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

HEAT: Final = 1
"""Role of a thermometer."""
_REFERENCE_C: Final = 15.0
_LEARNING: Final = 0.02
_BOUND_SQUARE: Final = 9.0
_LEAST_NOISE_M: Final = 0.0005
"""How noise is learned: weight of a reading, what one counts for at most in variances, and the least there is."""


@kernel
def shrunk(state: Any, params: Any) -> float:
    """Factor that brings a volume to the reference temperature."""
    if not state.heats or params.expansion <= 0.0:
        return 1.0
    total, count = 0.0, 0
    for k in range(params.channels):
        if params.role[k] == HEAT and not np.isnan(state.heat_c[k]):
            total += state.heat_c[k]
            count += 1
    return float(1.0 - params.expansion * (total / count - _REFERENCE_C))


@kernel
def know_noise(state: Any, height_m: float) -> None:
    """Follow the variance of a reading by bounded second differences, in which steady pumping cancels out."""
    if state.heights >= 2:
        bend = height_m - 2.0 * state.last_m[0] + state.last_m[1]
        least = max(state.noise_square, _LEAST_NOISE_M**2)
        state.noise_square += _LEARNING * (min(bend * bend / 6.0, _BOUND_SQUARE * least) - state.noise_square)
    state.last_m[1] = state.last_m[0]
    state.last_m[0] = height_m
    state.heights += 1
