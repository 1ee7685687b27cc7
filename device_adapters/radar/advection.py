"""Fields carried along by a motion: backward semi-Lagrangian, by the midpoint of each step."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.radar.composite import Field
from pipeline.errors import PluginError

Motion = NDArray[np.float32]
"""f4[2, rows, columns]: pixels a step towards growing columns, and towards growing rows."""


def opencv() -> Any:
    """The library.

    Raises:
        PluginError: the extra `radar` is not installed.
    """
    try:
        return import_module("cv2")
    except ImportError as error:
        raise PluginError("OpenCV is not installed; it comes with the extra `radar`") from error


def carried(fields: tuple[Field, ...], motion: Motion, steps: int) -> Iterator[tuple[Field, ...]]:
    """The fields after one step, after two, and so on; 0 where they come from outside the grid.

    Rain is carried by a motion that stands still, along its paths (Germann and Zawadzki 2002, section 3).
    """
    cv2 = opencv()
    rows, columns = motion.shape[1:]
    row, column = np.mgrid[0:rows, 0:columns].astype(np.float32)

    def at(one: Field, x: Field, y: Field, border: int) -> Field:
        looked_up: Field = cv2.remap(one, x, y, cv2.INTER_LINEAR, borderMode=border, borderValue=0)
        return looked_up

    for _ in range(steps):
        half = [0.5 * at(one, column, row, cv2.BORDER_REPLICATE) for one in motion]
        middle = column - half[0], row - half[1]
        column = column - at(motion[0], *middle, cv2.BORDER_REPLICATE)
        row = row - at(motion[1], *middle, cv2.BORDER_REPLICATE)
        yield tuple(at(one, column, row, cv2.BORDER_CONSTANT) for one in fields)


def smoothed(field: Field, width_px: float) -> Field:
    """Averaged with Gaussian weights; nothing is beyond the edge."""
    cv2 = opencv()
    result: Field = cv2.GaussianBlur(field, (0, 0), width_px, borderType=cv2.BORDER_CONSTANT)
    return result
