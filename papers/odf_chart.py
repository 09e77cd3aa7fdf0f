"""The chart of an ODS or ODT: a document within the document, which LibreOffice draws.

In a spreadsheet it reads the cells of the table, and follows them when somebody changes them. In a
text it has a table of its own, since the figures that stand in the text are no cells.
"""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape

from papers.odf import FORMATS
from papers.sheet import TABLE, Picture, heading
from papers.values import clean, shown, typed
from terms.sheet import Drawn, Shape, Sheet, Value

FOLDER: Final = "Object 1"
MEDIA: Final = "application/vnd.oasis.opendocument.chart"
OWN: Final = "local-table"
COLOURS: Final = ("#1f4e79", "#c55a11", "#548235", "#7f6000", "#7030a0", "#808080", "#00b0f0")
CLASSES: Final = {Drawn.BARS: "chart:bar", Drawn.LINES: "chart:line"}
SPACES: Final = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in {
        "office": "office",
        "style": "style",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "chart": "chart",
        "number": "datastyle",
        "svg": "svg-compatible",
        "fo": "xsl-fo-compatible",
    }.items()
)
EMPTY: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-styles {SPACES} '
    'office:version="1.3"><office:styles/></office:document-styles>'
)


def embed(document: Any, sheet: Sheet, picture: Picture, head: int | None) -> None:
    """Put the chart into the package. `head`: the row of the header in a spreadsheet, from 0;
    None in a text."""
    for name, text in (("content.xml", _content(sheet, picture, head)), ("styles.xml", EMPTY)):
        document.container.set_part(f"{FOLDER}/{name}", text.encode())
        document.manifest.add_full_path(f"{FOLDER}/{name}", "text/xml")
    document.manifest.add_full_path(f"{FOLDER}/", MEDIA)


def frame(width: str, height: str, ranges: str = "", anchored: str = "") -> str:
    """Where the chart is seen."""
    notify = f' draw:notify-on-update-of-ranges="{ranges}"' if ranges else ""
    anchor = f' text:anchor-type="{anchored}"' if anchored else ""
    return (
        f'<draw:frame draw:name="{FOLDER}" draw:z-index="0"{anchor} svg:width="{width}" '
        f'svg:height="{height}" svg:x="0.5cm" svg:y="0.5cm"><draw:object{notify} '
        f'xlink:href="./{FOLDER}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>'
        "</draw:frame>"
    )


def ranges(picture: Picture, head: int) -> str:
    """The cells that the chart draws."""
    columns = (picture.along, *picture.over)
    return " ".join(_range(TABLE, one, head, head + picture.rows) for one in columns)


def _content(sheet: Sheet, picture: Picture, head: int | None) -> str:
    assert sheet.chart is not None
    kind = CLASSES[sheet.chart.drawn]
    along = sheet.columns[picture.along]
    over = sheet.columns[picture.over[0]]
    own = head is None
    table, top = (OWN, 0) if head is None else (TABLE, head)
    columns = range(1 + len(picture.over)) if own else (picture.along, *picture.over)
    first, *rest = columns
    series = "".join(
        f'<chart:series chart:style-name="s{number}" chart:class="{kind}" '
        f'chart:values-cell-range-address="{_range(table, one, top + 1, top + picture.rows)}" '
        f'chart:label-cell-address="{_address(table, one, top)}">'
        f'<chart:data-point chart:repeated="{picture.rows}"/></chart:series>'
        for number, one in enumerate(rest)
    )
    categories = _range(table, first, top + 1, top + picture.rows)
    href = "" if own else ' xlink:href=".." xlink:type="simple"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES} '
        'xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3">'
        f"<office:automatic-styles>{_styles(over.shape, len(rest), kind)}"
        "</office:automatic-styles><office:body><office:chart>"
        f'<chart:chart svg:width="25cm" svg:height="14cm"{href} chart:class="{kind}" '
        f'chart:style-name="whole"><chart:title chart:style-name="title">'
        f"<text:p>{escape(picture.title)}</text:p></chart:title>"
        '<chart:legend chart:legend-position="bottom" chart:style-name="legend"/>'
        '<chart:plot-area chart:style-name="plot" chart:data-source-has-labels="both">'
        '<chart:axis chart:dimension="x" chart:name="primary-x" chart:style-name="along">'
        f"<chart:title><text:p>{escape(clean(along.title))}</text:p></chart:title>"
        f'<chart:categories table:cell-range-address="{categories}"/></chart:axis>'
        '<chart:axis chart:dimension="y" chart:name="primary-y" chart:style-name="over">'
        f'<chart:grid chart:style-name="grid" chart:class="major"/></chart:axis>{series}'
        '<chart:wall chart:style-name="wall"/>'
        f"</chart:plot-area>{_own_table(sheet, picture)}</chart:chart>"
        "</office:chart></office:body></office:document-content>"
    )


