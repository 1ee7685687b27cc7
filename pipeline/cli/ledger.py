"""`forewarn ledger`: how much warning people had, from the store of a data folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from alerting.coverage.reckon import reckon
from alerting.lead_time import LeadTime, summarise
from alerting.lead_time import reckon as reckon_leads
from alerting.store.store import Store
from pipeline.cli.data_folder import open_store
from pipeline.cli.lead_tables import Reached, show_chains, show_summary
from pipeline.cli.output import write_json
from pipeline.config.config import Config
from pipeline.config.coverage import load_reach
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
        rows = reckon_leads(entries, onsets)
        reached = _reached(store, found, rows)
    summary = summarise(rows, counted)
    if json:
        leads = [{**asdict(row), "reached_at": reached.get(row.chain, (None, None))} for row in rows]
        write_json({"status": counted, "lead_times": leads, "summary": summary})
        return
    show_chains(rows, Counter(one.chain for one in entries), found.inventory, reached)
    show_summary(summary)


def _reached(store: Store, config: Config, rows: Sequence[LeadTime]) -> dict[str, Reached]:
    """When half and 95 % of the people were reached, by chain; empty where nobody wrote down whom the targets reach."""
    table = load_reach(config.coverage, config.inventory)
    if not table.rows:
        return {}
    chains = (row for row in rows if row.chain)
    return {one.chain: reckon((one.area,), store.told(one.chain), config.inventory, table).reached_at for one in chains}
