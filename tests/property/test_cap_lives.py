"""Random lives of warnings: every document valid by the schema and by a second opinion, every chain holds together."""

from __future__ import annotations

import capvalidator
import pytest
from hypothesis import given, settings

from alerting.cap import to_cap
from alerting.cap_check import chain_faults, validate
from alerting.cap_parse import CapError, parse
from alerting.lifecycle import Lifecycle, LifecyclePolicy
from pipeline.model.inventory import Inventory
from pipeline.model.warning import Report
from tests.golden.cap.samples import AREAS, CRITERIA, SITE, START
from tests.property.test_lifecycle_chains import Step, play, policies, steps

TYPES = {Report.FIRST: "Alert", Report.FOLLOW_UP: "Update", Report.FINAL: "Cancel"}


@settings(max_examples=40)
@given(steps, policies)
def test_every_life_is_a_row_of_valid_documents(script: list[Step], policy: LifecyclePolicy) -> None:
    inventory = Inventory(AREAS, (SITE,), ())
    reports = [report for _, report in play(Lifecycle(inventory, policy, CRITERIA), script, START)]
    documents = [to_cap(report, inventory, policy) for report in reports]
    for report, document in zip(reports, documents, strict=True):
        assert validate(document) == []
        assert capvalidator.check_schema(document).passed
        assert parse(document).msg_type == TYPES[report.report]
        assert parse(document).status == policy.status
    assert chain_faults(documents) == []


@settings(max_examples=60)
@given(script=steps, policy=policies)
def test_a_document_cut_short_is_refused_in_words(script: list[Step], policy: LifecyclePolicy) -> None:
    inventory = Inventory(AREAS, (SITE,), ())
    for _, report in list(play(Lifecycle(inventory, policy, CRITERIA), script, START))[:1]:
        document = to_cap(report, inventory, policy)
        for size in range(0, len(document) - 20, 97):
            with pytest.raises(CapError, match="XML"):
                parse(document[:size])
