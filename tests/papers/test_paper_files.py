"""Every format, read back by something that did not write it."""

from __future__ import annotations

import csv
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import odfdo
import openpyxl
import pytest
from lxml import etree
from sheets import HOSTILE, NOTE, a_sheet, hostile_sheet

from papers.sheet import MEDIA, Form, save
from terms.limits import CELL_CHARACTERS, CHART_POINTS, DOCUMENT_ROWS
from terms.sheet import Chart, Column, Drawn, Shape, Sheet

PACKAGES = (Form.XLSX, Form.ODS, Form.DOCX, Form.ODT)
CHART_SPACE = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(sheet: Sheet, form: Form) -> Path:
        path = tmp_path / f"{sheet.name}.{form}"
        save(sheet, form, path)
        return path

    return write


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def parts(path: Path) -> Iterator[tuple[str, Any]]:
    """Every part of a package that is XML, parsed as strictly as can be."""
    with ZipFile(path) as file:
        assert file.testzip() is None
        for name in file.namelist():
            if name.endswith((".xml", ".rels", ".rdf")) and file.getinfo(name).file_size:
                yield name, etree.fromstring(file.read(name))


# --- each format ---
@pytest.mark.parametrize("form", list(Form))
def test_a_file_is_its_owners_alone_and_none_is_written_over(form: Form, written: Any) -> None:
    path = written(a_sheet(), form)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert form in MEDIA
    assert path.stat().st_size
    with pytest.raises(FileExistsError):
        save(a_sheet(), form, path)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("form", PACKAGES)
@pytest.mark.parametrize("drawn", [*Drawn, None])
def test_packages_are_whole(form: Form, drawn: Drawn | None, written: Any) -> None:
    path = written(a_sheet(drawn), form)
    assert any(name.endswith(".xml") for name, _ in parts(path))
    if form in (Form.ODS, Form.ODT):
        with ZipFile(path) as file:
            first = file.infolist()[0]
            assert (first.filename, first.compress_type) == ("mimetype", 0)
            assert file.read("mimetype").decode() == MEDIA[form]
            listed = set(
                re.findall(r'full-path="([^"]+)"', file.read("META-INF/manifest.xml").decode())
            )
            there = {name for name in file.namelist() if not name.startswith("META-INF/")}
            assert there - {"mimetype"} <= listed
            assert ("Object 1/" in listed) == (drawn is not None)


def test_csv_is_what_brazilian_spreadsheets_read(written: Any) -> None:
    rows = read_csv(written(a_sheet(), Form.CSV))
    assert rows[0][:3] == ["Hora", "Fila", "Recebidas"]
    assert rows[1] == [
        *("25/11/2026 12:00:00", "p156_geral", "1000", "12,25"),
        *("85,00%", "1234,50", "25/11/2026", "0,12"),
    ]
    assert rows[3][4] == ""
    assert rows[-1][:5] == ["Total", "", "5010", "", "85,00%"]


def test_json_is_the_sheet_itself(written: Any) -> None:
    found = json.loads(written(a_sheet(), Form.JSON).read_text())
    assert found["rows"] == [dict(row) for row in a_sheet().rows]
    assert found["chart"]["drawn"] == "bars"
    assert found["columns"][4] == {"name": "level", "title": "NS", "shape": "share"}
    odd = Sheet("x", "x", (Column("n", "n", Shape.NUMBER),), ({"n": float("nan")},))
    assert json.loads(written(odd, Form.JSON).read_text())["rows"] == [{"n": None}]


@pytest.mark.parametrize("drawn", list(Drawn))
def test_xlsx_has_real_values_and_a_native_chart(drawn: Drawn, written: Any) -> None:
    path = written(a_sheet(drawn), Form.XLSX)
    book = openpyxl.load_workbook(path)
    page = book["Dados"]
    head = next(row[0].row for row in page.iter_rows() if row[0].value == "Hora")
    first = page[head + 1]
    assert [cell.value for cell in first] == [
        *(datetime(2026, 11, 25, 12), "p156_geral", 1000, 12.25, 0.85, 1234.5),
        *(datetime(2026, 11, 25), 0.1234),
    ]
    assert first[4].number_format == "0.0%"
    assert first[0].number_format == "dd/mm/yyyy hh:mm:ss"
    assert page.cell(head + 3, 5).value is None
    assert page.cell(head + 6, 1).value == "Total"
    assert page.cell(head + 6, 3).value == 5010
    words = [row[0].value for row in page.iter_rows()]
    assert words[0] == "Chamadas recebidas por hora"
    assert NOTE in words
    assert any("fila: p156_geral" in str(word) for word in words)
    assert page.freeze_panes == f"A{head + 1}"
    ((_, chart),) = ((name, part) for name, part in parts(path) if "charts/chart" in name)
    kind = "barChart" if drawn is Drawn.BARS else "lineChart"
    assert len(chart.findall(f".//{CHART_SPACE}{kind}/{CHART_SPACE}ser")) == 2
    ranges = [one.text for one in chart.iter(f"{CHART_SPACE}f")]
    assert f"Dados!$C${head + 1}:$C${head + 5}" in ranges
    assert f"Dados!$A${head + 1}:$A${head + 5}" in ranges


