"""`forewarn coverage`: how much of the population the warnings reached, and who was not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from alerting.coverage.reckon import Coverage, Share, Village, reckon
from alerting.pages.render import percent
from alerting.store.store import Store
from pipeline.cli.data_folder import open_store
from pipeline.cli.output import minute_text, out, table, told, write_json
from pipeline.clock import SystemClock
from pipeline.config.config import Config
from pipeline.config.coverage import load_reach
from pipeline.config.load import load_config
from pipeline.model.warning import HazardWarning

COLUMNS = ("village", "population", "confirmed", "expected", "still open", "call")


def coverage(
    chains: Annotated[
        list[str] | None, typer.Argument(help="Chains of reports; without them, the warnings in force.")
    ] = None,
    *,
    config: Annotated[Path, typer.Option(help="Whose data folder.")] = Path("forewarn.toml"),
    data: Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell how much of the population was reached, and whom to call about the rest.

    Confirmed: targets were heard of. Expected: providers took the message. What nobody wrote down in the table of
    reach is unknown, and shown as that. Bounds hold whatever the overlap of channels.
    """
    found = load_config(config)
    with open_store(found, data) as store:
        rows = list(_rows(store, found, chains))
    if json:
        write_json([{"chain": report.chain, "hazard": report.hazard, "coverage": each} for report, each in rows])
        return
    if not rows:
        told("No warning in force.")
    for report, each in rows:
        _show(report, each)


def _rows(store: Store, config: Config, chains: list[str] | None) -> Iterator[tuple[HazardWarning, Coverage]]:
    reach = load_reach(config.coverage, config.inventory)
    reports = [store.chain(chain) for chain in chains] if chains else []
    for chain, found in zip(chains or (), reports, strict=True):
        if not found:
            raise typer.BadParameter(f"no chain {chain!r} in the store; `forewarn ledger --json` lists them")
    last = [found[-1] for found in reports] if chains else store.warnings_in_force(SystemClock().now())
    for report in last:
        yield report, reckon(report.areas, store.told(report.chain), config.inventory, reach)


def _show(report: HazardWarning, found: Coverage) -> None:
    title = f"{report.hazard} in {', '.join(report.areas)}, chain {report.chain}"
    table(title, COLUMNS, [_village(one) for one in found.villages], wraps=("village",))
    half, most = (minute_text(at) or "not yet" for at in found.reached_at)
    out.print(f"of {found.population} people: confirmed {_share(found.confirmed)}, expected {_share(found.expected)}")
    out.print(f"half confirmed: {half}; 95 %: {most}; nothing known of {found.unknown_population}")
    if found.not_reached:
        out.print(f"[red]not reached: {', '.join(one.code for one in found.not_reached)}[/]", soft_wrap=True)


def _village(one: Village) -> tuple[str, ...]:
    call = f"{one.contact.name} {one.contact.telephone}" if one.contact else ""
    people = "unknown" if one.population is None else str(one.population)
    return (
        f"{escape(one.name_en)} {one.code}",
        people,
        *map(_share, (one.confirmed, one.expected, one.open)),
        escape(call),
    )


def _share(share: Share | None) -> str:
    if share is None:
        return "unknown"
    is_sure = round(share.low, 2) == round(share.high, 2)
    return (
        percent(share.likely) if is_sure else f"{percent(share.likely)} ({percent(share.low)} to {percent(share.high)})"
    )
