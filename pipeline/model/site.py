"""Sites and their sensors, as the inventory lists them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.model.area import AreaCode
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Series

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
"""Letters, digits and _ . : - , at most 64: safe in topics, paths, tags and XML."""


class Site(BaseModel):
    """A place with sensors that one area answers for. All sensors of a site are processed together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    area: AreaCode
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    longitude_deg: float | None = Field(default=None, ge=-180, le=180)
    latitude_deg: float | None = Field(default=None, ge=-90, le=90)


class Sensor(BaseModel):
    """One instrument that measures one quantity.

    `unit` is what the device sends (default: the quantity's own); adapters convert it. `range_low` and
    `range_high` are the instrument's span in the quantity's own unit: a value outside is a failed one.
    Sensors of one site and one `group` (a room, a tank, a slope) corroborate each other.
    `thresholds` overrides single detector options for this sensor: {"gas_levels.first_lel": 20.0}.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    site: Identifier
    kind: SensorKind
    quantity: Quantity
    unit: str | None = None
    gas: str | None = None
    range_low: float
    range_high: float
    interval_s: float = Field(gt=0, description="how often it reports")
    group: str = ""
    longitude_deg: float | None = Field(default=None, ge=-180, le=180)
    latitude_deg: float | None = Field(default=None, ge=-90, le=90)
    thresholds: dict[str, float] = Field(default_factory=dict)

    @property
    def series(self) -> Series:
        """What its readings belong to."""
        return Series(self.id, self.quantity)

    @model_validator(mode="after")
    def _range_has_a_width(self) -> Self:
        if not self.range_low < self.range_high:
            message = f"sensor {self.id}: range_low {self.range_low} must be below range_high {self.range_high}"
            raise ValueError(message)
        return self
