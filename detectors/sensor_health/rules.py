"""The quality tests, each a small function of one reading, what is remembered of its sensor, and its limits.

A causal test cannot know whether a jump will come back. The reading that jumps is suspect at once; whether it was a
spike or a fast change is known with the reading after it, and only then counts towards a fault.
"""

from __future__ import annotations

from typing import Any, Final

from detectors.kernel import kernel

SILENCE, GAP, CLOCK, DEVICE_STATUS, GROSS_RANGE, SPIKE, RATE_OF_CHANGE, FLAT_LINE, SATURATED, REPEATING = range(10)
"""As in Fault."""
GOOD, NOT_EVALUATED, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9  # Quality
NORMAL, OVER_RANGE, LIVE_MAX = 0, 1, 2  # DeviceStatus
NS_PER_S: Final = 1e9
FLAT_COUNT: Final = 5
"""QARTOD's example of how often a value must repeat before the flat line fails (REP_CNT_FAIL)."""
_RECENT_SPIKE, _RECENT_CHANGE, _RECENT_GAP = range(3)
_INF: Final = float("inf")


@kernel
def judge(facts: Any, fault: int, seen: int, at_ns: int, value: float, threshold: float) -> None:
    """Note what a test found; `seen` is 1 or 0."""
    facts.judged |= 1 << fault
    facts.seen |= seen << fault
    facts.at_ns[fault] = at_ns
    facts.value[fault] = value
    facts.threshold[fault] = threshold


@kernel
def clock(at_ns: int, received_ns: int, limit: Any, facts: Any) -> int:
    """1 where the device's clock cannot be right; dated by ours."""
    ahead_ns = at_ns - received_ns
    bound_ns = limit.ahead_ns if ahead_ns > 0 else limit.behind_ns
    wrong = 1 if abs(ahead_ns) > bound_ns else 0
    judge(facts, CLOCK, wrong, received_ns, ahead_ns / NS_PER_S, bound_ns / NS_PER_S)
    return wrong


@kernel
def silence(at_ns: int, health: Any, limit: Any, facts: Any) -> None:
    """Whether the deadline of the last reading, or of the first tick, has passed; dated by that deadline."""
    since_ns = health.last_ns if health.heard else health.watched_ns
    late = 1 if since_ns != 0 and at_ns - since_ns > limit.silence_ns else 0
    limit_s = limit.silence_ns / NS_PER_S
    judge(facts, SILENCE, late, since_ns + limit.silence_ns, limit_s, limit_s)


@kernel
def gap(at_ns: int, health: Any, limit: Any, facts: Any) -> None:
    """Whether readings keep going missing."""
    if not health.heard:
        return
    lapse_ns = at_ns - health.last_ns
    if lapse_ns > limit.gap_ns:
        _note(health, _RECENT_GAP, at_ns)
    recurs = _recurs(health, _RECENT_GAP, at_ns, limit)
    judge(facts, GAP, recurs, at_ns, lapse_ns / NS_PER_S, limit.gap_ns / NS_PER_S)


@kernel
def measure(at_ns: int, value: float, quality: int, status: int, health: Any, limit: Any, facts: Any) -> int:
    """The flag of a reading that was taken in."""
    missing = quality >= MISSING or value != value  # noqa: PLR0124  # NaN
    unfit = missing or quality == FAIL or status > LIVE_MAX or abs(value) == _INF
    judge(facts, DEVICE_STATUS, 1 if unfit else 0, at_ns, float(status), float(LIVE_MAX))
    if unfit:
        return MISSING if missing else FAIL
    flag = GOOD if quality == NOT_EVALUATED else quality
    _saturate(at_ns, value, status, health, limit, facts)
    if status != NORMAL:  # a bound, not a value: it says nothing of range, change or rest
        return flag
    beyond = value < limit.low or value > limit.high
    judge(facts, GROSS_RANGE, 1 if beyond else 0, at_ns, value, limit.low if value < limit.low else limit.high)
    if beyond:
        return FAIL
    jumped = _change(at_ns, value, health, limit, facts)
    stuck = _rest(at_ns, value, health, limit, facts)
    return max(flag, SUSPECT) if jumped or stuck else flag


