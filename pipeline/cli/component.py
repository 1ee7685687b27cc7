"""What there is to tell of an installed detector, adapter or channel."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from typing import Any, Final

from pipeline.config.describe import options
from pipeline.errors import PluginError
from pipeline.registry import Group, kinds, load

_LABEL: Final = re.compile(r"^(?:Channel `\w+`|Replay): ")


def components(group: Group) -> list[dict[str, Any]]:
    """Kind, hazard (of a detector) and what each is for; of one that cannot be loaded, why."""
    return [_row(group, kind) for kind in kinds(group)]


def component(group: Group, kind: str) -> dict[str, Any]:
    """The same of one, with its rules and options.

    Raises:
        PluginError: it cannot be loaded.
    """
    found = load(group, kind)
    told: dict[str, Any] = {"kind": kind}
    if group is Group.DETECTORS:
        told |= {"hazard": found.hazard, "version": found.version}
        told |= {"criteria": [asdict(criterion) for criterion in found.criteria]}
    told |= {"about": about(found), "options": [asdict(option) for option in options(found.options_type)]}
    return told


def about(component_type: type[Any]) -> str:
    """The first paragraph of its file."""
    paragraph = (sys.modules[component_type.__module__].__doc__ or "").strip().partition("\n\n")[0]
    words = _LABEL.sub("", " ".join(paragraph.split()))
    return words[:1].upper() + words[1:]


def _row(group: Group, kind: str) -> dict[str, Any]:
    try:
        found = load(group, kind)
    except PluginError as error:
        return {"kind": kind, "about": str(error)}
    hazard = {"hazard": found.hazard} if group is Group.DETECTORS else {}
    return {"kind": kind, **hazard, "about": about(found)}
