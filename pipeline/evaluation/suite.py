"""A suite: recordings, what really happened in them, and how episodes and events are to be counted. Data, in TOML."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from device_adapters.recordings.options import RecordingOptions
from pipeline.config.inventory_files import load_inventory
from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError
from pipeline.evaluation.events import EventTable, Told
from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level, LevelField
from pipeline.model.quantity import Quantity

SHIPPED: Final = ("gas", "fire", "tank", "process", "clean", "overfill", "slope")
"""Suites inside the package, in the order they are reported."""


class Table(BaseModel):
    """Part of a suite: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MatrixColumn(Table):
    """One sensor in a matrix: value = factor * number + offset; columns count from 1."""

    column: int = Field(ge=1)
    sensor: str
    factor: float = 1.0
    offset: float = 0.0


class Matrix(Table):
    """A text file of numbers without names or times: one row every `step_s` from `begin_at` on."""

    file: Path
    begin_at: Instant
    step_s: float = Field(gt=0)
    columns: Annotated[tuple[MatrixColumn, ...], Field(min_length=1)]


class Adjustment(Table):
    """What is done to some sensors' values before they are played.

    Attributes:
        sensors: patterns with * and ?.
        zero_s: the mean of this first time is the instrument's zero; values count from it and are never below.
        optical_density: values are 1/m and become obscuration, 100 (1 - 10^-OD) in %/m.
    """

    sensors: Annotated[tuple[str, ...], Field(min_length=1)]
    zero_s: float | None = Field(default=None, gt=0)
    optical_density: bool = False


class Part(Table):
    """A span that is reported by itself. The calibration part is the one that thresholds were chosen on."""

    name: str
    begin: Instant
    end: Instant
    calibration: bool = False
    list_warnings: bool = False

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if not self.begin < self.end:
            raise ValueError(f"part {self.name!r} ends before it begins")
        return self


class Baseline(Table):
    """What stands beside the detectors: one threshold for all sensors of a quantity, and river's default.

    Without `threshold` both are chosen on the calibration part: the lowest with no more false episodes than `budget`.
    """

    quantity: Quantity
    threshold: float | None = None
    budget_per_sensor_month: float = Field(default=1.0, gt=0)
    river: bool = False


class Published(Table):
    """What others reached, in words, and where it is written."""

    what: str
    source: str


Figure = Literal[
    "pod", "skill", "csi", "far", "episodes", "false", "false_per_sensor_month",
    "delay_p10_s", "delay_p50_s", "delay_p90_s", "lead_p10_s", "lead_p50_s", "lead_p90_s",
]  # fmt: skip


class Aim(Table):
    """A bound that one figure of one row is held against."""

    part: str
    row: str
    figure: Figure
    floor: float | None = None
    goal: float | None = None


class SuiteFile(Table):
    """A suite as it is written.

    Attributes:
        within: `recordings`, the folder given, or a folder of the samples that are shipped.
        inventory: beside the suite; or, within a sample, below that.
        hazard: what is looked for; None for all that the public is warned of.
        apart: each recording is of a place of its own, played through a core of its own.
        found_within_s: an episode that opens later than this after the begin did not find it; None: until its end.
        afterglow_s: for how long after an event an episode is no false one.
        levels: rows are made for each of them.
        by_chance: whether a chance POD means anything: the recording is more than its events.
        early_s: the lead time that physics allows to ask for.
    """

    title: str
    about: str
    licence: str
    source: str
    within: str = "recordings"
    inventory: Path = Path()
    hazard: Hazard | None = None
    recordings: tuple[RecordingOptions, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    event_table: EventTable | None = None
    events: tuple[Told, ...] = ()
    apart: bool = False
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    found_within_s: float | None = Field(default=None, gt=0)
    afterglow_s: float = Field(default=1800.0, ge=0)
    hold_off_s: float = Field(default=1800.0, ge=0)
    tick_s: float = Field(default=60.0, gt=0)
    levels: tuple[LevelField, ...] = (Level.BLUE,)
    by_chance: bool = True
    early_s: float | None = Field(default=None, gt=0)
    baseline: Baseline | None = None
    published: tuple[Published, ...] = ()
    aims: tuple[Aim, ...] = ()

    @model_validator(mode="after")
    def _can_be_calibrated(self) -> Self:
        wanted = self.baseline
        if wanted and (wanted.threshold is None or wanted.river) and self.calibration is None:
            raise ValueError("the baseline needs a threshold, or a part with calibration = true to choose it on")
        return self

    @model_validator(mode="after")
    def _aims_at_its_parts(self) -> Self:
        parts = [part.name for part in self.parts]
        unknown = [aim.part for aim in self.aims if aim.part not in parts]
        if unknown:
            raise ValueError(f"an aim is at part {unknown[0]!r}; there are {', '.join(map(repr, parts))}")
        return self

    @property
    def calibration(self) -> Part | None:
        """The part that thresholds were chosen on."""
        return next((part for part in self.parts if part.calibration), None)


@dataclass(frozen=True)
class Suite:
    """A suite ready to be played: its data, its inventory, and the recordings with their full paths."""

    name: str
    told: SuiteFile
    inventory: Inventory
    recordings: tuple[RecordingOptions, ...]
    folder: Path


def shipped(name: str) -> Path:
    """The file of a suite inside the package."""
    return Path(str(files("pipeline.evaluation"))) / "suites" / name / "suite.toml"


def load_suite(path: Path, recordings: Path | None) -> Suite | None:
    """The suite at `path`; None where it needs a folder of recordings and none is given.

    Raises:
        ConfigError, ExceptionGroup[ConfigError]: what is wrong with it or its inventory.
    """
    toml = TomlFile(path)
    told = toml.validated(SuiteFile, toml.data, ())
    folder = recordings if told.within == "recordings" else _sample(toml, told.within)
    if folder is None:
        return None
    inventory = load_inventory((path.parent if told.within == "recordings" else folder) / told.inventory)
    name = path.parent.name if path.name == "suite.toml" else path.stem
    return Suite(name, told, inventory, tuple(_placed(one, folder) for one in told.recordings), folder)


def _sample(toml: TomlFile, name: str) -> Path:
    folder = Path(str(files("pipeline.samples"))) / name
    if not folder.is_dir():
        raise ConfigError(toml.path, f"within: no sample {name!r}", toml.line_of(("within",)))
    return folder


def _placed(options: RecordingOptions, folder: Path) -> RecordingOptions:
    return options.model_copy(
        update={"files": tuple(file if isinstance(file, str) else folder / file for file in options.files)}
    )
