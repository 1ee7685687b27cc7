"""`forewarn tune`: a threshold for a stated budget of false alarms."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from detectors.base import Detector
from pipeline.cli.evaluate import suite_path
from pipeline.cli.output import span_text, table, told, write_json
from pipeline.config.load import load_config
from pipeline.errors import ConfigError, ForewarnError, PluginError
from pipeline.evaluation.score import Score
from pipeline.evaluation.suite import load_suite
from pipeline.evaluation.tune import FACTORS, Point, Tuned
from pipeline.evaluation.tune import tune as search
from pipeline.model.level import Level
from pipeline.registry import Group, kinds, load

COLUMNS = ("value", "part", "found", "POD", "lead p50", "delay p50", "false", "false per sensor-month", "")


def tune(
    suite: Annotated[str, typer.Argument(help="A shipped suite, or a TOML file of your own, with a calibration part.")],
    option: Annotated[str, typer.Argument(help="Detector and option, for example gas_background.threshold_ppm.")],
    *,
    budget: Annotated[
        float, typer.Option(min=0, help="False episodes per sensor-month that may be spent on the calibration part.")
    ] = 1.0,
    values: Annotated[
        str | None, typer.Option(help="Values to try, with commas; else multiples of the value in force.")
    ] = None,
    level: Annotated[str, typer.Option(help="Count from this level on: blue, yellow, orange, red.")] = "blue",
    recordings: Annotated[Path | None, typer.Option(help="Folder of the recordings that the suite names.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Whose other options; without it the detector's defaults.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the curve to this .svg file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Choose a threshold for a budget of false alarms, and say what lead time that costs.

    Every value is tried on the suite; the choice is made on its calibration part and reported on the others. Nothing
    is changed: the line to put into the configuration is told.
    """
    kind, _, name = option.partition(".")
    draw = _drawer(plot) if plot else None
    found = load_suite(suite_path(suite), recordings)
    if found is None:
        raise ConfigError(suite, "give the folder of its recordings with --recordings")
    detector = _detector(kind, config)
    tuned = search(found, detector, name, _values(values, detector, name), budget, _level(level))
    if json:
        write_json(tuned)
    else:
        _show(tuned)
    if plot and draw:
        try:
            plot.write_text(draw(tuned), encoding="utf-8")
        except OSError as error:
            raise ForewarnError(f"{plot}: cannot be written: {error.strerror}; name another file") from error


def _detector(kind: str, config: Path | None) -> Detector:
    if config:
        known = {one.kind: one for one in load_config(config).plan().detectors}
        if kind in known:
            return known[kind]
        raise ConfigError(config, f"no detector {kind} is on; there are {', '.join(known)}")
    if kind not in kinds(Group.DETECTORS):
        raise ConfigError(kind, f"no detector; there are {', '.join(kinds(Group.DETECTORS))}")
    detector: Detector = load(Group.DETECTORS, kind)()
    return detector


def _values(text: str | None, detector: Detector, name: str) -> list[float]:
    """What is to be tried; what the option may not be is left out of the multiples."""
    options = detector.options_type.model_fields
    if name not in options:
        raise ConfigError(f"{detector.kind}.{name}", f"no option; there are {', '.join(options)}")
    if text is not None:
        try:
            return [float(one) for one in text.split(",")]
        except ValueError as error:
            raise ConfigError("--values", f"want numbers with commas between, not {text!r}") from error
    now = getattr(detector.options, name)
    if not isinstance(now, int | float) or not now:
        raise ConfigError(f"{detector.kind}.{name}", f"is {now!r}, of which there are no multiples; give --values")
    return [now * factor for factor in FACTORS]


def _level(word: str) -> Level:
    levels = {level.word: level for level in Level if level > Level.NONE}
    if word not in levels:
        raise ConfigError("--level", f"want one of {', '.join(levels)}, not {word!r}")
    return levels[word]


def _drawer(plot: Path) -> Any:
    if plot.suffix != ".svg":
        raise typer.BadParameter(f"{plot}: must end with .svg", param_hint="--plot")
    try:
        return import_module("pipeline.evaluation.plots").curve
    except ImportError as error:
        raise PluginError(f"--plot needs {error.name}, which is not installed: pip install 'forewarn[plot]'") from error


def _show(tuned: Tuned) -> None:
    rows = [
        (f"{point.value:.4g}" if not place else "", part, *_figures(score), _mark(point, tuned) if not place else "")
        for point in tuned.points
        for place, (part, score) in enumerate(((tuned.part, point.chosen_on), *point.reported))
    ]
    table(f"{tuned.kind}.{tuned.option}, from {tuned.level.word} on", COLUMNS, rows, wraps=("part",))
    if tuned.best is None:
        told(f"No value keeps within {tuned.budget:g} false episodes per sensor-month on {tuned.part}.", "yellow")
        return
    told(f"Chosen on {tuned.part}, within {tuned.budget:g} false episodes per sensor-month:")
    told(f"[detectors.{tuned.kind}]\n{tuned.option} = {tuned.best.value:.6g}")


def _mark(point: Point, tuned: Tuned) -> str:
    return "[green]chosen[/]" if point is tuned.best else ""


def _figures(one: Score) -> tuple[str, ...]:
    lead, delay = (span_text(times[1]) if times else "" for times in (one.leads_s, one.delays_s))
    pod = "" if one.pod is None else f"{one.pod:.2f}"
    return f"{one.hits} of {one.events}", pod, lead, delay, str(one.false), f"{one.false_per_sensor_month:.2f}"
