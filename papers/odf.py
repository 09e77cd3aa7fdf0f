"""What ODS and ODT share: the package, cells, formats, and the chart as a document of its own.

odfdo makes the package (styles, meta data, manifest); the rows, which may be a hundred thousand,
are streamed into its content.xml, because as objects they would take gigabytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from odfdo import Document, Element

from papers.sheet import MAKER, body
from papers.values import FIGURES, clean, shown, typed
from terms.sheet import Shape, Sheet, Value

CONTENT: Final = "content.xml"
ROWS_HERE: Final = '<table:table-row table:style-name="rows-here"/>'
"""Where the rows go."""
LANDSCAPE: Final = {
    "fo:page-width": "29.7cm",
    "fo:page-height": "21cm",
    "style:print-orientation": "landscape",
    "style:scale-to-X": "1",  # as many pages as it takes, but each as wide as the table
    **{f"fo:margin-{side}": "1.5cm" for side in ("top", "bottom", "left", "right")},
}
BRAZIL: Final = 'number:language="pt" number:country="BR"'
_INSTANT: Final = (
    '<number:day number:style="long"/><number:text>/</number:text>'
    '<number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/>'
)
_CLOCK: Final = (
    '<number:text> </number:text><number:hours number:style="long"/>'
    '<number:text>:</number:text><number:minutes number:style="long"/>'
    '<number:text>:</number:text><number:seconds number:style="long"/>'
)


def _places(decimals: int) -> str:
    return (
        f'<number:number number:decimal-places="{decimals}" number:min-decimal-places="{decimals}"'
        ' number:min-integer-digits="1" number:grouping="true"/>'
    )


def _style(kind: str, shape: Shape, inner: str) -> str:
    name = f'style:name="n-{shape}"'
    return f"<number:{kind}-style {name} {BRAZIL}>{inner}</number:{kind}-style>"


FORMATS: Final = {
    Shape.COUNT: _style("number", Shape.COUNT, _places(0)),
    Shape.NUMBER: _style("number", Shape.NUMBER, _places(2)),
    Shape.SECONDS: _style("number", Shape.SECONDS, _places(1)),
    Shape.SHARE: _style("percentage", Shape.SHARE, f"{_places(1)}<number:text> %</number:text>"),
    Shape.MONEY: _style(
        "currency",
        Shape.MONEY,
        "<number:currency-symbol>R$</number:currency-symbol>"
        f"<number:text> </number:text>{_places(2)}",
    ),
    Shape.INSTANT: _style("date", Shape.INSTANT, _INSTANT + _CLOCK),
    Shape.DAY: _style("date", Shape.DAY, _INSTANT),
}
"""How each shape is written; text needs no format."""


def new(kind: str, sheet: Sheet, styles: Iterable[str]) -> Any:
    """An empty document (`spreadsheet` or `text`) in Portuguese, on A4 across, with these styles
    and those of the shapes."""
    document = Document(kind)
    document.body.clear()
    document.set_language("pt-BR")
    document.meta.set_title(clean(sheet.title))
    document.meta.set_initial_creator(MAKER)
    for layout in document.styles.root.get_elements("//style:page-layout-properties"):
        for name, value in LANDSCAPE.items():
            layout.set_attribute(name, value)
    for running in document.styles.root.get_elements("//style:master-page/*"):
        running.delete()  # «Page 1», in English
    automatic: Any = document.content.root.get_element("//office:automatic-styles")
    for style in (*FORMATS.values(), *styles):
        automatic.append(Element.from_tag(style))
    return document


def lay(document: Any, *parts: str) -> None:
    """Append parts to the document's body."""
    for part in parts:
        document.body.append(Element.from_tag(part))


def save(document: Any, rows: Iterable[str], path: Path) -> None:
    """Write the package, with these rows where `ROWS_HERE` stands."""
    packed = io.BytesIO()
    document.save(packed)
    with ZipFile(packed) as made, ZipFile(path, "w", ZIP_DEFLATED) as file:
        for name in made.namelist():
            if name == CONTENT:
                _stream(file, made.read(name), rows)
            elif not name.endswith("/"):  # the template's empty folders
                how = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
                file.writestr(name, made.read(name), how)


def _stream(file: ZipFile, content: bytes, rows: Iterable[str]) -> None:
    before, _, after = content.partition(ROWS_HERE.encode())
    with file.open(CONTENT, "w", force_zip64=True) as opened:
        opened.write(before)
        for row in rows:
            opened.write(row.encode())
        opened.write(after)


# --- cells ---
def table_rows(sheet: Sheet, words: str = "", figures: str = "") -> Iterator[str]:
    """The rows and the totals; cells are styled `c-<shape>`, or `t-<shape>` in the totals.
    `words`, `figures`: the paragraphs' styles in them."""
    styles = [figures if one.shape in FIGURES else words for one in sheet.columns]
    columns = tuple(zip(sheet.columns, styles, strict=True))
    for row, last in body(sheet) if columns else ():
        mark = "t" if last else "c"
        cells = (
            cell(row.get(one.name), one.shape, f"{mark}-{one.shape}", style)
            for one, style in columns
        )
        yield f"<table:table-row>{''.join(cells)}</table:table-row>"


def cell(value: Value, shape: Shape, style: str, text: str = "") -> str:
    """A cell with its value; none has a formula."""
    found = typed(value, shape)
    if found is None:
        return f'<table:table-cell table:style-name="{style}"/>'
    inner = paragraphs(shown(value, shape), text)
    return (
        f'<table:table-cell table:style-name="{style}" {_typed(found, shape)}>'
        f"{inner}</table:table-cell>"
    )


def _typed(found: Any, shape: Shape) -> str:
    match found:
        case datetime():
            return f'office:value-type="date" office:date-value="{found:%Y-%m-%dT%H:%M:%S}"'
        case date():
            return f'office:value-type="date" office:date-value="{found:%Y-%m-%d}"'
        case int() | float() if shape is Shape.SHARE:
            return f'office:value-type="percentage" office:value="{found!r}"'
        case int() | float() if shape is Shape.MONEY:
            return f'office:value-type="currency" office:currency="BRL" office:value="{found!r}"'
        case int() | float():
            return f'office:value-type="float" office:value="{found!r}"'
        case _:
            return 'office:value-type="string"'


def paragraphs(text: str, style: str = "") -> str:
    """A text as paragraphs, one a line, with every blank and tab of it."""
    named = f" text:style-name={quoteattr(style)}" if style else ""
    lines = text.split("\n")
    return "".join(f"<text:p{named}>{_inline(line)}</text:p>" for line in lines)


def _inline(line: str) -> str:
    """XML takes several blanks for one."""
    written = escape(line).replace("\t", "<text:tab/>")
    if "  " in written or written[:1] == " " or written[-1:] == " ":
        return written.replace(" ", "<text:s/>")
    return written
