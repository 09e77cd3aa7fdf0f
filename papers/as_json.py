"""JSON: the sheet as it is, for programs. Figures and instants are the store's own."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from terms.sheet import Row, Sheet, Value


def write(sheet: Sheet, path: Path) -> None:
    """Write the file."""
    with path.open("w", encoding="utf-8", errors="replace") as file:
        write_to(sheet, file)


def write_to(sheet: Sheet, file: TextIO) -> None:
    """Write to an open file, row by row: a sheet may be long."""
    head = {
        "name": sheet.name,
        "title": sheet.title,
        "made_at": sheet.made_at,
        "asked": [{"name": name, "value": value} for name, value in sheet.asked],
        "columns": [asdict(column) for column in sheet.columns],
        "chart": None if sheet.chart is None else asdict(sheet.chart),
        "totals": None if sheet.totals is None else _plain(sheet.totals),
        "notes": list(sheet.notes),
        "cut": sheet.cut,
    }
    file.write(_text(head)[:-1] + ', "rows": [')
    for number, row in enumerate(sheet.rows):
        file.write((",\n" if number else "\n") + _text(_plain(row)))
    file.write("\n]}\n")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _plain(row: Row) -> dict[str, Value]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Value) -> Value:
    """JSON has no word for what is not a number."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
