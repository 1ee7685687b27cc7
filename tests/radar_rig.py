"""Small composites in both formats, as bytes, and a storm over them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

PLANE: Final = "+proj=stere +lat_0=90 +lon_0=0.0 +lat_ts=60.0 +a=6378.137 +b=6356.752 +x_0=0 +y_0=0"
ROW_OFFSET: Final = 3900.0
"""The first row of pixels of 1 km lies so far from the pole."""
MISSING: Final = 65535


def knmi_bytes(rain_mm: NDArray[Any], at: datetime, minutes: float = 5, **changed: Any) -> bytes:
    """A KNMI composite of 1 km; NaN is missing. `changed` replaces attributes of image1's calibration."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        counts = np.where(np.isnan(rain_mm), MISSING, np.round(np.nan_to_num(rain_mm) * 100)).astype(np.uint16)
        image = file.create_group("image1")
        image.create_dataset("image_data", data=counts, compression="gzip")
        image.attrs["image_geo_parameter"] = np.bytes_("ACCUMULATED_PRECIPITATION_[MM]")
        calibration: dict[str, Any] = {
            "calibration_formulas": np.bytes_("GEO=0.01*PV+0.0"),
            "calibration_missing_data": np.array([MISSING], np.int32),
            "calibration_out_of_image": np.array([MISSING], np.int32),
        }
        image.create_group("calibration").attrs.update(calibration | changed)
        geographic = file.create_group("geographic")
        sizes = {"geo_pixel_size_x": 1.0, "geo_pixel_size_y": -1.0, "geo_column_offset": 0.0}
        for name, value in (sizes | {"geo_row_offset": ROW_OFFSET}).items():
            geographic.attrs[name] = np.array([value], np.float32)
        geographic.create_group("map_projection").attrs["projection_proj4_params"] = np.bytes_(PLANE)
        overview = file.create_group("overview")
        for name, instant in (("start", at - timedelta(minutes=minutes)), ("end", at)):
            overview.attrs[f"product_datetime_{name}"] = np.bytes_(_knmi_time(instant))
    return buffer.getvalue()


def odim_bytes(values: NDArray[Any], at: datetime, quantity: str = "RATE", **where: Any) -> bytes:
    """An ODIM composite over 5 to 6 E and 52 to 53 N in longitude and latitude; NaN is no data, 0 undetected."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_group("what").attrs.update({"date": f"{at:%Y%m%d}", "time": f"{at:%H%M%S}", "object": "COMP"})
        corners = {"LL_lon": 5.0, "LL_lat": 52.0, "UR_lon": 6.0, "UR_lat": 53.0}
        place = {"projdef": "+proj=longlat +datum=WGS84", "xsize": values.shape[1], "ysize": values.shape[0]}
        file.create_group("where").attrs.update(corners | place | where)
        counts = np.where(np.isnan(values), 255, np.round(np.nan_to_num(values) * 2)).astype(np.uint8)
        data = file.create_group("dataset1/data1")
        data.create_dataset("data", data=counts)
        data.create_group("what").attrs.update(
            {"quantity": quantity, "gain": 0.5, "offset": 0.0, "nodata": 255.0, "undetect": 0.0}
        )
    return buffer.getvalue()


def blobs_mm(minute: float, shape: tuple[int, int] = (160, 200)) -> NDArray[np.float64]:
    """Showers that move 4 pixels east and 1 north in five minutes, [mm] in five minutes on a grid of 1 km."""
    row, column = np.mgrid[0 : shape[0], 0 : shape[1]]
    total = np.zeros(shape)
    for north, east, width, most in ((30, -20, 8, 2.0), (70, 10, 10, 3.0), (110, -60, 9, 2.5), (90, -110, 12, 3.0)):
        at_row, at_column = north + 40 - minute / 5, east + 4 * minute / 5
        total += most * np.exp(-((row - at_row) ** 2 + (column - at_column) ** 2) / (2 * width**2))
    return np.where(total >= 0.01, total, 0.0)


def _knmi_time(at: datetime) -> str:
    months = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
    return f"{at.day:02}-{months[at.month - 1]}-{at.year};{at:%H:%M:%S}.000"
