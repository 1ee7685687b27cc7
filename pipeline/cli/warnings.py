"""`forewarn warnings`: what people are warned of now."""

from __future__ import annotations

from pipeline.cli.desk import CONFIG, ConfigOption, DataOption, JsonOption, open_desk
from pipeline.cli.output import instant_text, level_text, table, write_json


def warnings(*, config: ConfigOption = CONFIG, data: DataOption = None, json: JsonOption = False) -> None:
    """Tell which warnings are in force.

    The newest stands first; those that wait for release are among them. The chain names
    a warning for `amend`, `clocks`, `coverage` and `release approve-all`.
    """
    with open_desk(config, data) as desk:
        found = desk.store.warnings_in_force(desk.clock.now())
        waiting = {one.warning for one in desk.store.pending()}
    if json:
        write_json(found)
        return
    rows = [
        (one.chain, str(one.number), level_text(one.level), one.hazard, one.status, ", ".join(one.areas),
         instant_text(one.sent_at), instant_text(one.expires_at), "for release" if one.id in waiting else "")
        for one in found
    ]  # fmt: skip
    columns = ("chain", "report", "level", "hazard", "status", "areas", "sent", "holds until", "waits")
    table("Warnings in force", columns, rows, wraps=("areas",))
