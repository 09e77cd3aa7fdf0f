"""A report in a terminal: title, what was asked, table, notes; and how it comes from the API."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, takewhile
from typing import Any, Final, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from central156.cli.letters import keep_to_the_terminal_s_letters
from papers.sheet import body, heading, notes, told
from papers.values import FIGURES, clean, number, shown
from terms.limits import SCREEN_ROWS
from terms.sheet import Chart, Column, Drawn, Shape, Sheet

PIPED_WIDTH: Final = 240
"""Where nobody looks at the width: a file, another program."""
KEYS: Final = 2  # first columns that say which row it is: a day, an indicator
CELL_EDGES: Final = 3  # a blank on each side, and the line between
ONE_LINE: Final = 20  # letters of a text that are not broken into lines
WORD: Final = 30  # letters after which even a word may be broken


def show(sheet: Sheet, console: Console) -> None:
    """Print the sheet."""
    console.print(Text(clean(sheet.title), style="bold"))
    for name, value in told(sheet):
        console.print(Text(f"{name}: {value}"))
    for columns in _bands(sheet, console.width) if sheet.columns else ():
        console.print(_table(sheet, columns))
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


def console_for(stream: TextIO) -> Console:
    """As wide as the terminal; wide enough for all, where nobody looks at the width."""
    keep_to_the_terminal_s_letters(stream)
    return Console(file=stream, highlight=False, width=None if stream.isatty() else PIPED_WIDTH)


def _bands(sheet: Sheet, width: int) -> list[tuple[Column, ...]]:
    """The columns, in as many tables as keep their words whole; what a row is about in each."""
    keys = tuple(takewhile(lambda one: one.shape not in FIGURES, sheet.columns))[:KEYS]
    taken = {one.name: _needed(sheet, one) + CELL_EDGES for one in sheet.columns}
    bands, band = [], list(keys)
    for column in sheet.columns[len(keys) :]:
        over = sum(taken[one.name] for one in [*band, column]) + 1 > width
        if over and len(band) > len(keys):
            bands.append(tuple(band))
            band = list(keys)
        band.append(column)
    return [*bands, tuple(band)]


def _needed(sheet: Sheet, column: Column) -> int:
    """How wide a column must be to be read: no word broken, short texts on one line."""
    texts = [
        shown(row.get(column.name), column.shape) for row, _ in islice(body(sheet), SCREEN_ROWS)
    ]
    whole = max((min(cell_len(text), ONE_LINE) for text in texts), default=0)
    words = (word for text in (heading(column), *texts) for word in text.split())
    return max(whole, *(min(cell_len(word), WORD) for word in words), 1)


def _table(sheet: Sheet, columns: tuple[Column, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for column in columns:
        aligned: Any = "right" if column.shape in FIGURES else "left"
        table.add_column(Text(heading(column)), justify=aligned, overflow="fold")
    for place, (row, last) in enumerate(body(sheet)):
        if place >= SCREEN_ROWS and not last:
            continue
        if last:
            table.add_section()
        cells = (Text(shown(row.get(one.name), one.shape)) for one in columns)
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
