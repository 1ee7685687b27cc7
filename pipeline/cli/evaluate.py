"""`forewarn evaluate`: how good the detectors are on recordings with known events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.clock import ProcessorClock
from pipeline.errors import ConfigError, ForewarnError
from pipeline.evaluation.document import document
from pipeline.evaluation.evaluate import evaluate as measure
from pipeline.evaluation.plans import configured, frozen
from pipeline.evaluation.report import heading, left_out_of, markdown
from pipeline.evaluation.result import Evaluation
from pipeline.evaluation.studies import MADE_UP, STUDIES, study_of
from pipeline.evaluation.study import Study
from pipeline.evaluation.suite import SHIPPED, load_suite, shipped
from pipeline.evaluation.web import Plots, html

NAMES: Final = (*SHIPPED, *STUDIES)


def evaluate(
    suites: Annotated[
        list[str] | None,
        typer.Argument(help=f"{', '.join(NAMES)}, or TOML files of your own; all shipped ones if none."),
    ] = None,
    *,
    recordings: Annotated[Path | None, typer.Option(help="Folder of the recordings that suites name.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Whose detectors and rules; without it every detector with its defaults.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write evaluation.md, .html with plots, and .json to.")
    ] = None,
    cost: Annotated[bool, typer.Option(help="Measure what a reading costs; without it two runs are equal.")] = True,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Score the detectors on recordings with known events.

    The recordings go through the core; every detector, the assessment and the warnings are scored.
    """
    plan_for = configured(config) if config else frozen()
    clock = ProcessorClock() if cost else None
    evaluations: list[Evaluation] = []
    studies: list[Study] = []
    left_out: list[str] = []
    for name in suites or NAMES:
        suite = None if name in STUDIES else load_suite(suite_path(name), recordings)
        if suite:
            evaluations.append(measure(suite, plan_for, clock))
            for unused in left_out_of(evaluations[-1]):
                typer.echo(f"{name}: {unused}", err=True)
        elif name in STUDIES and (recordings or name in MADE_UP):
            studies.append(study_of(name)(recordings or Path(), clock))
        else:
            typer.echo(f"{name}: left out; give the folder of its recordings with --recordings", err=True)
            left_out.append(name)
    page = markdown(evaluations, left_out, studies, str(config or ""))
    machines = document(evaluations, left_out, studies)
    if out:
        _write(out, {"md": page, "json": machines, "html": html(page, _plots(evaluations))})
    typer.echo(machines if json else page, nl=False)


def _write(folder: Path, pages: Mapping[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, text in pages.items():
            (folder / f"evaluation.{suffix}").write_text(text, encoding="utf-8")
    except OSError as error:
        raise ForewarnError(f"{folder}: cannot be written: {error.strerror}; name another folder") from error


def _plots(evaluations: Sequence[Evaluation]) -> Plots | None:
    """A plot of each part in which something was found; None without matplotlib."""
    try:
        bars: Any = import_module("pipeline.evaluation.plots").bars
    except ImportError:
        return None
    return {
        (one.suite.told.title, heading(part.part)): bars(part.rows)
        for one in evaluations
        for part in one.parts
        if any(row.score.delays_s for row in part.rows)
    }


def suite_path(name: str) -> Path:
    """The file of a suite, shipped or the user's own."""
    if name in SHIPPED:
        return shipped(name)
    if not name.endswith(".toml"):
        raise ConfigError(name, f"no suite; give one of {', '.join(NAMES)} or a TOML file")
    return Path(name)
