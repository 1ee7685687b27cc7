from __future__ import annotations

import numpy as np
import pytest

from device_adapters.codecs.current_loop import scaling, status_of
from pipeline.model.quality import DeviceStatus

STATUSES = {
    "broken wire": (0.0, DeviceStatus.FAULT),
    "just below the low failure limit": (3.5999, DeviceStatus.FAULT),
    "low failure limit": (3.6, DeviceStatus.UNDER_RANGE),
    "just below the range": (3.7999, DeviceStatus.UNDER_RANGE),
    "low end of measurements": (3.8, DeviceStatus.NORMAL),
    "zero": (4.0, DeviceStatus.NORMAL),
    "full scale": (20.0, DeviceStatus.NORMAL),
    "high end of measurements": (20.5, DeviceStatus.NORMAL),
    "just above the range": (20.5001, DeviceStatus.OVER_RANGE),
    "just below the high failure limit": (20.9999, DeviceStatus.OVER_RANGE),
    "high failure limit": (21.0, DeviceStatus.FAULT),
    "short circuit": (100.0, DeviceStatus.FAULT),
    "no current told": (float("nan"), DeviceStatus.FAULT),
    "endless": (float("inf"), DeviceStatus.FAULT),
}
VALUES = {
    "4 mA is the low end": (4.0, 0.0, 100.0, 0.0),
    "8 mA is a quarter": (8.0, 0.0, 100.0, 25.0),
    "12 mA is half": (12.0, 0.0, 100.0, 50.0),
    "20 mA is the high end": (20.0, 0.0, 100.0, 100.0),
    "a range that begins below zero": (12.0, -40.0, 80.0, 20.0),
}


@pytest.mark.parametrize(("current_ma", "status"), STATUSES.values(), ids=STATUSES)
def test_status(current_ma: float, status: DeviceStatus) -> None:
    assert status_of(np.array([current_ma])).tolist() == [status]


@pytest.mark.parametrize(("current_ma", "low", "high", "value"), VALUES.values(), ids=VALUES)
def test_scaling(current_ma: float, low: float, high: float, value: float) -> None:
    affine = scaling(low, high)
    assert affine.factor * current_ma + affine.offset == pytest.approx(value, abs=1e-12)
