"""The figures of a finding with their unit."""

from __future__ import annotations

from collections.abc import Mapping

from detectors.base import Criterion
from pipeline.model.finding import Finding
from pipeline.model.quantity import Quantity

Criteria = Mapping[tuple[str, str], Criterion]
"""(detector, criterion) -> its words; what `Plan.criteria` gives."""


def unit_of(finding: Finding, criteria: Criteria) -> str:
    """The unit of value and threshold: the criterion's, in which `quantity` is the unit of what the trigger measures.

    Empty for a criterion that this installation does not know.
    """
    criterion = criteria.get((finding.detector, finding.criterion))
    if criterion is None:
        return ""
    return criterion.unit.replace("quantity", Quantity(finding.trigger.partition("/")[2]).unit)


def figures(finding: Finding, criteria: Criteria) -> tuple[str, str]:
    """Value and threshold."""
    unit = unit_of(finding, criteria)
    return f"{finding.value:.4g} {unit}".strip(), f"{finding.threshold:.4g} {unit}".strip()
