"""Lead times as tables: one row a chain of reports or missed event, one row a hazard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.markup import escape

from alerting.lead_time import Basis, HazardSummary, LeadTime
from pipeline.cli.output import level_text, minute_text, out, span_text, table
from pipeline.model.inventory import Inventory

CHAIN_COLUMNS = ("issued", "hazard", "area", "peak", "reports", "onset", "", "lead time")
REACHED_COLUMNS = ("50 % after", "95 % after")
SUMMARY_COLUMNS = ("hazard", "warnings", "events", "missed", "POD", "FAR", "median lead", "lowest tenth", "onset")
Reached = Sequence[datetime | None]
LEGEND = (
    "POD: share of events warned of before they set in. FAR: share of finished warnings without an event. "
    "Both need observed onsets."
)


def show_chains(
    rows: Sequence[LeadTime],
    reports: Mapping[str, int],
    inventory: Inventory,
    reached: Mapping[str, Reached] | None = None,
) -> None:
    """The account of each chain; `reports` says how many it has, `reached` when half and 95 % of its people were."""
    told = [_chain(row, reports, inventory) for row in rows]
    columns: tuple[str, ...] = CHAIN_COLUMNS
    if reached:
        told = [(*cells, *_reached(row, reached)) for cells, row in zip(told, rows, strict=True)]
        columns += REACHED_COLUMNS
    table("Warnings and missed events", columns, told, wraps=("area",))


def show_summary(rows: Sequence[HazardSummary]) -> None:
    """One line a hazard."""
    table("Summary", SUMMARY_COLUMNS, [_hazard(row) for row in rows])
    if rows:
        out.print(f"[dim]{LEGEND}[/]", soft_wrap=True)


def _chain(row: LeadTime, reports: Mapping[str, int], inventory: Inventory) -> tuple[str, ...]:
    area = inventory.area_by_code.get(row.area)
    missed = row.basis is Basis.MISSED
    return (
        minute_text(row.issued_at),
        row.hazard,
        escape(area.name_en) if area else row.area,
        "" if missed else level_text(row.peak_level),
        "" if missed else f"{reports[row.chain]}{', open' if row.ended_at is None else ''}",
        minute_text(row.onset_at),
        "" if row.basis in {Basis.NONE, Basis.MISSED} else row.basis,
        "[red]missed[/]" if missed else span_text(row.lead_time_s),
    )


def _reached(row: LeadTime, reached: Mapping[str, Reached]) -> Iterator[str]:
    """How long after the issue; empty where that is not known."""
    for at in reached.get(row.chain, (None, None)):
        yield span_text((at - row.issued_at).total_seconds()) if at and row.issued_at else ""


def _hazard(row: HazardSummary) -> tuple[str, ...]:
    counts = [str(number) for number in (row.chains, row.events, row.missed)]
    shares = ["" if share is None else f"{share:.2f}" for share in (row.pod, row.far)]
    basis = "" if row.basis is Basis.NONE else row.basis
    return (row.hazard, *counts, *shares, span_text(row.median_s), span_text(row.p10_s), basis)
