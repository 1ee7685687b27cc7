"""The dashboards of deploy/grafana are those that the script makes, and the provisioning names what is there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import make_dashboards
from dashboards.panel import SOURCE

GRAFANA: Final = Path(__file__).parents[2] / "deploy" / "grafana"


def test_dashboards_are_not_stale() -> None:
    found = {path.name: path.read_text("utf-8") for path in (GRAFANA / "dashboards").glob("*.json")}
    assert found == make_dashboards.made(), "python scripts/make_dashboards.py writes them again"


def test_provisioning_gives_the_source_that_the_dashboards_ask() -> None:
    text = (GRAFANA / "provisioning" / "datasources" / "forewarn.yaml").read_text("utf-8")
    assert f"uid: {SOURCE.uid}\n" in text
    assert f"type: {SOURCE.type_val}\n" in text
    assert "version: Flux" in text
    assert "/var/lib/grafana/forewarn" in (GRAFANA / "provisioning" / "dashboards" / "forewarn.yaml").read_text("utf-8")
