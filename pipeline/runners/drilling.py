"""Holds drills for the page: each is `forewarn drill` in a process of its own, for it plays a whole recording.

So what the command refuses is refused here, in its words: a live drill beside a run on SQLite.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from alerting.drill.breaking import Breaking
from alerting.drill.start import Begun, BegunState
from alerting.outlet import Outlet
from alerting.store.store import Store
from pipeline.config.config import Config
from pipeline.errors import DutyError, UnknownError

KEPT: Final = 20
START_S: Final = 300.0
"""How long a drill's process may take to begin, on a slow machine that compiles first."""
_PROGRAM: Final = "from pipeline.cli.main import main; main()"
_WORDS_MAX: Final = 500
_TAIL: Final = 10_000


class Drilling:
    """One at a time on a store. A drill goes on when this process ends: nothing of it hangs on this one."""

    def __init__(self, config: Config, store: Store, outlet: Outlet) -> None:
        self._config = config
        self._store = store
        self._breaking = Breaking(store, config.inventory, config.warnings, outlet)
        self._files = {one.stem: one for one in config.drill.scenarios}
        self._held: list[_Held] = []
        self._turn = Lock()

    @property
    def scenarios(self) -> Sequence[str]:
        """What may be started."""
        return tuple(sorted(self._files))

    def begun(self) -> Sequence[Begun]:
        """What was started, by whom and where ever, the latest first."""
        with self._turn:
            self._held = [one for one in self._held if not one.is_over(self._store)]
            ending = {one.id for one in self._held}
        running = {"state": BegunState.RUNNING, "words": ""}
        return [one.model_copy(update=running if one.id in ending else {}) for one in self._store.drill_runs(KEPT)]

    def look(self, at: datetime) -> bool:
        """End what drills left in force that broke off; whether there was one."""
        return self._breaking.look(at)

    def start(self, begun: Begun, note: Callable[[], object]) -> None:
        """Start one; `note` is called when nothing speaks against it, and before it begins.

        Raises:
            DutyError: there is no such scenario, another drill is still running, or it cannot be started.
        """
        if begun.scenario not in self._files:
            known = ", ".join(self.scenarios) or "none; [drill] scenarios names them"
            raise UnknownError(f"no scenario {begun.scenario!r}; known: {known}")
        said = self._config.process.data / f"drill-{begun.scenario}.log"
        self._store.hold_drill(begun, START_S)
        try:
            note()
            child = _spawn(self._command(begun), said)
        except OSError as error:
            self._store.forget_drill(begun.id)
            raise DutyError(f"drill {begun.scenario!r} cannot be started: {error.strerror}") from error
        except BaseException:
            self._store.forget_drill(begun.id)
            raise
        with self._turn:
            self._held.append(_Held(begun, child, said))

    def _command(self, begun: Begun) -> list[str]:
        process, alerting = self._config.process, self._config.alerting
        page = process.data / f"drill-{begun.scenario}.html"
        words = ["drill", str(self._files[begun.scenario]), "--mode", begun.mode, "--page", str(page)]
        words += ["--config", str(self._config.path), "--begun", begun.model_dump_json()]
        if not (alerting.store or alerting.store_env):
            words += ["--data", str(process.data)]
        return [sys.executable, "-c", _PROGRAM, *words]


class _Held:
    """One drill that was started here."""

    def __init__(self, begun: Begun, child: subprocess.Popen[bytes], said: Path) -> None:
        self._begun = begun
        self._child = child
        self._said = said

    @property
    def id(self) -> str:
        """Of the drill."""
        return self._begun.id

    def is_over(self, store: Store) -> bool:
        """Whether its process has ended; one that ended in its first steps could not say why."""
        code = self._child.poll()
        if code and not store.has_told(self._begun.id):
            store.end_drill(self._begun.id, BegunState.REFUSED, _last_line(self._said))
        return code is not None


def _spawn(command: Sequence[str], said: Path) -> subprocess.Popen[bytes]:
    """In a session of its own, out of reach of this one's Ctrl-C; a pipe to here would break when this process ends."""
    with said.open("wb") as file:
        return subprocess.Popen(  # noqa: S603  # ourselves
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _last_line(said: Path) -> str:
    try:
        lines = said.read_bytes()[-_TAIL:].decode(errors="replace").strip().splitlines()
    except OSError as error:
        return f"{said}: {error.strerror}"
    return lines[-1].removeprefix("error: ")[:_WORDS_MAX] if lines else ""
