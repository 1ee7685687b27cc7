"""The inventory: areas, sites and sensors, checked against each other, with the look-ups that stages need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.model.area import Area
from pipeline.model.reading import Series
from pipeline.model.site import Sensor, Site


class InventoryError(ValueError):
    """Entries that contradict each other; `where` names the entry, `str()` the whole complaint."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


@dataclass(frozen=True)
class Inventory:
    """Everything that is known of the field. Order of the entries does not matter: they are kept sorted.

    Raises:
        InventoryError: an id twice, a site in an unknown area, a sensor at an unknown site.
    """

    areas: tuple[Area, ...]
    sites: tuple[Site, ...]
    sensors: tuple[Sensor, ...]
    version: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name, key in (("areas", "code"), ("sites", "id"), ("sensors", "id")):
            entries = sorted(getattr(self, name), key=lambda entry: str(getattr(entry, key)))
            object.__setattr__(self, name, tuple(entries))
        for error in contradictions(self.areas, self.sites, self.sensors):
            raise error

    @cached_property
    def area_by_code(self) -> dict[str, Area]:
        """12-digit code -> area."""
        return {area.code: area for area in self.areas}

    @cached_property
    def site_by_id(self) -> dict[str, Site]:
        """Id -> site."""
        return {site.id: site for site in self.sites}

    @cached_property
    def sensor_by_id(self) -> dict[str, Sensor]:
        """Id -> sensor."""
        return {sensor.id: sensor for sensor in self.sensors}

    @cached_property
    def slot_by_series(self) -> dict[Series, int]:
        """Series -> its row in every array of state, in order of sensor id."""
        return {sensor.series: slot for slot, sensor in enumerate(self.sensors)}

    def site_of(self, sensor_id: str) -> Site:
        """The site of a sensor that the inventory lists."""
        return self.site_by_id[self.sensor_by_id[sensor_id].site]

    def area_of(self, sensor_id: str) -> Area:
        """The area that answers for a sensor."""
        return self.area_by_code[self.site_of(sensor_id).area]


def contradictions(areas: Sequence[Area], sites: Sequence[Site], sensors: Sequence[Sensor]) -> Iterator[InventoryError]:
    """Everything that keeps these from being an Inventory."""
    codes, places = [area.code for area in areas], [site.id for site in sites]
    for kind, keys in (("area", codes), ("site", places), ("sensor", [sensor.id for sensor in sensors])):
        twice = (key for key, count in Counter(keys).items() if count > 1)
        yield from (InventoryError(f"{kind} {key}", "is listed more than once") for key in twice)
    known_codes, known_places = set(codes), set(places)
    for site in sites:
        if site.area not in known_codes:
            yield InventoryError(f"site {site.id}", f"area {site.area} is not in the inventory")
    for sensor in sensors:
        if sensor.site not in known_places:
            yield InventoryError(f"sensor {sensor.id}", f"site {sensor.site} is not in the inventory")
