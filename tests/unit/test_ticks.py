import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.stages.ticks import EventTicks, with_ticks

RAIN = Series("r", Quantity.RAIN)


def batch(*seconds: float) -> ReadingBatch:
    return ReadingBatch.of([Reading(RAIN, round(at * NS_PER_S), 0.0) for at in seconds])


def written(entries: list[Entry]) -> list[str | float]:
    """`t60` for a tick at 60 s, numbers for readings."""
    shown: list[str | float] = []
    for entry in entries:
        if isinstance(entry, Tick):
            shown.append(f"t{to_ns(entry.at) // NS_PER_S}")
        else:
            shown += (entry.observed_at_ns / NS_PER_S).tolist()
    return shown


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param([61, 62], ["t60", 61, 62], id="the first reading starts time"),
        pytest.param([61, 119, 120], ["t60", 61, 119, "t120", 120], id="at the boundary"),
        pytest.param([61, 500], ["t60", 61, "t480", 500], id="one tick a crossing, however wide"),
        pytest.param([130, 61, 131], ["t120", 130, 61, 131], id="a step back crosses nothing"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_ticks_stand_where_time_crosses_a_boundary(seconds: list[float], expected: list[str | float]) -> None:
    assert written(list(EventTicks(60).cut(batch(*seconds)))) == expected


@given(st.lists(st.integers(0, 1000), max_size=30), st.data())
def test_the_cut_into_batches_does_not_matter(seconds: list[int], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(seconds)))
    whole = written(list(EventTicks(60).cut(batch(*seconds))))
    ticks = EventTicks(60)
    parts = [*ticks.cut(batch(*seconds[:at])), *ticks.cut(batch(*seconds[at:]))]
    assert written(parts) == whole


def test_a_device_that_is_ahead_moves_time_no_further_than_our_clock() -> None:
    ahead = ReadingBatch.of(
        [Reading(RAIN, at * NS_PER_S, 0.0) for at in (61, 86_400, 130)], received_at_ns=131 * NS_PER_S
    )
    assert written(list(EventTicks(60).cut(ahead))) == ["t60", 61, "t120", 86_400, 130]


def test_after_a_restart_time_goes_on_from_the_last_tick() -> None:
    assert written(list(EventTicks(60, 120 * NS_PER_S).cut(batch(121, 180)))) == [121, "t180", 180]


def test_a_recording_ends_with_a_tick_at_its_last_reading() -> None:
    assert written(list(with_ticks([batch(61), batch(75)], 60))) == ["t60", 61, 75, "t75"]
    assert list(with_ticks([], 60)) == []


def test_no_reading_is_lost_or_copied_anew_where_nothing_is_cut() -> None:
    whole = batch(61, 62)
    entries = list(EventTicks(60).cut(whole))
    assert entries[1] is whole
    assert np.shares_memory(entries[1].value, whole.value)
