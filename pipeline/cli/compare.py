"""`forewarn compare`: what another configuration would have changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from alerting.lead_time import Basis, HazardSummary, LeadTime
from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.cli.exit import Exit
from pipeline.cli.output import instant_text, level_text, out, span_text, table, told, write_json
from pipeline.cli.played import recording_options
from pipeline.cli.replayed import Shown
from pipeline.cli.truth import load_truth
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.evaluation.compare import Pair, pairs
from pipeline.model.hazard import Hazard
from pipeline.runners.replay import replay

PAIR_COLUMNS = ("when", "hazard", "area", "peak in A", "peak in B", "lead in A", "lead in B", "B is")
SUMMARY_COLUMNS = ("hazard", "", "warnings", "events", "missed", "false", "POD", "FAR", "median lead", "lowest tenth")


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="The configuration as it is.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="The configuration as it might be.")],
    files: Annotated[
        list[str],
        typer.Argument(metavar="RECORDING", help="As `forewarn replay` takes them; a bucket as A reaches it."),
    ],
    *,
    form: Annotated[
        Path | None, typer.Option(help="TOML that says how the files are laid out, with the options of adapter replay.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="CSV of what really happened: hazard, area, onset_at.")] = None,
    tick_s: Annotated[float, typer.Option(min=0.001, help="Event time between looks for silence and expiry.")] = 60.0,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Play a recording through two configurations and show what changes.

    Each is played with its own inventory, detectors and rules; nothing is sent. Without --truth nobody knows which
    warnings were false: then warnings are compared, not events. Ends with 1 where one of them took in no reading.
    """
    options = recording_options(files, form, None, None, load_config(a).recorder.s3)
    sides = [_played(path, options, truth, tick_s) for path in (a, b)]
    found = pairs(*(side.lead_times for side in sides))
    if json:
        a_told, b_told = ([_known(one, truth) for one in side.summary] for side in sides)
        write_json({"a": a_told, "b": b_told, "pairs": [_plain(one) for one in found]})
    else:
        _show(found, sides, truth)
    if not all(side.replayed.readings for side in sides):
        raise typer.Exit(Exit.ATTENTION)


def _played(config: Path, options: RecordingOptions, truth: Path | None, tick_s: float) -> Shown:
    plan = load_config(config).plan()
    onsets = load_truth(truth, plan.inventory) if truth else []
    clock = SystemClock()
    begun_s = clock.monotonic_s()
    with Recording(options, plan.inventory) as recording:
        replayed = replay(plan, recording.batches(), tick_s)
        return Shown(replayed, plan, onsets, recording.rejects, clock.monotonic_s() - begun_s)


def _known(one: HazardSummary, truth: Path | None) -> dict[str, object]:
    """Without a table of what happened nobody knows how many events there were."""
    return asdict(one) | ({} if truth else {"events": None, "missed": None})


def _plain(pair: Pair) -> dict[str, object]:
    return {
        "hazard": pair.hazard,
        "area": pair.area,
        "at": pair.at,
        "a": pair.a,
        "b": pair.b,
        "earlier_s": pair.earlier_s,
        "is_change": pair.is_change,
    }


def _show(found: Sequence[Pair], sides: Sequence[Shown], truth: Path | None) -> None:
    for name, side in zip("AB", sides, strict=True):
        told(f"{name}: {side.replayed.readings:,} readings, {len(side.replayed.warnings)} reports")
    changed = [one for one in found if one.is_change]
    table("What changes", PAIR_COLUMNS, [_pair(one, sides) for one in changed], wraps=("area",))
    told(f"{len(found) - len(changed)} of {len(found)} warnings and missed events are the same in both.")
    table("Summary", SUMMARY_COLUMNS, list(_summary(sides, truth)))
    out.print("[dim]FAR, and what is false: of finished warnings; both need observed onsets.[/]", soft_wrap=True)


def _pair(one: Pair, sides: Sequence[Shown]) -> tuple[str, ...]:
    area = next((found for side in sides if (found := side.plan.inventory.area_by_code.get(one.area))), None)
    peaks, leads = ([made(row) for row in (one.a, one.b)] for made in (_peak, _lead))
    name = escape(area.name_en) if area else one.area
    return (instant_text(one.at), one.hazard, name, *peaks, *leads, _verdict(one))


def _peak(row: LeadTime | None) -> str:
    return level_text(row.peak_level) if row and row.issued_at else ""


def _lead(row: LeadTime | None) -> str:
    if row is None or row.issued_at is None:
        return "[red]missed[/]" if row else ""
    return span_text(row.lead_time_s)


def _verdict(one: Pair) -> str:
    given = [bool(row and row.issued_at) for row in (one.a, one.b)]
    if given == [True, True]:
        earlier_s = one.earlier_s or 0.0
        if earlier_s == 0:
            return "of another level"
        return f"{span_text(abs(earlier_s))} {'earlier' if earlier_s > 0 else 'later'}"
    return "silent" if given[0] else "new"


def _summary(sides: Sequence[Shown], truth: Path | None) -> list[tuple[str, ...]]:
    """One line a hazard and configuration."""
    by_side = [(side, {one.hazard: one for one in side.summary}) for side in sides]
    return [
        (hazard, name, *_figures(known[hazard], side, truth))
        for hazard in Hazard
        for name, (side, known) in zip("AB", by_side, strict=True)
        if hazard in known
    ]


def _figures(one: HazardSummary, side: Shown, truth: Path | None) -> tuple[str, ...]:
    ended = [row for row in side.lead_times if row.hazard is one.hazard and row.ended_at is not None]
    false = "" if one.far is None else str(sum(row.basis is not Basis.OBSERVED for row in ended))
    shares = ["" if share is None else f"{share:.2f}" for share in (one.pod, one.far)]
    happened = [str(number) if truth else "" for number in (one.events, one.missed)]
    return (str(one.chains), *happened, false, *shares, span_text(one.median_s), span_text(one.p10_s))
