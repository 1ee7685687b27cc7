"""Fusion: what the findings of several detectors and sensors come to together, as a probability.

Each witness is wrong with the failure of its detector, one minus its reliability; of several detectors at one subject
the most reliable counts, for they listen to the same instrument. Witnesses of one quantity share causes of failure
(weather, calibration, a model that does not fit), so that a part `beta` of the failure is common to them: the beta
factor of IEC 61508-6, annex D. With f the failures of n > 1 witnesses of one quantity they are all wrong with

    beta * min(f) + (1 - beta) * product(f)

so no number of like sensors is surer than 1 - beta * min(f). Different quantities fail independently (noisy-or; Pearl
1988, Probabilistic Reasoning in Intelligent Systems): their failures multiply.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Final

from pipeline.config.assessment import AssessmentPolicy
from pipeline.model.finding import Finding

_DIGITS: Final = 4


def probability(findings: Iterable[Finding], policy: AssessmentPolicy) -> float:
    """That not all of these findings are wrong, 0..1; 0 of none."""
    failures: dict[str, dict[str, float]] = {}
    for one in findings:
        witnesses = failures.setdefault(_kind(one), {})
        wrong = 1.0 - policy.reliability_of(one.detector)
        witnesses[one.subject] = min(wrong, witnesses.get(one.subject, 1.0))
    ordered = (sorted(witnesses.values()) for _, witnesses in sorted(failures.items()))
    return round(1.0 - prod(_all_wrong(wrong, policy.common_cause) for wrong in ordered), _DIGITS)


def _kind(finding: Finding) -> str:
    """What its witness measures: a quantity; several of a group that speak as one are a kind of their own."""
    sensor, _, quantity = finding.trigger.partition("/")
    return quantity if finding.subject == sensor else finding.subject


def _all_wrong(failures: Sequence[float], beta: float) -> float:
    """That witnesses of one quantity are wrong together."""
    if len(failures) == 1:
        return failures[0]
    return beta * min(failures) + (1.0 - beta) * prod(failures)
