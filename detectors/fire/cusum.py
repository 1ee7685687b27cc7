"""One channel of a fire detector: a cumulative sum of what stands above its own slow background.

Page's scheme (Page 1954, Biometrika 41): sum = max(0, sum + z - slack), with z the excess over the background in units
of noise, cut off at `Z_MAX` so that no single reading can raise an alarm. The background moves by at most two units of
noise in `BACKGROUND_S`, so a fire outruns it. The noise is the greater of the channel's own scale and of what its
successive readings show (for white noise their mean absolute difference is 2/sqrt(pi) standard deviations).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

SLACK: Final = 1.0
Z_MAX: Final = 4.0
BACKGROUND_S: Final = 600.0
SILENCE_S: Final = 3600.0
"""A channel that was silent for longer starts anew."""
SUM_MAX: Final = 60.0
_NOISE_SHARE: Final = 0.02
_NOISE_GROWTH: Final = 3.0
_DIFFERENCE_PER_SIGMA: Final = 1.128
_NS_PER_S: Final = 1e9

CHANNEL: Final = np.dtype(
    [("at_ns", "i8"), ("value", "f8"), ("background", "f8"), ("difference", "f8"), ("total", "f8"), ("foot_ns", "i8")],
    align=True,
)
"""The reading before, the background, the mean absolute difference, the sum, and when it last left zero."""


@kernel
def accumulate(channel: Any, at_ns: int, value: float, scale: float) -> None:
    """Take in one reading; `scale` is the least noise of this channel, in the unit of its quantity."""
    elapsed_s = (at_ns - channel.at_ns) / _NS_PER_S
    if channel.at_ns == 0 or elapsed_s > SILENCE_S:
        channel.background = value
        channel.difference = 0.0
        channel.total = 0.0
        channel.foot_ns = at_ns
    else:
        noise = max(scale, channel.difference / _DIFFERENCE_PER_SIGMA)
        excess = (value - channel.background) / noise
        channel.total = min(max(0.0, channel.total + min(excess, Z_MAX) - SLACK), SUM_MAX)
        channel.background += min(max(excess, -2.0), 2.0) * noise * min(elapsed_s / BACKGROUND_S, 1.0)
        jump = min(abs(value - channel.value), _NOISE_GROWTH * noise)
        channel.difference += _NOISE_SHARE * (jump - channel.difference)
        if channel.total == 0.0:
            channel.foot_ns = at_ns
    channel.at_ns, channel.value = at_ns, value
