"""`forewarn`: the root command, and how each command ends."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from pipeline.cli.commands import Commands
from pipeline.cli.exit import Exit, exit_of
from pipeline.errors import ForewarnError, complaints
from pipeline.ownership import DISTRIBUTION, check_owners

app = typer.Typer(
    name="forewarn",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(asked: bool) -> None:  # noqa: FBT001  # the signature of an option's callback
    if asked:
        typer.echo(version(DISTRIBUTION))
        raise typer.Exit


@app.callback()
def forewarn(
    *,
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Readings of field sensors in, warnings that reach people in time out."""
    _log_to_stderr()
    for complaint in check_owners():
        typer.echo(f"warning: {complaint}", err=True)


def main() -> None:
    """The program."""
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line (by default the process's own); its exit code.

    Every error that is no defect is one line a complaint on standard error, without a traceback.
    """
    try:
        app(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else Exit.DONE
    except Exception as error:  # noqa: BLE001  # the last place that can tell of it
        return _told(error)
    return Exit.DONE


def _told(error: Exception) -> Exit:
    group = error if isinstance(error, ExceptionGroup) else ExceptionGroup("", [error])
    known, defects = group.split(ForewarnError)
    told = complaints(known) if known else []
    for line in dict.fromkeys(str(one) for one in told):
        typer.echo(f"error: {line}", err=True)
    if defects is None:
        return exit_of(told)
    traceback.print_exception(error)
    typer.echo("error: this is a defect in Forewarn; please report it with the lines above", err=True)
    return Exit.DEFECT


class _Utc(logging.Formatter):
    """Instants as everywhere else: UTC, with Z."""

    converter = staticmethod(time.gmtime)


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Utc("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for noisy in (
        "alembic",
        "apprise",
        "httpx",
        "httpcore",
        "uvicorn",
        "numba",
        "transitions",
        "amqtt",
        "kafka",
        "aiokafka",
        "faust",
        "mode",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
