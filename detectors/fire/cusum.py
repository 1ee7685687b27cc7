"""One channel of a fire detector: a cumulative sum of what stands above its own slow background.

Page's scheme (Page 1954, Biometrika 41): sum = max(0, sum + z - slack), with z the excess over the background in units
of noise, cut off at `Z_MAX` so that no single reading can raise an alarm. The background moves by at most two units of
noise in `BACKGROUND_S`, so a fire outruns it; of the first readings it is the mean. The noise is the greater of the
channel's own scale and of what its successive readings show (for white noise their mean absolute difference is
2/sqrt(pi) standard deviations), from the second reading on.

A sum tells that a rise is no noise, not that it is much or quick: a pan of oil and a burning chair both come to any sum
in time. So a channel also keeps how much it stands above its background, and, of heat, how fast it rose (see `ramp`).
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
_PRIOR: Final = 2.0
"""What the scale is worth as an estimate of the noise, and the first reading of the background, in readings."""
_SETTLING: Final = 30
"""For so many readings the background is their mean: a first one that was low would pass for a fire ever after."""
READINGS_MAX: Final = 1000
_DIFFERENCE_PER_SIGMA: Final = 1.128
_NS_PER_S: Final = 1e9

CHANNEL: Final = np.dtype(
    [
        ("at_ns", "i8"),
        ("value", "f8"),
        ("background", "f8"),
        ("difference", "f8"),
        ("total", "f8"),
        ("foot_ns", "i8"),
        ("readings", "i8"),
        ("followed", "f8"),
        ("excess", "f8"),
        ("gained_k", "f8"),
        ("fall_k", "f8"),
        ("gained_before_k", "f8"),
        ("steep_ns", "i8"),
    ],
    align=True,
)
"""The reading before, the background, the mean absolute difference, the sum, when it last left zero, how many readings
there were, how far the background followed them since the sum left zero, by how much the last one stood above where it
began, what `ramp` keeps, and when the gain was last beyond doubt."""


@kernel
def noise_of(channel: Any) -> float:
    """The standard deviation that the channel's own readings show, in the unit of its quantity."""
    return channel.difference / _DIFFERENCE_PER_SIGMA  # type: ignore[no-any-return]  # a field of a record is Any


@kernel
def silent(channel: Any, at_ns: int) -> bool:
    """Whether the channel begins anew with a reading at this instant."""
    return channel.at_ns == 0 or (at_ns - channel.at_ns) / _NS_PER_S > SILENCE_S  # type: ignore[no-any-return]  # Any


@kernel
def accumulate(channel: Any, at_ns: int, value: float, scale: float) -> None:
    """Take in one reading; `scale` is the least noise of this channel, in the unit of its quantity."""
    elapsed_s = (at_ns - channel.at_ns) / _NS_PER_S
    if silent(channel, at_ns):
        channel.background = value
        channel.difference = scale * _DIFFERENCE_PER_SIGMA
        channel.readings = 1
        channel.total = 0.0
        channel.foot_ns = at_ns
        channel.excess, channel.followed = 0.0, 0.0
        channel.gained_k, channel.fall_k = 0.0, 0.0
        channel.gained_before_k, channel.steep_ns = 0.0, 0
    else:
        young = 1.0 / (channel.readings + _PRIOR)
        noise = max(scale, channel.difference / _DIFFERENCE_PER_SIGMA)
        jump = min(abs(value - channel.value), _NOISE_GROWTH * noise)
        channel.difference += max(_NOISE_SHARE, young) * (jump - channel.difference)
        noise = max(scale, channel.difference / _DIFFERENCE_PER_SIGMA)
        excess = (value - channel.background) / noise
        channel.excess = value - channel.background + channel.followed
        channel.total = min(max(0.0, channel.total + min(excess, Z_MAX) - SLACK), SUM_MAX)
        share = max(min(elapsed_s / BACKGROUND_S, 1.0), young if channel.readings < _SETTLING else 0.0)
        step = min(max(excess, -2.0), 2.0) * noise * share
        channel.background += step
        channel.followed = channel.followed + step if channel.total > 0.0 else 0.0
        channel.readings = min(channel.readings + 1, READINGS_MAX)
        if channel.total == 0.0:
            channel.foot_ns = at_ns
    channel.at_ns, channel.value = at_ns, value
