"""The one pass over readings, and over silent sensors: rules judged, faults told."""

from __future__ import annotations

from typing import Any, Final

from detectors.episode import QUIET, advance
from detectors.kernel import kernel
from detectors.loop import write_event
from detectors.sensor_health.rules import SILENCE, clock, gap, measure, repeated, silence

UNKNOWN: Final = 0
CLOCK_WRONG: Final = 1
REPEAT: Final = 2
LATE: Final = 3
TAKEN: Final = -1
"""Why a reading is dropped, as places in the array of counts; or that it is not."""
UNTIMED: Final = -(2**63)
"""`received_ns` of a recording that does not tell."""
_FAULTS: Final = 10
_ALL: Final = (1 << 16) - 1
EVENTS_PER_READING: Final = 1 + _FAULTS
"""The most that one reading brings about: one event a fault, and for a silence that no tick has seen two."""


@kernel
def examine(start: int, columns: Any, sensors: Any, result: Any, out: Any) -> int:
    """Test readings, one after another; returns the row after the last one taken in (n when done).

    Args:
        start: the first row to take in.
        columns: slot i4[n], at_ns i8[n], value f8[n], quality u1[n], status u1[n], received_ns i8[n]: when each
            reached us, or UNTIMED.
        sensors: by slot: HEALTH[s], LIMITS[s], EPISODE[s, faults], POLICY[s, faults].
        result: keep ?[n], quality u1[n], dropped i8[4], written in place.
        out: FACTS[1] and EVIDENCE[1] scratch, EVENT[m], i8[1] number of events written, counted on from what it is.
    """
    slot, at_ns, value, quality, status, received_ns = columns
    health, limits = sensors[0], sensors[1]
    keep, flag, dropped = result
    facts, written, capacity = out[0][0], out[3], out[2].size
    for row in range(start, slot.size):
        if capacity - written[0] < EVENTS_PER_READING:
            return row
        place = slot[row]
        flag[row] = quality[row]
        if place < 0:
            dropped[UNKNOWN] += 1
            continue
        one, limit, at = health[place], limits[place], at_ns[row]
        facts.judged = 0
        facts.seen = 0
        why = _refusal(at, received_ns[row], one, limit, facts)
        if why == TAKEN:
            keep[row] = True
            silence(at, one, limit, facts)
            gap(at, one, limit, facts)
            repeated(at, False, one, limit, facts)  # noqa: FBT003  # a new reading
            one.heard = True
            one.last_ns = at
            flag[row] = measure(at, value[row], quality[row], status[row], one, limit, facts)
        else:
            dropped[why] += 1
            if why == REPEAT:
                repeated(at, True, one, limit, facts)  # noqa: FBT003  # the last one again
        if facts.judged & (facts.seen | one.active):
            _report(row, place, at, sensors, out)
    return int(slot.size)


@kernel
def look(start: int, at_ns: int, sensors: Any, out: Any) -> int:
    """Look at each sensor's deadline; returns the slot after the last one looked at."""
    health, limits = sensors[0], sensors[1]
    facts, written, capacity = out[0][0], out[3], out[2].size
    for slot in range(start, health.size):
        if written[0] == capacity:
            return slot
        one = health[slot]
        if not one.heard and one.watched_ns == 0:
            one.watched_ns = at_ns
        facts.judged = 0
        facts.seen = 0
        silence(at_ns, one, limits[slot], facts)
        if facts.seen and not one.active & (1 << SILENCE):
            _tell(SILENCE, 1, facts.at_ns[SILENCE], 0, slot, sensors, out)
    return int(health.size)


@kernel
def _refusal(at_ns: int, received_ns: int, health: Any, limit: Any, facts: Any) -> int:
    """TAKEN, or why this reading must reach no state."""
    if received_ns != UNTIMED and clock(at_ns, received_ns, limit, facts):
        return CLOCK_WRONG
    if not health.heard or at_ns > health.last_ns:
        return TAKEN
    return REPEAT if at_ns == health.last_ns else LATE


@kernel
def _report(row: int, slot: int, at_ns: int, sensors: Any, out: Any) -> None:
    """Tell what was judged of faults that are seen or open. A reading ends a silence, whether or not a tick saw it."""
    facts = out[0][0]
    active = sensors[0][slot].active
    for fault in range(_FAULTS):
        bit = 1 << fault
        seen = 1 if facts.seen & bit else 0
        if not facts.judged & bit or not (seen or active & bit):
            continue
        if fault != SILENCE:
            _tell(fault, seen, facts.at_ns[fault], row, slot, sensors, out)
            continue
        deadline_ns = facts.at_ns[SILENCE]
        if not active & bit:
            _tell(SILENCE, 1, deadline_ns, row, slot, sensors, out)
        _tell(SILENCE, 0, max(at_ns, deadline_ns), row, slot, sensors, out)  # a backlog may follow a tick


@kernel
def _tell(fault: int, level: int, at_ns: int, row: int, slot: int, sensors: Any, out: Any) -> None:
    """Take a fault seen (level 1) or not (0) into its episode, and write the event it makes, if any."""
    health, _, episodes, policies = sensors
    facts, evidence, events, written = out
    said, one, episode = evidence[0], health[slot], episodes[slot, fault]
    said.level = level
    said.criterion = fault
    said.value = facts[0].value[fault]
    said.threshold = facts[0].threshold[fault]
    said.score = abs(said.value / said.threshold) if said.threshold != 0.0 else 1.0
    said.window_ns = at_ns
    said.expected_ns = 0
    verdict = advance(episode, policies[slot, fault], at_ns, level, 0)
    bit = 1 << fault
    if episode.level > 0 or episode.rising:
        one.active |= bit
    else:
        one.active &= _ALL - bit
    if verdict != QUIET:
        write_event(events[written[0]], episode, said, verdict, row, slot, at_ns)
        written[0] += 1
