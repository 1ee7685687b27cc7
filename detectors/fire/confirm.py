"""A second reading confirms, and how long one waits for it.

One reading of an alarm level may be a spike, an insect or a spark of interference; life safety systems verify such an
alarm (NFPA 72: within 60 s). The second reading of an instrument that speaks every few seconds costs nothing. One that
speaks once a minute would be silent about a fire for that minute; of an alarm level (orange or red) it says yellow at
once, which asks people to look, and the level itself with the second reading.
"""

from __future__ import annotations

from typing import Final, TypeVar

from detectors.base import DetectorOptions
from detectors.kernel import kernel
from pipeline.model.instant import NS_PER_S
from pipeline.model.site import Sensor

SLOW_S: Final = 10.0
"""An instrument that reports no more often than this is slow."""
_LOOK: Final = 2
Options = TypeVar("Options", bound=DetectorOptions)


def wait_ns(sensor: Sensor, options: DetectorOptions) -> int:
    """How much older the reading before must be to confirm, where a slow sensor waits for its next one; 0 elsewhere."""
    waits = sensor.interval_s >= SLOW_S and 0.0 < options.raise_after_s <= sensor.interval_s
    return round(options.raise_after_s * NS_PER_S) if waits else 0


def policy(sensor: Sensor, options: Options) -> Options:
    """The options for the loop: what a slow sensor waits for is the step's, see `confirmed`."""
    return options.model_copy(update={"raise_after_s": 0.0}) if wait_ns(sensor, options) else options


@kernel
def confirmed(level: int, before: int, since_ns: int, least_ns: int) -> int:
    """The level that may be told of a reading of this level, `since_ns` after one of level `before`."""
    both = min(level, before) if since_ns >= least_ns else 0
    return max(both, _LOOK) if level > _LOOK else both
