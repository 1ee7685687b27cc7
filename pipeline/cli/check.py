"""`forewarn check`: would it run? Nothing is opened but files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.exit import Exit
from pipeline.cli.output import told, write_json
from pipeline.config.config import Config
from pipeline.config.load import load_config
from pipeline.config.rehearsal import attention, rehearse
from pipeline.config.secrets import missing_secrets
from pipeline.errors import ConfigError, ForewarnError, complaints


def check(
    config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml"),
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Would it run? Every complaint names its file and line.

    Reads the configuration and the inventory, sets up every adapter and channel without connecting them, opens
    recordings, looks whether every secret that is named can be had, and follows each route. Ends with 3 where something
    is wrong, with 1 where something is allowed and probably not meant, such as a hazard that nobody is told of.
    """
    found: Config | None = None
    wrong: list[ForewarnError] = []
    try:
        found = load_config(config)
        wrong += [*rehearse(found), *missing_secrets(found)]
    except ExceptionGroup as error:
        wrong += complaints(error)
    hints = attention(found) if found and not wrong else []
    if json:
        write_json(_document(found, wrong, hints))
    else:
        _show(config, found, wrong, hints)
    if wrong or hints:
        raise typer.Exit(Exit.REPAIR if wrong else Exit.ATTENTION)


def summary(config: Config) -> dict[str, int]:
    """How much of everything there is."""
    inventory = config.inventory
    return {
        "areas": len(inventory.areas),
        "sites": len(inventory.sites),
        "sensors": len(inventory.sensors),
        "adapters": len(config.adapters),
        "detectors": len(config.detectors),
        "channels": len(config.channels),
        "routes": len(config.routes),
    }


def _show(path: Path, found: Config | None, wrong: list[ForewarnError], hints: list[str]) -> None:
    for complaint in wrong:
        typer.echo(f"error: {complaint}", err=True)
    for hint in hints:
        typer.echo(f"attention: {hint}", err=True)
    if found and not wrong:
        numbers = ", ".join(f"{number} {_counted(name, number)}" for name, number in summary(found).items())
        told(f"{path} is fit to run: {numbers}", "green")


def _counted(name: str, number: int) -> str:
    return name if number != 1 else name.removesuffix("s")


def _document(found: Config | None, wrong: list[ForewarnError], hints: list[str]) -> dict[str, object]:
    return {
        "valid": not wrong,
        "complaints": [_complaint(one) for one in wrong],
        "attention": hints,
        "summary": summary(found) if found else None,
    }


def _complaint(error: ForewarnError) -> dict[str, object]:
    if isinstance(error, ConfigError):
        return {"path": error.path, "line": error.line, "what": error.what}
    return {"path": None, "line": None, "what": str(error)}
