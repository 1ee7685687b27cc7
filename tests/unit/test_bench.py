"""The bench harness: what it measures in which order, what it prints, keeps and refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import record
from tests.bench.__main__ import DOCS, main
from tests.bench.figure import Figure, chosen
from tests.bench.figures import FIGURES
from tests.bench.machine import machine


def figure(name: str, value: float, peer: str = "") -> Figure:
    return Figure(name, "readings/s", f"what {name} does", lambda: value, peer)


THREE = (figure("fast", 3_000_000.0, "slow"), figure("slow", 60_000.0), figure("other", 0.0123))


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[list[dict[str, object]]]:
    found: list[dict[str, object]] = []
    yield found
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == found


def test_every_figure_is_one_line_after_its_peer(tmp_path: Path, lines: list[dict[str, object]]) -> None:
    assert main([], THREE, tmp_path) == 0
    lines += [
        {"name": "slow", "value": 60_000.0, "unit": "readings/s", "peer": "", "ratio": None},
        {"name": "fast", "value": 3_000_000.0, "unit": "readings/s", "peer": "slow", "ratio": 50.0},
        {"name": "other", "value": 0.0123, "unit": "readings/s", "peer": "", "ratio": None},
    ]


def test_one_figure_brings_its_peer_and_no_other() -> None:
    assert [figure.name for figure in chosen(THREE, "fast")] == ["slow", "fast"]
    assert [figure.name for figure in chosen(THREE, "slow")] == ["slow"]


def test_an_unknown_name_is_refused_with_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "fats"], THREE, tmp_path) == 2
    assert capsys.readouterr().err == "no figure 'fats'; there are: fast, other, slow\n"
    assert list(tmp_path.iterdir()) == []


def test_one_figure_measured_anew_leaves_the_others(tmp_path: Path) -> None:
    main([], THREE, tmp_path)
    main(["--only", "other"], (*THREE[:2], figure("other", 7.0)), tmp_path)
    kept = record.load(tmp_path / "benchmarks.json")["figures"]
    assert {entry["name"]: entry["value"] for entry in kept} == {"fast": 3_000_000.0, "slow": 60_000.0, "other": 7.0}


def test_figures_of_another_machine_are_not_kept(tmp_path: Path) -> None:
    main([], THREE, tmp_path)
    path = tmp_path / "benchmarks.json"
    path.write_text(path.read_text().replace(f'"cores": {machine()["cores"]}', '"cores": 999'))
    main(["--only", "other"], THREE, tmp_path)
    assert [entry["name"] for entry in record.load(path)["figures"]] == ["other"]


def test_the_page_shows_what_the_record_holds(tmp_path: Path) -> None:
    main([], THREE, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text()
    assert "| `fast` | 3,000,000 readings/s | `slow` | 50 x | what fast does |" in page
    assert "| `other` | 0.0123 readings/s |  |  | what other does |" in page


def test_the_facts_of_the_machine_do_not_name_it() -> None:
    facts = machine()
    assert set(facts) == {"cores", "cpu", "memory_gib", "python", "numba", "numpy"}
    assert all(facts.values())


def test_registered_names_are_unique_and_peers_are_registered() -> None:
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names)
    assert {figure.peer for figure in FIGURES} <= {"", *names}


def test_the_committed_page_is_made_from_the_committed_record() -> None:
    made = {path: path.read_text() for path in [DOCS / "benchmarks.json", DOCS / "benchmarks.md"] if path.exists()}
    if made:
        kept = record.load(DOCS / "benchmarks.json")
        assert list(made.values()) == [record.as_json(kept), record.as_page(kept)], "run `make bench`"
