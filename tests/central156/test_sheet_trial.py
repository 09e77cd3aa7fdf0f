"""A spreadsheet that would be the end of whoever opens it is refused in a sentence; what a city's
office sends is read; a text for the API that is a packed file is no text."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from central156.cli.campaign_words import bytes_of
from central156.sheet_trial import proved
from reader.contact_list import ContactList, Mapped
from reader.contact_sheets import ListUnreadable, as_text


def _sheet(*cells: tuple[int, int, str], more: str = "") -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet("Lista")
        for line, column, value in cells:
            page.write(line, column, value)
        if more:
            other = book.add_worksheet(more)
            other.write(0, 0, "telefone")
            other.write(1_048_575, 16_383, "x")
    return file.getvalue()


LIST = ((0, 0, "telefone"), (1, 0, "1139874561"))


def test_a_list_is_read_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "lista.xlsx"
    file.write_bytes(_sheet(*LIST, more="Outra"))
    assert [one.number for one in ContactList(bytes_of(file), Mapped())] == ["1139874561"]
    assert proved(b"telefone\n1139874561\n") == b"telefone\n1139874561\n"


@pytest.mark.parametrize(
    ("content", "sheet", "told"),
    [
        (_sheet(*LIST, (1_048_575, 16_383, "x")), "", "grave-a como CSV"),
        (_sheet(*LIST, more="Outra"), "Outra", "grave-a como CSV"),
        (_sheet(*LIST), "Nenhuma", "não há a planilha 'Nenhuma'"),
        (b"PK\x03\x04 nothing", "", "danificada"),
    ],
)
def test_what_would_end_its_reader_is_refused(content: bytes, sheet: str, told: str) -> None:
    with pytest.raises(ListUnreadable, match=told):
        proved(content, sheet)


def test_a_text_is_no_packed_file() -> None:
    """Stored and not compressed, a packed file can be a text of plain letters."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("a", "b")
    with pytest.raises(ListUnreadable, match="como texto"):
        as_text(file.getvalue().decode("utf-8", "surrogateescape"))
    assert as_text("telefone\n") == b"telefone\n"


def test_the_command_says_so(tmp_path: Path) -> None:
    from central156.cli.campaign import check

    file = tmp_path / "lista.xlsx"
    file.write_bytes(_sheet(*LIST, (1_048_575, 16_383, "x")))
    campaign = tmp_path / "pesquisa.yaml"
    campaign.write_text(
        "campanha: pesquisa\ntipo: pesquisa\norgao: X\nassunto: Y\nfila: p156_geral\n"
        "mostra: 1131560156\nrotas: [principal]\n"
    )
    done = CliRunner().invoke(check, [str(campaign), str(file)], obj=None)
    assert done.exit_code == 1, done.output
    assert "grave-a como CSV" in done.output
