"""A report in a terminal: title, what was asked, table, notes; and how it comes from the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from papers.sheet import body, heading, notes, told
from papers.values import FIGURES, clean, number, shown
from terms.limits import SCREEN_ROWS
from terms.sheet import Chart, Column, Drawn, Shape, Sheet

PIPED_WIDTH: Final = 240
"""Where nobody looks at the width: a file, another program."""


def show(sheet: Sheet, console: Console) -> None:
    """Print the sheet."""
    console.print(Text(clean(sheet.title), style="bold"))
    for name, value in told(sheet):
        console.print(Text(f"{name}: {value}"))
    if sheet.columns:
        console.print(_table(sheet))
    hidden = len(sheet.rows) - SCREEN_ROWS
    if hidden > 0:
        console.print(
            Text(f"Aqui estão as {SCREEN_ROWS} primeiras linhas; faltam {number(hidden, 0)}: ")
            + Text("central156 report export", style="bold")
        )
    if not sheet.rows:
        console.print("Nenhuma linha: não há nada neste período.")
    for note in notes(sheet):
        console.print(Text(f"· {note}", style="dim"))


def _table(sheet: Sheet) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for column in sheet.columns:
        aligned: Any = "right" if column.shape in FIGURES else "left"
        table.add_column(Text(heading(column)), justify=aligned, overflow="fold")
    for place, (row, last) in enumerate(body(sheet)):
        if place >= SCREEN_ROWS and not last:
            continue
        if last:
            table.add_section()
        cells = (Text(shown(row.get(one.name), one.shape)) for one in sheet.columns)
        table.add_row(*cells, style="bold" if last else "")
    return table


def sheet_of(answer: Mapping[str, Any]) -> Sheet:
    """The sheet that GET /v1/reports/{name} answered in JSON."""
    chart = answer["chart"]
    return Sheet(
        name=answer["name"],
        title=answer["title"],
        columns=tuple(
            Column(one["name"], one["title"], Shape(one["shape"])) for one in answer["columns"]
        ),
        rows=answer["rows"],
        totals=answer["totals"],
        chart=chart
        and Chart(Drawn(chart["drawn"]), chart["along"], tuple(chart["over"]), chart["title"]),
        asked=[(one["name"], one["value"]) for one in answer["asked"]],
        notes=answer["notes"],
        made_at=answer["made_at"],
        cut=answer["cut"],
    )
