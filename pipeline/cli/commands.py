"""The commands, each loaded when it is called: help and a mistyped word wait for none of what they import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

import typer
import typer.main
from typer.core import TyperGroup

SUMMARIES: Final = {
    "init": "Write a sample site to start from.",
    "check": "Would it run? Every complaint names its file and line.",
    "run": "Take in readings, find hazards, warn; until Ctrl-C.",
    "gateway": "Take in readings and hand them to Kafka; until Ctrl-C.",
    "worker": "Find hazards in the readings that Kafka holds; until Ctrl-C.",
    "console": "Store what the workers say, warn people, and show the page; until Ctrl-C.",
    "sink": "Write what Kafka holds to InfluxDB and to Parquet files; until Ctrl-C.",
    "topics": "Make the topics of gateways and workers, or compare them with the configuration.",
    "replay": "Play a recording and show what would have been said; nothing is sent.",
    "list": "List detectors, adapters, channels and their options, areas, sensors.",
    "evaluate": "Score the detectors on recordings with known events.",
    "tune": "Choose a threshold for a budget of false alarms, and say what lead time that costs.",
    "compare": "Play a recording through two configurations and show what changes.",
    "explain": "Tell which readings, threshold and standard stand behind a finding.",
    "ledger": "Tell how much warning people had.",
    "forecasts": "Tell what rain is foreseen in each area, and how well forecasts did.",
    "coverage": "Tell how much of the population was reached, and whom to call about the rest.",
    "report": "Write the report of a month: how well warnings did.",
    "drill": "Play a recording as an exercise, and evaluate what came of it.",
    "warnings": "Tell which warnings are in force.",
    "deliveries": "Tell what became of each message, and what is kept from whom.",
    "release": "Tell what waits for release; approve it, object, or refuse it.",
    "amend": "Withdraw a warning in force, or set its level by hand.",
    "clocks": "Tell by when superiors must be told, and whether they were.",
    "silence": "Tell what is silenced and what that hid; set a silence, or end one.",
    "calls": "Tell who was called, and who did not answer; answer a call.",
    "roster": "Tell who is on duty; hand over, write and take in iCalendar.",
    "tasks": "Give, answer and verify risk notices and follow-up work.",
    "token": "Make, list and revoke the tokens of the HTTP interface.",
    "audit": "Show who did what, and verify that the log is as it was written.",
    "cap": "Tell whether documents are CAP 1.2, and what they say.",
    "onset": "Enter when a hazard was seen to set in.",
    "simulate": "Push the readings of a story, as its field devices would.",
}
"""In the order in which a new user meets them. `pipeline/cli/NAME.py` holds the function that carries NAME out."""

_OTHERWISE: Final = {"list": "listing"}
"""Commands whose module, and function, cannot be called as they are: the name is taken in Python."""


class Commands(TyperGroup):
    """The root command. Its commands are a mapping that loads what is asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Loading()  # type: ignore[assignment]  # read only: nobody adds commands at run time

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # the signature that help calls
        """The list in the root's help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


class _Loading(Mapping[str, Any]):
    """Name -> command."""

    def __getitem__(self, name: str) -> Any:
        if name not in SUMMARIES:
            raise KeyError(name)
        function = _OTHERWISE.get(name, name)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(getattr(import_module(f"pipeline.cli.{function}"), function))
        return typer.main.get_command(single)

    def __iter__(self) -> Iterator[str]:
        return iter(SUMMARIES)

    def __len__(self) -> int:
        return len(SUMMARIES)
