"""What every command shares: where words go, and how results are written for people and for machines."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.model.instant import to_text
from pipeline.model.level import Level

PIPED_WIDTH: Final = 200
"""Columns of output that no terminal shows, unless COLUMNS says otherwise: wide enough that few rows are folded."""
WIDE: Final = 100
"""Columns of a terminal from which on most columns of a table are kept on one line."""
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
    """One JSON document on standard output, for machines: levels as words, instants with Z, spans in seconds."""
    document = msgspec.json.format(msgspec.json.encode(_plain(value)), indent=2)
    sys.stdout.write(document.decode() + "\n")


def _plain(value: Any) -> Any:
    plain = value
    match value:
        case BaseModel():
            plain = value.model_dump(mode="json")
        case Level():
            plain = value.word
        case datetime():
            plain = to_text(value)
        case timedelta():
            plain = value.total_seconds()
        case Mapping():
            plain = {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            plain = [_plain(one) for one in value]
        case _ if is_dataclass(value):
            plain = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return plain


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], wraps: Sequence[str] = ()) -> None:
    """A table on standard output; a line that says so where it has no rows. Cells may hold markup.

    Args:
        wraps: columns that give way where the terminal is narrow; on a very narrow one all do.
    """
    if not rows:
        out.print(f"[bold]{escape(title)}[/]: none")
        return
    out.print(f"[bold]{escape(title)}[/]", soft_wrap=True)
    shown = Table(header_style="dim", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        shown.add_column(column, overflow="fold", no_wrap=out.width >= WIDE and column not in wraps)
    for row in rows:
        shown.add_row(*row)
    out.print(shown)
    out.print()


def told(words: str, style: str = "") -> None:
    """A line on standard output, never cut, and nothing in it taken for markup."""
    out.print(f"[{style}]{escape(words)}[/]" if style else escape(words), soft_wrap=True)


def level_text(level: Level) -> str:
    """The level's word in its colour."""
    return f"[{LEVEL_STYLES[level]}]{level.word}[/]"


def instant_text(at: datetime | None) -> str:
    """To the second, with Z; empty for none."""
    return to_text(at.replace(microsecond=0)) if at else ""


def minute_text(at: datetime | None) -> str:
    """To the minute, with Z; empty for none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%MZ}" if at else ""


def span_text(seconds: float | None) -> str:
    """`1 h 05 min`, `5 min 03 s`, `33 s`, `33 s late` where it is negative; empty for none."""
    if seconds is None:
        return ""
    late, whole = (" late" if seconds < 0 else ""), round(abs(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02} min{late}"
    return f"{minutes} min {rest:02} s{late}" if minutes else f"{rest} s{late}"
