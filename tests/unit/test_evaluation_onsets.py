"""Times told against times that came: what counts, how far off, and whether the interval held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluation.document import document
from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.event import Event
from pipeline.evaluation.onsets import Told, onset_figures, told_of
from pipeline.evaluation.plans import frozen
from pipeline.evaluation.report import markdown
from pipeline.evaluation.suite import Part
from pipeline.model.instant import NS_PER_S, to_ns
from tests.reports import finding
from tests.unit.evaluation_rig import field, suite

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
PART = Part(name="all", begin=AT - timedelta(hours=2), end=AT + timedelta(hours=4))
AREA = "330212000000"


def minute(number: float) -> datetime:
    return AT + timedelta(minutes=number)


def event(name: str, onset: float | None, area: str = "") -> Event:
    begin = to_ns(AT)
    return Event(
        name, begin, begin, begin + 10**13, begin + 10**13, area, None if onset is None else to_ns(minute(onset))
    )


def said(
    at: float, expected: float | None, earliest: float | None = None, latest: float | None = None, area: str = AREA
) -> Any:
    one = finding().model_copy(update={"area": area})
    return one, minute(at), tuple(None if each is None else minute(each) for each in (expected, earliest, latest))


def test_what_counts_is_said_of_the_next_event_at_its_place_before_it_sets_in() -> None:
    events = [event("late", 120), event("soon", 60), event("never", None), event("elsewhere", 30, "110101000000")]
    rows = [
        said(10, 70, 50, 90),
        said(20, None),
        said(-10, 60),
        said(70, 100),
        said(130, 140),
        said(10, 45, area="110101000000"),
    ]
    found = told_of(rows, events, PART)
    assert [(one.event, one.is_within) for one in found] == [("soon", True), ("late", None), ("elsewhere", None)]


def test_statements_outside_of_the_part_do_not_count() -> None:
    part = PART.model_copy(update={"begin": minute(15)})
    assert [one.event for one in told_of([said(10, 70), said(20, 70)], [event("soon", 60)], part)] == ["soon"]


def test_how_far_off() -> None:
    hour_ns, minute_ns = 3600 * NS_PER_S, 60 * NS_PER_S
    rows = [
        Told("a", hour_ns - 10 * minute_ns, None, None, hour_ns),
        Told("a", hour_ns + 5 * minute_ns, hour_ns - 10 * minute_ns, hour_ns + 10 * minute_ns, hour_ns),
        Told("a", hour_ns + 30 * minute_ns, hour_ns + 20 * minute_ns, hour_ns + 40 * minute_ns, hour_ns),
    ]
    one = onset_figures("x", rows)
    assert one is not None
    assert (one.told, one.events, one.late_s, one.within) == (3, 1, 300, 0.5)
    assert one.error_s == pytest.approx((600, 600 + 0.8 * 1200))
    assert onset_figures("x", []) is None


def test_page_and_document_tell_it(tmp_path: Path) -> None:
    evaluation = evaluate(suite(field(tmp_path)), frozen())
    assert all(one.onsets == () for one in evaluation.parts)  # gas levels name no time
    figures = onset_figures("x", [Told("a", 0, 0, 60 * NS_PER_S, 60 * NS_PER_S)])
    assert figures is not None
    told = replace(evaluation, parts=tuple(replace(one, onsets=(figures,)) for one in evaluation.parts))
    assert "| x | 1 of 1 | 60 s | 60 s | -60 s | 1.00 |" in markdown([told], [])
    assert '"within": 1.0' in document([told], [])
    assert "Expected onset against" not in markdown([evaluation], [])
