"""The one loop that applies a detector's step to the readings of a batch."""

from __future__ import annotations

from typing import Any, Final

from detectors.episode import QUIET, advance
from detectors.kernel import kernel

EVENT_CAPACITY: Final = 4096
"""Events a call may return before it hands back for more room."""
_FAIL: Final = 4
"""Quality.FAIL; a kernel sees the number. FAIL and MISSING are no evidence."""


@kernel
def run(
    step: Any,
    start: int,
    columns: Any,
    members: Any,
    records: Any,
    evidence: Any,
    events: Any,
) -> tuple[int, int]:
    """Apply `step` to readings, one after another.

    Args:
        start: the first row to take in.
        step: step(state, params, channel, at_ns, value, level, evidence); `level` is the one in force.
        columns: slot i4[n] (-1: not in the inventory), at_ns i8[n], value f8[n], quality u1[n].
        members: by slot: subject i4 (-1: not this detector's), channel u1.
        records: by subject: state, params, policy, episode.
        evidence: EVIDENCE[1], scratch.
        events: EVENT[m], filled from 0.

    Returns:
        The row after the last one taken in (n when done) and the number of events written.
    """
    slot, at_ns, value, quality = columns
    subject_of, channel_of = members
    state, params, policy, episode = records
    said = evidence[0]
    count = 0
    for row in range(start, slot.size):
        subject = subject_of[slot[row]] if slot[row] >= 0 else -1
        if subject < 0 or quality[row] >= _FAIL:
            continue
        if count == events.size:
            return row, count
        at = at_ns[row]
        said.level = 0
        said.criterion = 0
        said.score = 0.0
        said.value = value[row]
        said.threshold = 0.0
        said.window_ns = at
        said.expected_ns, said.earliest_ns, said.latest_ns = 0, 0, 0
        current = episode[subject]
        step(state[subject], params[subject], channel_of[slot[row]], at, value[row], current.level, said)
        verdict = advance(current, policy[subject], at, said.level, said.expected_ns)
        if verdict != QUIET:
            write_event(events[count], current, said, verdict, row, subject, at)
            count += 1
    return slot.size, count


@kernel
def write_event(event: Any, episode: Any, said: Any, verdict: int, row: int, subject: int, at_ns: int) -> None:
    """Fill an EVENT with what `advance` made of the evidence; a level that falls to none keeps its criterion."""
    if said.level > 0:
        episode.criterion = said.criterion
    event.row = row
    event.subject = subject
    event.at_ns = at_ns
    event.state = verdict
    event.onset_ns = episode.onset_ns
    event.revision = episode.revision
    event.level = episode.level
    event.peak = episode.peak
    event.criterion = episode.criterion
    event.value = said.value
    event.threshold = said.threshold
    event.score = said.score
    event.window_ns = said.window_ns
    event.expected_ns, event.earliest_ns, event.latest_ns = said.expected_ns, said.earliest_ns, said.latest_ns
    event.bearing_deg, event.spread_deg, event.witness = said.bearing_deg, said.spread_deg, said.witness
