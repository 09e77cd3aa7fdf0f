"""DOCX by python-docx: the report as a text to be read and printed.

Rows are written as XML of their own: python-docx looks up a cell by walking the whole table, which
takes minutes for a long one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from papers.docx_chart import add_chart
from papers.sheet import MAKER, Picture, body, for_reading, heading, notes, told, widths
from papers.values import FIGURES, clean, shown
from terms.sheet import Sheet

SMALL, SMALLEST = 16, 12  # half points
MANY_COLUMNS: Final = 12
MARGINS: Final = (
    f'<w:tblCellMar {nsdecls("w")}><w:left w:w="40" w:type="dxa"/>'
    '<w:right w:w="40" w:type="dxa"/></w:tblCellMar>'
)
PAGE_WIDTH: Final = Cm(29.7 - 3.0)
TWIPS: Final = 635  # in python-docx's unit


def write(sheet: Sheet, path: Path) -> None:
    """Write the file."""
    sheet = for_reading(sheet)
    document = Document()
    _set_page(document, sheet)
    document.add_heading(clean(sheet.title).replace("\n", " "), 1)
    for name, value in told(sheet):
        line = document.add_paragraph()
        line.paragraph_format.space_after = Pt(0)
        line.add_run(f"{name}: ").bold = True
        line.add_run(value)
    document.add_paragraph()
    picture = Picture(sheet)
    if picture:
        add_chart(document, sheet, picture)
    if sheet.columns:
        _add_table(document, sheet)
    for note in notes(sheet):
        line = document.add_paragraph()
        line.paragraph_format.space_before = Pt(6)
        written = line.add_run(note)
        written.italic, written.font.size = True, Pt(9)
    document.save(str(path))


def _set_page(document: Any, sheet: Sheet) -> None:
    """A4 across, in Portuguese."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Cm(1.5))
    properties = document.core_properties
    properties.title, properties.author = clean(sheet.title)[:250], MAKER
    properties.language, properties.comments = "pt-BR", ""
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "pt-BR")


def _add_table(document: Any, sheet: Sheet) -> None:
    table = document.add_table(rows=0, cols=len(sheet.columns))
    table.style = "Table Grid"
    table.autofit = False
    measured = widths(sheet)
    parts = [round(PAGE_WIDTH / TWIPS * one / sum(measured)) for one in measured]
    for part, column in zip(parts, table.columns, strict=True):
        column.width = part * TWIPS
    size = SMALL if len(parts) <= MANY_COLUMNS else SMALLEST
    table._tblPr.find(qn("w:tblLook")).addprevious(parse_xml(MARGINS))  # their order is fixed
    titles = [(heading(one), False) for one in sheet.columns]
    table._tbl.append(_row(titles, parts, size, bold=True, head=True))
    for row, last in body(sheet):
        cells = [
            (shown(row.get(one.name), one.shape), one.shape in FIGURES) for one in sheet.columns
        ]
        table._tbl.append(_row(cells, parts, size, bold=last))


def _row(
    cells: list[tuple[str, bool]], parts: list[int], size: int, *, bold: bool, head: bool = False
) -> Any:
    """A row; each cell as (text, whether it is a figure). The header is on every page."""
    of_row = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if head else ""
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="D9E2EC"/>' if head else ""
    strong = "<w:b/>" if bold else ""
    written = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{part}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr>'
        f'<w:spacing w:after="0"/>{_aligned(figure)}</w:pPr><w:r><w:rPr>{strong}'
        f'<w:sz w:val="{size}"/></w:rPr>{_runs(text)}</w:r></w:p></w:tc>'
        for (text, figure), part in zip(cells, parts, strict=True)
    )
    return parse_xml(f"<w:tr {nsdecls('w')}>{of_row}{written}</w:tr>")


def _aligned(figure: bool) -> str:
    return '<w:jc w:val="right"/>' if figure else ""


def _runs(text: str) -> str:
    """A text with its tabs and line ends."""
    lines = [
        "<w:tab/>".join(
            f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in line.split("\t")
        )
        for line in text.split("\n")
    ]
    return "<w:br/>".join(lines)
