"""What an extra brings is imported when a command needs it; where it is missing, the complaint says how to get it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pipeline.errors import PluginError

_KAFKA: Final = ("confluent_kafka", "faust", "kafka")


@contextmanager
def needs_kafka() -> Iterator[None]:
    """Import inside it.

    Raises:
        PluginError: the extra `kafka` is not installed.
    """
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] in _KAFKA:
            raise PluginError(f"{error.name} is not installed; pip install 'forewarn[kafka]'") from error
        raise
