"""From longitude and latitude to the plane of a composite, for the projections that composites come in.

Formulas: Snyder 1987, Map Projections - A Working Manual (USGS Professional Paper 1395): polar stereographic 21-33 and
21-34, Lambert azimuthal equal-area 24-2 to 24-18. The text is that of PROJ: `+proj=stere +lat_0=90 +lat_ts=60 ...`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, cos, pi, radians, sin, sqrt, tan
from typing import Final

_ELLIPSOIDS: Final = {
    "WGS84": (6378.137, 1 / 298.257223563),
    "GRS80": (6378.137, 1 / 298.257222101),
    "bessel": (6377.397155, 1 / 299.1528128),
    "sphere": (6370.997, 0.0),
}
"""Equatorial radius [km] and flattening."""
KNOWN: Final = ("stere", "laea", "longlat")
_POLE_DEG: Final = 90.0
_METRES_FROM: Final = 10_000.0
"""No planet has a radius of so many kilometres: it is said in metres."""


class ProjectionError(ValueError):
    """A projection that is not known, or told by halves; the text lists those that are known."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A plane. `radius_km` and `eccentricity` are those of the ellipsoid; x grows to the east, y to the north."""

    name: str
    longitude_deg: float
    latitude_deg: float
    true_deg: float
    radius_km: float
    eccentricity: float
    east_km: float
    north_km: float

    def km(self, longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
        """Where a place lies: x and y [km], or [deg] of a plane that is longitude and latitude itself."""
        if self.name == "longlat":
            return longitude_deg, latitude_deg
        plane = _stereographic if self.name == "stere" else _equal_area
        x, y = plane(self, radians(longitude_deg - self.longitude_deg), radians(latitude_deg))
        return x + self.east_km, y + self.north_km


def projection(text: str) -> Projection:
    """What a PROJ text means.

    Raises:
        ProjectionError: not one of KNOWN, a number that is none, or a stereographic one that is not about a pole.
    """
    words = dict(part.lstrip("+").partition("=")[::2] for part in text.split())
    name = {"latlong": "longlat", "lonlat": "longlat"}.get(words.get("proj", ""), words.get("proj", ""))
    if name not in KNOWN:
        raise ProjectionError(f"projection {name!r} of {text!r:.200} is none of {', '.join(KNOWN)}")
    try:
        number = {key: float(words.get(key) or 0) for key in ("lon_0", "lat_0", "lat_ts", "x_0", "y_0", "a", "b", "R")}
    except ValueError as error:
        raise ProjectionError(f"projection {text!r:.200}: {error}") from error
    radius, flattening = _ELLIPSOIDS.get(words.get("ellps", words.get("datum", "WGS84")), _ELLIPSOIDS["WGS84"])
    if number["R"] or number["a"]:
        radius = number["R"] or number["a"]
        flattening = 1 - number["b"] / radius if number["b"] else 0.0
    metres = radius > _METRES_FROM
    if name == "stere" and abs(number["lat_0"]) != _POLE_DEG:
        raise ProjectionError(
            f"projection {text!r:.200}: only a stereographic plane about a pole is known (lat_0 = 90)"
        )
    return Projection(
        name,
        number["lon_0"],
        number["lat_0"],
        number["lat_ts"] or number["lat_0"],
        radius / 1000 if metres else radius,
        sqrt(max(flattening * (2 - flattening), 0.0)),
        number["x_0"] / (1 if not metres and number["a"] else 1000),
        number["y_0"] / (1 if not metres and number["a"] else 1000),
    )


def _stereographic(plane: Projection, east: float, latitude: float) -> tuple[float, float]:
    pole = 1.0 if plane.latitude_deg > 0 else -1.0
    true = radians(abs(plane.true_deg))
    if abs(plane.true_deg) == _POLE_DEG:
        e = plane.eccentricity
        scale = 2 * plane.radius_km / sqrt((1 + e) ** (1 + e) * (1 - e) ** (1 - e))
    else:
        scale = plane.radius_km * _parallel(plane, true) / _conformal(plane, true)
    distance = scale * _conformal(plane, pole * latitude)
    return distance * sin(east), -pole * distance * cos(east)


def _parallel(plane: Projection, latitude: float) -> float:
    """Radius of a parallel, in radii of the equator (Snyder 14-15)."""
    return cos(latitude) / sqrt(1 - (plane.eccentricity * sin(latitude)) ** 2)


def _conformal(plane: Projection, latitude: float) -> float:
    """Snyder 15-9."""
    e = plane.eccentricity * sin(latitude)
    flattened: float = ((1 + e) / (1 - e)) ** (plane.eccentricity / 2)
    return tan(pi / 4 - latitude / 2) * flattened


def _equal_area(plane: Projection, east: float, latitude: float) -> tuple[float, float]:
    pole = _authalic(plane, pi / 2)
    radius = plane.radius_km * sqrt(pole / 2)
    sine_0, sine = _authalic(plane, radians(plane.latitude_deg)) / pole, _authalic(plane, latitude) / pole
    cosine_0, cosine = sqrt(max(1 - sine_0**2, 0.0)), sqrt(max(1 - sine**2, 0.0))
    along = radius * sqrt(2 / (1 + sine_0 * sine + cosine_0 * cosine * cos(east)))
    stretch = _parallel(plane, radians(plane.latitude_deg)) * plane.radius_km / (radius * cosine_0) if cosine_0 else 1.0
    x = along * stretch * cosine * sin(east)
    return x, along / stretch * (cosine_0 * sine - sine_0 * cosine * cos(east))


def _authalic(plane: Projection, latitude: float) -> float:
    """Snyder 3-12."""
    e, sine = plane.eccentricity, sin(latitude)
    if e == 0.0:
        return 2 * sine
    return (1 - e * e) * (sine / (1 - (e * sine) ** 2) + atanh(e * sine) / e)