@pytest.mark.parametrize("drawn", list(Drawn))
def test_ods_has_real_values_and_a_chart_over_the_cells(drawn: Drawn, written: Any) -> None:
    path = written(a_sheet(drawn), Form.ODS)
    document = odfdo.Document(path)
    table, picture = document.body.tables
    assert picture.name == "Gráfico"
    values = [row for row in table.get_values() if row[0]]
    head = table.get_values().index(next(row for row in values if row[0] == "Hora"))
    first = table.get_row_values(head + 1)
    assert first[:3] == [datetime(2026, 11, 25, 12), "p156_geral", 1000]
    assert [float(value) for value in first[3:6]] == [12.25, 0.85, 1234.5]
    assert table.get_cell((4, head + 1)).type == "percentage"
    assert table.get_cell((5, head + 1)).type == "currency"
    assert table.get_cell((4, head + 1)).get_element("text:p").text == "85,0 %"
    assert table.get_cell((4, head + 3)).value is None
    assert [row[0] for row in values][-1] == NOTE
    chart = dict(parts(path))["Object 1/content.xml"]
    space = chart.nsmap
    series = chart.findall(".//chart:series", space)
    kind = "chart:bar" if drawn is Drawn.BARS else "chart:line"
    assert {one.get(f"{{{space['chart']}}}class") for one in series} == {kind}
    addresses = [one.get(f"{{{space['chart']}}}values-cell-range-address") for one in series]
    assert addresses[0] == f"Dados.$C${head + 2}:Dados.$C${head + 6}"


def test_docx_and_odt_read_like_the_report(written: Any) -> None:
    document = docx.Document(str(written(a_sheet(), Form.DOCX)))
    lines = [one.text for one in document.paragraphs]
    assert lines[0] == "Chamadas recebidas por hora"
    assert "fila: p156_geral" in lines
    assert NOTE in lines
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[0][0] == "Hora"
    assert cells[1][:6] == [
        *("25/11/2026 12:00:00", "p156_geral", "1.000", "12,2", "85,0 %", "R$ 1.234,50"),
    ]
    assert cells[-1][0] == "Total"
    text = odfdo.Document(written(a_sheet(), Form.ODT))
    (table,) = text.body.tables
    assert [cell.inner_text.strip() for cell in table.rows[1].cells][:5] == cells[1][:5]
    assert NOTE in text.get_formatted_text()


@pytest.mark.parametrize("form", [Form.DOCX, Form.ODT])
def test_documents_have_their_chart_with_its_figures(form: Form, written: Any) -> None:
    found = dict(parts(written(a_sheet(), form)))
    if form is Form.DOCX:
        figures = found["word/charts/chart1.xml"].findall(f".//{CHART_SPACE}numLit")
        assert next(one.text for one in figures[0].iter(f"{CHART_SPACE}v")) == "1000"
    else:
        own = found["Object 1/content.xml"].find(".//{*}chart/{*}table")
        assert "1000" in [value for cell in own.iter() for value in cell.attrib.values()]


def test_the_chart_of_a_text_has_plain_numbers_of_its_own(written: Any) -> None:
    """LibreOffice draws nothing from a share or an empty cell in a chart's own table."""
    chart = Chart(Drawn.LINES, "at", ("level",), "NS")
    found = dict(parts(written(replace(a_sheet(), chart=chart), Form.ODT)))
    own = found["Object 1/content.xml"].find(".//{*}chart/{*}table/{*}table-rows")
    office = f"{{{own.nsmap['office']}}}"
    cells = [row[1] for row in own]
    assert {cell.get(f"{office}value-type") for cell in cells} == {"float"}
    assert [cell.get(f"{office}value") for cell in cells] == ["0.85", "0.85", "NaN", "0.85", "0.85"]


# --- what means harm ---
def test_no_text_is_a_formula_in_csv(written: Any) -> None:
    rows = read_csv(written(hostile_sheet(), Form.CSV))
    assert len(rows) == len(HOSTILE) + 2
    for cell in (cell for row in rows for cell in row):
        inner = cell.strip()
        harmless = re.fullmatch(r"-?[\d.,]+%?", inner)
        assert harmless or not inner.startswith(tuple("=+-@|%＝＋－＠")), repr(cell)
        assert not cell.startswith(("\t", "\r", "\n")), repr(cell)
    texts = [row[0] for row in rows]
    assert "'+5511966660000" in texts
    assert "emoji 😀 e 👩‍🚒" in texts
    assert "uma;duas\"três'quatro" in texts


