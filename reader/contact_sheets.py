"""The files of contact lists → rows of texts with their line: CSV of any usual encoding and
separator, and spreadsheets (XLSX, XLS, ODS).

A spreadsheet is read by python-calamine: 12 times as fast as openpyxl's read-only mode (0.2 s and
2.1 s for 100,000 rows of three columns), expands no XML entities, and reads what LibreOffice and
old Excel save too.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from terms.limits import (
    CONTACT_COLUMNS,
    CONTACT_LIST_BYTES,
    CONTACT_SHEET_BYTES,
)

SEPARATORS: Final = {";": "ponto e vírgula", ",": "vírgula", "\t": "tabulação", "|": "barra"}
SEPARATOR_TOLD: Final = "sep="
"""Excel's own first line, which says the separator."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SAMPLE: Final = 64 * 1024
_ALIKE: Final = 0.3
"""Every second byte of plain UTF-16 is zero; names with accents keep far more than this share."""

Row = tuple[int, list[str]]
"""A row's line in its file, from 1, and its cells."""


class ListUnreadable(Exception):
    """No row of the file can be read; says why, in Portuguese."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file has. `kind`: how it was understood, for people to check. `others`: a
    spreadsheet's other sheets, where nobody said which one is meant."""

    kind: str
    rows: Iterator[Row]
    others: tuple[str, ...] = ()


def rows_of(content: bytes, sheet: str = "") -> Rows:
    """The rows of a file, empty ones left out; `sheet`: which one of a spreadsheet ('' = the
    first). ListUnreadable at once, or when the rows come to what cannot be read."""
    if len(content) > CONTACT_LIST_BYTES:
        raise ListUnreadable(f"o arquivo passa de {CONTACT_LIST_BYTES // 1024**2} MiB; divida-o")
    if not content.strip():
        raise ListUnreadable("o arquivo está vazio")
    if is_spreadsheet(content):
        return _spreadsheet(content, sheet)
    return _separated(content)


def is_spreadsheet(content: bytes) -> bool:
    """Whether this is no text."""
    return content.startswith((_ZIP, _OLE))


def as_text(written: str) -> bytes:
    """A list that was handed in as text. ListUnreadable for a spreadsheet: what is packed can be
    anything once it is unpacked, and whoever takes texts has calls to answer."""
    content = written.encode("utf-8", "surrogateescape")
    if is_spreadsheet(content):
        raise ListUnreadable("mande a lista como texto (CSV); planilhas, pela linha de comando")
    return content


# --- CSV ---
def decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding.

    A byte-order mark is believed. Without one, UTF-8 if it is that or nearly (a few broken letters
    are told by their lines), since other encodings hardly ever look like it; else Windows-1252.
    """
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", "surrogateescape"), "UTF-8"
    for mark, encoding in _UTF_16.items():
        if content.startswith(mark):
            return content[2:].decode(encoding, "replace"), "UTF-16"
    sample = content[:_SAMPLE]
    for zeros, encoding in ((sample[1::2], "utf-16-le"), (sample[::2], "utf-16-be")):
        if zeros and zeros.count(0) > _ALIKE * len(zeros):
            return content.decode(encoding, "replace"), "UTF-16"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        text = content.decode("utf-8", "surrogateescape")
    bad = sum("\udc80" <= sign <= "\udcff" for sign in text)
    good = sum(sign > "\x7f" for sign in text) - bad
    if good > bad:
        return text, "UTF-8"
    # Five bytes mean nothing in Windows-1252; Latin-1 knows them as control characters.
    return content.decode("cp1252", "surrogateescape"), "Windows-1252"


def _separated(content: bytes) -> Rows:
    text, encoding = decoded(content)
    first, _, rest = text.partition("\n")
    told = first.strip().casefold()
    skipped = 0
    if told.startswith(SEPARATOR_TOLD) and len(told) == len(SEPARATOR_TOLD) + 1:
        separator, text, skipped = told[-1], rest, 1
    elif told == SEPARATOR_TOLD:  # a tab, which strip() took
        separator, text, skipped = "\t", rest, 1
    else:
        separator = _separator_of(text)
    kind = f"CSV, {encoding}, separado por {SEPARATORS.get(separator, separator)}"
    return Rows(kind, _lines(text, separator, skipped))


def _separator_of(text: str) -> str:
    """What stands most often in the first row, outside of quotes; `;` for a file of one column."""
    start = text.lstrip()[:_SAMPLE]
    counts = dict.fromkeys(SEPARATORS, 0)
    quoted = False
    for sign in start:
        if sign == '"':
            quoted = not quoted
        elif sign in "\r\n" and not quoted:
            break
        elif sign in counts and not quoted:
            counts[sign] += 1
    return max(counts, key=lambda one: counts[one])


def _lines(text: str, separator: str, skipped: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line = 1 + skipped
    try:
        for cells in reader:
            if len(cells) > CONTACT_COLUMNS:
                raise ListUnreadable(f"linha {line}: há mais de {CONTACT_COLUMNS} colunas")
            if any(cells):
                yield line, cells
            line = reader.line_num + 1 + skipped
    except csv.Error:
        raise ListUnreadable(
            f"linha {line}: há aspas que não se fecham, ou um texto sem fim"
        ) from None


# --- spreadsheets ---
def _spreadsheet(content: bytes, sheet: str) -> Rows:
    if content.startswith(_ZIP) and _unpacked(content) > CONTACT_SHEET_BYTES:
        raise ListUnreadable("a planilha é grande demais; grave-a como CSV, ou divida-a")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if sheet and sheet not in names:
            raise ListUnreadable(f"não há a planilha '{sheet}' no arquivo; há {', '.join(names)}")
        found = book.get_sheet_by_name(sheet or names[0])
    except (CalamineError, ValueError, IndexError, OSError) as wrong:
        raise ListUnreadable(
            "o arquivo parece uma planilha, mas não pode ser lido: está danificado, tem senha, "
            "ou não é XLSX, XLS ou ODS"
        ) from wrong
    if found.start is None:
        raise ListUnreadable(f"não há nada na planilha '{found.name}'")
    others = () if sheet else tuple(name for name in names if name != found.name)
    return Rows(f"planilha '{found.name}'", _cells(found), others)


def _unpacked(content: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile:
        raise ListUnreadable("a planilha está danificada") from None


def _cells(sheet: Any) -> Iterator[Row]:
    if sheet.width > CONTACT_COLUMNS:
        raise ListUnreadable(f"há mais de {CONTACT_COLUMNS} colunas")
    for line, cells in enumerate(sheet.iter_rows(), 1):
        row = [cell if isinstance(cell, str) else _text(cell) for cell in cells]
        if any(row):
            yield line, row


def _text(cell: object) -> str:
    """What a cell that is no text shows."""
    match cell:
        case bool():
            return "sim" if cell else "não"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case float():
            return repr(cell).replace(".", ",")
        case datetime() if cell.time() == time():
            return f"{cell:%d/%m/%Y}"
        case datetime():
            return f"{cell:%d/%m/%Y %H:%M}"
        case date():
            return f"{cell:%d/%m/%Y}"
        case time():
            return f"{cell:%H:%M}"
        case timedelta():
            return str(cell)
        case None:
            return ""
    return str(cell)
