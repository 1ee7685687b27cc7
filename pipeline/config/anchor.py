"""Relative paths of a configuration start from its own folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def anchored(options: M, folder: Path) -> M:
    """`options` with every relative path in it, however deep, started from `folder`."""
    return options.model_copy(update={name: _absolute(value, folder) for name, value in options})


def _absolute(value: Any, folder: Path) -> Any:
    match value:
        case Path():
            return folder / value
        case tuple():
            return tuple(_absolute(one, folder) for one in value)
        case dict():
            return {key: _absolute(one, folder) for key, one in value.items()}
        case BaseModel():
            return anchored(value, folder)
        case _:
            return value
