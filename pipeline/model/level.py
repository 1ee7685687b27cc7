"""The national four-colour scale of warnings."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema


class Level(IntEnum):
    """Ordered: a higher level is worse. General emergency classes: blue IV, yellow III, orange II, red I."""

    NONE = 0
    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4

    @property
    def word(self) -> str:
        """The name as it is written in files and interfaces."""
        return self.name.lower()


def level_of(value: object) -> Level:
    """The level named by a word (`orange`), a number (3) or a Level.

    Raises:
        ValueError: none of these.
    """
    if isinstance(value, str) and value.upper() in Level.__members__:
        return Level[value.upper()]
    if isinstance(value, int) and not isinstance(value, bool) and Level.NONE <= value <= Level.RED:
        return Level(value)
    message = f"level {value!r} is none of {', '.join(level.word for level in Level)}"
    raise ValueError(message)


LevelField = Annotated[
    Level,
    BeforeValidator(level_of),
    PlainSerializer(lambda level: level.word, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "enum": [level.word for level in Level]}),
]
"""A pydantic field, written as a word."""
