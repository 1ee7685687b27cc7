"""A folder of good and bad configurations: what is said of each, word for word."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from pipeline.config.load import load_config
from pipeline.config.rehearsal import attention, rehearse
from pipeline.errors import complaints
from pipeline.registry import Group, kinds

CASES: Final = Path(__file__).parents[1] / "golden" / "config"
GOOD: Final = sorted(path.parent for path in (CASES / "good").glob("*/forewarn.toml"))
BAD: Final = sorted(path.parent for path in (CASES / "bad").glob("*/forewarn.toml"))


def said(case: Path) -> str:
    """Every complaint about a case, one a line, paths from its folder."""
    try:
        found = [str(one) for one in rehearse(load_config(case / "forewarn.toml"))]
    except ExceptionGroup as group:
        found = [str(one) for one in complaints(group)]
    return "".join(f"{one}\n" for one in found).replace(f"{case}/", "")


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_a_good_configuration_gives_no_complaint(case: Path) -> None:
    config = load_config(case / "forewarn.toml")
    assert rehearse(config) == []
    hints = case / "attention.txt"
    assert "".join(f"{one}\n" for one in attention(config)) == (hints.read_text("utf-8") if hints.exists() else "")


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_bad_configuration_gives_its_complaints(case: Path) -> None:
    adapters = ", ".join(kinds(Group.DEVICE_ADAPTERS))
    assert said(case) == (case / "complaints.txt").read_text("utf-8").replace("ADAPTERS", adapters)


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_no_complaint_repeats_a_secret(case: Path) -> None:
    assert "hunter2" not in said(case)