@kernel
def _change(at_ns: int, value: float, health: Any, limit: Any, facts: Any) -> bool:
    """Spike and rate of change; says whether this reading is suspect for one of them."""
    jump = value - health.before if health.usable > 0 else 0.0
    back = health.before - health.earlier if health.usable > 1 else 0.0
    rate_per_s = abs(jump) * NS_PER_S / max(at_ns - health.before_ns, 1)
    spiked = jump * back < 0.0 and min(abs(jump), abs(back)) > limit.spike
    if spiked:
        _note(health, _RECENT_SPIKE, at_ns)
    elif health.fast_per_s > 0.0:
        _note(health, _RECENT_CHANGE, at_ns)
    judge(facts, SPIKE, _recurs(health, _RECENT_SPIKE, at_ns, limit), at_ns, abs(back), limit.spike)
    recurs = _recurs(health, _RECENT_CHANGE, at_ns, limit)
    judge(facts, RATE_OF_CHANGE, recurs, at_ns, health.fast_per_s, limit.rate_per_s)
    fast = rate_per_s > limit.rate_per_s and not spiked
    health.fast_per_s = rate_per_s if fast else 0.0
    health.earlier = health.before
    health.before = value
    health.before_ns = at_ns
    health.usable = min(health.usable + 1, 2)
    return fast or (abs(jump) > limit.spike and not spiked)


@kernel
def _rest(at_ns: int, value: float, health: Any, limit: Any, facts: Any) -> bool:
    """Flat line: the same value, other than that of rest, for too long and too often."""
    if abs(value - limit.rest) <= limit.flat_tolerance:
        health.flat_count = 0
    elif health.flat_count == 0 or abs(value - health.flat_value) > limit.flat_tolerance:
        health.flat_value = value
        health.flat_ns = at_ns
        health.flat_count = 1
    else:
        health.flat_count = min(health.flat_count + 1, FLAT_COUNT)
    lasted_ns = at_ns - health.flat_ns
    flat = health.flat_count >= FLAT_COUNT and lasted_ns >= limit.flat_ns
    judge(facts, FLAT_LINE, 1 if flat else 0, at_ns, lasted_ns / NS_PER_S, limit.flat_ns / NS_PER_S)
    return bool(flat)


@kernel
def _saturate(at_ns: int, value: float, status: int, health: Any, limit: Any, facts: Any) -> None:
    """Whether the value has stood at the upper end of the range for too long."""
    if value < limit.full and status != OVER_RANGE:
        health.saturated_ns = 0
    elif health.saturated_ns == 0:
        health.saturated_ns = at_ns
    lasts = health.saturated_ns > 0 and at_ns - health.saturated_ns >= limit.full_ns
    judge(facts, SATURATED, 1 if lasts else 0, at_ns, value, limit.full)


@kernel
def repeated(at_ns: int, again: bool, health: Any, limit: Any, facts: Any) -> None:  # noqa: FBT001  # the same or a new one
    """Whether nothing but the same reading comes."""
    health.repeats = min(health.repeats + 1, limit.repeats) if again else 0
    seen = 1 if health.repeats >= limit.repeats else 0
    judge(facts, REPEATING, seen, at_ns, float(health.repeats), float(limit.repeats))


@kernel
def _note(health: Any, kind: int, at_ns: int) -> None:
    """Put an instant in front of the last three of its kind."""
    recent_ns = health.recent_ns[kind]
    recent_ns[2] = recent_ns[1]
    recent_ns[1] = recent_ns[0]
    recent_ns[0] = at_ns


@kernel
def _recurs(health: Any, kind: int, at_ns: int, limit: Any) -> int:
    """1 where all of the last three of a kind lie within the window, else 0."""
    third_ns = health.recent_ns[kind, 2]
    return 1 if third_ns != 0 and at_ns - third_ns <= limit.repeat_ns else 0
