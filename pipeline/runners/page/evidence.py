"""Findings as the page shows them: a sentence, a standard, a value beside its threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerting.console.views import FindingView, Name
from alerting.store.store import Store
from detectors.base import Criterion
from pipeline.model.finding import Finding, FindingState
from pipeline.model.inventory import Inventory
from pipeline.runners.page.names import site_name

Criteria = Mapping[tuple[str, str], Criterion]
_UNKNOWN = Criterion("", "", "", "", "")


def finding_view(finding: Finding, inventory: Inventory, criteria: Criteria) -> FindingView:
    """The latest revision of one finding, in words."""
    criterion = criteria.get((finding.detector, finding.criterion), _UNKNOWN)
    return FindingView(
        id=finding.id,
        revision=finding.revision,
        hazard=finding.hazard,
        level=finding.level,
        open=finding.state is not FindingState.CLOSED,
        detector=finding.detector,
        criterion=Name(criterion.zh or finding.criterion, criterion.en or finding.criterion),
        standard=Name(criterion.source_zh, criterion.standard),
        subject=finding.subject,
        sensor=finding.trigger.partition("/")[0],
        place=site_name(inventory, finding.site),
        value=finding.value,
        threshold=finding.threshold,
        unit=criterion.unit,
        onset_at=finding.onset_at,
        at=finding.at,
    )


def latest(store: Store, ids: Iterable[str]) -> list[Finding]:
    """The latest revision of each finding that the store has."""
    revisions = (store.finding(one) for one in ids)
    return [found[-1] for found in revisions if found]
