"""`forewarn`: the commands, and how each of them ends.

Exit codes: 0 done; 1 done, and something needs attention; 2 wrong usage; 3 a file to repair (configuration, inventory,
recording); 4 something outside is wrong (a port, a disk, an address); 70 a defect in Forewarn.
"""

from __future__ import annotations

import logging
import sys
from enum import IntEnum
from typing import Final

import typer
from rich.logging import RichHandler
from rich.markup import escape

from pipeline.cli import check, explain, init, kafka, listing, replay, run, simulate
from pipeline.cli.output import err
from pipeline.errors import ConfigError, ForewarnError, PluginError, RecordingError
from pipeline.ownership import check_owners


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    REPAIR = 3
    OUTSIDE = 4
    DEFECT = 70


_REPAIR: Final = (ConfigError, PluginError, RecordingError)

app = typer.Typer(
    name="forewarn",
    help="Readings of field sensors in, warnings that reach people in time out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("run")(run.run)
app.command("replay")(replay.replay)
app.command("check")(check.check)
app.command("list")(listing.show)
app.command("explain")(explain.explain)
app.command("init")(init.init)
app.command("simulate")(simulate.simulate)
app.command("gateway")(kafka.gateway)
app.command("worker")(kafka.worker)
app.add_typer(kafka.topics, name="topics")


def main() -> None:
    """Run a command; every error that is not a defect is one line a complaint, without a traceback."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(message)s",
        handlers=[RichHandler(console=err, show_path=False, log_time_format="%Y-%m-%dT%H:%M:%S")],
    )
    for noisy in (
        "apprise",
        "httpx",
        "httpcore",
        "uvicorn",
        "numba",
        "transitions",
        "amqtt",
        "kafka",
        "faust",
        "mode",
        "aiokafka",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for complaint in check_owners():
        err.print(f"[yellow]warning:[/] {escape(complaint)}")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(Exit.DONE)
    except (ForewarnError, ExceptionGroup) as error:
        sys.exit(_told(error))


def _told(error: ForewarnError | ExceptionGroup[Exception]) -> Exit:
    known, defects = split(error)
    for complaint in known:
        err.print(f"[red]error:[/] {escape(str(complaint))}", soft_wrap=True)
    if defects:
        err.print("[red]a defect in Forewarn; please report it with what follows[/]")
        raise defects
    return Exit.REPAIR if all(isinstance(one, _REPAIR) for one in known) else Exit.OUTSIDE


def split(error: BaseException) -> tuple[list[ForewarnError], BaseException | None]:
    """The complaints in `error`, and what is left of it that is none."""
    if isinstance(error, ForewarnError):
        return [error], None
    if not isinstance(error, BaseExceptionGroup):
        return [], error
    known, rest = error.split(ForewarnError)
    return _leaves(known), rest


def _leaves(error: BaseException | None) -> list[ForewarnError]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for one in error.exceptions for leaf in _leaves(one)]
    return [error] if isinstance(error, ForewarnError) else []
