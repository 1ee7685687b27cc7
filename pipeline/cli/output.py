"""What every command shares: where words go, and how results are written for people and for machines."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from pipeline.model.instant import to_text
from pipeline.model.level import Level

LEVEL_STYLES = {
    Level.NONE: "dim",
    Level.BLUE: "blue",
    Level.YELLOW: "yellow",
    Level.ORANGE: "dark_orange",
    Level.RED: "red",
}

out = Console()
err = Console(stderr=True)


def write_json(value: Any) -> None:
    """One JSON document on standard output, for machines."""
    document = msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=2)
    sys.stdout.write(document.decode() + "\n")


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; a line that says so where it has no rows."""
    if not rows:
        out.print(f"[dim]{title}: none[/dim]")
        return
    shown = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*row)
    out.print(shown)


def level_text(level: Level) -> str:
    """The level's word in its colour."""
    return f"[{LEVEL_STYLES[level]}]{level.word}[/]"


def instant_text(at: datetime | None) -> str:
    """To the second, with Z; empty for none."""
    return to_text(at.replace(microsecond=0)) if at else ""


def span_text(seconds: float | None) -> str:
    """`1 h 05 min`, `5 min 03 s`, `33 s`; with a minus where it is negative; empty for none."""
    if seconds is None:
        return ""
    sign, whole = ("-" if seconds < 0 else ""), round(abs(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{sign}{hours} h {minutes:02} min"
    return f"{sign}{minutes} min {rest:02} s" if minutes else f"{sign}{rest} s"
