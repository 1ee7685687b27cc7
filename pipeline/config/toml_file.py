"""A TOML file whose complaints name the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.config.complaint import spelled_out, words
from pipeline.config.describe import names
from pipeline.config.toml_lines import Place, line_numbers
from pipeline.errors import ConfigError

M = TypeVar("M", bound=BaseModel)

_AT_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")


class TomlFile:
    """A parsed file that remembers where each key stands.

    Raises:
        ConfigError: unreadable, not UTF-8, or not TOML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
            self.data: dict[str, Any] = tomllib.loads(text)
        except UnicodeDecodeError as error:
            raise ConfigError(path, f"not UTF-8: {error.reason} at byte {error.start}") from error
        except (ValueError, RecursionError) as error:
            raise _not_toml(path, error) from error
        except OSError as error:
            raise ConfigError(path, f"cannot be read: {error.strerror}") from error
        self._lines = line_numbers(text)

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
            found = [self.error((*place, *loc), what) for loc, what in _complaints(error, model, table)]
            raise ExceptionGroup(f"{self.path}: not valid", found) from None


def _complaints(
    error: ValidationError, model: type[BaseModel], table: Mapping[str, Any]
) -> Iterator[tuple[Place, str]]:
    """Place and words; the branches of a union are one complaint."""
    secret = bool(model.model_config.get("hide_input_in_errors"))

    def place(item: Any) -> Place:
        loc: Place = item["loc"]
        spelled = spelled_out(loc, table)
        return loc[: len(spelled) + 1] if item["type"] == "missing" else spelled

    for loc, items in groupby(error.errors(include_url=False), key=place):
        yield loc, words(list(items), names(model, len(loc)), secret=secret)


def _not_toml(path: Path, error: Exception) -> ConfigError:
    """For a number of too many digits tomllib raises a plain ValueError, for too many brackets a RecursionError."""
    at = _AT_LINE.search(str(error))
    what = "too many brackets" if isinstance(error, RecursionError) else _AT_LINE.sub("", str(error)).partition(":")[0]
    return ConfigError(path, f"not TOML: {what}", int(at[1]) if at else None)
