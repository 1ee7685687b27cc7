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
    """A place with sensors that one area answers for. All sensors of a site are processed together.

    Attributes:
        id: letters, digits and _ . : - , at most 64.
        area: code of the area that answers for it.
        name_zh, name_en: what people call it.
        longitude_deg, latitude_deg: WGS 84.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    area: AreaCode
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    longitude_deg: float | None = Field(default=None, ge=-180, le=180)
    latitude_deg: float | None = Field(default=None, ge=-90, le=90)


class Sensor(BaseModel):
    """One instrument that measures one quantity.

    Attributes:
        id: letters, digits and _ . : - , at most 64.
        site: id of the site where it stands.
        kind: what it was installed for; detectors choose their sensors by it.
        quantity: what it measures; inside Forewarn each quantity has one unit.
        unit: what the device sends, where it is not the quantity's own; adapters convert it.
        gas: which gas, for the limits of a toxic one and to convert units.
        range_low, range_high: the instrument's span in the quantity's own unit; a value outside is a failed one.
        path_m: length of the path of an open-path gas instrument, whose readings are means along it.
        group: sensors of one site and one group (a room, a tank, a slope) corroborate each other.
        longitude_deg, latitude_deg: WGS 84, where it does not stand where its site does.
        thresholds: options of detectors for this sensor alone: {"gas_levels.first_lel" = 20.0}.
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
    interval_s: float = Field(ge=0.001, le=31_536_000.0, description="how often it reports")
    path_m: float | None = Field(default=None, gt=0, le=1000)
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
