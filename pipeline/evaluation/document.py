"""Evaluations for machines: one JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import msgspec

from pipeline.evaluation.result import Evaluation, PartResult
from pipeline.evaluation.score import Score
from pipeline.evaluation.study import Study
from pipeline.model.instant import from_ns, to_text

_DIGITS: Final = 4


def document(evaluations: Sequence[Evaluation], left_out: Sequence[str], studies: Sequence[Study] = ()) -> str:
    """Everything that the page says, and each event by name."""
    whole = {
        "suites": [_suite(one) for one in evaluations],
        "studies": [_study(one) for one in studies],
        "left_out": list(left_out),
    }
    return msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=2).decode() + "\n"


def _suite(evaluation: Evaluation) -> dict[str, Any]:
    told = evaluation.suite.told
    return {
        "name": evaluation.suite.name,
        "title": told.title,
        "source": told.source,
        "licence": told.licence,
        "readings": evaluation.readings,
        "rejected": [{"reason": one.reason, "count": one.count, "detail": one.detail} for one in evaluation.rejects],
        "events_outside_parts": list(evaluation.outside),
        "sensor_fault_episodes": dict(evaluation.faults),
        "parts": [_part(one) for one in evaluation.parts],
        "published": [one.model_dump() for one in told.published],
        "aims": [
            {
                **one.aim.model_dump(),
                "reached": _rounded(one.value),
                "floor_reached": one.reaches(one.aim.floor),
                "goal_reached": one.reaches(one.aim.goal),
            }
            for one in evaluation.aims
        ],
    }


def _study(study: Study) -> dict[str, Any]:
    return {
        "name": study.name,
        "title": study.title,
        "source": study.source,
        "licence": study.licence,
        "readings": study.readings,
        "tables": [
            {"title": one.title, "rows": [dict(zip(one.columns, row, strict=True)) for row in one.rows]}
            for one in study.tables
        ],
        "published": [one.model_dump() for one in study.published],
        "aims": [
            {
                **_rounded(asdict(one)),
                "floor_reached": one.reaches(one.floor),
                "goal_reached": one.reaches(one.goal),
            }
            for one in study.bounds
        ],
    }


def _part(result: PartResult) -> dict[str, Any]:
    part = result.part
    return {
        "name": part.name,
        "begin": to_text(part.begin),
        "end": to_text(part.end),
        "calibration": part.calibration,
        "clear_s": _rounded(result.clear_s),
        "onsets": [_rounded(asdict(one)) for one in result.onsets],
        "rows": [{"name": row.name, "cost_ns": _rounded(row.cost_ns, 0), **_score(row.score)} for row in result.rows],
        "warnings": [
            {
                "at": to_text(from_ns(one.at_ns)),
                "hazard": one.hazard.value,
                "area": one.area,
                "level": one.level.word,
                "peak_level": one.peak_level.word,
                "event": one.because or None,
                "in_force_at": one.met or None,
            }
            for one in result.warned
        ],
    }


def _score(score: Score) -> dict[str, Any]:
    return {**_rounded(asdict(score)), "missed": list(score.missed)}


def _rounded(value: Any, digits: int = _DIGITS) -> Any:
    """The same with every float cut to some digits: the last bits differ between processors."""
    match value:
        case float():
            return round(value, digits)
        case dict():
            return {name: _rounded(one, digits) for name, one in value.items()}
        case list() | tuple():
            return [_rounded(one, digits) for one in value]
        case _:
            return value
