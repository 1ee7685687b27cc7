"""`forewarn ledger`: how much warning people had, from the store of a data folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from alerting.lead_time import reckon, summarise
from pipeline.cli.data_folder import open_store
from pipeline.cli.lead_tables import show_chains, show_summary
from pipeline.cli.output import write_json
from pipeline.config.load import load_config
from pipeline.model.hazard import Hazard
from pipeline.model.warning import WarningStatus


def ledger(
    *,
    status: Annotated[
        WarningStatus | None, typer.Option(help="Which warnings count; by default those of the configuration's status.")
    ] = None,
    config: Annotated[Path, typer.Option(help="Whose data folder.")] = Path("forewarn.toml"),
    data: Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell how much warning people had.

    The lead time of a warning runs from the instant its first report was out to the onset: the observed one
    (`forewarn onset` enters it), else the expected one. Faults of sensors are left out.
    """
    found = load_config(config)
    counted = status or found.warnings.status
    with open_store(found, data) as store:
        entries, onsets = store.ledger(), store.onsets()
    entries = tuple(one for one in entries if one.status is counted and one.hazard is not Hazard.SENSOR_FAULT)
    rows = reckon(entries, onsets)
    summary = summarise(rows, counted)
    if json:
        write_json({"status": counted, "lead_times": rows, "summary": summary})
        return
    show_chains(rows, Counter(one.chain for one in entries), found.inventory)
    show_summary(summary)
