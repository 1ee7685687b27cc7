"""A TOML file whose complaints name the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.errors import ConfigError

M = TypeVar("M", bound=BaseModel)
Place = tuple[str | int, ...]
"""Keys and list positions from the top of the file, as pydantic's `loc`."""

_HEADER: Final = re.compile(r"^\s*\[(\[)?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*=""")
_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_AT_LINE: Final = re.compile(r"\(at line (\d+)")
_QUOTED_IN_SECRET: Final = re.compile(r"token|secret|password|url", re.IGNORECASE)


class TomlFile:
    """A parsed file that remembers where each key stands.

    Raises:
        ConfigError: unreadable, not UTF-8, or not TOML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text("utf-8")
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = _AT_LINE.search(str(error))
            raise ConfigError(path, f"not TOML: {error}", int(line[1]) if line else None) from error
        except UnicodeDecodeError as error:
            raise ConfigError(path, f"not UTF-8: {error.reason} at byte {error.start}") from error
        except OSError as error:
            raise ConfigError(path, f"cannot be read: {error.strerror}") from error
        self._lines = _line_numbers(text)

    def line_of(self, place: Place) -> int | None:
        """The line of the deepest part of `place` that the file spells out; None for the file as a whole."""
        for depth in range(len(place), 0, -1):
            line = self._lines.get(place[:depth])
            if line:
                return line
        return None

    def error(self, place: Place, what: str) -> ConfigError:
        """A complaint about what stands at `place`."""
        name = ".".join(str(part) for part in place)
        return ConfigError(self.path, f"{name}: {what}" if name else what, self.line_of(place))

    def validated(self, model: type[M], table: Mapping[str, Any], place: Place) -> M:
        """`table`, which stands at `place`, as a `model`.

        Raises:
            ExceptionGroup[ConfigError]: every complaint, each with its line.
        """
        try:
            return model.model_validate(dict(table))
        except ValidationError as error:
            complaints = [self.error((*place, *_plain(item["loc"])), _words(item)) for item in error.errors()]
            raise ExceptionGroup(f"{self.path}: not a valid configuration", complaints) from None


def _plain(loc: tuple[str | int, ...]) -> Place:
    return tuple(part for part in loc if not (isinstance(part, str) and "[" in part))


def _words(item: Any) -> str:
    """The complaint in words, with the value received unless it may be a secret."""
    if item["type"] == "extra_forbidden":
        return "unknown key; remove it or mend its spelling"
    words = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "missing" or _QUOTED_IN_SECRET.search(str(item["loc"])):
        return words
    return f"{words}, not {item['input']!r}" if not isinstance(item["input"], dict) else words


def _line_numbers(text: str) -> dict[Place, int]:
    """Where each table and key is spelled out. Keys inside inline tables and lists count with their parent."""
    lines: dict[Place, int] = {}
    table: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
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
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
