"""Logs: one JSON object a line, without personal data. A caller's number never is a field."""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FIELDS_OF_EVERY_RECORD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}
HIDDEN = frozenset({"caller", "number", "cpf", "key", "keys", "digits"})
FILE_BYTES = 20 * 1024 * 1024
FILES_KEPT = 5


class JsonLines(logging.Formatter):
    """A record as one line of JSON; fields that may hold personal data are masked."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
        }
        for name, value in record.__dict__.items():
            if name not in FIELDS_OF_EVERY_RECORD:
                line[name] = "***" if name in HIDDEN else value
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class OneLine(logging.Formatter):
    """A record as a person at the terminal reads it: no trace, which the file has.

    A record may say the same in Portuguese, in the field `told`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told = record.__dict__.get("told")
        return str(told) if told else f"{record.name}: {record.getMessage()}"


def write_logs_to(file: Path, level: str) -> None:
    """Send all logs of this process to `file` (rotated), and errors to the terminal too."""
    file.parent.mkdir(parents=True, exist_ok=True)
    to_file = logging.handlers.RotatingFileHandler(
        file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
    )
    to_file.setFormatter(JsonLines())
    to_terminal = logging.StreamHandler(sys.stderr)
    to_terminal.setLevel(logging.ERROR)
    to_terminal.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers = [to_file, to_terminal]
    root.setLevel(level.upper())
