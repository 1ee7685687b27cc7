"""Evaluations for people: Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from pipeline.evaluation.onsets import OnsetFigures
from pipeline.evaluation.page import HOW_TO_READ, INTRODUCTION, cell, instant, seconds, share, table
from pipeline.evaluation.result import Evaluation, Judged, PartResult, Row, Warned
from pipeline.evaluation.score import Found, Score
from pipeline.evaluation.study import Bound, Study
from pipeline.evaluation.suite import Part, Published

NAMED_MAX: Final = 5
"""How many of what was left out are told one by one."""
_COLUMNS = (
    "what", "found", "in force", "POD (95 %)", "chance", "skill", "under alarm",
    "delay p10 / p50 / p90", "lead p10 / p50 / p90", "POD early", "episodes", "false", "of them premature",
    "false per sensor-month", "FAR", "CSI", "ns a reading",
)  # fmt: skip


def markdown(
    evaluations: Sequence[Evaluation], left_out: Sequence[str], studies: Sequence[Study] = (), config: str = ""
) -> str:
    """The whole page.

    Args:
        left_out: names of suites that need recordings which were not given.
        config: whose detectors and options; the installed ones with their defaults.
    """
    whose = f"detectors and options of {config}" if config else "every installed detector with its defaults"
    told = [INTRODUCTION.format(whose=whose), *(f"Left out, for want of its recordings: {name}." for name in left_out)]
    told += [*_aims(evaluations, studies), *chain.from_iterable(map(_suite, evaluations))]
    told += [*chain.from_iterable(map(_study, studies)), HOW_TO_READ]
    return "\n\n".join(told) + "\n"


def _aims(evaluations: Sequence[Evaluation], studies: Sequence[Study]) -> Iterator[str]:
    rows = [_aim(one, judged) for one in evaluations for judged in one.aims]
    rows += [_bounded(one, bound) for one in studies for bound in one.bounds]
    if rows:
        yield "## Against the floors and the goals"
        yield table(("suite", "part", "what", "figure", "reached", "floor", "goal"), rows)


def _aim(evaluation: Evaluation, judged: Judged) -> list[str]:
    aim = judged.aim
    bounds = [_bound(bound, judged.reaches(bound), judged.because) for bound in (aim.floor, aim.goal)]
    return [evaluation.suite.name, aim.part, aim.row, aim.figure, cell(judged.value), *bounds]


def _bounded(study: Study, one: Bound) -> list[str]:
    bounds = [_bound(bound, one.reaches(bound)) for bound in (one.floor, one.goal)]
    return [study.name, one.part, one.row, one.figure, cell(one.value), *bounds]


def _study(study: Study) -> Iterator[str]:
    yield f"## {study.title}"
    yield study.about.strip()
    yield f"Data: {study.source}. Licence: {study.licence}. {study.readings:,} readings."
    for one in study.tables:
        yield f"{one.title}:\n\n{table(one.columns, one.rows)}"
    yield from _others(study.published)


def _others(published: Sequence[Published]) -> Iterator[str]:
    if published:
        yield "What others reach:"
        yield "\n".join(f"- {one.what} ({one.source})" for one in published)


def _bound(bound: float | None, reached: bool | None, because: str = "") -> str:  # noqa: FBT001  # what `reaches` says
    words = {True: "reached", False: "**short**", None: because}
    return "" if bound is None else f"{bound:g}: {words[reached]}"


def _suite(evaluation: Evaluation) -> Iterator[str]:
    told = evaluation.suite.told
    yield f"## {told.title}"
    yield told.about.strip()
    yield f"Data: {told.source}. Licence: {told.licence}. {evaluation.readings:,} readings; {_faults(evaluation)}."
    unused = left_out_of(evaluation)
    if unused:
        yield "\n".join(f"- {one}" for one in unused)
    for part in evaluation.parts:
        yield from _part(evaluation, part)
    yield from _others(told.published)


def left_out_of(evaluation: Evaluation) -> list[str]:
    """What of a suite nothing is told about: events outside its parts, readings that were rejected."""
    said = []
    if outside := evaluation.outside:
        more = f" and {len(outside) - NAMED_MAX} more" if len(outside) > NAMED_MAX else ""
        lie = (
            "1 event lies outside the parts and was"
            if len(outside) == 1
            else f"{len(outside)} events lie outside the parts and were"
        )
        said.append(f"{lie} left out: {', '.join(outside[:NAMED_MAX])}{more}")
    rejects = evaluation.rejects
    said += [f"rejected {one.count:,}: {one.detail}" for one in rejects[:NAMED_MAX]]
    if others := rejects[NAMED_MAX:]:
        said.append(f"rejected {sum(one.count for one in others):,} more, of {len(others)} further sensors or causes")
    return said


def _faults(evaluation: Evaluation) -> str:
    counted = ", ".join(f"{kind} {count}" for kind, count in evaluation.faults.items())
    return f"sensor faults, told to those who repair: {counted or 'none'}"


def heading(part: Part) -> str:
    """What stands above a part."""
    role = " (thresholds were chosen here)" if part.calibration else ""
    return f"{part.name[0].upper()}{part.name[1:]}{role}"


def _part(evaluation: Evaluation, result: PartResult) -> Iterator[str]:
    part = result.part
    yield f"### {heading(part)}"
    yield f"{instant(part.begin)} to {instant(part.end)}; {seconds(result.clear_s)} of recording clear of any event."
    yield _scores(result.rows)
    if result.onsets:
        yield _onsets(result.onsets)
    if not part.list_warnings:
        return
    if any(row.score.found for row in result.rows):
        yield _by_event(evaluation, result)
    yield _warned(result.warned)


def _scores(rows: Sequence[Row]) -> str:
    lines = [[row.name, *_figures(row.score), cell(row.cost_ns, 0)] for row in rows]
    used = [place for place, _ in enumerate(_COLUMNS) if any(line[place] for line in lines)]
    return table([_COLUMNS[place] for place in used], [[line[place] for place in used] for line in lines])


def _onsets(figures: Sequence[OnsetFigures]) -> str:
    lines = [
        [one.name, f"{one.told} of {one.events}", *map(seconds, one.error_s), seconds(one.late_s), share(one.within)]
        for one in figures
    ]
    columns = (
        "what",
        "times told, of events",
        "off by p50",
        "off by p90",
        "later than the onset by p50",
        "in interval",
    )
    return "Expected onset against the actual one:\n\n" + table(columns, lines)


def _figures(score: Score) -> list[str]:
    found = f"{score.hits} of {score.events}" if score.events else ""
    low, high = score.pod_interval or (0.0, 0.0)
    return [
        found,
        str(score.in_force or ""),
        f"{share(score.pod)} ({share(low)}-{share(high)})" if score.events else "",
        share(score.chance),
        share(score.skill),
        share(score.under_alarm) if score.events else "",
        " / ".join(map(seconds, score.delays_s)),
        " / ".join(map(seconds, score.leads_s)),
        share(score.pod_early),
        str(score.episodes),
        str(score.false),
        str(score.premature or ""),
        f"{score.false_per_sensor_month:.1f}",
        share(score.far),
        share(score.csi),
    ]


def _by_event(evaluation: Evaluation, result: PartResult) -> str:
    """A line an event, a column a voice: the delay, and what others took for this very event."""
    voices = [row for row in result.rows if row.score.hits or row.score.in_force]
    peers = list(dict.fromkeys(name for event in evaluation.events for name, _ in event.peers))
    peer_s = {event.name: dict(event.peers) for event in evaluation.events}
    lines = []
    for place, found in enumerate(result.rows[0].score.found):
        delays = [_delay(row.score.found[place]) for row in voices]
        others = [peer_s[found.event].get(peer) for peer in peers]
        lines.append([found.event, *delays, *map(_known, others)])
    return "Delay from the begin of each event:\n\n" + table(["event", *(row.name for row in voices), *peers], lines)


def _delay(found: Found) -> str:
    if found.delay_s is not None:
        return seconds(found.delay_s)
    return "missed" if found.stood_s is None else f"in force, {seconds(found.stood_s)} more"


def _known(delay_s: float | None) -> str:
    return "" if delay_s is None else seconds(delay_s)


def _warned(warned: Iterable[Warned]) -> str:
    lines = [
        [instant(one.at_ns), one.hazard, one.area, one.level.word, one.peak_level.word, one.because or _unfounded(one)]
        for one in warned
    ]
    if not lines:
        return "No warning was given."
    return "Warnings given:\n\n" + table(("first report", "hazard", "area", "level", "at its worst", "event"), lines)


def _unfounded(warned: Warned) -> str:
    return f"**false**, in force when {warned.met} began" if warned.met else "**false**"
