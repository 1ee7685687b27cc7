"""`forewarn cap`: whether documents are CAP 1.2, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from alerting.cap_check import chain_faults, validate
from alerting.cap_parse import BYTES_MAX, CapAlert, parse
from pipeline.cli.exit import Exit
from pipeline.cli.output import instant_text, table, told, write_json
from pipeline.errors import RecordingError

COLUMNS: Final = ("file", "sender", "sent", "type", "status", "event", "severity", "areas", "expires")


def cap(
    files: Annotated[list[Path], typer.Argument(help="CAP documents, our own or of others.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell whether documents are CAP 1.2, and what they say.

    They may come from anybody: nothing in them is expanded or fetched, a document type is refused, and no more than
    1 MiB of each is read. Ends with 1 where something is wrong.
    """
    documents = {file: _read(file) for file in files}
    faults = {file: validate(document) for file, document in documents.items()}
    valid = {file: document for file, document in documents.items() if not faults[file]}
    alerts = {file: parse(document) for file, document in valid.items()}
    between = chain_faults(list(valid.values()))
    if json:
        wrong = {str(file): found for file, found in faults.items() if found}
        write_json({"alerts": {str(file): alert for file, alert in alerts.items()}, "faults": wrong, "chains": between})
    else:
        table("CAP", COLUMNS, [_row(file, alert) for file, alert in alerts.items()], wraps=("areas", "event"))
        for line in [f"{file}: {fault}" for file, found in faults.items() for fault in found] + between:
            told(line, "red")
    if between or any(faults.values()):
        raise typer.Exit(Exit.ATTENTION)


def _read(file: Path) -> bytes:
    """At most a byte more than is looked at: how large a hostile file is does not matter."""
    try:
        with file.open("rb") as stream:
            return stream.read(BYTES_MAX + 1)
    except OSError as error:
        raise RecordingError(f"{file}: cannot be read: {error.strerror}") from error


def _row(file: Path, alert: CapAlert) -> tuple[str, ...]:
    return tuple(map(escape, (file.name, alert.sender, instant_text(alert.sent_at), alert.msg_type, *_said(alert))))


def _said(alert: CapAlert) -> Iterator[str]:
    yield alert.status
    if not alert.infos:
        yield from ("", "", "", "")
        return
    info = alert.infos[0]
    yield info.event
    yield info.severity
    yield ", ".join(area.description for area in info.areas)
    yield instant_text(info.expires_at) if info.expires_at else ""
