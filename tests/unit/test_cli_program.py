"""The program as a whole: what it imports, how it tells its commands, how it ends."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Final

import pytest
import typer.main

from pipeline.cli import main as program
from pipeline.cli.commands import SUMMARIES
from pipeline.cli.exit import MEANINGS, Exit
from pipeline.cli.main import app, run

HEAVY: Final = ("numba", "numpy", "pyarrow", "sqlalchemy", "httpx", "apprise", "starlette", "matplotlib")


def loaded(words: str) -> set[str]:
    """The heavy modules that a command line has loaded when it ends."""
    told = f"import sys; from pipeline.cli.main import run; run({words.split()!r}); print('loaded', *sys.modules)"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(ended.stdout.partition("loaded ")[2].split()) & set(HEAVY)


@pytest.mark.parametrize("words", ["--help", "--version", "chek"])
def test_help_waits_for_nothing_that_commands_need(words: str) -> None:
    assert loaded(words) == set()


def test_a_command_loads_only_what_it_needs() -> None:
    assert loaded("init --help").isdisjoint({"numba", "pyarrow", "sqlalchemy", "httpx", "starlette"})


def test_every_summary_is_what_its_command_says_first() -> None:
    group: Any = typer.main.get_command(app)
    said = {name: command.help.partition("\n")[0] for name, command in group.commands.items()}
    assert said == SUMMARIES


def test_every_exit_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Exit)


def test_a_defect_is_told_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "check_owners", lambda: 1 // 0)
    assert run(["init", "nowhere"]) == Exit.DEFECT
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert said.endswith("error: this is a defect in Forewarn; please report it with the lines above\n")