def _styles(shape: Shape, series: int, kind: str) -> str:
    data = f' style:data-style-name="n-{shape}"' if shape in FORMATS else ""
    small = '<style:text-properties fo:font-size="8pt"/>'
    drawn = 'draw:stroke="none" draw:fill="solid" draw:fill-color="{0}"'
    if kind == CLASSES[Drawn.LINES]:
        drawn = 'draw:stroke="solid" svg:stroke-width="0.06cm" svg:stroke-color="{0}"'
    return FORMATS.get(shape, "") + "".join(
        (
            _chart_style("whole", '<style:graphic-properties draw:stroke="none"/>'),
            _chart_style("title", '<style:text-properties fo:font-size="13pt"/>'),
            _chart_style("legend", small),
            _chart_style(
                "plot",
                '<style:chart-properties chart:include-hidden-cells="true" '
                'chart:treat-empty-cells="leave-gap" chart:auto-position="true"/>',
            ),
            _chart_style(
                "along",
                '<style:chart-properties chart:display-label="true" style:rotation-angle="45" '
                f'chart:text-overlap="false"/>{small}',
            ),
            _chart_style(
                "over",
                '<style:chart-properties chart:display-label="true" '
                f'chart:link-data-style-to-source="false"/>{small}',
                data,
            ),
            _chart_style("wall", '<style:graphic-properties draw:fill="none"/>'),
            _chart_style("grid", '<style:graphic-properties svg:stroke-color="#cccccc"/>'),
            *(
                _chart_style(
                    f"s{number}",
                    '<style:chart-properties chart:symbol-type="none"/><style:graphic-properties '
                    f"{drawn.format(COLOURS[number % len(COLOURS)])}/>",
                )
                for number in range(series)
            ),
        )
    )


def _chart_style(name: str, inner: str, data: str = "") -> str:
    return f'<style:style style:name="{name}" style:family="chart"{data}>{inner}</style:style>'


def _own_table(sheet: Sheet, picture: Picture) -> str:
    """The figures that are drawn, within the chart."""
    columns = [sheet.columns[number] for number in (picture.along, *picture.over)]
    first, *rest = columns
    head = "".join(_words(heading(column)) for column in rest)
    rows = "".join(
        f"<table:table-row>{_words(shown(row.get(first.name), first.shape))}"
        + "".join(_point(row.get(one.name), one.shape) for one in rest)
        + "</table:table-row>"
        for row in sheet.rows[: picture.rows]
    )
    return (
        f'<table:table table:name="{OWN}"><table:table-header-columns><table:table-column/>'
        "</table:table-header-columns><table:table-columns>"
        f'<table:table-column table:number-columns-repeated="{len(rest)}"/>'
        "</table:table-columns><table:table-header-rows><table:table-row>"
        f"{_words('')}{head}</table:table-row></table:table-header-rows>"
        f"<table:table-rows>{rows}</table:table-rows></table:table>"
    )


def _words(text: str) -> str:
    inner = f"<text:p>{escape(text)}</text:p>"
    return f'<table:table-cell office:value-type="string">{inner}</table:table-cell>'


def _point(value: Value, shape: Shape) -> str:
    """LibreOffice takes nothing but plain numbers in a chart's own table, NaN for nothing at all;
    with a share (`percentage`) or an empty cell in it, it draws an empty chart."""
    found = typed(value, shape)
    figure = repr(found) if isinstance(found, int | float) else "NaN"
    return (
        f'<table:table-cell office:value-type="float" office:value="{figure}">'
        f"<text:p>{escape(shown(value, shape))}</text:p></table:table-cell>"
    )


def _range(table: str, column: int, first: int, last: int) -> str:
    return f"{_address(table, column, first)}:{_address(table, column, last)}"


def _address(table: str, column: int, row: int) -> str:
    letters, column = "", column + 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{table}.${letters}${row + 1}"
