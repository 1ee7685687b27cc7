"""`forewarn explain`: why a finding was made, from the store and the journal of a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from alerting.store.store import Store
from pipeline.cli.output import instant_text, level_text, out, table, write_json
from pipeline.config.config import Config
from pipeline.config.load import load_config
from pipeline.connectors.journal import Journal
from pipeline.errors import RecordingError
from pipeline.model.finding import Finding
from pipeline.model.instant import from_ns, to_ns
from pipeline.runners.embedded import JOURNAL_FILE, store_url

READINGS_SHOWN = 30


def explain(
    finding: Annotated[str, typer.Argument(help="Its id, as the page and `forewarn replay` show it.")],
    config: Annotated[Path, typer.Option(help="Whose data folder.")] = Path("forewarn.toml"),
    data: Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell which readings, which threshold and which standard stand behind a finding."""
    found = load_config(config)
    folder = data or found.process.data
    if not (folder / JOURNAL_FILE).exists():
        raise RecordingError(f"{folder}: no data; name the folder that `forewarn run` writes to")
    revisions = Store(store_url(folder)).finding(finding)
    if not revisions:
        raise RecordingError(f"{folder}: no finding {finding!r}; the page and `forewarn replay` show ids")
    readings = evidence(Journal(folder / JOURNAL_FILE), revisions[-1])
    if json:
        write_json({"revisions": revisions, "criterion": _criterion(found, revisions[-1]), "readings": readings})
    else:
        _show(found, revisions, readings)


def evidence(journal: Journal, finding: Finding) -> list[tuple[str, float]]:
    """Readings of the trigger's series in the evidence window, as far as the journal still has them."""
    first_ns, last_ns = to_ns(finding.window_start_at), to_ns(finding.at)
    found: dict[int, float] = {}
    for batch in journal.between(first_ns, last_ns):
        names = [str(series) for series in batch.series]
        if finding.trigger not in names:
            continue
        rows = batch.index == names.index(finding.trigger)
        found.update(zip(batch.observed_at_ns[rows].tolist(), batch.value[rows].tolist(), strict=True))
    within = sorted((at, value) for at, value in found.items() if first_ns <= at <= last_ns)
    return [(instant_text(from_ns(at)), value) for at, value in within]


def _criterion(config: Config, finding: Finding) -> dict[str, str]:
    criterion = config.plan().criteria().get((finding.detector, finding.criterion))
    if criterion is None:
        return {}
    return {"standard": criterion.standard, "unit": criterion.unit, "en": criterion.en, "zh": criterion.zh}


def _show(config: Config, revisions: tuple[Finding, ...], readings: list[tuple[str, float]]) -> None:
    last, words = revisions[-1], _criterion(config, revisions[-1])
    out.print(
        f"[bold]{last.hazard}[/] at [bold]{last.subject}[/], seen by {last.detector} version {last.detector_version}"
    )
    out.print(f"Rule: {escape(words.get('en', last.criterion))} ({escape(words.get('zh', ''))})")
    out.print(f"Standard: {escape(words.get('standard', 'not known to this installation'))}")
    unit = words.get("unit", "")
    columns = ("revision", "state", "at", "level", "value", "threshold")
    table(
        "Revisions",
        columns,
        [
            (str(one.revision), one.state, instant_text(one.at), level_text(one.level),
             f"{one.value:.4g} {unit}", f"{one.threshold:.4g} {unit}")
            for one in revisions
        ],
    )  # fmt: skip
    shown = readings[-READINGS_SHOWN:]
    title = f"Readings of {last.trigger} in the evidence window (last {len(shown)} of {len(readings)})"
    table(title, ("at", "value"), [(at, f"{value:.6g}") for at, value in shown])
