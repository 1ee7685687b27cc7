"""Warnings in force, listed by Debian's amtool as it lists an Alertmanager's alerts."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from alerting.api.app import routes
from pipeline.model.level import Level
from tests.alerting_rig import Rig, desk_rig
from tests.console.served import served
from tests.console.source import MemorySource
from tests.reports import warning

AMTOOL: Final = shutil.which("amtool") or "amtool"
RULES: Final = [{"name": "red by hand", "mode": "approval", "min_level": "red"}]

pytestmark = pytest.mark.system


class Amtool:
    """The real one, with the token of a viewer in its HTTP configuration."""

    def __init__(self, folder: Path, address: str, token: str) -> None:
        self._config = folder / "http.yml"
        self._config.write_text(f"authorization:\n  credentials: {token}\n")
        self._address = address

    def query(self, *words: str) -> list[dict[str, Any]]:
        where = ["--alertmanager.url", self._address, "--http.config.file", str(self._config), "-o", "json"]
        done = subprocess.run([AMTOOL, *where, "alert", "query", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stderr}\nis prometheus-alertmanager installed? scripts/system_packages.sh"
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found


def names(found: list[dict[str, Any]]) -> list[str]:
    return sorted(one["labels"]["level"] for one in found)


def test_amtool_lists_and_filters_warnings(tmp_path: Path, source: MemorySource) -> None:
    with desk_rig(tmp_path, rules=RULES) as rig, served(source, more=routes(rig.desk)) as address:
        amtool = Amtool(tmp_path, address, rig.desk.make_token("viewer", "test")[1])
        assert amtool.query() == []
        _tell(rig)
        assert names(amtool.query()) == ["blue", "orange"]
        assert names(amtool.query("--unprocessed")) == ["red"]
        assert names(amtool.query("level=blue")) == ["blue"]
        assert names(amtool.query("level=~blue|orange", 'area=~"3301.*"')) == ["blue", "orange"]
        assert names(amtool.query("level!=blue", "alertname=fire")) == ["orange"]
        assert amtool.query("area!~3301.*") == []
        (one,) = amtool.query("level=blue")
        assert one["annotations"]["summary"] == "Fire"
        assert one["startsAt"] == "2026-05-01T12:00:00.000Z"
        assert one["status"]["state"] == "active"


def _tell(rig: Rig) -> None:
    rig.tell(warning(), warning("b", level=Level.BLUE), warning("c", level=Level.RED))
