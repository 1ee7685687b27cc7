"""`forewarn topics`: Kafka's topics, made and compared; never altered, never deleted."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.exit import Exit
from pipeline.cli.extra import needs_kafka
from pipeline.config.load import load_config


class Action(StrEnum):
    """What to do."""

    CREATE = "create"
    CHECK = "check"


def topics(
    action: Annotated[Action, typer.Argument(help="create: make what is missing, then check. check: compare.")],
    config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml"),
) -> None:
    """Make the topics of gateways and workers, or compare them with the configuration.

    Each difference is told with its remedy, and ends it with 1. Nothing is ever altered or deleted.
    """
    with needs_kafka():
        from pipeline.connectors.kafka.admin import create, look  # noqa: PLC0415  # an extra: only who uses Kafka needs it
        from pipeline.connectors.kafka.topics import mismatches  # noqa: PLC0415  # the same
    options = load_config(config).kafka
    if action is Action.CREATE:
        for name in create(options):
            typer.echo(f"made {name}")
    found = mismatches(options, look(options))
    for one in found:
        typer.echo(f"{'wrong' if one.fatal else 'differs'}: {one.words}", err=True)
    if found:
        raise typer.Exit(Exit.ATTENTION)
    typer.echo(f"the topics at {options.servers} are as configured")
