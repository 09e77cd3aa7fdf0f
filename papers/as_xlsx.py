"""XLSX by XlsxWriter: real numbers and dates with Brazilian formats, and a chart over the cells.

Every text is written as a text, so nothing in it is ever a formula or a link. A long sheet goes to
disk row by row, which needs little memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from papers.sheet import MAKER, PICTURE, TABLE, Picture, body, heading, notes, told, widths
from papers.values import clean, typed
from terms.limits import CHART_POINTS
from terms.sheet import Drawn, Shape, Sheet, Value

FORMATS: Final = {
    Shape.TEXT: "@",
    Shape.COUNT: "#,##0",
    Shape.NUMBER: "#,##0.00",
    Shape.SECONDS: "#,##0.0",
    Shape.SHARE: "0.0%",
    Shape.INSTANT: "dd/mm/yyyy hh:mm:ss",
    Shape.DAY: "dd/mm/yyyy",
    Shape.MONEY: "[$R$-416] #,##0.00",
}
"""Excel puts points and commas as the reader's own language has them."""
KINDS: Final = {Drawn.BARS: "column", Drawn.LINES: "line"}
TITLE_HEIGHT: Final = 32  # two lines, in points
CHART_SIZE: Final = {"width": 1000, "height": 520}

Look = Mapping[tuple[Shape, bool], Any]


def write(sheet: Sheet, path: Path) -> None:
    """Write the file."""
    options = {
        # what stands on disk meanwhile holds the same data: beside the file, not in /tmp
        "tmpdir": str(path.parent),
        "constant_memory": len(sheet.rows) > CHART_POINTS,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": sheet.title[:250], "author": MAKER})
        page = book.add_worksheet(TABLE)
        head = _page(book, page, sheet)
        picture = Picture(sheet)
        if picture:
            _draw(book, sheet, picture, head)


def _page(book: Any, page: Any, sheet: Sheet) -> int:
    """Everything but the chart; the row of the header."""
    look = _look(book)
    for number, width in enumerate(widths(sheet)):
        page.set_column(number, number, width)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.write_string(0, 0, clean(sheet.title), book.add_format({"bold": 1, "size": 14}))
    at = 1
    for name, value in told(sheet):
        page.write_string(at, 0, f"{name}: {value}")
        at += 1
    head = at = at + 1
    titles = book.add_format(
        {"bold": 1, "bg_color": "#D9E2EC", "border": 1, "text_wrap": 1, "valign": "vcenter"}
    )
    page.set_row(head, TITLE_HEIGHT)
    for number, column in enumerate(sheet.columns):
        page.write_string(head, number, heading(column), titles)
    for row, last in body(sheet):
        at += 1
        for number, column in enumerate(sheet.columns):
            _cell(page, at, number, row.get(column.name), column.shape, look, last)
    if sheet.columns:
        page.freeze_panes(head + 1, 0)
        page.repeat_rows(head)
        page.autofilter(head, 0, head + max(1, len(sheet.rows)), len(sheet.columns) - 1)
    at += 1
    for note in notes(sheet):
        at += 1
        page.write_string(at, 0, note, book.add_format({"italic": 1}))
    return head


def _look(book: Any) -> Look:
    """The format of each shape, in a row and in the totals."""
    return {
        (shape, last): book.add_format(
            {"num_format": text, "bold": last, "top": int(last), "valign": "top"}
        )
        for shape, text in FORMATS.items()
        for last in (False, True)
    }


def _cell(
    page: Any, row: int, number: int, value: Value, shape: Shape, look: Look, last: bool
) -> None:
    found = typed(value, shape)
    if isinstance(found, str):
        page.write_string(row, number, found, look[Shape.TEXT, last])
    elif isinstance(found, date | datetime):
        page.write_datetime(row, number, found, look[shape, last])
    elif found is None:
        page.write_blank(row, number, None, look[shape, last])
    else:
        page.write_number(row, number, found, look[shape, last])


def _draw(book: Any, sheet: Sheet, picture: Picture, head: int) -> None:
    """A chart on a page of its own, over the cells of the table."""
    assert sheet.chart is not None
    chart = book.add_chart({"type": KINDS[sheet.chart.drawn]})
    first, last = head + 1, head + picture.rows
    for column in picture.over:
        chart.add_series(
            {
                "name": [TABLE, head, column],
                "categories": [TABLE, first, picture.along, last, picture.along],
                "values": [TABLE, first, column, last, column],
            }
        )
    chart.set_title({"name": picture.title[:250], "name_font": {"size": 12}})
    along, over = sheet.columns[picture.along], sheet.columns[picture.over[0]]
    slanted = {"rotation": -45, "size": 8}
    chart.set_x_axis(
        {
            "name": clean(along.title),
            "text_axis": True,
            "num_font": slanted,
            # whoever draws it must not write days as numbers since 1900
            "num_format": "General" if along.shape is Shape.TEXT else FORMATS[along.shape],
        }
    )
    chart.set_y_axis({"num_format": FORMATS[over.shape], "major_gridlines": {"visible": True}})
    chart.set_legend({"position": "bottom"})
    chart.set_size(CHART_SIZE)
    page = book.add_worksheet(PICTURE)
    page.set_landscape()
    page.fit_to_pages(1, 1)
    page.insert_chart(0, 0, chart)
