"""What every command shares: where words go, and how results are written for people and for machines."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.model.instant import to_text
from pipeline.model.level import Level

PIPED_WIDTH: Final = 200
"""Columns of output that no terminal shows, unless COLUMNS says otherwise: wide enough that few rows are folded."""
LEVEL_STYLES: Final = {
    Level.NONE: "dim",
    Level.BLUE: "blue",
    Level.YELLOW: "yellow",
    Level.ORANGE: "dark_orange",
    Level.RED: "red",
}


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    is_wide = not (stream.isatty() or "COLUMNS" in os.environ)
    return Console(stderr=stderr, width=PIPED_WIDTH if is_wide else None, highlight=False)


out = _console(stderr=False)
err = _console(stderr=True)


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
    """A table on standard output; a line that says so where it has no rows. Cells may hold markup."""
    if not rows:
        out.print(f"[bold]{title}[/]: none")
        return
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=box.SIMPLE_HEAD)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*row)
    out.print(shown)


def told(words: str, style: str = "") -> None:
    """A line on standard output, never cut, and nothing in it taken for markup."""
    out.print(f"[{style}]{escape(words)}[/]" if style else escape(words), soft_wrap=True)


def level_text(level: Level) -> str:
    """The level's word in its colour."""
    return f"[{LEVEL_STYLES[level]}]{level.word}[/]"


def instant_text(at: datetime | None) -> str:
    """To the second, with Z; empty for none."""
    return to_text(at.replace(microsecond=0)) if at else ""


def span_text(seconds: float | None) -> str:
    """`1 h 05 min`, `5 min 03 s`, `33 s`, `33 s late` where it is negative; empty for none."""
    if seconds is None:
        return ""
    late, whole = (" late" if seconds < 0 else ""), round(abs(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02} min{late}"
    return f"{minutes} min {rest:02} s{late}" if minutes else f"{rest} s{late}"
