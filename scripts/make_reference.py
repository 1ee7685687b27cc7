"""Write the generated parts of docs/cli.md and docs/configuration.md: python scripts/make_reference.py.

Run it after a change of a command or an option: a test compares the pages with the program. What stands above the
mark in a page is written by hand and stays.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from reference.cli import cli
from reference.configuration import configuration

DOCS: Final = Path(__file__).parents[1] / "docs"
MARK: Final = "<!-- From here on written by scripts/make_reference.py -->\n"
PAGES: Final[dict[str, Callable[[], str]]] = {"cli.md": cli, "configuration.md": configuration}


def made(name: str) -> str:
    """The whole page as it should be."""
    by_hand, _, _ = (DOCS / name).read_text(encoding="utf-8").partition(MARK)
    return f"{by_hand}{MARK}\n{PAGES[name]()}"


def main() -> None:
    """The command line."""
    for name in PAGES:
        (DOCS / name).write_text(made(name), encoding="utf-8")


if __name__ == "__main__":
    main()
