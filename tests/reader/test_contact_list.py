"""Contact lists in every usual dress: the same contacts, and every wrong row with its line."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from odfdo import Document, Table

from reader import contact_sheets
from reader.contact_list import ContactList, Listed, Mapped
from reader.contact_sheets import ListUnreadable, decoded, rows_of

FIELDS = Mapped(fields={"nome": "Nome do cidadão", "caso": "Nº"})
ROWS = [
    ["Nome do cidadão", "Celular", "Nº"],
    ["José Avilés", "(11) 91234-5678", "0012"],
    ["Conceição", "11 3333-4444", ""],
]
CONTACTS = [
    Listed(2, "11912345678", {"nome": "José Avilés", "caso": "0012"}),
    Listed(3, "1133334444", {"nome": "Conceição"}),
]


def text(separator: str = ";", ending: str = "\r\n") -> str:
    return ending.join(separator.join(row) for row in ROWS) + ending


def xlsx(rows: list[list[object]] | None = None, sheet: str = "Lista") -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet(sheet)
        for line, row in enumerate(rows or ROWS):
            for column, value in enumerate(row):
                page.write(line, column, value)
    return file.getvalue()


def ods() -> bytes:
    document = Document("ods")
    document.body.clear()
    table = Table("Lista")
    table.set_values(ROWS)
    document.body.append(table)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (text().encode(), "CSV, UTF-8, separado por ponto e vírgula"),
        (text().encode("utf-8-sig"), "CSV, UTF-8, separado por ponto e vírgula"),
        (text().encode("cp1252"), "CSV, Windows-1252, separado por ponto e vírgula"),
        (text().encode("latin-1"), "CSV, Windows-1252, separado por ponto e vírgula"),
        (text("\t").encode("utf-16"), "CSV, UTF-16, separado por tabulação"),
        (text("\t").encode("utf-16-le"), "CSV, UTF-16, separado por tabulação"),
        (text("\t").encode("utf-16-be"), "CSV, UTF-16, separado por tabulação"),
        (text(",", "\n").encode(), "CSV, UTF-8, separado por vírgula"),
        (text("\t", "\r").encode(), "CSV, UTF-8, separado por tabulação"),
        (text("|").encode(), "CSV, UTF-8, separado por barra"),
        (xlsx(), "planilha 'Lista'"),
        (ods(), "planilha 'Lista'"),
    ],
)
def test_the_same_contacts_in_every_dress(content: bytes, kind: str) -> None:
    listed = ContactList(content, FIELDS)
    assert list(listed) == CONTACTS
    assert listed.kind == kind
    assert (listed.read, listed.wrong, listed.mistakes) == (2, 0, [])
    assert listed.columns == {"Celular": "telefone", "Nome do cidadão": "nome", "Nº": "caso"}


def test_excels_own_first_line_and_quotes() -> None:
    content = 'sep=,\r\n"Celular","Nome do cidadão","Nº"\r\n11 91234-5678,"Silva, Ana\nMaria",1\r\n'
    (one,) = ContactList(content.encode(), FIELDS)
    assert one == Listed(3, "11912345678", {"nome": "Silva, Ana Maria", "caso": "1"})


def test_every_wrong_row_is_told_and_the_others_are_read() -> None:
    rows = ["telefone;ddd", "91234-5678;11", ";", "91234-567;11", "91234-5678;(11)", "",
            "(21) 91234-5678;11", "3333-4444", "abc;11", ";11"]  # fmt: skip
    listed = ContactList("\n".join(rows).encode(), Mapped())
    assert [(one.line, one.number) for one in listed] == [(2, "11912345678"), (7, "21912345678")]
    assert list(map(str, listed.mistakes)) == [
        "linha 4, coluna 'telefone': falta um algarismo (o nono, se for celular)",
        "linha 5: o mesmo número da linha 2",
        "linha 8, coluna 'telefone': falta o DDD",
        "linha 9, coluna 'telefone': há letras no número",
        "linha 10, coluna 'telefone': falta o telefone",
    ]  # fmt: skip
    assert (listed.wrong, listed.repeated, listed.read) == (5, 1, 2)


def test_a_spreadsheets_numbers_are_digits() -> None:
    rows: list[list[object]] = [["telefone", "valor", "vip"], [11912345678, 1.5, True], [None] * 3,
                                ["1133334444", 3, False]]  # fmt: skip
    mapped = Mapped(fields={"valor": "valor", "vip": "vip"})
    assert list(ContactList(xlsx(rows), mapped)) == [
        Listed(2, "11912345678", {"valor": "1,5", "vip": "sim"}),
        Listed(4, "1133334444", {"valor": "3", "vip": "não"}),
    ]


def test_a_few_broken_letters_are_told_by_their_line() -> None:
    content = "telefone;nome\n11912345678;José\n".encode() + b"1133334444;Jos\xe9 Concei\xe7\n"
    content += "1133334445;Ação, coração, não\n".encode()
    listed = ContactList(content, Mapped(fields={"nome": "nome"}))
    assert len(list(listed)) == 3
    assert [str(one) for one in listed.mistakes] == [
        "linha 3, coluna 'nome': há letras quebradas; ficam em branco"
    ]


def test_a_cover_before_the_list_is_told() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("Capa").write(0, 0, "Pacientes de novembro")
        book.add_worksheet("Lista").write_row(0, 0, ["Celular"])
    with pytest.raises(ListUnreadable) as told:
        ContactList(file.getvalue(), Mapped("Celular"))
    assert "Leu-se a planilha 'Capa'; para outra, diga `planilha` em `lista` (há Lista)" in str(
        told.value
    )
    assert list(ContactList(file.getvalue(), Mapped("Celular", sheet="Lista"))) == []


def damaged() -> bytes:
    return xlsx()[:-300]


@pytest.mark.parametrize(
    ("content", "mapped", "told"),
    [
        (b"", Mapped(), "está vazio"),
        (b"\xef\xbb\xbf", Mapped(), "está vazio"),
        (b"11912345678;Ana\n", Mapped(), "falta a primeira linha com os nomes"),
        (b"nome;idade\nAna;3\n", Mapped(), "nenhuma coluna é o telefone"),
        (b"celular;fone\n1;2\n", Mapped(), "mais de uma coluna que pode ser o telefone"),
        (b"tele;nome\n", Mapped("Telefone"), "não há a coluna 'Telefone'; há tele, nome"),
        (b"nome;nome;fone\n", Mapped(fields={"n": "Nome"}), "há mais de uma coluna 'Nome'"),
        (xlsx(), Mapped(sheet="Outra"), "não há a planilha 'Outra'"),
        (damaged(), Mapped(), "danificad"),
        (b"\xd0\xcf\x11\xe0 nothing", Mapped(), "parece uma planilha"),
    ],
)
def test_what_is_no_list_says_why(content: bytes, mapped: Mapped, told: str) -> None:
    with pytest.raises(ListUnreadable, match=told):
        list(ContactList(content, mapped))


def test_a_spreadsheet_that_unpacks_for_ever_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_sheets, "CONTACT_SHEET_BYTES", 1_000)
    with pytest.raises(ListUnreadable, match="grande demais"):
        ContactList(xlsx(), FIELDS)


def test_quotes_without_an_end() -> None:
    content = b'telefone;nome\n11912345678;"' + b"x" * 200_000
    with pytest.raises(ListUnreadable, match="linha 2: há aspas que não se fecham"):
        list(ContactList(content, Mapped()))


@pytest.mark.parametrize(
    "make", [lambda one: one.encode("utf-8"), lambda one: one.encode("cp1252")]
)
@given(st.text("áéíóúãõçÁÉÍÓÚÃÕÇ abcdefz;\n", min_size=1))
def test_portuguese_is_read_as_it_was_written(make: Callable[[str], bytes], written: str) -> None:
    assert decoded(make(written))[0] == written


@given(st.binary(max_size=300))
def test_no_bytes_break_it(content: bytes) -> None:
    with contextlib.suppress(ListUnreadable):
        list(ContactList(content, Mapped()))
    with contextlib.suppress(ListUnreadable):
        list(rows_of(content).rows)
