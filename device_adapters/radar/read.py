"""Bytes of a file to a composite, whichever of the formats they are in."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any, Final

import numpy as np

from device_adapters.radar.composite import Composite, RadarError
from device_adapters.radar.knmi import is_knmi, read_knmi
from device_adapters.radar.odim import is_odim, read_odim
from pipeline.errors import PluginError

_AXES: Final = ("row", "column")
PIXELS_MAX: Final = 50_000_000
MINUTES_MAX: Final = 60
PIXEL_MAX_KM: Final = 20
RAIN_MAX_MM: Final = 200.0
"""No 5 minutes have brought as much (WMO archive of extremes: 63 mm in 3 min, Panama 1911): a calibration is wrong."""


def hdf5() -> Any:
    """The library.

    Raises:
        PluginError: the extra `radar` is not installed.
    """
    try:
        return import_module("h5py")
    except ImportError as error:
        raise PluginError("h5py is not installed; it comes with the extra `radar`") from error


def read_composite(data: bytes, interval_min: float) -> Composite:
    """A KNMI or ODIM composite.

    Args:
        interval_min: how long a rate stands for, where the file says no accumulation.

    Raises:
        RadarError: no HDF5, neither of the formats, a part that is missing or beyond its bounds.
        PluginError: the extra `radar` is not installed.
    """
    h5py = hdf5()
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            composite = _read(file, interval_min)
    except RadarError:
        raise
    except (OSError, KeyError, ValueError, TypeError, IndexError, RuntimeError, OverflowError) as error:
        raise RadarError(f"no radar composite: {error}") from error
    return _checked(composite)


def _read(file: Any, interval_min: float) -> Composite:
    if is_knmi(file):
        return read_knmi(file)
    if is_odim(file):
        return read_odim(file, interval_min)
    raise RadarError("neither a KNMI (image1, overview) nor an ODIM (what, where, dataset1) composite")


def _checked(composite: Composite) -> Composite:
    rain, grid = composite.rain_mm, composite.grid
    if len(rain.shape) != len(_AXES) or not 0 < rain.size <= PIXELS_MAX:
        raise RadarError(f"an array of {rain.shape} is no composite; want two dimensions, at most {PIXELS_MAX} pixels")
    if not 0 < composite.minutes <= MINUTES_MAX or not 0 < grid.pixel_km <= PIXEL_MAX_KM:
        raise RadarError(
            f"{composite.minutes} min of {grid.pixel_km} km are beyond {MINUTES_MAX} min and {PIXEL_MAX_KM} km"
        )
    highest = float(np.nanmax(rain, initial=0.0))
    if not highest <= RAIN_MAX_MM:
        raise RadarError(
            f"{highest:.1f} mm in {composite.minutes:.0f} min are beyond {RAIN_MAX_MM} mm: its calibration"
        )
    return composite
