"""`forewarn check`: would it run? Nothing is opened but files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from alerting.stages.route import complaints as route_complaints
from pipeline.cli.output import err, out, write_json
from pipeline.config.config import Config
from pipeline.config.load import complaints, load_config
from pipeline.errors import ForewarnError


def check(
    config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml"),
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Check configuration, inventory and channels; every complaint names its file and line."""
    try:
        found = load_config(config)
        wrong = _unreachable(found)
    except ExceptionGroup as error:
        found, wrong = None, [str(complaint) for complaint in complaints(error)]
    if json:
        write_json({"valid": not wrong, "complaints": wrong, "summary": summary(found) if found else None})
    else:
        for complaint in wrong:
            err.print(f"[red]error:[/] {escape(complaint)}", soft_wrap=True)
        if found and not wrong:
            out.print(f"[green]{escape(str(config))} is fit to run:[/] " + ", ".join(_words(summary(found))))
    if wrong:
        raise typer.Exit(3)


def _unreachable(config: Config) -> list[str]:
    """Routes that lead nowhere, and channels that cannot be set up."""
    targets: dict[str, list[str]] = {}
    wrong: list[str] = []
    for name, component in config.channels.items():
        try:
            targets[name] = list(component.type(name, component.options).targets)
        except ForewarnError as error:
            wrong.append(f"channels.{name}: {error}")
    return wrong + [f"{config.path}: {complaint}" for complaint in route_complaints(config.routes, targets)]


def summary(config: Config) -> dict[str, int]:
    """How much of everything there is."""
    return {
        "areas": len(config.inventory.areas),
        "sites": len(config.inventory.sites),
        "sensors": len(config.inventory.sensors),
        "detectors": len(config.detectors),
        "adapters": len(config.adapters),
        "channels": len(config.channels),
        "routes": len(config.routes),
    }


def _words(numbers: dict[str, int]) -> list[str]:
    return [f"{number} {name}" for name, number in numbers.items()]
