"""What an evaluation comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from device_adapters.codecs.base import Reject
from pipeline.evaluation.event import Event
from pipeline.evaluation.onsets import OnsetFigures
from pipeline.evaluation.score import Score
from pipeline.evaluation.suite import Aim, Part, Suite
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level

HIGHER_IS_BETTER: Final = frozenset({"pod", "skill", "csi", "lead_p10_s", "lead_p50_s", "lead_p90_s"})


@dataclass(frozen=True, slots=True)
class Row:
    """One voice at one level, on one part; `cost_ns` is per reading it listens to."""

    name: str
    score: Score
    cost_ns: float | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """One chain of warnings.

    Attributes:
        because: the event it opened in, "" where it is a false one.
        met: of a false one: the first event that began while it stood, "" where none did.
    """

    at_ns: int
    hazard: Hazard
    area: str
    level: Level
    peak_level: Level
    because: str
    met: str = ""


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a part came to.

    Attributes:
        clear_s: for how long nothing happened in it and nothing lingered.
        onsets: how good the times were that were told of its events.
    """

    part: Part
    rows: tuple[Row, ...]
    warned: tuple[Warned, ...]
    clear_s: float
    onsets: tuple[OnsetFigures, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """An aim, and the figure that was reached; None where the row has none.

    Attributes:
        because: why there is nothing to judge: no event happened in its part, or nothing has that name; "" elsewhere.
    """

    aim: Aim
    value: float | None
    because: str = ""

    def reaches(self, bound: float | None) -> bool | None:
        """Whether the figure is as good as the bound; None without a bound, or without an event to tell by."""
        if bound is None:
            return None
        if self.value is None:
            return None if self.because else False
        return self.value >= bound if self.aim.figure in HIGHER_IS_BETTER else self.value <= bound


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A suite and everything it came to.

    Attributes:
        faults: kind of sensor fault -> episodes.
        outside: names of the events that lie outside every part, unless their table covers more.
        rejects: what of its recordings could not be read, summed up.
    """

    suite: Suite
    events: tuple[Event, ...]
    readings: int
    faults: Mapping[str, int]
    parts: tuple[PartResult, ...]
    aims: tuple[Judged, ...]
    outside: tuple[str, ...] = ()
    rejects: tuple[Reject, ...] = ()


def figure_of(score: Score, figure: str) -> float | None:
    """The figure that an aim names: a field of `Score`, or delay_p50_s and the like."""
    percentiles = {"p10": 0, "p50": 1, "p90": 2}
    for name, values in (("delay", score.delays_s), ("lead", score.leads_s)):
        for percentile, place in percentiles.items():
            if figure == f"{name}_{percentile}_s":
                return values[place] if values else None
    value: float | None = getattr(score, figure)
    return value
