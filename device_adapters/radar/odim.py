"""Composites in ODIM_H5 (EUMETNET OPERA data information model 2.4): rain, its rate or reflectivity."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from device_adapters.radar.composite import Composite, Field, Grid, RadarError
from device_adapters.radar.projection import projection
from pipeline.model.earth import KM_PER_DEG
from pipeline.model.instant import to_ns

QUANTITIES: Final = ("ACRR", "RATE", "DBZH", "TH")
"""Accumulated rain [mm], rate [mm/h], reflectivity [dBZ]; in this order of trust."""
MARSHALL_PALMER: Final = (200.0, 1.6)
"""Z = a R**b (Marshall and Palmer 1948, Journal of Meteorology 5, 165)."""


def is_odim(file: Any) -> bool:
    """Whether an opened HDF5 file is laid out so."""
    return "dataset1" in file and "what" in file and "where" in file


def read_odim(file: Any, interval_min: float) -> Composite:
    """The composite in an opened file.

    Args:
        interval_min: how long a rate or a reflectivity stands for.

    Raises:
        RadarError: no quantity that is known.
        KeyError, ValueError: a part that is missing, or no number.
    """
    data, what = _chosen(file)
    quantity = _text(what["quantity"])
    begin, end = _span(file)
    minutes = (end - begin).total_seconds() / 60 if quantity == "ACRR" and end > begin else interval_min
    return Composite(to_ns(end), minutes, _grid(file), _rain_mm(np.asarray(data), what, quantity, minutes))


def _chosen(file: Any) -> tuple[Any, dict[str, Any]]:
    found = {_text(what["quantity"]): (data, what) for data, what in _all(file)}
    for quantity in QUANTITIES:
        if quantity in found:
            return found[quantity]
    raise RadarError(f"holds {', '.join(sorted(found)) or 'no data'}, none of {', '.join(QUANTITIES)}")


def _all(file: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each array with its description: of the data, else of the dataset that holds it."""
    for name in sorted(one for one in file if one.startswith("dataset")):
        dataset = file[name]
        for part in sorted(one for one in dataset if one.startswith("data")):
            what = {**_attributes(dataset), **_attributes(dataset[part])}
            if "quantity" in what:
                yield dataset[part]["data"], what


def _attributes(group: Any) -> dict[str, Any]:
    return dict(group["what"].attrs) if "what" in group else {}


def _rain_mm(counts: Any, what: dict[str, Any], quantity: str, minutes: float) -> Field:
    value = counts * float(what.get("gain", 1.0)) + float(what.get("offset", 0.0))
    if quantity == "RATE":
        value = value * minutes / 60
    elif quantity != "ACRR":
        value = (10 ** (value / 10) / MARSHALL_PALMER[0]) ** (1 / MARSHALL_PALMER[1]) * minutes / 60
    value = np.where(counts == what.get("undetect"), 0.0, value)
    return np.where(counts == what.get("nodata"), np.nan, value).astype(np.float32)


def _span(file: Any) -> tuple[datetime, datetime]:
    what = _attributes(file["dataset1"])
    if "enddate" not in what:
        whole = dict(file["what"].attrs)
        at = _instant(whole["date"], whole["time"])
        return at, at
    return _instant(what["startdate"], what["starttime"]), _instant(what["enddate"], what["endtime"])


def _instant(date: Any, time: Any) -> datetime:
    """Date and time as 20100826 and 000500, UTC."""
    day, clock = _text(date), _text(time)
    parts = (day[:4], day[4:6], day[6:8], clock[:2], clock[2:4], clock[4:6])
    return datetime(*(int(part) for part in parts), tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers, in order


def _grid(file: Any) -> Grid:
    where = dict(file["where"].attrs)
    plane = projection(_text(where["projdef"]))
    corners = [plane.km(float(where[f"{one}_lon"]), float(where[f"{one}_lat"])) for one in ("LL", "UR")]
    (west, south), (east, north) = corners
    columns, rows = int(where["xsize"]), int(where["ysize"])
    width, height = (east - west) / columns, (north - south) / rows
    pixel_km = height * KM_PER_DEG if plane.name == "longlat" else (width + height) / 2
    return Grid(plane, west, north, width, height, pixel_km)


def _text(value: Any) -> str:
    one = np.ravel(value)[0]
    return one.decode("ascii", "replace") if isinstance(one, bytes) else str(one)
