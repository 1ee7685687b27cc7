"""Components by the `kind` a configuration names, found by entry point and loaded when they are first needed."""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pipeline.errors import PluginError


class Group(StrEnum):
    """The three kinds of component that others can add to."""

    DETECTORS = "forewarn.detectors"
    DEVICE_ADAPTERS = "forewarn.device_adapters"
    CHANNELS = "forewarn.channels"


def kinds(group: Group) -> list[str]:
    """The names of all installed components of a group, sorted."""
    return sorted(point.name for point in _installed(group))


def load(group: Group, kind: str) -> Any:
    """The class registered under `kind`.

    Raises:
        PluginError: nothing of that name, two of that name, or an import that fails (a missing extra).
    """
    points = [point for point in _installed(group) if point.name == kind]
    if not points:
        message = f"{group}: no component {kind!r}; installed: {', '.join(kinds(group)) or 'none'}"
        raise PluginError(message)
    if len(points) > 1:
        owners = ", ".join(sorted(_owner(point) for point in points))
        message = f"{group}: {kind!r} is registered by {owners}; uninstall all but one"
        raise PluginError(message)
    try:
        return points[0].load()
    except ImportError as error:
        message = f"{group}: {kind!r} needs {error.name!r}, which is not installed: {error}"
        raise PluginError(message) from error


def _installed(group: Group) -> tuple[EntryPoint, ...]:
    return _installed_on(tuple(sys.path), group)


@cache
def _installed_on(path: tuple[str, ...], group: Group) -> tuple[EntryPoint, ...]:  # noqa: ARG001  # what it depends on
    """To ask reads the metadata of every distribution; a configuration that names 30 components did so 30 times."""
    return tuple(entry_points(group=group))


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value
