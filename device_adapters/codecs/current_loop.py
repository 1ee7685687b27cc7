"""4-20 mA loops by NAMUR NE 43: what a current says of the transmitter, and of the measured value.

| current [mA] | meaning |
|---|---|
| below 3.6 | failure |
| 3.6 to 3.8 | below the range (3.8 itself is a measurement) |
| 3.8 to 20.5 | measurement; 4 is the low end of the range, 20 the high end |
| above 20.5, below 21.0 | above the range: evidence, with the high end as its lower bound |
| 21.0 and more | failure |
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.model.quality import DeviceStatus
from pipeline.model.units import Affine

UNIT: Final = "mA"
ZERO_MA: Final = 4.0
SPAN_MA: Final = 16.0
FAULT_BELOW_MA: Final = 3.6
UNDER_RANGE_BELOW_MA: Final = 3.8
OVER_RANGE_ABOVE_MA: Final = 20.5
FAULT_FROM_MA: Final = 21.0


def scaling(range_low: float, range_high: float) -> Affine:
    """Scales by range_low + (current - 4) / 16 * (range_high - range_low), in the range's unit."""
    factor = (range_high - range_low) / SPAN_MA
    return Affine(factor, range_low - ZERO_MA * factor)


def status_of(current_ma: NDArray[np.float64]) -> NDArray[np.uint8]:
    """NORMAL, UNDER_RANGE, OVER_RANGE or FAULT for each current [mA]; NaN is a fault. u1, the shape of `current_ma`."""
    meanings = [
        (current_ma > OVER_RANGE_ABOVE_MA) & (current_ma < FAULT_FROM_MA),
        (current_ma >= FAULT_BELOW_MA) & (current_ma < UNDER_RANGE_BELOW_MA),
        (current_ma >= UNDER_RANGE_BELOW_MA) & (current_ma <= OVER_RANGE_ABOVE_MA),
    ]
    codes = [DeviceStatus.OVER_RANGE, DeviceStatus.UNDER_RANGE, DeviceStatus.NORMAL]
    return np.select(meanings, codes, DeviceStatus.FAULT).astype(np.uint8)
