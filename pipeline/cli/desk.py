"""The duty desk of a data folder, for commands; a process at work on it takes up what they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from alerting.desk import Desk
from alerting.people.actor import Actor
from pipeline.cli.data_folder import open_store
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.config.options import TimeSource
from pipeline.errors import UnknownError
from pipeline.model.instant import as_utc, to_ns
from pipeline.runners.desk import make_desk
from pipeline.runners.staged_clock import StagedClock

ConfigOption = Annotated[Path, typer.Option(help="Whose data folder.")]
DataOption = Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For machines.")]
AsOption = Annotated[str | None, typer.Option("--as", help="In whose name: a person of [[duty.people]].")]
CONFIG = Path("forewarn.toml")


@contextmanager
def open_desk(config: Path, data: Path | None) -> Iterator[Desk]:
    """The desk, closed at the end."""
    found = load_config(config)
    with open_store(found, data) as store:
        targets = {name: one.type(name, one.options).targets for name, one in found.channels.items()}
        clock = StagedClock(SystemClock())
        last = store.recent_warnings(1) if found.process.time is TimeSource.EVENT else ()
        if last:  # what is recorded plays in the time of its readings, which is no earlier than its last report
            clock.recorded_ns = partial(to_ns, last[0].sent_at)
        yield make_desk(found, store, targets, clock)


def acting(desk: Desk, name: str | None) -> Actor:
    """The person in whose name something is done; the log also names who typed it.

    Raises:
        UnknownError: no such person.
    """
    if name is None:
        raise typer.BadParameter("say in whose name: a person of [[duty.people]]", param_hint="--as")
    person = desk.duty.person(name)
    if person is None:
        raise UnknownError(f"no person {name!r} in [[duty.people]]")
    return Actor(name, frozenset(person.roles), operator())


def operator() -> str:
    """Who types."""
    return f"command line:{getuser()}"


def required(value: str | None, name: str) -> str:
    """An argument that this action needs."""
    if not value:
        raise typer.BadParameter("is needed for this action", param_hint=name)
    return value


def instant(text: str, desk: Desk, name: str) -> datetime:
    """An instant as people type it; without a zone, one of the place."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        why = f"{text!r} is no instant; want for example 2026-05-01T14:30+08:00"
        raise typer.BadParameter(why, param_hint=name) from error
    return as_utc(at if at.tzinfo else at.replace(tzinfo=desk.days.zone))
