"""Whatever options a detector or the quality tests accept, they run on: no overflow, no figure that cannot be told."""

from __future__ import annotations

from math import isfinite
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from detectors.base import LONGEST_S, DetectorOptions
from detectors.bound import BoundDetector
from detectors.scenario import inventory, trouble
from detectors.sensor_health.qualify import Qualifier, QualityOptions
from pipeline.registry import Group, kinds, load

EXTREMES = (0.0, 1e-300, 1e-9, 1e-3, 0.5, 1.0, 2.0, 511.0, 1e4, 1e9, 1e12, 1e300)
SENSORS = inventory()
ROWS = trouble().rows(slice(0, None, 3))


def numeric(model: type[BaseModel]) -> list[str]:
    return [
        name
        for name, field in model.model_fields.items()
        if {float, int} & {field.annotation, *get_args(field.annotation)}
    ]


def drawn(data: st.DataObject, model: type[BaseModel], base: BaseModel) -> Any:
    """Options with up to three set to extremes; None where they are refused."""
    some = data.draw(st.dictionaries(st.sampled_from(numeric(model)), st.sampled_from(EXTREMES), max_size=3))
    whole = base.model_dump()
    for name, value in some.items():
        whole[name] = int(value) if model.model_fields[name].annotation is int else value
    try:
        return model.model_validate(whole)
    except ValidationError:
        return None


@pytest.mark.parametrize("kind", kinds(Group.DETECTORS))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_detector_runs_with_whatever_it_accepts(kind: str, data: st.DataObject) -> None:
    detector = load(Group.DETECTORS, kind)
    options = drawn(data, detector.options_type, detector.on_trial().options)
    if options is None:
        return
    try:
        bound = BoundDetector(detector(options), SENSORS)
    except ValueError:
        return  # refused for what the inventory says, in words
    for _, finding in bound.feed(ROWS.slot, ROWS.at_ns, ROWS.value, ROWS.quality):
        assert isfinite(finding.value)
        assert isfinite(finding.score)
        assert finding.window_start_at <= finding.at


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_quality_tests_run_with_whatever_they_accept(data: st.DataObject) -> None:
    options = drawn(data, QualityOptions, QualityOptions())
    if options is None:
        return
    judge = Qualifier(SENSORS, options)
    judged = judge.feed(
        ROWS.slot,
        ROWS.at_ns,
        ROWS.value,
        ROWS.quality,
        np.zeros(len(ROWS), np.uint8),
        np.full(len(ROWS), ROWS.at_ns[-1]),
    )
    told = [*(one for _, one in judged.findings), *judge.tick(int(ROWS.at_ns[-1]) + 10**17)]
    assert all(isfinite(one.value) and isfinite(one.threshold) for one in told)


TIMES = [name for name in numeric(QualityOptions) if name.endswith("_s") and not name.endswith("_per_s")]


@pytest.mark.parametrize("name", TIMES)
def test_a_time_beyond_the_calendar_is_refused(name: str) -> None:
    QualityOptions.model_validate({name: LONGEST_S})
    with pytest.raises(ValidationError, match=name):
        QualityOptions.model_validate({name: 2 * LONGEST_S})


@pytest.mark.parametrize("kind", kinds(Group.DETECTORS))
def test_a_time_of_any_detector_too(kind: str) -> None:
    options: type[DetectorOptions] = load(Group.DETECTORS, kind).options_type
    counts = [name for name, field in options.model_fields.items() if field.annotation is int]
    for name in counts:
        with pytest.raises(ValidationError, match=rf"{name}\n.*(must be at most 1000000000|less than or equal to)"):
            options.model_validate({name: 10**18})
    with pytest.raises(ValidationError, match=r"lower_after_s\n.*must be at most 1e\+09 s, which is 31 years"):
        options.model_validate({"lower_after_s": 2 * LONGEST_S})
