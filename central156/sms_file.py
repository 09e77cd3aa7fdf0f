"""A text file of messages: CSV with a head line, every mistake by its line (3.11: text-file input).

    numero;texto;id                          or, with one text for all:  numero;nome;dia
    11 98765-4321;Consulta amanhã;A-17                                   11 98765-4321;Ana;5/12

`;`, `,` or a tab between columns; UTF-8 or Windows' own letters. A text for all has the columns'
names in braces: `Olá, {nome}: sua consulta é dia {dia}.`
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from protocol_store.sms_rows import NewText
from sms import alphabet
from sms.numbers import mobile
from terms.limits import SMS_FILE_BYTES, SMS_FILE_ROWS, SMS_REF_CHARACTERS

NUMBER: Final = ("numero", "número", "telefone", "celular")
TEXT: Final = ("texto", "mensagem")
REF: Final = ("id", "identificador", "codigo", "código")
_FIELD: Final = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a line, in Portuguese, without anybody's data."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class SmsFile:
    """What was read. `line` of a text is its `place`."""

    texts: tuple[NewText, ...]
    mistakes: tuple[Mistake, ...]


def decoded(content: bytes) -> str:
    """The file's text. ValueError, in Portuguese, for one that is too big."""
    if len(content) > SMS_FILE_BYTES:
        raise ValueError(f"o arquivo passa de {SMS_FILE_BYTES // 1024 // 1024} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read(text: str, template: str = "", area: str = "", plain: bool = False) -> SmsFile:
    """The messages of a file. `template`: one text for all; `plain`: take accents off.

    ValueError, in Portuguese, for a file that is none at all."""
    rows = _rows(text)
    head = [name.strip().lower() for name in next(rows, (0, []))[1]]
    number, words, ref = (_column(head, names) for names in (NUMBER, TEXT, REF))
    if number is None:
        raise ValueError("falta a coluna numero no cabeçalho (ex.: numero;texto;id)")
    if words is None and not template:
        raise ValueError("falta a coluna texto no cabeçalho, ou um texto para todos")
    if missing := sorted(set(_FIELD.findall(template)) - set(head)):
        raise ValueError(f"o texto pede colunas que não há: {', '.join(missing)}")
    texts: list[NewText] = []
    mistakes: list[Mistake] = []
    seen: set[tuple[str, str]] = set()
    for line, cells in rows:
        if len(seen) >= SMS_FILE_ROWS:
            raise ValueError(f"são mais de {SMS_FILE_ROWS} mensagens; divida o arquivo")
        values = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        one = _message(line, values, template, area, plain, head, (number, words, ref))
        if isinstance(one, NewText) and (one.number, one.text) in seen:
            one = Mistake(line, "o mesmo texto para o mesmo número de uma linha anterior")
        if isinstance(one, Mistake):
            mistakes.append(one)
        else:
            seen.add((one.number, one.text))
            texts.append(one)
    return SmsFile(tuple(texts), tuple(mistakes))


def checked(number: str, text: str, area: str, plain: bool) -> tuple[str, str]:
    """A mobile's digits and the text as it goes out. ValueError, in Portuguese."""
    digits = mobile(number, area)
    if not digits:
        raise ValueError("não é um celular do Brasil com DDD")
    if plain:
        text = alphabet.without_accents(text)
    alphabet.write(text)
    return digits, text


def _message(
    line: int,
    values: Mapping[str, str],
    template: str,
    area: str,
    plain: bool,
    head: list[str],
    columns: tuple[int | None, ...],
) -> NewText | Mistake:
    number, words, ref = (None if one is None else values.get(head[one], "") for one in columns)
    text = _FIELD.sub(lambda name: values.get(name[1], ""), template) if template else words or ""
    if len(ref or "") > SMS_REF_CHARACTERS:
        return Mistake(line, f"o id tem mais de {SMS_REF_CHARACTERS} caracteres")
    try:
        digits, text = checked(number or "", text, area, plain)
    except ValueError as wrong:
        return Mistake(line, str(wrong))
    return NewText(line, digits, text, ref or "")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    between = max(";\t,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error:
        raise ValueError(f"linha {reader.line_num}: aspas que não fecham") from None


def _column(head: list[str], names: tuple[str, ...]) -> int | None:
    return next((place for place, name in enumerate(head) if name in names), None)
