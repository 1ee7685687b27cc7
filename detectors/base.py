"""The contract of a detector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from detectors.kernel import records
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Series
from pipeline.model.site import Sensor

Options = TypeVar("Options", bound=BaseModel)
LONGEST_S: Final = 1e9
"""The longest time that an option may ask for, 31 years: what is longer does not fit into 64 bits of nanoseconds."""
MOST: Final = 1_000_000_000
"""The greatest count that an option may ask for."""
_NO_TIME: Final = ("_per_s", "_m_s")
"""Ends of names of rates and speeds, which look like times."""


def require_bounds(name: str, value: object) -> None:
    """Refuse a time (an option whose name ends with `_s`) or a count that machine numbers cannot hold.

    Raises:
        ValueError: beyond LONGEST_S or MOST.
    """
    if isinstance(value, float) and name.endswith("_s") and not name.endswith(_NO_TIME) and value > LONGEST_S:
        message = f"must be at most {LONGEST_S:g} s, which is 31 years"
        raise ValueError(message)
    if isinstance(value, int) and value > MOST:
        message = f"must be at most {MOST}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Criterion:
    """Why a level was reached: a rule, the document it stands in, and its words for people.

    `unit` is that of `value` and `threshold` in findings that cite it. `figure_en` and `figure_zh` say what these are
    where they are no values of the quantity that was measured; both or neither. `below_alarm`: it is met far below any
    level that instruments sound an alarm at, so that what it finds is only suspected. `standard_zh` names the document
    to those who read Chinese, where its name has words of English in it.
    """

    key: str
    standard: str
    unit: str
    en: str
    zh: str
    figure_en: str = ""
    figure_zh: str = ""
    below_alarm: bool = False
    standard_zh: str = ""

    @property
    def source_zh(self) -> str:
        """The document, for those who read Chinese."""
        return self.standard_zh or self.standard


class DetectorOptions(BaseModel):
    """What every detector can be told; each adds its own. Units are in the names.

    No time is beyond LONGEST_S, no count beyond MOST.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    raise_after_s: float = Field(default=0.0, ge=0, description="how long evidence must last to raise a level")
    lower_after_s: float = Field(default=600.0, ge=0, description="hold-off: how long quiet must last to lower one")
    expected_tolerance_s: float = Field(
        default=300.0, ge=0, description="by how much an expected onset must move to be told again"
    )

    @field_validator("*")
    @classmethod
    def _machine_numbers_hold_it(cls, value: Any, info: ValidationInfo) -> Any:
        require_bounds(info.field_name or "", value)
        return value


@dataclass(frozen=True, slots=True)
class Subject:
    """What one state record stands for: a sensor, or several of one site that speak together.

    Attributes:
        id: the sensor's id, or `site/group`.
        series: the series it listens to; the place in this list is the channel that `step` is given.
        params: value of each field of the detector's `params` record.
        options: the options in force for this subject (a sensor may override some).
    """

    id: str
    site: str
    series: tuple[Series, ...]
    params: Mapping[str, Any]
    options: DetectorOptions = field(default_factory=DetectorOptions)


class Detector(ABC):
    """One way of seeing one hazard, causal and deterministic.

    A concrete detector is a file: an options model, two dtypes, a step and a class. Its promises, checked for
    every registered detector by `detectors.checks`: the result does not depend on how readings are cut into
    batches; state saved and restored gives the same result; a NaN, a repeat or a late reading never reaches it;
    a constant, plausible input gives no finding.

    `step(state, params, channel, at_ns, value, level, evidence)` is compiled by `detectors.kernel.kernel`. It updates
    `state` and says in `evidence` what this one reading stands for; episodes, hold-off and hysteresis over time are
    the loop's. Instants of one series rise; across the channels of one subject they may step back a little.

    `state_since` is the oldest version whose saved state this one takes up, None for its own alone: what was learned
    for days is not lost by a new threshold. A field that is new since then begins at 0.
    """

    kind: ClassVar[str]
    version: ClassVar[int]
    state_since: ClassVar[int | None] = None
    hazard: ClassVar[Hazard]
    options_type: ClassVar[type[DetectorOptions]]
    state: ClassVar[np.dtype[Any]]
    params: ClassVar[np.dtype[Any]]
    step: ClassVar[Callable[..., None]]
    criteria: ClassVar[tuple[Criterion, ...]]

    def __init__(self, options: DetectorOptions | None = None) -> None:
        self.options = options or self.options_type()

    @classmethod
    def on_trial(cls) -> Self:
        """What `detectors.checks` tries; one that watches nobody by default names somebody here."""
        return cls()

    @abstractmethod
    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Whom this detector watches, in a fixed order; a series belongs to at most one subject."""

    def initial(self, count: int) -> np.ndarray[Any, Any]:
        """State records before the first reading: zeros unless a detector needs otherwise."""
        return records(count, self.state)

    def options_for(self, sensor: Sensor) -> Any:
        """The options with what the inventory's `thresholds` of this sensor override.

        Raises:
            pydantic.ValidationError: an override that is no option of this detector, or out of bounds.
        """
        return overridden(self.options, self.kind, sensor)


def overridden(options: Options, kind: str, sensor: Sensor) -> Options:
    """`options` with the entries of the sensor's `thresholds` that begin with `kind` and a dot.

    Raises:
        pydantic.ValidationError: an entry that is no option of this kind, or out of bounds.
    """
    if not sensor.thresholds:
        return options
    prefix = f"{kind}."
    own = {key.removeprefix(prefix): v for key, v in sensor.thresholds.items() if key.startswith(prefix)}
    return type(options).model_validate({**options.model_dump(), **own}) if own else options
