"""The example of docs/evaluating.md, run as the page says, in a site as `forewarn init` makes it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from pipeline.cli.exit import Exit
from pipeline.cli.main import run
from pipeline.evaluation.suite import SuiteFile
from tests.unit.markdown import ROOT, Block, blocks

PAGE = "docs/evaluating.md"


def block(language: str, number: int = 0) -> Block:
    return blocks(language, page=PAGE)[number]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert run(["init", str(tmp_path / "my-site")]) == Exit.DONE
    monkeypatch.chdir(tmp_path / "my-site")
    Path("leaks.csv").write_text(block("csv").text, "utf-8")
    Path("leaks.toml").write_text(block("toml").text, "utf-8")
    lower = Path("forewarn.toml").read_text("utf-8").replace("# first_lel = 25.0", "first_lel = 20.0")
    Path("other.toml").write_text(lower, "utf-8")
    return Path()


def told(number: int, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    (line,) = block("console", number).text.splitlines()
    assert run(shlex.split(line)[1:]) == Exit.DONE
    return capsys.readouterr().out


def test_what_was_found_stands_on_the_page(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = told(0, capsys)
    assert "| warnings | 1 of 1 | 1.00 (0.02-1.00)" in page
    assert "| valve 3 | 8.0 min |" in page
    assert "0.9: reached" in page
    assert sorted(path.name for path in (site / "report").iterdir()) == [
        "evaluation.html", "evaluation.json", "evaluation.md",
    ]  # fmt: skip
    assert "every installed detector with its defaults" in page


def test_whose_options_were_used_is_said(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert (
        run(["evaluate", "leaks.toml", "--recordings", str(site), "--config", "other.toml", "--no-cost"]) == Exit.DONE
    )
    page = capsys.readouterr().out
    assert "detectors and options of other.toml" in page
    assert "| valve 3 | 7.0 min |" in page


def test_a_threshold_is_chosen_and_its_curve_drawn(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(1, capsys)
    assert "[detectors.gas_levels]\nfirst_lel = " in said
    assert (site / "curve.svg").read_text("utf-8").startswith("<svg")


@pytest.mark.usefixtures("site")
def test_two_configurations_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert "1 min 00 s earlier" in told(2, capsys)


def test_every_key_of_a_suite_is_listed() -> None:
    listed = (ROOT / PAGE).read_text("utf-8").partition("## The keys of a suite")[2]
    assert [name for name in SuiteFile.model_fields if f"`{name}`" not in listed] == []
