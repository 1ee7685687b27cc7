"""Which areas are neighbours, by the distance of their borders. Pure."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.model.area import Ring, overlap
from pipeline.model.earth import M_PER_DEG
from pipeline.model.inventory import Inventory

_Points = NDArray[np.float64]


class Borders:
    """Asked again and again for the same pairs: what was reckoned is kept."""

    def __init__(self, inventory: Inventory, distance_m: float) -> None:
        self._areas = inventory.area_by_code
        self._distance_m = distance_m
        self._near = lru_cache(maxsize=100_000)(self._reckoned)

    def touch(self, one: str, other: str) -> bool:
        """Whether two areas are the same, hold each other, or have borders no further apart than the distance.

        An area without a polygon has no neighbours: what nobody wrote down is not assumed.
        """
        return overlap(one, other) or self._near(*sorted((one, other)))

    def _reckoned(self, one: str, other: str) -> bool:
        rings = [self._areas[code].polygon for code in (one, other) if code in self._areas]
        if len(rings) < 2 or rings[0] is None or rings[1] is None:  # noqa: PLR2004  # of the two
            return False
        return distance_m(rings[0], rings[1]) <= self._distance_m


def distance_m(one: Ring, other: Ring) -> float:
    """Between two borders [m]; 0 where they cross. Rings: longitude, latitude [deg], WGS 84, closed."""
    middle = np.radians(np.mean([point[1] for point in (*one, *other)]))
    scale = np.array([np.cos(middle), 1.0]) * M_PER_DEG
    a, b = np.asarray(one, np.float64) * scale, np.asarray(other, np.float64) * scale
    if _cross(a, b):
        return 0.0
    return min(_to_edges(a, b), _to_edges(b, a))


def _to_edges(points: _Points, ring: _Points) -> float:
    """From the nearest of the points to the nearest edge of a ring; shapes (n, 2) and (m, 2)."""
    start, along = ring[:-1], np.diff(ring, axis=0)
    square = np.maximum((along**2).sum(axis=1), 1e-12)
    away = points[:, None, :] - start
    at = np.clip((away * along).sum(axis=2) / square, 0.0, 1.0)
    return float(np.min(np.hypot(*np.moveaxis(away - at[..., None] * along, 2, 0))))


def _cross(one: _Points, other: _Points) -> bool:
    """Whether an edge of one crosses an edge of the other."""
    a, c = one[:-1, None, :], other[None, :-1, :]
    ab, cd = np.diff(one, axis=0)[:, None, :], np.diff(other, axis=0)[None, :, :]

    def side(origin: _Points, along: _Points, point: _Points) -> _Points:
        away = point - origin
        return np.sign(along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0])

    apart = (side(a, ab, c) * side(a, ab, c + cd) < 0) & (side(c, cd, a) * side(c, cd, a + ab) < 0)
    return bool(apart.any())
