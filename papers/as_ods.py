"""ODS: the table as real numbers and dates, and the chart on a page of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from papers import odf, odf_chart
from papers.sheet import PICTURE, TABLE, Picture, heading, notes, told, widths
from papers.values import clean
from terms.sheet import Shape, Sheet

CHARACTER: Final = 0.21  # centimetres
TOP: Final = '<style:table-cell-properties style:vertical-align="top" {}/>'
STYLES: Final = (
    '<style:style style:name="title" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold" fo:font-size="14pt"/></style:style>',
    '<style:style style:name="note" style:family="table-cell">'
    '<style:text-properties fo:font-style="italic"/></style:style>',
    '<style:style style:name="head" style:family="table-cell">'
    '<style:table-cell-properties fo:background-color="#d9e2ec" fo:border="0.5pt solid #808080" '
    'fo:wrap-option="wrap" style:vertical-align="middle"/>'
    '<style:text-properties fo:font-weight="bold"/></style:style>',
)


def write(sheet: Sheet, path: Path) -> None:
    """Write the file."""
    measured = widths(sheet)
    styles = [*STYLES, *_cell_styles(), *_column_styles(measured)]
    document = odf.new("spreadsheet", sheet, styles)
    above = [clean(sheet.title), *(f"{name}: {value}" for name, value in told(sheet))]
    lines = [_line(text, "" if number else "title") for number, text in enumerate(above)]
    head = len(lines) + 1
    columns = "".join(
        f'<table:table-column table:style-name="w{number}"/>' for number in range(len(measured))
    )
    titles = "".join(odf.cell(heading(one), Shape.TEXT, "head") for one in sheet.columns)
    table = (
        f'<table:table table:name="{TABLE}">{columns or "<table:table-column/>"}'
        f"{''.join(lines)}{_line('')}"
        f"<table:table-header-rows><table:table-row>{titles or '<table:table-cell/>'}"
        f"</table:table-row></table:table-header-rows>{odf.ROWS_HERE}{_line('')}"
        f"{''.join(_line(note, 'note') for note in notes(sheet))}</table:table>"
    )
    odf.lay(document, table)
    picture = Picture(sheet)
    if picture:
        odf_chart.embed(document, sheet, picture, head)
        odf.lay(document, _page_of(odf_chart.ranges(picture, head)))
    odf.save(document, odf.table_rows(sheet), path)


def _page_of(ranges: str) -> str:
    seen = odf_chart.frame("24cm", "14cm", ranges)
    return (
        f'<table:table table:name="{PICTURE}"><table:shapes>{seen}</table:shapes>'
        f"<table:table-column/>{_line('')}</table:table>"
    )


def _line(text: str, style: str = "") -> str:
    """A row with one text."""
    if not text:
        return "<table:table-row><table:table-cell/></table:table-row>"
    written = odf.cell(text, Shape.TEXT, style).replace(' table:style-name=""', "")
    return f"<table:table-row>{written}</table:table-row>"


def _cell_styles() -> list[str]:
    """Of each shape, in a row and in the totals."""
    bold = TOP.format('fo:border-top="0.5pt solid #000000"')
    bold += '<style:text-properties fo:font-weight="bold"/>'
    made = []
    for shape in Shape:
        data = f' style:data-style-name="n-{shape}"' if shape in odf.FORMATS else ""
        for mark, inner in (("c", TOP.format("")), ("t", bold)):
            name = f'style:name="{mark}-{shape}"'
            made.append(
                f'<style:style {name} style:family="table-cell"{data}>{inner}</style:style>'
            )
    return made


def _column_styles(measured: list[int]) -> list[str]:
    return [
        f'<style:style style:name="w{number}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * CHARACTER:.2f}cm"/>'
        "</style:style>"
        for number, width in enumerate(measured)
    ]
