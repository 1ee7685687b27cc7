"""Inhibition: of two reports on one thing, a target is sent the greater. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from alerting.stages.scope import Scope, holds, weight
from pipeline.model.hazard import Hazard
from pipeline.model.warning import HazardWarning, Report


class InhibitRule(Scope):
    """One `[[routing.inhibit]]`: which reports swallow which lesser ones in their area.

    The scope is that of the greater. The lesser is of no higher level, in the same area or one within it, and is kept
    only from targets that the greater has been sent to; it is sent once that ends.

    Attributes:
        name: what people see it called.
        swallows: hazards of the lesser; empty for the same hazard.
    """

    name: str = Field(min_length=1)
    swallows: tuple[Hazard, ...] = ()

    def swallowed(self, lesser: HazardWarning, greater: HazardWarning) -> bool:
        """Whether `greater`, in force, makes `lesser` needless."""
        return (
            lesser.chain != greater.chain
            and Report.FINAL not in {lesser.report, greater.report}
            and lesser.status is greater.status
            and lesser.hazard in (self.swallows or (greater.hazard,))
            and self.takes(greater)
            and weight(lesser) <= weight(greater)
            and all(any(holds(outer, inner) for outer in greater.areas) for inner in lesser.areas)
        )


def swallowing(
    rules: Sequence[InhibitRule], lesser: HazardWarning, in_force: Iterable[HazardWarning]
) -> list[HazardWarning]:
    """The reports in force that swallow `lesser`, the gravest first."""
    found = [one for one in in_force if any(rule.swallowed(lesser, one) for rule in rules)]
    return sorted(found, key=lambda one: (-one.level, one.id))
