"""Fills the templates of pages; figures and instants as people read them."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2

from alerting.words import COLOURS
from pipeline.model.level import Level

_MINUTE_S: Final = 60.0
_HOUR_S: Final = 3600.0


def render(template: str, zone: str, **values: Any) -> str:
    """The page; instants in the zone of this IANA name. Everything that is filled in is escaped."""
    local = ZoneInfo(zone)

    def instant(at: datetime | None) -> str:
        return "—" if at is None else f"{at.astimezone(local):%Y-%m-%d %H:%M:%S}"

    return _environment().get_template(template).render(instant=instant, zone=zone, **values)


def span(seconds: float | None) -> str:
    """`42 s`, `3.5 min`, `2.1 h`; a dash for none."""
    if seconds is None:
        return "—"
    if abs(seconds) < 2 * _MINUTE_S:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE_S:.1f} min" if abs(seconds) < 2 * _HOUR_S else f"{seconds / _HOUR_S:.1f} h"


def percent(part: float | None) -> str:
    """`83 %`; a dash for none."""
    return "—" if part is None else f"{part * 100:.0f} %"


def _colour(level: Level) -> str:
    return f"{COLOURS['zh-CN'].get(level, '')} {COLOURS['en-US'].get(level, level.word)}".strip()


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("alerting", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"span": span, "percent": percent, "colour": _colour}
    return environment
