"""`forewarn forecasts`: what rain is foreseen, and how well that was done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from alerting.report.forecasts import ANY, ForecastScore, scores
from pipeline.cli.data_folder import open_store
from pipeline.cli.output import instant_text, table, write_json
from pipeline.config.load import load_config
from pipeline.model.forecast import RainAhead

LOOKED_AT: Final = 20_000
"""Of the newest forecasts: an hour of a thousand sites with one source."""
FRESH: Final = timedelta(minutes=20)
SCORES: Final = (
    *("source", "within", "amount", "verified", "not", "said", "came"),
    *("Brier", "climatology", "CSI", "time off"),
)


def forecasts(
    *,
    days: Annotated[int, typer.Option(min=1, help="Scores of how many days.")] = 30,
    config: Annotated[Path, typer.Option(help="Whose data folder.")] = Path("forewarn.toml"),
    data: Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell what rain is foreseen in each area, and how well forecasts did.

    Of an area's sites the one with the greatest upper bound stands for it; of a site's sources the best that was fresh.
    Scores are by source, horizon and amount; "*" is whatever was in force.
    """
    with open_store(load_config(config), data) as store:
        newest = store.forecasts(LOOKED_AT, in_force=True)
        end_at = max((one.due_at for one in newest), default=None)
        tallies = store.forecast_tallies(end_at - timedelta(days=days), end_at) if end_at else ()
    ahead, found = in_force(newest), scores(tallies)
    if json:
        write_json({"forecasts": ahead, "scores": found})
        return
    table("Rain foreseen", ("area", "site", "within", "from", "median [mm]", "high [mm]", "source", "probabilities"), [
        (one.area, one.site, f"{one.horizon_min} min", instant_text(one.issued_at), f"{one.median_mm:.1f}",
         f"{one.high_mm:.1f}", one.source,
         ", ".join(f"{each.amount_mm:g} mm {each.probability:.0%}" for each in one.amounts))
        for one in ahead
    ])  # fmt: skip
    table("Forecasts verified", SCORES, [_cells(one) for one in found])


def in_force(newest: Iterable[RainAhead]) -> list[RainAhead]:
    """One forecast an area and horizon, of those issued within FRESH of the newest."""
    rows = sorted(newest, key=lambda one: (one.issued_at, one.id))
    latest = {(one.site, one.horizon_min): one for one in rows if one.issued_at >= rows[-1].issued_at - FRESH}
    found: dict[tuple[str, int], RainAhead] = {}
    for one in latest.values():
        held = found.get((one.area, one.horizon_min))
        if held is None or (one.high_mm, one.site) > (held.high_mm, held.site):
            found[one.area, one.horizon_min] = one
    return [found[key] for key in sorted(found)]


def _cells(one: ForecastScore) -> tuple[str, ...]:
    def of(value: float | None, digits: int) -> str:
        return "" if value is None else f"{value:.{digits}f}"

    return (
        *("in force *" if one.source == ANY else one.source, f"{one.horizon_min} min", f"{one.amount_mm:g} mm"),
        *(str(one.count), str(one.unverified), of(one.said, 3), of(one.came, 3)),
        *(of(one.brier, 4), of(one.climatology, 4), of(one.csi, 2)),
        "" if one.error_min is None else f"{one.error_min:.0f} min",
    )
