"""Forecasts of rain by others, as JSON or CSV: values at points or on a grid, to readings at sites.

    {"issued_at": "2026-06-01T08:00:00Z",
     "points": [{"site": "hill", "horizon_min": 60, "median_mm": 12.5, "high_mm": 31.0},
                {"longitude_deg": 120.1, "latitude_deg": 30.2, "horizon_min": 180, "median_mm": 20.0}],
     "grid": {"west_deg": 119.0, "north_deg": 31.0, "step_deg": 0.1,
              "fields": [{"horizon_min": 60, "median_mm": [[0.0, 1.5], [2.0, null]],
                          "high_mm": [[1.0, 4.0], [6.0, null]]}]}}

    issued_at,site,longitude_deg,latitude_deg,horizon_min,median_mm,high_mm
    2026-06-01T08:00:00Z,hill,,,60,12.5,31.0

A grid begins at the middle of its north-western cell, rows go south. A site takes what names it, else the nearest point
within reach, else the cell that it lies in; values that no site takes are let be. Where `high_mm`, which is exceeded
one time in ten, is left out, the error of `pipeline.forecast.spread` stands for it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, isfinite, radians
from typing import Annotated, Any, Final

import msgspec

from device_adapters.codecs.base import Decoded, RejectReason
from device_adapters.codecs.claims import Claims
from device_adapters.codecs.judgement import judge
from device_adapters.codecs.loose import Loose, claim
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.times import TimeOptions
from pipeline.forecast.spread import HORIZONS_MIN, bound_mm
from pipeline.model.earth import KM_PER_DEG

POINTS_MAX: Final = 200_000
_COLUMNS: Final = ("issued_at", "horizon_min", "median_mm")
_Degrees = Annotated[float, msgspec.Meta(ge=-180, le=360)]


@dataclass(frozen=True, slots=True)
class RainPlace:
    """A site, and the sensors that stand for its forecasts: horizon [min] and part (0 median, 1 upper bound) -> id."""

    site: str
    where: tuple[float, float] | None
    sensors: Mapping[tuple[int, int], str]


class _Point(msgspec.Struct):
    horizon_min: int
    median_mm: float | None
    high_mm: float | None = None
    site: str | None = None
    longitude_deg: _Degrees | None = None
    latitude_deg: _Degrees | None = None
    issued_at: str | int | float | None = None


class _Field(msgspec.Struct):
    horizon_min: int
    median_mm: list[list[float | None]]
    high_mm: list[list[float | None]] | None = None


class _Grid(msgspec.Struct):
    west_deg: _Degrees
    north_deg: _Degrees
    step_deg: Annotated[float, msgspec.Meta(gt=0, le=10)]
    fields: list[_Field]


class _Document(msgspec.Struct):
    issued_at: str | int | float | None = None
    points: list[Any] = []
    grid: _Grid | None = None


_DOCUMENT: Final = msgspec.json.Decoder(_Document)


class RainDocuments:
    """The codec, for the places of one source."""

    def __init__(
        self, places: Sequence[RainPlace], reach_km: float, times: TimeOptions, measurements: Measurements
    ) -> None:
        self._places = places
        self._reach_km = reach_km
        self._times = times
        self._measurements = measurements

    def decode(self, payload: bytes, received_at_ns: int) -> Decoded:
        """JSON where it begins like that, else CSV."""
        claims = Claims()
        is_json = payload.lstrip()[:1] in (b"{", b"[")
        try:
            document = _DOCUMENT.decode(payload) if is_json else _Document(points=list(_rows(payload)))
        except (msgspec.MsgspecError, ValueError, csv.Error, RecursionError) as error:
            claims.refuse(None, RejectReason.MALFORMED, f"no forecast of rain: {error}"[:500], payload)
        else:
            self._read(claims, document, payload)
        return judge(claims, self._measurements, self._times, received_at_ns)

    def _read(self, claims: Claims, document: _Document, payload: bytes) -> None:
        if len(document.points) > POINTS_MAX:
            detail = f"{len(document.points)} points, at most {POINTS_MAX} are read; send a grid, or less at a time"
            claims.refuse(None, RejectReason.TOO_LARGE, detail, payload)
            return
        points = self._points(claims, document)
        before = len(claims.positions) + len(claims.rejects)
        for place in self._places:
            for horizon_min in HORIZONS_MIN:
                self._claim(claims, place, horizon_min, points, document)
        if len(claims.positions) + len(claims.rejects) == before == 0:
            detail = f"no value of it is for a site of ours: name the site, or be within {self._reach_km:g} km of it"
            claims.refuse(None, RejectReason.UNKNOWN_SENSOR, detail, payload)

    def _points(self, claims: Claims, document: _Document) -> dict[int, list[tuple[int, _Point]]]:
        """Horizon -> the points that can be read, with their positions."""
        found: dict[int, list[tuple[int, _Point]]] = {horizon_min: [] for horizon_min in HORIZONS_MIN}
        known = {place.site for place in self._places}
        for position, item in enumerate(document.points):
            try:
                point = msgspec.convert(item, _Point, strict=False)
            except (msgspec.MsgspecError, ValueError) as error:
                claims.refuse(position, RejectReason.MALFORMED, f"no point: {error}"[:500], item)
                continue
            if point.site is not None and point.site not in known:
                detail = f"site {point.site!r:.80} has no sensors for these forecasts; add them, or mend the name"
                claims.refuse(position, RejectReason.UNKNOWN_SENSOR, detail, item)
            elif point.site is None and (point.longitude_deg is None or point.latitude_deg is None):
                detail = "a point needs a site, or longitude_deg and latitude_deg"
                claims.refuse(position, RejectReason.MALFORMED, detail, item)
            elif point.horizon_min not in found:
                detail = f"horizon_min {point.horizon_min} is none of {', '.join(map(str, HORIZONS_MIN))}"
                claims.refuse(position, RejectReason.UNKNOWN_QUANTITY, detail, item)
            else:
                found[point.horizon_min].append((position, point))
        return found

    def _claim(
        self,
        claims: Claims,
        place: RainPlace,
        horizon_min: int,
        points: Mapping[int, Sequence[tuple[int, _Point]]],
        document: _Document,
    ) -> None:
        chosen = self._nearest(place, points[horizon_min])
        if chosen is None and document.grid is not None:
            chosen = next(_cells(document.grid, place, horizon_min), None)
        if chosen is None:
            return
        position, point = chosen
        at = document.issued_at if point.issued_at is None else point.issued_at
        amounts = (point.median_mm, _high_mm(point))
        for part, amount_mm in enumerate(amounts):
            sensor = place.sensors.get((horizon_min, part))
            if sensor is not None:
                claim(claims, position, point, Loose(sensor, amount_mm, at, unit="mm"), {})

    def _nearest(self, place: RainPlace, points: Sequence[tuple[int, _Point]]) -> tuple[int, _Point] | None:
        named = [one for one in points if one[1].site == place.site]
        if named:
            return named[-1]
        near = [(far, *one) for one in points if (far := _km(place, one[1])) <= self._reach_km]
        return min(near, key=lambda one: one[:2])[1:] if near else None


def _rows(payload: bytes) -> Iterator[dict[str, Any]]:
    """Lines of CSV as points would stand in JSON; empty cells are left out.

    Raises:
        ValueError: no header, or one that lacks a column.
    """
    reader = csv.DictReader(io.StringIO(payload.decode("utf-8-sig")), strict=True)
    columns = reader.fieldnames or ()
    missing = [name for name in _COLUMNS if name not in columns]
    if missing:
        message = f"neither JSON nor CSV with a header: column {', '.join(missing)} is missing"
        raise ValueError(message)
    for row in reader:
        yield {name: text.strip() for name, text in row.items() if name and isinstance(text, str) and text.strip()}


def _km(place: RainPlace, point: _Point) -> float:
    if place.where is None or point.site is not None or point.longitude_deg is None or point.latitude_deg is None:
        return float("inf")
    east = (point.longitude_deg - place.where[0]) * cos(radians(place.where[1]))
    return hypot(east, point.latitude_deg - place.where[1]) * KM_PER_DEG


def _cells(grid: _Grid, place: RainPlace, horizon_min: int) -> Iterator[tuple[int, _Point]]:
    """The cell that the place lies in, of each field of that horizon."""
    if place.where is None:
        return
    row = round((grid.north_deg - place.where[1]) / grid.step_deg)
    column = round((place.where[0] - grid.west_deg) / grid.step_deg)
    for position, field in enumerate(grid.fields):
        if field.horizon_min == horizon_min and _has(field.median_mm, row, column):
            high = field.high_mm
            high_mm = high[row][column] if high is not None and _has(high, row, column) else None
            yield position, _Point(horizon_min, field.median_mm[row][column], high_mm, place.site)


def _has(cells: Sequence[Sequence[float | None]], row: int, column: int) -> bool:
    return 0 <= row < len(cells) and 0 <= column < len(cells[row])


def _high_mm(point: _Point) -> float | None:
    if point.high_mm is not None or point.median_mm is None or not isfinite(point.median_mm):
        return point.high_mm
    return bound_mm(point.horizon_min, point.median_mm)
