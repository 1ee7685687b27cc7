"""`forewarn explain`: why a finding was made, from the store and the journal of a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.data_folder import data_folder, open_store
from pipeline.cli.figures import Criteria, figures, unit_of
from pipeline.cli.output import instant_text, level_text, table, told, write_json
from pipeline.config.load import load_config
from pipeline.connectors.journal import Journal
from pipeline.model.finding import Finding
from pipeline.model.instant import from_ns, to_ns
from pipeline.runners.embedded import JOURNAL_FILE

READINGS_SHOWN = 30


def explain(
    finding: Annotated[str, typer.Argument(help="Its id, as the page and `forewarn replay` show it.")],
    *,
    config: Annotated[Path, typer.Option(help="Whose data folder.")] = Path("forewarn.toml"),
    data: Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell which readings, threshold and standard stand behind a finding."""
    found = load_config(config)
    folder = data_folder(found, data)
    with open_store(found, data) as store:
        revisions = store.finding(finding)
    if not revisions:
        why = f"no finding {finding!r} in {folder}; the page and `forewarn replay` show ids"
        raise typer.BadParameter(why, param_hint="FINDING")
    readings = evidence(Journal(folder / JOURNAL_FILE), revisions[-1])
    criteria = found.plan().criteria()
    if json:
        rule = _rule(revisions[-1], criteria)
        write_json({"revisions": revisions, "criterion": rule, "readings": readings})
    else:
        _show(revisions, readings, criteria)


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


def _rule(finding: Finding, criteria: Criteria) -> dict[str, str]:
    criterion = criteria.get((finding.detector, finding.criterion))
    if criterion is None:
        return {}
    words = {"key": criterion.key, "standard": criterion.standard, "en": criterion.en, "zh": criterion.zh}
    return words | {"unit": unit_of(finding, criteria)}


def _show(revisions: tuple[Finding, ...], readings: list[tuple[str, float]], criteria: Criteria) -> None:
    last = revisions[-1]
    rule = _rule(last, criteria)
    told(f"{last.hazard} at {last.subject}, seen by {last.detector} version {last.detector_version}", "bold")
    told(f"Rule:     {rule.get('en', last.criterion)} ({rule.get('zh', '')})")
    told(f"Standard: {rule.get('standard', 'not known to this installation')}")
    columns = ("revision", "state", "at", "level", "value", "threshold")
    rows = [
        (str(one.revision), one.state, instant_text(one.at), level_text(one.level), *figures(one, criteria))
        for one in revisions
    ]
    table("Revisions", columns, rows)
    shown = readings[-READINGS_SHOWN:]
    title = f"Readings of {last.trigger} in the evidence window (last {len(shown)} of {len(readings)})"
    table(title, ("at", "value"), [(at, f"{value:.6g}") for at, value in shown])
