"""The sections of the configuration that belong to the process itself."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator


class TimeSource(StrEnum):
    """What moves time on where no reading arrives.

    WALL: the clock, for live sensors. EVENT: the readings' own instants, for recordings and drills.
    """

    WALL = "wall"
    EVENT = "event"


class AttributionOptions(BaseModel):
    """Whose data is shown, for the page's About panel.

    Attributes:
        title: what the data set is called.
        licence: the licence it came under.
        text: what is said of it: its author, what was changed.
        url: where it is told more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    licence: str
    text: str
    url: str = ""


class ProcessOptions(BaseModel):
    """`[process]`.

    Attributes:
        data: folder of the journal and the store.
        time: what moves time on.
        tick_s: how often the clock tells that time moves on; event time does so each minute.
        snapshot_every_s: how often state is saved; a restart takes in again what came since.
        keep_readings_s: how long readings stay in the journal, to explain findings with.
        pending_max: readings that may wait to be written before devices are told to come again.
        time_zone: IANA name of the zone that people read clocks in.
        banner_en, banner_zh: shown on the page, for demonstrations and drills.
        attributions: whose data is shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Path("data")
    time: TimeSource = TimeSource.WALL
    tick_s: float = Field(default=1.0, gt=0)
    snapshot_every_s: float = Field(default=30.0, gt=0)
    keep_readings_s: float = Field(default=86_400.0, ge=0)
    pending_max: int = Field(default=1_000_000, ge=1)
    time_zone: str = "Asia/Shanghai"
    banner_en: str = ""
    banner_zh: str = ""
    attributions: tuple[AttributionOptions, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:  # a path, a folder, no name at all
            raise ValueError("must be an IANA zone, for example Asia/Shanghai or UTC") from error
        return name


class InventoryOptions(BaseModel):
    """`[inventory]`.

    Attributes:
        path: a TOML file, or a folder with areas.csv, sites.csv and sensors.csv.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
