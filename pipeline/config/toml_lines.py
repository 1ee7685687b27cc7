"""On which line of a TOML file each table and key is spelled out: tomllib does not tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

Place = tuple[str | int, ...]
"""Keys and list positions from the top of the file, as pydantic's `loc`."""

_ONE: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED: Final = rf"{_ONE}(?:\s*\.\s*{_ONE})*"
_HEADER: Final = re.compile(rf"^\s*\[(\[)?\s*({_DOTTED})\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(rf"^\s*({_DOTTED})\s*=")
_PART: Final = re.compile(_ONE)


def line_numbers(text: str) -> dict[Place, int]:
    """Place -> line, from 1. Keys inside inline tables and lists count with their parent.

    A line of a text in several lines that looks like a key is taken for one; the key it pretends to be is then found
    on a wrong line, never a wrong value.
    """
    lines: dict[Place, int] = {}
    table: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _in_arrays(_parts(header[2]), counts)
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                lines.setdefault(table, number)
                table = (*table, counts[table])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _in_arrays(parts: Place, counts: Mapping[Place, int]) -> Place:
    """`parts` with the position of the current element after each array of tables but the last part."""
    place: Place = ()
    for part in parts[:-1]:
        place = (*place, part)
        if place in counts:
            place = (*place, counts[place])
    return (*place, parts[-1])


def _parts(dotted: str) -> Place:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in _PART.findall(dotted))
