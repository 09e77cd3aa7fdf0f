"""The chart of a DOCX: a drawing of Word's own, with the figures in it, so that it is drawn from
them and not a picture. No workbook is behind it: the figures stand in the table below."""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from papers.odf_chart import COLOURS
from papers.sheet import Picture, heading
from papers.values import clean, shown, typed
from terms.sheet import Column, Drawn, Shape, Sheet

MEDIA: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
NAME: Final = PackURI("/word/charts/chart1.xml")
CHART: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"
WIDTH, HEIGHT = 9_000_000, 4_000_000
FORMATS: Final = {Shape.SHARE: "0.0%", Shape.COUNT: "#,##0"}


def add_chart(document: Any, sheet: Sheet, picture: Picture) -> None:
    """Add the chart as a paragraph."""
    part = Part(NAME, MEDIA, _chart(sheet, picture).encode(), document.part.package)
    relation = document.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    drawing = (
        f"<w:drawing {nsdecls('w', 'wp', 'a')} "
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<wp:inline><wp:extent cx="{WIDTH}" cy="{HEIGHT}"/><wp:docPr id="1" name="{NAME.filename}"'
        f' descr="{escape(picture.title, {chr(34): "&quot;"})}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" r:id="{relation}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    document.add_paragraph().add_run()._r.append(parse_xml(drawing))


def _chart(sheet: Sheet, picture: Picture) -> str:
    assert sheet.chart is not None
    lines = sheet.chart.drawn is Drawn.LINES
    along = sheet.columns[picture.along]
    rows = sheet.rows[: picture.rows]
    names = [shown(row.get(along.name), along.shape) for row in rows]
    series = "".join(
        _series(sheet.columns[column], number, names, rows, lines)
        for number, column in enumerate(picture.over)
    )
    kind = (
        f'<c:lineChart><c:grouping val="standard"/>{series}<c:marker val="1"/>{_AXES}</c:lineChart>'
        if lines
        else '<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/>'
        f"{series}{_AXES}</c:barChart>"
    )
    form = FORMATS.get(sheet.columns[picture.over[0]].shape, "#,##0.0")
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><c:chartSpace xmlns:c="{CHART}" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        f"<c:chart>{_title(picture.title, 1200)}"
        f'<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>{kind}'
        f'<c:catAx><c:axId val="1"/>{_SCALE}<c:delete val="0"/><c:axPos val="b"/>'
        f'{_title(clean(along.title), 900)}<c:numFmt formatCode="General" sourceLinked="0"/>'
        '<c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        '<c:crossAx val="2"/><c:crosses val="autoZero"/></c:catAx>'
        f'<c:valAx><c:axId val="2"/>{_SCALE}<c:delete val="0"/><c:axPos val="l"/>'
        f'<c:majorGridlines/><c:numFmt formatCode="{form}" sourceLinked="0"/>'
        '<c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
        '<c:crossAx val="1"/><c:crosses val="autoZero"/></c:valAx></c:plotArea>'
        '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>'
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart></c:chartSpace>'
    )


_AXES: Final = '<c:axId val="1"/><c:axId val="2"/>'
_SCALE: Final = '<c:scaling><c:orientation val="minMax"/></c:scaling>'


def _title(text: str, size: int) -> str:
    return (
        f'<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz="{size}" b="1"/></a:pPr>'
        f'<a:r><a:rPr lang="pt-BR" sz="{size}" b="1"/><a:t>{escape(text)}</a:t></a:r></a:p>'
        '</c:rich></c:tx><c:overlay val="0"/></c:title>'
    )


def _series(column: Column, number: int, names: list[str], rows: Any, lines: bool) -> str:
    colour = COLOURS[number % len(COLOURS)].removeprefix("#").upper()
    fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    look = f'<a:ln w="22225">{fill}</a:ln>' if lines else fill
    mark = '<c:marker><c:symbol val="none"/></c:marker>' if lines else ""
    values = ((at, typed(row.get(column.name), column.shape)) for at, row in enumerate(rows))
    figures = "".join(
        f'<c:pt idx="{at}"><c:v>{value!r}</c:v></c:pt>'
        for at, value in values
        if isinstance(value, int | float)
    )
    words = "".join(
        f'<c:pt idx="{at}"><c:v>{escape(name)}</c:v></c:pt>' for at, name in enumerate(names)
    )
    count = f'<c:ptCount val="{len(names)}"/>'
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/><c:tx>'
        f"<c:v>{escape(heading(column))}</c:v></c:tx>"
        f"<c:spPr>{look}</c:spPr>{mark}"
        f"<c:cat><c:strLit>{count}{words}</c:strLit></c:cat>"
        f"<c:val><c:numLit><c:formatCode>General</c:formatCode>{count}{figures}</c:numLit></c:val>"
        + ('<c:smooth val="0"/>' if lines else "")
        + "</c:ser>"
    )
