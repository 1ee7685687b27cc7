"""One figure: what is measured, in what unit, and what it stands beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


class UnknownFigureError(ValueError):
    """A name that no figure has; the text lists those there are."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A small function that measures one number.

    Attributes:
        name: dotted, unique: `embedded.replay`.
        unit: of the number: `readings/s`, `s`, `bytes`.
        about: what is done and counted, in one sentence for the reader of docs/benchmarks.md.
        measure: does it once; what repetition a steady number needs is its own affair.
        peer: name of the figure it is compared with, measured in the same run; "" for none.
    """

    name: str
    unit: str
    about: str
    measure: Callable[[], float]
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What one line of output says. `ratio` is value / value of the peer; None without a peer."""

    name: str
    value: float
    unit: str
    peer: str
    ratio: float | None


def chosen(figures: Sequence[Figure], only: str | None) -> list[Figure]:
    """The figures to measure, each after its peer: all, or `only` and what it is compared with.

    Args:
        only: a name, or the word before its dot: all that begin with it.

    Raises:
        UnknownFigureError: no figure is called `only`.
    """
    by_name = {figure.name: figure for figure in figures}
    wanted = [name for name in by_name if only in {None, name, name.partition(".")[0]}]
    if not wanted and only is not None:
        raise UnknownFigureError(f"no figure {only!r}; there are: {', '.join(sorted(by_name)) or 'none'}")
    order: dict[str, Figure] = {}
    for name in wanted:
        _add(name, by_name, order)
    return list(order.values())


def _add(name: str, by_name: dict[str, Figure], order: dict[str, Figure]) -> None:
    figure = by_name[name]
    if figure.peer and figure.peer not in order:
        _add(figure.peer, by_name, order)
    order[name] = figure


def measure(figures: Sequence[Figure]) -> Iterator[Result]:
    """One result a figure, in the order given: a peer comes before those compared with it."""
    values: dict[str, float] = {}
    for figure in figures:
        value = values[figure.name] = figure.measure()
        ratio = value / values[figure.peer] if figure.peer else None
        yield Result(figure.name, value, figure.unit, figure.peer, ratio)
