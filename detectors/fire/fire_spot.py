"""What cameras and satellites say of a fire outside: events with a confidence, weighed against each other.

A source says how sure it is that something burns, in percent, and 0 when it looked and nothing does. One source alone
stays yellow: dust, steam and the sun's glint fool each of them in its own way. A second one of the group that agrees
makes it orange. How dry the woods are (`fire_weather`) weighs in at the assessment, as a chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field, model_validator

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.kernel import kernel
from detectors.watched import together
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

SOURCES_MAX: Final = 16
_ONE, _AGREED = 0, 1


class SpotOptions(DetectorOptions):
    """Classes of confidence, and how long an event counts."""

    lower_after_s: float = Field(default=1800.0, ge=0, description="hold-off: a camera turns, smoke hides the flame")
    possible: float = Field(default=30.0, gt=0, le=100, description="confidence of a possible fire [%]: MODIS nominal")
    likely: float = Field(default=80.0, gt=0, le=100, description="confidence of a likely fire [%]: MODIS high")
    agree_s: float = Field(default=3600.0, gt=0, description="how old another source's word may be")

    @model_validator(mode="after")
    def _classes_rise(self) -> Self:
        if not self.possible < self.likely:
            message = f"possible must be below likely; they are {self.possible:g}, {self.likely:g}"
            raise ValueError(message)
        return self


STATE: Final = np.dtype([("at_ns", "i8", (SOURCES_MAX,)), ("sure", "f8", (SOURCES_MAX,))], align=True)
PARAMS: Final = np.dtype([("sources", "i8"), ("possible", "f8"), ("likely", "f8"), ("agree_ns", "i8")], align=True)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the hold-off is the episode's
    """The two surest of the sources that have spoken lately."""
    state.at_ns[channel], state.sure[channel] = at_ns, value
    first, second = 0.0, 0.0
    for k in range(params.sources):
        if state.at_ns[k] == 0 or at_ns - state.at_ns[k] > params.agree_ns:
            continue
        first, second = max(first, state.sure[k]), max(second, min(first, state.sure[k]))
        if state.sure[k] >= params.possible:
            evidence.window_ns = min(evidence.window_ns, state.at_ns[k])
    agreed = second >= params.possible and first >= params.likely
    evidence.criterion = _AGREED if agreed else _ONE
    evidence.value = second if agreed else first
    evidence.threshold = params.possible if agreed or first < params.likely else params.likely
    evidence.score = first / params.likely
    if agreed:
        evidence.level = 4 if second >= params.likely else 3
    elif first >= params.possible:
        evidence.level = 2 if first >= params.likely or second >= params.possible else 1


class FireSpot(Detector):
    """One subject a group of sources that look at the same woods."""

    kind: ClassVar[str] = "fire_spot"
    version: ClassVar[int] = 1
    hazard: ClassVar[Hazard] = Hazard.FOREST_FIRE
    options_type = SpotOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = (
        Criterion(
            "one_source",
            "MODIS Collection 6 active fire user's guide (Giglio et al. 2021), classes of confidence",
            "%",
            "a camera or a satellite sees what may be a fire",
            "摄像机或卫星发现疑似火点",
            standard_zh="MODIS第6版火点产品用户指南（Giglio等2021），置信度分级",
        ),
        Criterion(
            "two_sources",
            "Forewarn, docs/detectors/fire.md",
            "%",
            "two sources see a fire in the same woods",
            "两个及以上来源同时发现火点",
            standard_zh="Forewarn文档 docs/detectors/fire.md",
        ),
    )

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Every group of a site with sources of heat spots; one without a group stands alone.

        Raises:
            InventoryError: a group of more than SOURCES_MAX sources.
        """
        sources = (
            one for one in inventory.sensors if one.kind is SensorKind.FIRE and one.quantity is Quantity.HEAT_SPOT
        )
        return [self._subject(name, members) for name, members in together(sources)]

    def _subject(self, name: str, sensors: Sequence[Sensor]) -> Subject:
        if len(sensors) > SOURCES_MAX:
            raise InventoryError(f"group {name}", f"{len(sensors)} heat spot sources, at most {SOURCES_MAX}")
        options = self.options_for(sensors[0])
        params = {
            "sources": len(sensors),
            "possible": options.possible,
            "likely": options.likely,
            "agree_ns": round(options.agree_s * NS_PER_S),
        }
        return Subject(name, sensors[0].site, tuple(one.series for one in sensors), params, options)
