"""`forewarn report`: how the warnings of a month did, as page, table and print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alerting.pages.pdf import print_pdf
from alerting.pages.render import span
from alerting.report.month import MonthReport, to_csv
from alerting.report.verification import Tolerance
from pipeline.cli.data_folder import open_store
from pipeline.cli.output import out, write_json
from pipeline.config.load import load_config
from pipeline.model.area import AreaLevel
from pipeline.model.warning import WarningStatus
from pipeline.runners.desk import make_verified


def report(
    month: Annotated[str, typer.Argument(help="Which month, in [process] time_zone: 2026-05.")],
    *,
    into: Annotated[Path, typer.Option(help="The folder for MONTH.html, MONTH.csv and MONTH.pdf.")] = Path("reports"),
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it too; needs Chromium.")] = False,
    status: Annotated[
        WarningStatus | None, typer.Option(help="Which warnings count; by default those of the configuration's status.")
    ] = None,
    near_digits: Annotated[int, typer.Option(help="Near in space: so many digits of the area's code alike.")] = 6,
    near_s: Annotated[float, typer.Option(min=0, help="Near in time: at most so long apart.")] = 3600.0,
    config: Annotated[Path, typer.Option(help="Whose data folder.")] = Path("forewarn.toml"),
    data: Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Write the report of a month: how well warnings did.

    The same store gives the same files, byte for byte (but for the PDF, which its printer dates).
    """
    if near_digits not in set(AreaLevel):
        levels = ", ".join(str(int(level)) for level in AreaLevel)
        raise typer.BadParameter(
            f"{near_digits} is no level of areas; want one of {levels}", param_hint="--near-digits"
        )
    found = load_config(config)
    with open_store(found, data) as store:
        verified = make_verified(found, store)
        made = verified.month(month, status, Tolerance(level=AreaLevel(near_digits), seconds=near_s))
    files = _write(made, verified.page(made), into, pdf=pdf)
    if json:
        write_json({"report": made, "files": [str(file) for file in files]})
        return
    total = made.total
    out.print(f"{made.name}: {total.hits} hits, {total.late} late, {total.misses} missed, {total.near_hits} near, "
              f"{total.false_alarms} false alarms; median lead time {span(made.all_leads.median_s)}")  # fmt: skip
    for file in files:
        out.print(str(file), soft_wrap=True)


def _write(made: MonthReport, text: str, into: Path, *, pdf: bool) -> list[Path]:
    into.mkdir(parents=True, exist_ok=True)
    page, table = into / f"{made.name}.html", into / f"{made.name}.csv"
    page.write_text(text, "utf-8")
    table.write_bytes(to_csv(made))
    if not pdf:
        return [page, table]
    print_pdf(page, into / f"{made.name}.pdf")
    return [page, table, into / f"{made.name}.pdf"]
