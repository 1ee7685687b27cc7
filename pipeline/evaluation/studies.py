"""The studies that are shipped, each loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pipeline.clock import Clock
from pipeline.evaluation.study import Study

StudyOf = Callable[[Path, Clock | None], Study]
"""From the folder of recordings, and a clock where costs are to be measured."""

STUDIES: Final[Mapping[str, str]] = {
    "nab": "pipeline.evaluation.nab",
    "qc": "pipeline.evaluation.qc",
    "radar": "pipeline.evaluation.radar",
    "gauges": "pipeline.evaluation.gauges",
    "landslide": "pipeline.evaluation.landslide",
    "runaway": "pipeline.evaluation.runaway",
    "fills": "pipeline.evaluation.fills",
}
"""Name -> the module whose function `study` it is, in the order they are reported."""
MADE_UP: Final = frozenset({"runaway", "fills"})
"""Those that make their recordings themselves and want no folder."""


def study_of(name: str) -> StudyOf:
    """The study of that name."""
    module: Any = import_module(STUDIES[name])
    found: StudyOf = module.study
    return found
