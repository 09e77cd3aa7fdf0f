"""ODT: the report as a text to be read and printed, with its table and its chart."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from papers import odf, odf_chart
from papers.sheet import Picture, for_reading, heading, notes, told, widths
from papers.values import clean
from terms.sheet import Shape, Sheet

BORDER: Final = 'fo:border="0.25pt solid #808080" fo:padding="0.08cm"'
STYLES: Final = (
    '<style:style style:name="report" style:family="table"><style:table-properties '
    'style:width="26.7cm" table:align="margins" style:may-break-between-rows="true"/>'
    "</style:style>",
    f'<style:style style:name="head" style:family="table-cell"><style:table-cell-properties '
    f'fo:background-color="#d9e2ec" {BORDER}/></style:style>',
    *(
        f'<style:style style:name="{name}" style:family="paragraph" '
        f'style:parent-style-name="Standard">{more}</style:style>'
        for name, more in {
            "title": '<style:text-properties fo:font-size="16pt" fo:font-weight="bold"/>',
            "told": '<style:text-properties fo:font-size="10pt"/>',
            "note": '<style:paragraph-properties fo:margin-top="0.15cm"/>'
            '<style:text-properties fo:font-size="9pt" fo:font-style="italic"/>',
            "titles": '<style:text-properties fo:font-size="8pt" fo:font-weight="bold"/>',
            "words": '<style:text-properties fo:font-size="8pt"/>',
            "figures": '<style:paragraph-properties fo:text-align="end"/>'
            '<style:text-properties fo:font-size="8pt"/>',
        }.items()
    ),
)


def write(sheet: Sheet, path: Path) -> None:
    """Write the file."""
    sheet = for_reading(sheet)
    document = odf.new("text", sheet, [*STYLES, *_cell_styles(), *_column_styles(widths(sheet))])
    odf.lay(
        document,
        f'<text:h text:style-name="title" text:outline-level="1" '
        f'text:is-list-header="true">{_plain(sheet.title)}</text:h>',
    )
    for name, value in told(sheet):
        odf.lay(document, odf.paragraphs(f"{name}: {value}".replace("\n", " "), "told"))
    picture = Picture(sheet)
    if picture:
        odf_chart.embed(document, sheet, picture, None)
        seen = odf_chart.frame("24cm", "11cm", anchored="as-char")
        odf.lay(document, f"<text:p>{seen}</text:p>")
    if sheet.columns:
        odf.lay(document, _table(sheet))
    for note in notes(sheet):
        odf.lay(document, odf.paragraphs(note.replace("\n", " "), "note"))
    odf.save(document, odf.table_rows(sheet, "words", "figures"), path)


def _table(sheet: Sheet) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="w{number}"/>'
        for number in range(len(sheet.columns))
    )
    titles = "".join(odf.cell(heading(one), Shape.TEXT, "head", "titles") for one in sheet.columns)
    return (
        f'<table:table table:name="Dados" table:style-name="report">{columns}'
        f"<table:table-header-rows><table:table-row>{titles}</table:table-row>"
        f"</table:table-header-rows>{odf.ROWS_HERE}</table:table>"
    )


def _plain(text: str) -> str:
    """A title's inside, without its paragraph."""
    written = odf.paragraphs(clean(text).replace("\n", " "))
    return written.removeprefix("<text:p>").removesuffix("</text:p>")


def _cell_styles() -> list[str]:
    return [
        f'<style:style style:name="{mark}-{shape}" style:family="table-cell">'
        f"<style:table-cell-properties {BORDER}{fill}/></style:style>"
        for shape in Shape
        for mark, fill in (("c", ""), ("t", ' fo:background-color="#eeeeee"'))
    ]


def _column_styles(measured: list[int]) -> list[str]:
    """Shares of the page's width."""
    return [
        f'<style:style style:name="w{number}" style:family="table-column">'
        f'<style:table-column-properties style:rel-column-width="{width * 100}*"/></style:style>'
        for number, width in enumerate(measured)
    ]
