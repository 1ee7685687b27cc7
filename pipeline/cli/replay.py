"""`forewarn replay`: what a recording would have brought about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from device_adapters.recordings.recording import Recording
from pipeline.cli.exit import Exit
from pipeline.cli.output import err
from pipeline.cli.played import hand_to_kafka, paced, recording_options
from pipeline.cli.replayed import Shown, show, tell
from pipeline.cli.truth import load_truth
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.errors import PluginError
from pipeline.runners.replay import Observe
from pipeline.runners.replay import replay as play

PLOTS: Final = (".png", ".svg", ".html")


def replay(
    files: Annotated[
        list[str],
        typer.Argument(help="Parquet or CSV files, folders of the recorder or s3://BUCKET/PREFIX; merged by time."),
    ],
    *,
    config: Annotated[Path, typer.Option(help="Whose inventory, detectors and rules.")] = Path("forewarn.toml"),
    form: Annotated[
        Path | None, typer.Option(help="TOML that says how the files are laid out, with the options of adapter replay.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="CSV of what really happened: hazard, area, onset_at.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the sensors that found something: .png, .svg or .html.")
    ] = None,
    from_at: Annotated[str | None, typer.Option("--from", help="Only readings from this instant on.")] = None,
    until_at: Annotated[str | None, typer.Option("--to", help="Only readings before this instant.")] = None,
    speed: Annotated[
        float, typer.Option(min=0, help="1 is real time, 10 ten times as fast, 0 as fast as it goes.")
    ] = 0.0,
    to_kafka: Annotated[
        bool, typer.Option("--to-kafka", help="Hand the readings to Kafka instead, as `forewarn gateway` would.")
    ] = False,
    tick_s: Annotated[float, typer.Option(min=0.001, help="Event time between looks for silence and expiry.")] = 60.0,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Play a recording and show what would have been said; nothing is sent.

    The readings go through the whole core: quality, detectors, assessment, warnings. The same recording gives the
    same findings, warnings and ids as `forewarn run`. Ends with 1 where not a single reading could be taken in.
    """
    draw = _drawer(plot) if plot else None
    loaded = load_config(config)
    options = recording_options(files, form, from_at, until_at, loaded.recorder.s3)
    if to_kafka:
        hand_to_kafka(loaded, options, speed)
        return
    plan = loaded.plan()
    onsets = load_truth(truth, plan.inventory) if truth else []
    clock = SystemClock()
    with Recording(options, plan.inventory) as recording:
        begun_s = clock.monotonic_s()
        with _progress(recording.rows, quiet=json) as observe:
            replayed = play(plan, paced(recording.batches(), speed, clock), tick_s, observe)
        shown = Shown(replayed, plan, onsets, recording.rejects, clock.monotonic_s() - begun_s)
        (tell if json else show)(shown)
        if draw:
            draw(plot, replayed, onsets, plan.inventory, recording.batches())
    if not replayed.readings:
        raise typer.Exit(Exit.ATTENTION)


def _drawer(plot: Path) -> Callable[..., None]:
    """What draws, asked for before anything is played: who has no matplotlib should not wait to be told."""
    if plot.suffix not in PLOTS:
        raise typer.BadParameter(f"{plot}: must end with {', '.join(PLOTS)}", param_hint="--plot")
    if not plot.absolute().parent.is_dir():
        raise typer.BadParameter(f"{plot}: there is no folder {plot.parent}", param_hint="--plot")
    try:
        module: Any = import_module("pipeline.cli.plot")
    except ImportError as error:
        raise PluginError(f"--plot needs {error.name}, which is not installed: pip install 'forewarn[plot]'") from error
    drawer: Callable[..., None] = module.draw
    return drawer


@contextmanager
def _progress(rows: int | None, *, quiet: bool) -> Iterator[Observe]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=True) as progress:
        task = progress.add_task("replay", total=rows)

        def observe(readings: int, at: datetime) -> None:
            progress.update(task, completed=readings, description=f"{at:%Y-%m-%d %H:%M}Z")

        yield observe
