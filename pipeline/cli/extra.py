"""What an extra brings is imported when a command needs it; where it is missing, the complaint says how to get it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pipeline.errors import PluginError

_BROUGHT_BY: Final = {"confluent_kafka": "kafka", "faust": "kafka", "kafka": "kafka", "influxdb_client": "influx"}


@contextmanager
def needs_kafka() -> Iterator[None]:
    """Import inside it what needs the extra `kafka`, or `influx` as well.

    Raises:
        PluginError: the extra is not installed.
    """
    try:
        yield
    except ImportError as error:
        extra = _BROUGHT_BY.get((error.name or "").partition(".")[0])
        if extra:
            raise PluginError(f"{error.name} is not installed; pip install 'forewarn[{extra}]'") from error
        raise
