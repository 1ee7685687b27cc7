"""KNMI's HDF5 composites (KNMI HDF5 Data Format Specification 3.5): `image1` with its calibration."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from device_adapters.radar.composite import Composite, Field, Grid, RadarError
from device_adapters.radar.projection import projection
from pipeline.model.instant import to_ns

_FORMULA: Final = re.compile(r"GEO\s*=\s*([-+.\dEe]+)\s*\*\s*PV\s*\+\s*([-+.\dEe]+)")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def is_knmi(file: Any) -> bool:
    """Whether an opened HDF5 file is laid out so."""
    return "image1/image_data" in file and "overview" in file


def read_knmi(file: Any) -> Composite:
    """The composite in an opened file.

    Raises:
        RadarError: another quantity than accumulated rain, a formula or time that cannot be read.
        KeyError: a part that is missing.
    """
    told = _text(file["image1"].attrs["image_geo_parameter"])
    if "PRECIP" not in told or "[MM]" not in told:
        raise RadarError(f"image1 holds {told!r:.80}, want accumulated precipitation [MM]")
    begin, end = (_instant(_text(file["overview"].attrs[f"product_datetime_{which}"])) for which in ("start", "end"))
    return Composite(
        to_ns(end), (end - begin).total_seconds() / 60, _grid(file["geographic"]), _rain_mm(file["image1"])
    )


def _rain_mm(image: Any) -> Field:
    calibration = image["calibration"].attrs
    formula = _FORMULA.search(_text(calibration["calibration_formulas"]))
    if formula is None:
        raise RadarError(f"calibration {_text(calibration['calibration_formulas'])!r:.80} is no GEO = a * PV + b")
    counts = np.asarray(image["image_data"])
    without = [int(np.ravel(calibration[f"calibration_{name}"])[0]) for name in ("missing_data", "out_of_image")]
    rain = counts * np.float32(formula[1]) + np.float32(formula[2])
    return np.where(np.isin(counts, without), np.float32(np.nan), rain).astype(np.float32)


def _grid(geographic: Any) -> Grid:
    attributes = geographic.attrs
    number = {
        key: float(np.ravel(attributes[key])[0])
        for key in attributes
        if key.startswith(("geo_pixel_size", "geo_column_o", "geo_row_o"))
    }
    plane = projection(_text(geographic["map_projection"].attrs["projection_proj4_params"]))
    width, height = abs(number["geo_pixel_size_x"]), abs(number["geo_pixel_size_y"])
    west, north = number["geo_column_offset"] * width, -number["geo_row_offset"] * height
    return Grid(plane, west, north, width, height, (width + height) / 2)


def _instant(text: str) -> datetime:
    """`26-AUG-2010;00:05:00.000`, UTC, whatever the machine's language."""
    parts = re.fullmatch(r"(\d\d)-([A-Z]{3})-(\d{4});(\d\d):(\d\d):(\d\d)(?:\.\d+)?", text.strip())
    if parts is None or parts[2] not in _MONTHS:
        raise RadarError(f"time {text!r:.40} is not as 26-AUG-2010;00:05:00.000")
    day, month, year, hour, minute, second = parts.groups()
    date = datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=UTC)
    return date.replace(hour=int(hour), minute=int(minute), second=int(second))


def _text(value: Any) -> str:
    one = np.ravel(value)[0]
    return one.decode("ascii", "replace") if isinstance(one, bytes) else str(one)
