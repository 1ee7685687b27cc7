"""A drill from the command line on a recorded storm: ends with its evaluation page, and nothing has left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from alerting.store.store import Store
from pipeline.model.warning import WarningStatus

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

DEMO = Path(__file__).parents[2] / "pipeline" / "samples" / "demo"


def drill(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("forewarn"))
    command = [program, "drill", "storm.toml", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=800)


def test_a_recorded_storm(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*"))
    ended = drill(tmp_path, "--json")
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    storms = [one for one in found["chains"] if one["hazard"] == "rainstorm"]
    assert len(storms) >= 3
    assert all(one["lead_time_s"] is not None for one in storms)
    page = (tmp_path / "drill.html").read_text("utf-8")
    for words in ("Storm over four towns", "tabletop", "甲镇", "提前量"):
        assert words in page
    store = Store(f"sqlite:///{tmp_path / 'data' / 'store.db'}")
    assert {one.status for one in store.recent_warnings(999)} == {WarningStatus.EXERCISE}
    assert store.deliveries(9) == ()
    store.close()
    assert sorted(path.name for path in (tmp_path / "data").iterdir() if path.is_dir()) == []