def test_no_text_is_a_formula_in_xlsx(written: Any) -> None:
    path = written(hostile_sheet(), Form.XLSX)
    page = openpyxl.load_workbook(path)["Dados"]
    for row in page.iter_rows():
        for cell in row:
            assert cell.data_type in ("s", "n", "inlineStr"), (cell.coordinate, cell.data_type)
            assert cell.hyperlink is None
    for name, part in parts(path):
        if "worksheets" in name:
            assert not part.findall(".//{*}f"), name
    texts = [cell.value for cell in page["A"]]
    for text in HOSTILE:
        assert text.replace("\r", "\n") in texts, repr(text)


def test_no_text_is_a_formula_in_ods(written: Any) -> None:
    path = written(hostile_sheet(), Form.ODS)
    content = dict(parts(path))["content.xml"]
    assert not content.xpath("//@*[local-name()='formula']")
    table = odfdo.Document(path).body.tables[0]
    cells = [row.cells[0] for row in table.rows]
    texts = ["\n".join(p.inner_text for p in cell.get_elements("text:p")) for cell in cells]
    for text in HOSTILE:
        assert text.replace("\r", "\n") in texts, repr(text)


@pytest.mark.parametrize("form", [Form.DOCX, Form.ODT])
def test_texts_come_back_from_documents(form: Form, written: Any) -> None:
    path = written(hostile_sheet(), form)
    if form is Form.DOCX:
        texts = [row.cells[0].text for row in docx.Document(str(path)).tables[0].rows]
    else:
        (table,) = odfdo.Document(path).body.tables
        cells = [row.cells[0] for row in table.rows]
        texts = ["\n".join(p.inner_text for p in cell.get_elements("text:p")) for cell in cells]
    for text in HOSTILE:
        assert text.replace("\r", "\n") in texts, repr(text)


@pytest.mark.parametrize("form", list(Form))
def test_long_and_odd_texts_are_written_and_opened(form: Form, written: Any) -> None:
    rows = ({"t": "😀" * 32_768}, {"t": "x\x00\x1b\ud83d"}, {"t": None}, {}, {"t": 5, "u": 1})
    sheet = Sheet("longo", "Longo", (Column("t", "T"),), rows)
    path = written(sheet, form)
    if form in PACKAGES:
        assert list(parts(path))
    if form is Form.XLSX:
        longest = max(len(str(cell.value)) for cell in openpyxl.load_workbook(path)["Dados"]["A"])
        assert CELL_CHARACTERS // 2 - 2 <= longest <= CELL_CHARACTERS


@pytest.mark.parametrize("form", list(Form))
def test_an_empty_sheet_is_a_file_too(form: Form, written: Any) -> None:
    columns = (Column("a", "A"), Column("n", "N", Shape.COUNT))
    chart = Chart(Drawn.BARS, "a", ("n",))
    path = written(Sheet("vazio", "Vazio", columns, (), chart=chart), form)
    bare = written(Sheet("nada", "Nada", (), ()), form)
    if form in PACKAGES:
        assert list(parts(path))
        assert list(parts(bare))


# --- what is long ---
def test_a_long_sheet_is_whole_in_spreadsheets_and_cut_in_texts(written: Any) -> None:
    rows = tuple({"n": number, "t": f"linha {number}"} for number in range(DOCUMENT_ROWS + 50))
    columns = (Column("t", "Texto"), Column("n", "Número", Shape.COUNT))
    sheet = Sheet("longa", "Longa", columns, rows, chart=Chart(Drawn.LINES, "t", ("n",)))
    page = openpyxl.load_workbook(written(sheet, Form.XLSX), read_only=True)["Dados"]
    numbers = [row[1] for row in page.iter_rows(values_only=True) if len(row) > 1]
    assert [one for one in numbers if isinstance(one, int)] == list(range(len(rows)))
    content = dict(parts(written(sheet, Form.ODS)))
    assert len(content["content.xml"].findall(".//{*}table-row")) > len(rows)
    points = content["Object 1/content.xml"].find(".//{*}data-point")
    assert f"{CHART_POINTS}" in points.attrib.values()
    document = docx.Document(str(written(sheet, Form.DOCX)))
    assert len(document.tables[0]._tbl.tr_lst) == DOCUMENT_ROWS + 1
    assert "planilha traz todas" in document.paragraphs[-1].text
