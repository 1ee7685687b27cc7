"""Choose the coefficients of rain forecasts anew, and print them as they stand in pipeline/forecast/spread.toml.

scripts/fit_rain_spread.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.evaluation.gauges import moved_to
from pipeline.evaluation.radar import carried_to
from pipeline.evaluation.rain_boxes import frames_of
from pipeline.evaluation.rain_fit import fitted


def main(recordings: Path) -> None:
    """Those of both ways to forecast."""
    frames = frames_of(recordings)
    for name, brought in (("radar", carried_to(frames)[0]), ("gauges", moved_to(frames))):
        sys.stdout.write(f"[{name}]\n")
        for one in fitted(frames, brought):
            pairs = ", ".join(f"{key} = {value}" for key, value in one.model_dump().items())
            sys.stdout.write(f"    {{ {pairs} }},\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
