"""The sample site that `forewarn init` copies: valid, complete, and true to the program's defaults."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest
from make_sample_site import TARGET, make
from sample_site.configuration import TOKEN

from device_adapters.http_options import HttpOptions
from pipeline.config.config import Config
from pipeline.config.describe import toml
from pipeline.config.load import load_config
from pipeline.registry import Group, kinds

SETTING: Final = re.compile(r"^# (?=\[|[a-z_]+ = )", re.MULTILINE)
"""A comment that is a setting, but for the mark before it."""


@pytest.fixture(scope="module")
def site() -> Config:
    return load_config(TARGET / "forewarn.toml")


@pytest.mark.parametrize("name", ["forewarn.toml", "readings.csv"])
def test_what_is_generated_is_what_the_program_says_now(name: str, tmp_path: Path) -> None:
    make(tmp_path)
    assert (TARGET / name).read_text() == (tmp_path / name).read_text(), "run scripts/make_sample_site.py"


def test_every_commented_setting_is_valid_and_the_default(site: Config, tmp_path: Path) -> None:
    for path in TARGET.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / "forewarn.toml").read_text()
    (tmp_path / "forewarn.toml").write_text(SETTING.sub("", text))
    spelled = load_config(tmp_path / "forewarn.toml")
    assert spelled.process.model_dump(exclude={"data"}) == site.process.model_dump(exclude={"data"})
    for section in ("console", "quality", "assessment", "warnings", "retry", "routes"):
        assert getattr(spelled, section) == getattr(site, section), section
    assert [one.options for one in spelled.detectors] == [one.options for one in site.detectors]
    assert set(spelled.adapters) == {*site.adapters, "mqtt"}
    assert spelled.adapters["http"].options == site.adapters["http"].options


def test_every_option_is_there(site: Config) -> None:
    text = (TARGET / "forewarn.toml").read_text()
    for section in ("process", "quality", "warnings", "retry"):
        for option in type(getattr(site, section)).model_fields:
            assert re.search(rf"^(# )?{option}( = |: not set)", text, re.MULTILINE), option
    for kind in kinds(Group.DETECTORS):
        assert f"[detectors.{kind}]" in text


def test_the_site_is_small(site: Config) -> None:
    assert (len(site.inventory.areas), len(site.inventory.sites), len(site.inventory.sensors)) == (1, 1, 3)


def test_the_recording_is_of_its_sensors(site: Config) -> None:
    rows = (TARGET / "readings.csv").read_text().splitlines()
    assert rows[0] == "observed_at,sensor,value"
    assert {row.split(",")[1] for row in rows[1:]} == set(site.inventory.sensor_by_id)
    assert rows[1:] == sorted(rows[1:])


def test_the_token_is_the_one_the_comment_names(site: Config) -> None:
    options = site.adapters["http"].options
    assert isinstance(options, HttpOptions)
    assert TOKEN in (TARGET / "forewarn.toml").read_text()
    assert options.host == "127.0.0.1"  # a token that everybody knows stays on this machine


@pytest.mark.parametrize("value", [True, 3, 0.5, 2_592_000.0, 'a "quoted" 字', [], ["a", 1.0], {"a": {"b": [1]}}])
def test_values_are_written_as_toml_reads_them(value: object) -> None:
    assert tomllib.loads(f"x = {toml(value)}") == {"x": value}
