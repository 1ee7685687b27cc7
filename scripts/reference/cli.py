"""The command line, as its own help tells it."""

from __future__ import annotations

from collections.abc import Iterator

from typer.testing import CliRunner

from pipeline.cli.commands import SUMMARIES
from pipeline.cli.exit import MEANINGS
from pipeline.cli.main import app


def cli() -> str:
    """Exit codes, and each command's help."""
    return "\n\n".join([_exits(), *_commands()]) + "\n"


def _exits() -> str:
    rows = [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["## Exit codes", "", "| code | meaning |", "|---|---|", *rows, "| 130 | stopped by Ctrl-C |"])


def _commands() -> Iterator[str]:
    for name in SUMMARIES:
        yield f"## forewarn {name}\n\n```text\n{_help(name)}\n```"


def _help(name: str) -> str:
    shown = CliRunner().invoke(app, [name, "--help"], prog_name="forewarn", env={"COLUMNS": "80", "NO_COLOR": "1"})
    return "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
