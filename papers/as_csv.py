"""CSV as spreadsheets in Brazil read it: semicolons, commas in figures, UTF-8 with its mark.

The table alone: a header, the rows, the totals. A text that a spreadsheet would take for a formula
is marked as text by an apostrophe (defusedcsv does it for all but a few ways of hiding one).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, TextIO

from defusedcsv import csv

from papers.sheet import body, heading
from papers.values import shown, typed
from terms.sheet import Shape, Sheet, Value

FORMULAS: Final = ("=", "+", "-", "@", "|", "%")
WIDE: Final = ("＝", "＋", "－", "＠")
"""The same signs in the wide letters of East Asia, which some spreadsheets read alike."""


def write(sheet: Sheet, path: Path) -> None:
    """Write the file."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write_to(sheet, file)


def write_to(sheet: Sheet, file: TextIO) -> None:
    """Write to an open file, or to a terminal."""
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow([_safe(heading(column)) for column in sheet.columns])
    for row, _ in body(sheet):
        writer.writerow([_cell(row.get(one.name), one.shape) for one in sheet.columns])


def _cell(value: Value, shape: Shape) -> str:
    """Figures without points between thousands, which not every reader takes back."""
    found = typed(value, shape)
    if not isinstance(found, int | float):
        return _safe(shown(value, shape))
    if shape is Shape.SHARE:
        return f"{found * 100:.2f}%".replace(".", ",")
    if shape is Shape.TEXT or isinstance(found, int):
        return str(found)
    return f"{found:.2f}".replace(".", ",")


def _safe(text: str) -> str:
    """What hides a formula from defusedcsv: blanks before it, or wide signs."""
    inner = text.lstrip()
    hidden = inner != text and inner.startswith(FORMULAS)
    if hidden or inner.startswith(WIDE) or text.startswith(("\t", "\n")):
        return f"'{text}"
    return text
