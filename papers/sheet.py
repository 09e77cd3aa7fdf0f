"""What is put on paper, and in which formats: the parts of a sheet in the order of reading.

    title                  bold
    what was asked         name, value; and when it was made
    header, rows, totals   the table
    notes                  the definitions by which it was counted

`save(sheet, form, path)` writes a file; each format has a module of its own, loaded when needed.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from papers.values import clean, number, shown
from terms.limits import CHART_POINTS, DOCUMENT_ROWS
from terms.sheet import Column, Row, Shape, Sheet

TABLE, PICTURE = "Dados", "Gráfico"
"""How the sheets of a spreadsheet are called. `TABLE` stands in addresses, so it is plain ASCII."""
TOTAL: Final = "Total"
MAKER: Final = "Central 156"
WIDTH_LEAST, WIDTH_MOST, ROWS_MEASURED = 8, 60, 200


class Form(StrEnum):
    """A format, by the ending of its files."""

    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"
    DOCX = "docx"
    ODT = "odt"
    JSON = "json"


MEDIA: Final = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Form.ODT: "application/vnd.oasis.opendocument.text",
    Form.JSON: "application/json",
}
"""What each format is called on the web."""


def save(sheet: Sheet, form: Form, path: Path) -> None:
    """Write the sheet to a new file that only its owner may read.

    Raises OSError when the disk does not take it; FileExistsError when there is such a file.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    importlib.import_module(f"papers.as_{form}").write(sheet, path)


def told(sheet: Sheet) -> list[tuple[str, str]]:
    """What was asked, and when the sheet was made: (name, value)."""
    asked = [(clean(name), clean(value)) for name, value in sheet.asked]
    made = [("feito em", shown(sheet.made_at, Shape.INSTANT))] if sheet.made_at else []
    return asked + made


def heading(column: Column) -> str:
    """What stands above a column: a figure of time names its unit."""
    title = clean(column.title)
    return f"{title} (s)" if column.shape is Shape.SECONDS and "(s)" not in title else title


def notes(sheet: Sheet) -> list[str]:
    """The definitions, each a paragraph."""
    return [clean(note) for note in sheet.notes]


def for_reading(sheet: Sheet) -> Sheet:
    """The sheet as a text document holds it: nobody reads a hundred thousand rows, and no word
    processor opens them. What is left out is said."""
    if len(sheet.rows) <= DOCUMENT_ROWS:
        return sheet
    there, all_of_them = number(DOCUMENT_ROWS, 0), number(len(sheet.rows), 0)
    cut = (
        f"Este documento traz as {there} primeiras de {all_of_them} linhas; a planilha traz todas."
    )
    return replace(sheet, rows=sheet.rows[:DOCUMENT_ROWS], notes=(*sheet.notes, cut))


def totals(sheet: Sheet) -> Row | None:
    """The totals, named as such in the first column if nothing stands there."""
    if sheet.totals is None or not sheet.columns:
        return None
    first = sheet.columns[0].name
    if sheet.totals.get(first) is None:
        return {**sheet.totals, first: TOTAL}
    return sheet.totals


def widths(sheet: Sheet) -> list[int]:
    """How wide each column is, in characters, by its title and its first rows."""
    return [_width(sheet, column) for column in sheet.columns]


def _width(sheet: Sheet, column: Column) -> int:
    measured = [*sheet.rows[:ROWS_MEASURED], *([sheet.totals] if sheet.totals else [])]
    lines = (shown(row.get(column.name), column.shape).partition("\n")[0] for row in measured)
    longest = max((len(line) for line in lines), default=0)
    title = heading(column)
    words = max((len(word) for word in title.split()), default=0)
    return min(WIDTH_MOST, max(WIDTH_LEAST, longest, words, len(title) // 2) + 2)


class Picture:
    """The sheet's chart, if it has one that can be drawn: the columns by number, and how many of
    the rows are drawn."""

    def __init__(self, sheet: Sheet) -> None:
        numbers = {column.name: number for number, column in enumerate(sheet.columns)}
        chart = sheet.chart
        self.along = numbers.get(chart.along, -1) if chart else -1
        self.over = [numbers[name] for name in chart.over if name in numbers] if chart else []
        self.rows = min(len(sheet.rows), CHART_POINTS)
        self.title = clean((chart.title if chart else "") or sheet.title)
        if self.rows < len(sheet.rows):
            self.title += f" (as {self.rows} primeiras linhas)"

    def __bool__(self) -> bool:
        return self.along >= 0 and bool(self.over) and self.rows > 0


def body(sheet: Sheet) -> Iterator[tuple[Row, bool]]:
    """The rows, and then the totals: (row, whether it is the totals)."""
    for row in sheet.rows:
        yield row, False
    if (last := totals(sheet)) is not None:
        yield last, True
