"""Whatever stands in a configuration or an inventory: it is read, or every complaint is one of ours and has a place."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.describe import toml
from pipeline.config.inventory_files import load_inventory
from pipeline.config.load import load_config
from pipeline.config.rehearsal import attention, rehearse
from pipeline.config.toml_lines import line_numbers
from pipeline.errors import ConfigError, ForewarnError, complaints

SAMPLE: Final = Path(__file__).parents[2] / "pipeline" / "samples"
CONFIG: Final = (SAMPLE / "site" / "forewarn.toml").read_text("utf-8")
INVENTORY: Final = (SAMPLE / "site" / "inventory.toml").read_text("utf-8")
TABLES: Final = {
    name: (SAMPLE / "demo" / "inventory" / f"{name}.csv").read_text("utf-8") for name in ("areas", "sites", "sensors")
}
SETTING: Final = re.compile(r"^#? ?([a-z_]+) = (.*)$", re.MULTILINE)

SCALARS = (
    st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["", "*", "a/b", "1e999"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "kind", "url"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        (path / "forewarn.toml").write_text(CONFIG, "utf-8")
        (path / "inventory.toml").write_text(INVENTORY, "utf-8")
        (path / "readings.csv").write_text("time,sensor,value\n", "utf-8")
        (path / "tables").mkdir()
        yield path


def told(action: Any) -> list[ForewarnError]:
    """The complaints of an action; anything else that it raises fails the test."""
    try:
        return list(action() or ())
    except (ForewarnError, ExceptionGroup) as error:
        return complaints(error)


def check(path: Path) -> list[ForewarnError]:
    config = load_config(path)
    attention(config)
    return list(rehearse(config))


def read(path: Path) -> list[ForewarnError]:
    load_inventory(path)
    return []


def assert_fit(said: list[ForewarnError]) -> None:
    """One line each, of this family, with a place."""
    for one in said:
        assert isinstance(one, ConfigError)
        assert "\n" not in str(one)
        assert one.line is None or one.line > 0


@given(text=st.text(max_size=200) | st.text("[]{}.=\"'\n #ab1", max_size=60))
def test_any_text_is_a_configuration_or_a_complaint(folder: Path, text: str) -> None:
    path = folder / "any.toml"
    path.write_text(text, "utf-8", newline="")
    said = told(lambda: check(path))
    assert said  # none of these names an inventory
    assert_fit(said)
    line_numbers(text)


@given(data=st.binary(max_size=80))
def test_any_bytes_are_refused_in_words(folder: Path, data: bytes) -> None:
    path = folder / "any.toml"
    path.write_bytes(data)
    assert_fit(told(lambda: check(path)))


@settings(max_examples=40)
@given(st.data())
def test_a_setting_changed_at_will_is_taken_or_told_with_its_line(folder: Path, data: st.DataObject) -> None:
    settings_there = list(SETTING.finditer(CONFIG))
    chosen = data.draw(st.sampled_from(settings_there), "setting")
    name = data.draw(st.just(chosen[1]) | st.sampled_from(["x", "kind", "Data", "enabled", "from"]), "name")
    value = toml(data.draw(VALUES, "value"))
    changed = f"{CONFIG[: chosen.start()]}{name} = {value}{CONFIG[chosen.end() :]}"
    path = folder / "changed.toml"
    path.write_text(changed, "utf-8", newline="")
    said = told(lambda: check(path))
    assert_fit(said)
    assert all(
        one.line
        for one in said
        if isinstance(one, ConfigError) and one.path == str(path) and "is missing" not in one.what
    )


@settings(max_examples=40)
@given(st.data())
def test_lines_lost_doubled_and_moved_are_taken_or_told(folder: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["forewarn.toml", "inventory.toml"]))
    lines = (CONFIG if name == "forewarn.toml" else INVENTORY).splitlines()
    one, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    match data.draw(st.sampled_from(["lose", "double", "swap", "cut"])):
        case "lose":
            del lines[one]
        case "double":
            lines.insert(other, lines[one])
        case "swap":
            lines[one], lines[other] = lines[other], lines[one]
        case _:
            lines[one] = lines[one][: data.draw(st.integers(0, 20))]
    text = "\n".join(lines)
    path = folder / "changed.toml"
    if name == "inventory.toml":
        (folder / "changed_inventory.toml").write_text(text, "utf-8")
        text = CONFIG.replace('"inventory.toml"', '"changed_inventory.toml"')
    path.write_text(text, "utf-8")
    assert_fit(told(lambda: check(path)))


@settings(max_examples=40)
@given(st.data())
def test_any_cell_of_an_inventory_is_taken_or_told_with_its_line(folder: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TABLES)))
    rows = [line.split(",") for line in TABLES[name].splitlines()]
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[row]) - 1))
    rows[row][column] = data.draw(
        st.text(max_size=12) | st.sampled_from(["nan", "-1", "1e400", "a=b", "1 2;3", '"', ",,"])
    )
    for table, text in TABLES.items():
        (folder / "tables" / f"{table}.csv").write_text(text, "utf-8")
    changed = "\n".join(",".join(cells) for cells in rows)
    (folder / "tables" / f"{name}.csv").write_text(changed, "utf-8", newline="")
    said = told(lambda: read(folder / "tables"))
    assert_fit(said)
    assert all(one.line for one in said if isinstance(one, ConfigError))


@given(text=st.text(max_size=120))
def test_any_text_is_a_table_or_a_complaint(folder: Path, text: str) -> None:
    for table, good in TABLES.items():
        (folder / "tables" / f"{table}.csv").write_text(good, "utf-8")
    (folder / "tables" / "sites.csv").write_text(text, "utf-8", newline="", errors="surrogatepass")
    assert_fit(told(lambda: read(folder / "tables")))
