from __future__ import annotations

import os
from pathlib import Path

import pytest

from alerting.cap import to_cap
from alerting.cap_check import validate
from alerting.short_text import MIN_LIMIT, short_text
from alerting.words import LANGUAGES
from pipeline.model.hazard import Hazard
from pipeline.model.warning import HazardWarning, Report
from tests.golden.cap.samples import INVENTORY, POLICY, life

FOLDER = Path(__file__).parents[1] / "golden" / "cap"


def in_words(warning: HazardWarning) -> str:
    parts = []
    for text in warning.texts:
        short = short_text(warning, INVENTORY, text.language, MIN_LIMIT[text.language])
        parts += [f"# {text.language}: {text.event}", text.headline, "", text.description, "", text.instruction, ""]
        parts += ["short title: " + short.title, "short body: " + short.body, ""]
    return "\n".join(parts)


@pytest.mark.parametrize("hazard", list(Hazard))
def test_reports_are_as_they_were(hazard: Hazard) -> None:
    reports = life(hazard)
    assert [each.report for each in reports] == list(Report)
    for report in reports:
        name = f"{hazard}.{report.report}"
        xml = to_cap(report, INVENTORY, POLICY)
        assert validate(xml) == []
        compare(FOLDER / f"{name}.xml", xml)
        compare(FOLDER / f"{name}.txt", in_words(report).encode())


def compare(path: Path, made: bytes) -> None:
    if "REGENERATE_GOLDEN" in os.environ:
        path.write_bytes(made)
    assert path.read_bytes() == made, f"{path.name} differs; see tests/golden/cap/README.md"


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{hazard}.{report}" for hazard in Hazard for report in Report}
    assert {path.stem for path in FOLDER.glob("*.xml")} == wanted
    assert {path.stem for path in FOLDER.glob("*.txt")} == wanted
    assert {text.language for text in life(Hazard.FIRE)[0].texts} == set(LANGUAGES)
