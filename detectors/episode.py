"""Episodes: one shared logic of when a level is raised, held, lowered and closed.

A level is raised once evidence above it has lasted `raise_after`; it is lowered, to the highest level seen meanwhile,
once evidence below it has lasted `lower_after` (the hold-off). So a value that hovers about a threshold is one episode,
not many; the episode's onset is the first reading of the evidence that opened it. Time is event time: a sensor that
falls silent leaves its episode open, because silence is no evidence of safety.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

POLICY: Final = np.dtype(
    [("raise_after_ns", "i8"), ("lower_after_ns", "i8"), ("expected_tolerance_ns", "i8")], align=True
)
"""How long evidence must last, and by how much an expected onset must move to be worth a revision."""

EPISODE: Final = np.dtype(
    [
        ("onset_ns", "i8"),
        ("rising_ns", "i8"),
        ("falling_ns", "i8"),
        ("expected_ns", "i8"),
        ("revision", "i4"),
        ("level", "u1"),
        ("peak", "u1"),
        ("rising_level", "u1"),
        ("falling_level", "u1"),
        ("criterion", "u1"),
        ("rising", "?"),
        ("falling", "?"),
    ],
    align=True,
)

QUIET: Final = 0
OPENED: Final = 1
CHANGED: Final = 2
CLOSED: Final = 3


@kernel
def advance(episode: Any, policy: Any, at_ns: int, level: int, expected_ns: int) -> int:
    """Take in the level of one reading; says which revision it makes: QUIET, OPENED, CHANGED or CLOSED.

    Args:
        episode: one EPISODE record, changed in place. After CLOSED its fields still tell of the episode that ended.
        policy: one POLICY record.
        at_ns: instant of the reading; not before the last one given.
        level: level of the evidence alone, 0..4.
        expected_ns: instant at which the hazard is expected, 0 for none.
    """
    if level > episode.level:
        episode.falling = False
        return _rise(episode, policy, at_ns, level, expected_ns)
    episode.rising = False
    if level < episode.level:
        return _fall(episode, policy, at_ns, level, expected_ns)
    episode.falling = False
    if level > 0 and _moved(episode, policy, at_ns, expected_ns):
        return _revise(episode, expected_ns)
    return QUIET


@kernel
def _rise(episode: Any, policy: Any, at_ns: int, level: int, expected_ns: int) -> int:
    if not episode.rising:
        episode.rising = True
        episode.rising_ns = at_ns
        episode.rising_level = level
    episode.rising_level = min(episode.rising_level, level)
    if at_ns - episode.rising_ns < policy.raise_after_ns:
        return QUIET
    opened = episode.level == 0
    if opened:
        episode.onset_ns = episode.rising_ns
        episode.revision = -1
        episode.peak = 0
    episode.level = episode.rising_level
    episode.peak = max(episode.peak, episode.level)
    episode.rising = False
    _revise(episode, expected_ns)
    return OPENED if opened else CHANGED


@kernel
def _fall(episode: Any, policy: Any, at_ns: int, level: int, expected_ns: int) -> int:
    if not episode.falling:
        episode.falling = True
        episode.falling_ns = at_ns
        episode.falling_level = level
    episode.falling_level = max(episode.falling_level, level)
    if at_ns - episode.falling_ns < policy.lower_after_ns:
        return QUIET
    episode.level = episode.falling_level
    episode.falling = False
    _revise(episode, expected_ns)
    return CLOSED if episode.level == 0 else CHANGED


@kernel
def _moved(episode: Any, policy: Any, at_ns: int, expected_ns: int) -> bool:
    """Whether the expected onset came, went, or moved by the tolerance and by a tenth of the time left."""
    if (expected_ns == 0) != (episode.expected_ns == 0):
        return True
    shift = abs(expected_ns - episode.expected_ns)
    left = max(episode.expected_ns - at_ns, 0)
    return bool(shift > max(policy.expected_tolerance_ns, left // 10))


@kernel
def _revise(episode: Any, expected_ns: int) -> int:
    episode.revision += 1
    episode.expected_ns = expected_ns
    return CHANGED
