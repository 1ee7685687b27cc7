"""Plots of evaluations, as SVG text: the same figures give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.figure import Figure

from pipeline.evaluation.result import Row
from pipeline.evaluation.tune import Point, Tuned

_MINUTE_S: Final = 60.0
_STYLE: Final[Any] = {"svg.hashsalt": "forewarn", "svg.fonttype": "none", "font.size": 8.0}
_BLUE: Final = "#2f6fdd"
_GREY: Final = "#666666"
_RED: Final = "#d92f2f"


def curve(tuned: Tuned) -> str:
    """Lead or delay, and the share found, against false episodes per sensor-month; the budget as a line."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        soon, share = figure.subplots(2, 1, sharex=True)
        leads = any(one.chosen_on.leads_s for one in tuned.points)
        timed = [one for one in tuned.points if _times(one, leads=leads)]
        rates = [one.chosen_on.false_per_sensor_month for one in timed]
        for place, word in enumerate(("p10", "p50", "p90")):
            minutes = [_times(one, leads=leads)[place] / _MINUTE_S for one in timed]
            soon.plot(rates, minutes, "o-" if word == "p50" else ":", color=_BLUE, markersize=3, label=word)
        soon.set_ylabel("lead [min]" if leads else "delay [min]")
        soon.legend(frameon=False)
        every = [one.chosen_on.false_per_sensor_month for one in tuned.points]
        share.plot(every, [one.chosen_on.pod or 0.0 for one in tuned.points], "o-", color=_BLUE, markersize=3)
        share.set_ylabel("share found")
        share.set_ylim(-0.05, 1.05)
        share.set_xlabel(f"false episodes per sensor-month, {tuned.part}")
        for one in tuned.points:
            at = (one.chosen_on.false_per_sensor_month, one.chosen_on.pod or 0.0)
            share.annotate(f"{one.value:.4g}", at, textcoords="offset points", xytext=(3, 4), color=_GREY)
        for axes in (soon, share):
            axes.axvline(tuned.budget, color=_RED, linestyle="--", linewidth=1)
        figure.suptitle(f"{tuned.kind}.{tuned.option}, from {tuned.level.word} on")
        return _svg(figure)


def _times(point: Point, *, leads: bool) -> Sequence[float]:
    return point.chosen_on.leads_s if leads else point.chosen_on.delays_s


def bars(rows: Sequence[Row]) -> str:
    """Delay, or lead where onsets are known, of each row that found something: p10 to p90 and the median; its POD."""
    found = [row for row in rows if row.score.delays_s][::-1]
    with rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 0.7 + 0.24 * max(len(found), 1)), layout="constrained")
        axes = figure.subplots()
        leads = any(row.score.leads_s for row in found)
        for place, row in enumerate(found):
            times = [one / _MINUTE_S for one in (row.score.leads_s if leads else row.score.delays_s)]
            if times:
                axes.plot([times[0], times[2]], [place, place], color=_BLUE, linewidth=4, alpha=0.4)
                axes.plot([times[1]], [place], "o", color=_BLUE, markersize=4)
            axes.annotate(
                f"{row.score.hits}/{row.score.events}", (1.01, place), xycoords=("axes fraction", "data"), va="center"
            )
        axes.set_yticks(range(len(found)), [row.name for row in found])
        axes.set_xlabel("lead [min]: p10, median, p90; found" if leads else "delay [min]: p10, median, p90; found")
        axes.axvline(0.0, color=_GREY, linewidth=0.8)
        return _svg(figure)


def _svg(figure: Any) -> str:
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = drawn.getvalue()
    return text[text.index("<svg") :]
