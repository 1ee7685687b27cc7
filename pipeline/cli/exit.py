"""How a command ends."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from pipeline.errors import ConfigError, ForewarnError, PluginError, RecordingError


class Exit(IntEnum):
    """What a command tells the program that called it. Ctrl-C ends one with 130, as shells have it."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    REPAIR = 3
    OUTSIDE = 4
    DEFECT = 70


MEANINGS: Final = {
    Exit.DONE: "done",
    Exit.ATTENTION: "done, and something needs attention: it was told",
    Exit.USAGE: "wrong usage",
    Exit.REPAIR: "a file to repair: configuration, inventory, recording",
    Exit.OUTSIDE: "something outside is wrong: a port, a disk, an address",
    Exit.DEFECT: "a defect in Forewarn",
}

_TO_REPAIR: Final = (ConfigError, PluginError, RecordingError)


def exit_of(complaints: list[ForewarnError]) -> Exit:
    """The code for what was complained of: OUTSIDE as soon as one of them is no file to repair."""
    return Exit.REPAIR if all(isinstance(one, _TO_REPAIR) for one in complaints) else Exit.OUTSIDE
