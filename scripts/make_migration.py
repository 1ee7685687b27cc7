"""Make the revisions of the store's tables anew: alerting/store/migrations/versions, one file a file of tables.

No release has been made yet, so the revisions always make the tables as they now are. From the first release on, what
is there stays as it is, and a change is a new revision. A file keeps its number; a new file of tables takes the next.
"""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrateOperation, OpContainer, UpgradeOps
from sqlalchemy import create_engine

import alerting.store
from alerting.store.migrate import MIGRATIONS
from alerting.store.schema import metadata

VERSIONS: Final = MIGRATIONS / "versions"
_HEAD: Final = '''"""Tables of `alerting.store.{topic}`. Made by scripts/make_migration.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = {before}


def upgrade() -> None:
    """Make the tables."""
'''


def topics() -> dict[str, list[str]]:
    """Module of `alerting.store` -> names of the tables that stand in it; by name, `schema` first."""
    found: dict[str, list[str]] = {}
    names = (one.name for one in pkgutil.iter_modules(alerting.store.__path__) if not one.ispkg)
    for name in sorted(names, key=lambda name: (name != "schema", name)):
        text = Path(import_module(f"alerting.store.{name}").__file__ or "").read_text("utf-8")
        own = set(re.findall(r'= Table\(\s*"(\w+)"', text))
        if tables := [table.name for table in metadata.sorted_tables if table.name in own]:  # what is cited comes first
            found[name] = tables
    return found


def revisions() -> dict[str, str]:
    """File name -> text, of every revision."""
    by_table: dict[str, list[MigrateOperation]] = {}
    by_topic = topics()  # loads them
    for operation in _operations():
        by_table.setdefault(getattr(operation, "table_name"), []).append(operation)  # noqa: B009  # only some have one
    made, before = {}, "None"
    for number, (topic, tables) in enumerate(_in_order(by_topic), 1):
        body = [render_python_code(UpgradeOps(by_table[name])) for name in tables]
        head = _HEAD.format(topic=topic, number=f"{number:04}", before=before)
        functions = [f"\n\ndef _{name}() -> None:\n{_plain(one)}\n" for name, one in zip(tables, body, strict=True)]
        calls = "".join(f"    _{name}()\n" for name in tables)
        made[f"{number:04}_{topic}.py"] = head + calls + "".join(functions)
        before = f'"{number:04}"'
    return made


def _operations() -> list[MigrateOperation]:
    with create_engine("sqlite://").connect() as connection:
        script = produce_migrations(MigrationContext.configure(connection), metadata)
    steps = script.upgrade_ops.ops if script.upgrade_ops else []
    return [one for step in steps for one in (step.ops if isinstance(step, OpContainer) else [step])]


def _plain(code: str) -> str:
    lines = (line for line in code.splitlines() if not line.strip().startswith("# ###"))
    return "\n".join(f"    {line}" if not line.startswith("    ") else line for line in lines)


def _in_order(found: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    known = [path.stem[5:] for path in sorted(VERSIONS.glob("[0-9]*.py"))]
    order = [name for name in known if name in found] + [name for name in found if name not in known]
    return [(name, found[name]) for name in order]


def main(folder: Path = VERSIONS) -> None:
    """Write the files, in the project's format, and take away those of topics that are gone."""
    made = revisions()
    for path in folder.glob("[0-9]*.py"):
        path.unlink()
    for name, text in made.items():
        (folder / name).write_text(text)
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([ruff, "format", "--quiet", *sorted(folder.glob("[0-9]*.py"))], check=True)  # noqa: S603  # our own files


if __name__ == "__main__":
    main()
