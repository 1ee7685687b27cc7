"""Write deploy/grafana/dashboards/*.json: python scripts/make_dashboards.py. A test compares them with what this makes.

The dashboards ask an InfluxDB data source of the name that deploy/grafana/provisioning gives it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dashboards.boards import Board, boards
from dashboards.panel import SOURCE
from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

FOLDER: Final = Path(__file__).parents[1] / "deploy" / "grafana" / "dashboards"
SITES: Final = (
    'import "influxdata/influxdb/schema"\nschema.tagValues(bucket: v.defaultBucket, tag: "site", start: -10y)'
)


def made() -> dict[str, str]:
    """File name -> what it should hold."""
    return {f"{board.uid}.json": _json(board) for board in boards()}


def _json(board: Board) -> str:
    builder = (
        dashboard.Dashboard(f"{board.zh} · {board.en}")
        .uid(board.uid)
        .tags(["forewarn"])
        .refresh("10s")
        .time("now-24h", "now")
        .timezone("browser")
    )
    if board.by_site:
        sites = dashboard.QueryVariable("site").label("站点 · Site").datasource(SOURCE).query({"query": SITES})
        builder = builder.with_variable(sites.multi(multi=True).include_all(include_all=True).all_value(".*"))
    for panel in board.panels:
        builder = builder.with_panel(panel.build())
    return JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False).encode(builder.build()) + "\n"


def main() -> None:
    """The command line."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in made().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
