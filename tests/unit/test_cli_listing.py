"""`forewarn list`: all that is installed with all of its options, and all that the inventory has."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.exit import Exit
from pipeline.registry import Group, kinds, load
from tests.unit.cli_rig import Terminal

GROUPS = {"detectors": Group.DETECTORS, "adapters": Group.DEVICE_ADAPTERS, "channels": Group.CHANNELS}
EACH = [(what, kind) for what, group in GROUPS.items() for kind in kinds(group)]


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return Terminal(tmp_path, capsys)


@pytest.mark.parametrize("what", GROUPS)
def test_everything_that_is_installed_is_listed_with_what_it_is_for(terminal: Terminal, what: str) -> None:
    rows = terminal("list", what, "--json").document
    assert [row["kind"] for row in rows] == kinds(GROUPS[what])
    assert all(row["about"][0].isupper() for row in rows)
    shown = terminal("list", what).out
    assert all(row["kind"] in shown and row["about"] in shown for row in rows)


@pytest.mark.parametrize(("what", "kind"), EACH)
def test_every_option_of_each_is_listed(terminal: Terminal, what: str, kind: str) -> None:
    document = terminal("list", what, kind, "--json").document
    fields = load(GROUPS[what], kind).options_type.model_fields
    listed = {option["name"].partition(".")[0].removesuffix("[]") for option in document["options"]}
    assert {field.alias or name for name, field in fields.items()} == listed


def test_an_option_is_shown_with_type_default_unit_and_meaning(terminal: Terminal) -> None:
    shown = terminal("list", "detectors", "gas_levels").out
    assert "Rules" in shown
    (line,) = (line for line in shown.splitlines() if line.startswith("first_lel "))
    assert [cell.strip() for cell in line.split("  ") if cell.strip()] == [
        "first_lel",
        "number > 0 and <= 25",
        "25.0",
        "%LEL",
        "combustible, first level: yellow",
    ]


@pytest.mark.parametrize(("what", "words"), [("areas", "Sample Village"), ("sites", "station-1"), ("sensors", "%LEL")])
def test_the_inventory_is_listed(terminal: Terminal, what: str, words: str) -> None:
    ended = terminal("list", what)
    assert ended.code == Exit.DONE
    assert words in ended.out
    assert len(terminal("list", what, "--json").document) == (3 if what == "sensors" else 1)
