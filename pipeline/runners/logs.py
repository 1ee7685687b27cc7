"""Structured logs: one JSON object a line on standard error, for those who gather the logs of many processes."""

from __future__ import annotations

import logging

import msgspec

from pipeline.model.instant import NS_PER_S, from_ns, to_text


class JsonLines(logging.Formatter):
    """`{"at": ..., "level": ..., "service": ..., "logger": ..., "message": ...}`, and `error` with a traceback."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record."""
        line = {
            "at": to_text(from_ns(round(record.created * 1e3) * NS_PER_S // 1000)),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def log_as_json(service: str) -> None:
    """From now on, whatever the process logs."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonLines(service))
