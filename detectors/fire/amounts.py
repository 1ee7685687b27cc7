"""What the channels of a room that speak amount to: flames, much heat, much smoke, much carbon monoxide.

The records are those of `fire_two_channel`.
"""

from __future__ import annotations

from typing import Any, Final

from detectors.fire.cusum import noise_of
from detectors.kernel import kernel

HEAT: Final = 0
SMOKE: Final = 1
"""Quantities as the records name them; 2 is carbon monoxide."""
_SURE: Final = 3.0
"""So many times the noise of its channel is taken off an amount."""


@kernel
def amounts(state: Any, params: Any, at_ns: int) -> tuple[bool, bool, bool, bool, bool, bool]:
    """Whether some channel that speaks shows flames, is hot, smoky, dense with smoke, smoulders, is heavy with gas."""
    flames = hot = smoky = dense = smoulders = heavy = False
    for k in range(params.channels):
        one = state.channels[k]
        if one.total < 0.5 * params.alarm_sum or at_ns - one.at_ns > params.agree_ns:
            continue
        amount = one.excess - _SURE * noise_of(one)
        lasts = one.total >= params.alarm_sum
        if params.quantity[k] == HEAT:
            flames = flames or (one.steep_ns > 0 and at_ns - one.steep_ns <= params.agree_ns)
            hot = hot or (lasts and amount >= params.hot_k)
        elif params.quantity[k] == SMOKE:
            smoky = smoky or amount >= params.smoulder_smoke
            dense = dense or (lasts and amount >= params.dense_smoke)
        else:
            smoulders = smoulders or amount >= params.smoulder_ppm
            heavy = heavy or (lasts and amount >= params.heavy_ppm)
    return flames, hot, smoky, dense, smoulders, heavy


@kernel
def only_smoke_left(state: Any, params: Any, at_ns: int) -> bool:
    """Whether there is much smoke in a room whose instruments of other quantities have fallen silent."""
    if params.quantities < 2:
        return False  # a room that never had others is the smoke detector's own
    much = False
    for k in range(params.channels):
        one = state.channels[k]
        if at_ns - one.at_ns > params.agree_ns:
            continue
        if params.quantity[k] != SMOKE:
            return False
        much = much or one.excess >= params.lone_smoke
    return much
