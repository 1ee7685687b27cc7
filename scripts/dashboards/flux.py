"""Flux, put together from parts. Grafana gives `v.timeRangeStart`, `v.timeRangeStop`, `v.windowPeriod`, the bucket."""

from __future__ import annotations

from typing import Final

SITE: Final = "${site:regex}"
"""Grafana's variable: the chosen sites as a regular expression."""


def points(measurement: str, *where: str) -> str:
    """The points of the time that is looked at; each `where` is a condition on `r`."""
    conditions = " and ".join((f'r._measurement == "{measurement}"', *where))
    return (
        "from(bucket: v.defaultBucket)\n"
        "  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)\n"
        f"  |> filter(fn: (r) => {conditions})"
    )


def field(*names: str) -> str:
    """A condition: one of these fields."""
    return "(" + " or ".join(f'r._field == "{name}"' for name in names) + ")"


def tag(name: str, value: str) -> str:
    """A condition: a tag of this value."""
    return f'r.{name} == "{value}"'


def at_sites() -> str:
    """A condition: one of the sites that are chosen above."""
    return f"r.site =~ /^{SITE}$/"


def piped(query: str, *steps: str) -> str:
    """The query, and what is done with its result, step by step."""
    return "\n  |> ".join((query, *steps))


def rows(measurement: str, *where: str) -> str:
    """One row a point, its fields as columns, in one table."""
    pivot = 'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
    return piped(points(measurement, *where), pivot, "group()")


def windows(query: str, function: str, *by: str) -> str:
    """One value a window and series, series told apart by `by` alone."""
    window = f"aggregateWindow(every: v.windowPeriod, fn: {function}, createEmpty: false)"
    return kept(piped(query, f"group(columns: [{_listed(*by)}])", window), "_time", "_value", *by)


def newest_first(query: str, limit: int = 200) -> str:
    """The latest rows of one table."""
    return piped(query, 'sort(columns: ["_time"], desc: true)', f"limit(n: {limit})")


def chains(*where: str) -> str:
    """The last report of each chain of warnings."""
    steps = ('group(columns: ["chain"])', 'sort(columns: ["number"])', 'last(column: "number")', "group()")
    return piped(rows("warning", *where), *steps)


def kept(query: str, *columns: str) -> str:
    """Only these columns."""
    return piped(query, f"keep(columns: [{_listed(*columns)}])")


def _listed(*names: str) -> str:
    return ", ".join(f'"{name}"' for name in names)
