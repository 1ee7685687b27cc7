"""`forewarn replay`: what a recording would have brought about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.cli.output import err
from pipeline.cli.replayed import Shown, show, tell
from pipeline.cli.truth import load_truth
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError
from pipeline.runners.replay import Observe
from pipeline.runners.replay import replay as play

PLOTS = (".png", ".svg", ".html")


def replay(
    files: Annotated[list[Path], typer.Argument(help="Parquet or CSV files; several are merged by time.")],
    *,
    config: Annotated[Path, typer.Option(help="Whose inventory, detectors and rules.")] = Path("forewarn.toml"),
    form: Annotated[Path | None, typer.Option(help="TOML that says how the files are laid out.")] = None,
    truth: Annotated[Path | None, typer.Option(help="CSV of what really happened: hazard, area, onset_at.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the sensors that found something: .png, .svg or .html.")
    ] = None,
    tick_s: Annotated[float, typer.Option(min=0.001, help="Event time between looks for silence and expiry.")] = 60.0,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Play a recording through the whole core and show findings, warnings and lead times. Nothing is sent."""
    if plot and plot.suffix not in PLOTS:
        raise typer.BadParameter(f"{plot}: want one of {', '.join(PLOTS)}", param_hint="--plot")
    plan = load_config(config).plan()
    onsets = load_truth(truth, plan.inventory) if truth else []
    clock = SystemClock()
    with Recording(_options(files, form), plan.inventory) as recording:
        begun_s = clock.monotonic_s()
        with _progress(recording.rows, quiet=json) as observe:
            replayed = play(plan, recording.batches(), tick_s, observe)
        shown = Shown(replayed, plan, onsets, recording.rejects, clock.monotonic_s() - begun_s)
        (tell if json else show)(shown)
        if plot:
            from pipeline.cli.plot import draw  # noqa: PLC0415  # an extra: only who wants plots needs matplotlib

            draw(plot, replayed, plan.inventory, recording.batches())


def _options(files: list[Path], form: Path | None) -> RecordingOptions:
    if form is None:
        return RecordingOptions(files=tuple(files))
    toml = TomlFile(form)
    if "files" in toml.data:
        raise ConfigError(form, "files: name them on the command line", toml.line_of(("files",)))
    return toml.validated(RecordingOptions, {**toml.data, "files": tuple(files)}, ())


@contextmanager
def _progress(rows: int | None, *, quiet: bool) -> Iterator[Observe]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet, transient=True) as progress:
        task = progress.add_task("replay", total=rows)

        def observe(readings: int, at: datetime) -> None:
            progress.update(task, completed=readings, description=f"{at:%Y-%m-%d %H:%M}Z")

        yield observe
