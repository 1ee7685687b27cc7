"""What is known of a reading besides its value.

Flags are those of QARTOD (U.S. IOOS, Manual for Real-Time Quality Control of Data, primary level flags).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray


class Quality(IntEnum):
    """QARTOD primary flags."""

    GOOD = 1
    NOT_EVALUATED = 2
    SUSPECT = 3
    FAIL = 4
    MISSING = 9


class DeviceStatus(IntEnum):
    """What the device said of itself when it measured.

    Only NORMAL, OVER_RANGE and UNDER_RANGE are live measurements; a value beyond the range is real evidence
    (NAMUR NE 43, 20.5-21 mA) with a bound for a value. The rest neither raise nor clear a hazard.
    """

    NORMAL = 0
    OVER_RANGE = 1
    UNDER_RANGE = 2
    FAULT = 3
    CALIBRATION = 4
    MAINTENANCE = 5
    WARM_UP = 6


LIVE_STATUS_MAX = DeviceStatus.UNDER_RANGE
"""Statuses up to this one are live measurements."""

_IS_CODE: Final = {codes: np.isin(np.arange(256), list(codes)) for codes in (Quality, DeviceStatus)}


def are_codes(column: NDArray[np.uint8], codes: type[Quality | DeviceStatus]) -> NDArray[np.bool_]:
    """bool[n]: which bytes of a column are one of the codes."""
    known: NDArray[np.bool_] = _IS_CODE[codes][column]
    return known
