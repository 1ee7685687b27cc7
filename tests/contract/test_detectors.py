"""Every registered detector keeps the promises of `detectors.base`, and the check-list itself bites."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any, ClassVar

import numpy as np
import pytest

from detectors.base import Criterion, Detector
from detectors.checks import CHECKS, CheckError, check_detector, check_snapshots, told_in_trouble
from detectors.gas.gas_levels import GasLevels
from detectors.kernel import kernel
from detectors.sensor_health.faults import Fault
from detectors.sensor_health.qualify import DROP_REASONS, QualityOptions
from pipeline.model.finding import Finding
from pipeline.registry import Group, kinds, load
from tests.unit.markdown import ROOT

KINDS = kinds(Group.DETECTORS)
_PLAIN = """
import json
from detectors.checks import told_in_trouble
from pipeline.registry import Group, kinds, load
found = {kind: told_in_trouble(load(Group.DETECTORS, kind)) for kind in kinds(Group.DETECTORS)}
print(json.dumps({kind: [one.model_dump(mode="json") for one in all] for kind, all in found.items()}))
"""


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
@pytest.mark.parametrize("kind", KINDS)
def test_promise(kind: str, check: Any) -> None:
    check(load(Group.DETECTORS, kind))


PAGES = {kind: ROOT / "docs" / "detectors" / f"{kind.partition('_')[0]}.md" for kind in KINDS}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if PAGES[kind].exists()])
def test_its_page_names_each_option_and_criterion(kind: str) -> None:
    detector, page = load(Group.DETECTORS, kind), PAGES[kind].read_text()
    names = [*detector.options_type.model_fields, *(criterion.key for criterion in detector.criteria)]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_page_of_sensor_health_names_each_option_fault_and_drop() -> None:
    page = (ROOT / "docs" / "detectors" / "sensor-health.md").read_text()
    names = [*QualityOptions.model_fields, *(fault.key for fault in Fault), *DROP_REASONS.values()]
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.fixture(scope="module")
def plain() -> dict[str, list[dict[str, Any]]]:
    """What the detectors say as plain Python, without numba's compiler."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run([sys.executable, "-c", _PLAIN], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads(run.stdout)
    return found


@pytest.mark.system
@pytest.mark.parametrize("kind", KINDS)
def test_plain_python_says_the_same_as_machine_code(kind: str, plain: dict[str, list[dict[str, Any]]]) -> None:
    compiled = [_rounded(one) for one in told_in_trouble(load(Group.DETECTORS, kind))]
    assert [_rounded(Finding.model_validate(one)) for one in plain[kind]] == compiled


def _rounded(finding: Finding) -> Finding:
    """The last bits of an exponential may differ between the two mathematics libraries."""
    digits = {name: float(f"{getattr(finding, name):.9g}") for name in ("value", "threshold", "score")}
    return finding.model_copy(update=digits)


class Mute(GasLevels):
    def subjects(self, inventory: Any) -> list[Any]:
        del inventory
        return []


@kernel
def _always(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    evidence.level = 2


class Nervous(GasLevels):
    step: ClassVar = staticmethod(_always)


class Wordless(GasLevels):
    criteria: ClassVar = (*GasLevels.criteria[:3], Criterion("odd", "GB/T 50493-2019", "", "English", "English"))


class Speechless(GasLevels):
    criteria: ClassVar = (*GasLevels.criteria[:3], Criterion("odd", "GB/T 50493-2019", "h", "odd", "怪", "time left"))


class Deaf(GasLevels):
    def options_for(self, sensor: Any) -> Any:
        del sensor
        return self.options


class Tidal(GasLevels):
    """Another mood in every second instance."""

    made: ClassVar = [0]

    def __init__(self) -> None:
        super().__init__()
        self.made[0] += 1

    def subjects(self, inventory: Any) -> list[Any]:
        found = super().subjects(inventory)
        return found if self.made[0] % 2 else found[:1]


@kernel
def _count(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    state.count += 1 if value > 21.0 else 0
    evidence.level = 1 if 20 < state.count < 90 else 0


class Forgetful(GasLevels):
    """Another version in every instance, so that no snapshot is ever taken up."""

    step: ClassVar = staticmethod(_count)
    made: ClassVar = [0]

    def __init__(self) -> None:
        super().__init__()
        self.made[0] += 1
        self.version = self.made[0]  # type: ignore[misc]  # on purpose

    state: ClassVar = np.dtype([("count", "i8")])


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (Mute, "finds nothing"),
        (Nervous, "constant, plausible readings gave"),
        (Wordless, "'English' is not Chinese"),
        (Speechless, "criterion odd has one figure of two"),
        (Deaf, "option raise_after_s of a sensor changes nothing"),
        (Tidal, "cut by seed 0"),
    ],
)
def test_a_broken_promise_is_named(broken: type[Detector], complaint: str) -> None:
    with pytest.raises(CheckError, match=complaint):
        check_detector(broken)


def test_a_snapshot_that_is_not_taken_up_is_noticed() -> None:
    with pytest.raises(CheckError, match="Forgetful: a restored snapshot is not the one that was saved"):
        check_snapshots(Forgetful)


@pytest.mark.parametrize("kind", KINDS)
def test_documents_have_names_without_prose_for_those_who_read_chinese(kind: str) -> None:
    prose = re.compile(r"\b(a|above|after|and|at|by|from|in|is|of|or|than|the|to|with)\b")
    named = [one.source_zh for one in load(Group.DETECTORS, kind).criteria]
    assert [name for name in named if prose.search(name) and "docs/" not in name] == []
