"""How far apart places are, for sites and districts: a sphere of 6,371 km does."""

from __future__ import annotations

from typing import Final

KM_PER_DEG: Final = 111.195
"""Of latitude."""
M_PER_DEG: Final = 111_195.0
"""The same."""
