"""`forewarn drill`: play a scenario as an exercise, and show what it showed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from alerting.drill.evaluation import Evaluation, Mode
from alerting.drill.start import Begun
from alerting.ledger import Onset
from alerting.pages.render import percent, render, span
from alerting.store.store import Store
from device_adapters.recordings.recording import Recording
from pipeline.cli.output import err, out, write_json
from pipeline.cli.truth import load_truth
from pipeline.clock import SystemClock
from pipeline.config.config import Config
from pipeline.config.coverage import load_reach
from pipeline.config.load import load_config
from pipeline.config.scenario import Scenario, load_scenario
from pipeline.connectors.data_lock import DataLock
from pipeline.errors import RecordingError
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import to_ns
from pipeline.model.warning import HazardWarning
from pipeline.runners.drill import LiveDrill, Played, as_exercise, tabletop
from pipeline.runners.drill_evaluation import evaluate
from pipeline.runners.drill_held import HeldDrill
from pipeline.runners.embedded import STORE_FILE
from pipeline.telemetry import Telemetry

BY: Final = "the command line"


def drill(
    scenario: Annotated[Path, typer.Argument(help="A TOML file: name, recording, truth, begin_at, end_at, answer_s.")],
    *,
    mode: Annotated[
        Mode, typer.Option(help="tabletop: nothing leaves. live: now, by the channels of [drill].")
    ] = Mode.TABLETOP,
    page: Annotated[Path, typer.Option(help="Where the evaluation page is written.")] = Path("drill.html"),
    config: Annotated[Path, typer.Option(help="Whose inventory, rules and people.")] = Path("forewarn.toml"),
    data: Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    begun: Annotated[str, typer.Option(hidden=True, help="What the page noted of it.")] = "",
) -> None:
    """Play a recording as an exercise, and evaluate what came of it.

    Its reports have the status Exercise from end to end and stand in the same ledger as real ones. Live, they leave by
    the channels that [drill] names and by no other, and people answer them as real ones.
    """
    told = load_scenario(scenario)
    found = as_exercise(load_config(config))
    table = load_reach(found.coverage, found.inventory)
    onsets = load_truth(told.truth, found.inventory) if told.truth else []
    folder = data or found.process.data
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / STORE_FILE}" if data else found.alerting.url(folder / STORE_FILE)
    with Recording(told.recording, found.inventory) as recording, closing(Store(url)) as store:
        noted = Begun.model_validate_json(begun) if begun else Begun.new(scenario.stem, mode, BY, SystemClock().now())
        with HeldDrill(store, noted) as held:
            played = _play(told, found, recording, store, folder, onsets, mode, held)
            result = evaluate(store, told.name, mode, played, found.inventory, table)
    page.write_text(render("drill.html.j2", found.process.time_zone, drill=result), "utf-8")
    if json:
        write_json(result)
        return
    _show(result, page)


def _play(
    told: Scenario,
    config: Config,
    recording: Recording,
    store: Store,
    folder: Path,
    onsets: Sequence[Onset],
    mode: Mode,
    held: HeldDrill,
) -> Played:
    span_ns = recording.span_ns()
    if span_ns is None:
        raise RecordingError(f"scenario {told.name!r}: the recording holds no reading of a known sensor")
    begin_ns = to_ns(told.begin_at) if told.begin_at else span_ns[0]
    end_ns = min(to_ns(told.end_at), span_ns[1]) if told.end_at else span_ns[1]
    batches = (_until(batch, end_ns) for batch in recording.batches())
    clock = SystemClock()
    if mode is Mode.TABLETOP:
        return tabletop(config, store, batches, clock.now_ns() - end_ns, onsets, held.note)
    with nullcontext() if store.shared else closing(DataLock(folder)):  # two who dispatch SQLite would both send
        live = LiveDrill(config, store, clock, Telemetry(), held.note)
        return asyncio.run(live.run(batches, clock.now_ns() - begin_ns, onsets, told.answer_s, _tell))


def _until(batch: ReadingBatch, end_ns: int) -> ReadingBatch:
    return batch.take(batch.observed_at_ns <= end_ns)


def _tell(at: datetime, reports: Sequence[HazardWarning]) -> None:
    for one in reports:
        err.print(f"{at:%H:%M:%S}Z {one.texts[-1].headline}", highlight=False, markup=False)


def _show(result: Evaluation, page: Path) -> None:
    out.print(f"Drill {result.scenario!r}, {result.mode}: {len(result.chains)} warnings, {len(result.missed)} missed")
    for one in result.chains:
        reached = f", expected to reach {percent(one.reached.expected)}" if one.reached else ""
        answered = sum(1 for each in one.answers if each.answered_at)
        out.print(f"  {one.hazard} in {one.area}: lead time {span(one.lead_time_s)}{reached}, {answered} answered")
    for lost in result.spans:
        out.print(f"  {lost.leg}: {span(lost.seconds)}")
    out.print(f"Evaluation: {page}", soft_wrap=True)
