"""`forewarn run`: one process, from the devices to the people."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from pipeline import app
from pipeline.clock import SystemClock
from pipeline.config.config import Config
from pipeline.config.load import load_config
from pipeline.config.rehearsal import rehearse
from pipeline.demo import demonstrate
from pipeline.telemetry import Telemetry


def run(
    config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml"),
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Play the demonstration instead; no configuration needed.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="Folder of journal and store, in place of the configured one.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the page, in place of the configured one.", min=0, max=65535)
    ] = None,
) -> None:
    """Take in readings, find hazards, warn; until Ctrl-C.

    What is durable when it is stopped is processed and saved before it ends; what a kill leaves is taken up by the
    next start.
    """
    folder = data.absolute() if data else None
    if demo:
        asyncio.run(demonstrate(folder, port, SystemClock(), _ready, _entrust))
        return
    changed = with_overrides(load_config(config), folder, port)
    wrong = rehearse(changed)
    if wrong:
        raise ExceptionGroup(f"{config}: cannot be started", wrong)
    asyncio.run(app.run(changed, SystemClock(), Telemetry(), _ready))


def with_overrides(config: Config, data: Path | None, port: int | None) -> Config:
    """`config` with what the command line says instead."""
    process = config.process.model_copy(update={"data": data} if data else {})
    console = config.console.model_copy(update={"port": port} if port is not None else {})
    return config.replaced(process=process, console=console)


def _ready(address: str) -> None:
    typer.secho(f"The page is at {address} (Ctrl-C stops)", fg="green", bold=True, err=True)


def _entrust(token: str) -> None:
    typer.secho(f"Its duty desk takes the token {token}", fg="green", err=True)
