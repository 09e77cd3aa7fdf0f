"""A campaign's contact list: which column is what, each row's number and fields, and every row
that cannot be called, with its line and why.

The rows come one after the other, so that a list of a million is never in memory as a whole; what
is kept is a number's first line, by which the second is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ivr.checker import nearest
from reader.contact_sheets import ListUnreadable, Row, Rows, rows_of
from reader.forms import shown
from reader.phone_numbers import EMPTY, Phones
from terms.limits import (
    CONTACT_FIELD_CHARACTERS,
    CONTACT_MISTAKES_SHOWN,
    CONTACTS_OF_A_LIST,
)

PHONE_COLUMNS: Final = frozenset(
    {"telefone", "celular", "fone", "tel", "numero", "numero_de_telefone", "numero_do_telefone"}
    | {"telefone_celular", "telefone_com_ddd", "celular_com_ddd", "whatsapp", "msisdn", "phone"}
)
AREA_COLUMNS: Final = frozenset(["ddd", "codigo_de_area", "area"])
"""What columns are usually called, as `plain` writes it."""

_OTHERS: Final = 5
"""Sheets of a spreadsheet that a mistake names."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which column is what, by the names in the file's first row; '' = found by its usual name.
    `fields`: name inside → column, kept for the agent; nothing else of a list is kept. `area`: the
    column of the DDD; `default_area`: the DDD of numbers that have none. `sheet`: which one."""

    phone: str = ""
    area: str = ""
    default_area: str = ""
    sheet: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


class Listed(NamedTuple):
    """A row that can be called: its line, national digits, and fields."""

    line: int
    number: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class ListMistake:
    """A row that is left out; no telephone is in the message."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f", coluna '{shown(self.column)}'" if self.column else ""
        return f"linha {self.line}{where}: {self.message}"


class ContactList:
    """A list being read: iterate over it once, then ask what was wrong.

    Raises ListUnreadable, in Portuguese, for a file that is no list, or whose columns cannot be
    told; before any row, or when what follows cannot be read.
    """

    def __init__(self, content: bytes, mapped: Mapped) -> None:
        found = rows_of(content, mapped.sheet)
        self.kind = found.kind
        """How the file was understood."""
        self.mistakes: list[ListMistake] = []
        """The first of them …"""
        self.wrong = 0
        """… and how many there are."""
        self.repeated = 0
        """Rows left out since their number stood above; they are among the mistakes."""
        self.read = 0
        """Rows that are contacts."""
        self._rows = found.rows
        self._phones = Phones(mapped.default_area)
        try:
            self._columns = _columns(_header(self._rows), mapped)
        except ListUnreadable as wrong:
            raise ListUnreadable(f"{wrong}{_elsewhere(found)}") from None
        self._first: dict[int, int] = {}

    @property
    def columns(self) -> Mapping[str, str]:
        """What each column that is used was taken for, by its name in the file."""
        taken = {self._columns.names[self._columns.phone]: "telefone"}
        if self._columns.area is not None:
            taken[self._columns.names[self._columns.area]] = "ddd"
        return taken | {self._columns.names[at]: name for name, at in self._columns.fields}

    def __iter__(self) -> Iterator[Listed]:
        columns, first, national = self._columns, self._first, self._phones.national
        for line, cells in self._rows:
            if len(cells) <= columns.last:
                if not any(cell.strip() for cell in cells):
                    continue
                cells = [*cells, *[""] * (columns.last + 1 - len(cells))]
            written = cells[columns.phone]
            if columns.area is not None and written.strip():
                written = _with_area(cells[columns.area], written)
            number, why = national(written)
            if why:
                if why != EMPTY or any(cell.strip() for cell in cells):
                    self._note(line, columns.names[columns.phone], why)
                continue
            before = first.setdefault(int(number), line)
            if before != line:
                self.repeated += 1
                self._note(line, "", f"o mesmo número da linha {before}")
                continue
            fields = {name: value for name, at in columns.fields if (value := cells[at])}
            if fields:
                self._tidy(line, fields)
            self.read += 1
            if self.read > CONTACTS_OF_A_LIST:
                raise ListUnreadable(f"há mais de {CONTACTS_OF_A_LIST} contatos; divida a lista")
            yield Listed(line, number, fields)

    def _tidy(self, line: int, fields: dict[str, str]) -> None:
        for name, value in fields.items():
            if len(value) <= CONTACT_FIELD_CHARACTERS and value.isprintable():
                fields[name] = value.strip()
                continue
            broken = any("\ud800" <= sign <= "\udfff" for sign in value)
            clean = "".join(one if one.isprintable() else " " for one in value)
            fields[name] = " ".join(clean.split())[:CONTACT_FIELD_CHARACTERS]
            if broken:
                self._note(line, self._columns.shown(name), "há letras quebradas; ficam em branco")
            elif len(clean) > CONTACT_FIELD_CHARACTERS:
                said = f"o texto passa de {CONTACT_FIELD_CHARACTERS} letras; foi cortado"
                self._note(line, self._columns.shown(name), said)

    def _note(self, line: int, column: str, message: str) -> None:
        self.wrong += 1
        if len(self.mistakes) < CONTACT_MISTAKES_SHOWN:
            self.mistakes.append(ListMistake(line, column, message))


# --- columns ---
@dataclass(frozen=True, slots=True)
class _Columns:
    names: Sequence[str]
    phone: int
    area: int | None
    fields: Sequence[tuple[str, int]]

    @property
    def last(self) -> int:
        """The last column that is needed."""
        return max(self.phone, self.area or 0, *(at for _, at in self.fields), 0)

    def shown(self, field_name: str) -> str:
        """The column of a field, as the file calls it."""
        return next(self.names[at] for name, at in self.fields if name == field_name)


def plain(name: str) -> str:
    """A column's name without accents, signs and capitals: `Nº do Celular` → `n_do_celular`."""
    bare = "".join(
        sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign)
    )
    return "_".join(re.findall(r"[a-z0-9]+", bare.casefold()))


def _header(rows: Iterator[Row]) -> list[str]:
    for _, cells in rows:
        names = [" ".join(cell.split()) for cell in cells]
        if any(Phones("11").national(name)[0] for name in names):
            raise ListUnreadable(
                "falta a primeira linha com os nomes das colunas (por exemplo: telefone;nome)"
            )
        return names
    raise ListUnreadable("o arquivo está vazio")


def _columns(names: list[str], mapped: Mapped) -> _Columns:
    """Where each column is. ListUnreadable with all that cannot be told."""
    wrong: list[str] = []
    phone = _named(names, mapped.phone, wrong) if mapped.phone else None
    if not mapped.phone:
        phone = _usual(names, PHONE_COLUMNS, "telefone", wrong, needed=True)
    area = _named(names, mapped.area, wrong) if mapped.area else None
    if not mapped.area:
        area = _usual(names, AREA_COLUMNS, "ddd", wrong, needed=False)
    fields = [(name, _named(names, column, wrong)) for name, column in mapped.fields.items()]
    if wrong or phone is None:
        raise ListUnreadable("; ".join(wrong))
    return _Columns(names, phone, area, [(name, at) for name, at in fields if at is not None])


def _elsewhere(found: Rows) -> str:
    """Where the columns may be, when they are not on the sheet that was read."""
    if not found.others:
        return ""
    others = ", ".join(map(shown, found.others[:_OTHERS]))
    return f". Leu-se a {found.kind}; para outra, diga `planilha` em `lista` (há {others})"


def _named(names: list[str], wanted: str, wrong: list[str]) -> int | None:
    at = [number for number, name in enumerate(names) if plain(name) == plain(wanted)]
    if len(at) == 1:
        return at[0]
    if at:
        exact = [number for number in at if names[number] == wanted]
        if len(exact) == 1:
            return exact[0]
        wrong.append(f"há mais de uma coluna '{shown(wanted)}'")
        return None
    there = [name for name in names if name]
    hint = nearest(wanted, there) or f"; há {', '.join(map(shown, there))}"
    wrong.append(f"não há a coluna '{shown(wanted)}'{hint}")
    return None


def _usual(
    names: list[str], usual: frozenset[str], what: str, wrong: list[str], *, needed: bool
) -> int | None:
    at = [number for number, name in enumerate(names) if plain(name) in usual]
    if len(at) == 1 or (len(at) > 1 and not needed):
        return at[0] if len(at) == 1 else None
    if at:
        found = ", ".join(shown(names[number]) for number in at)
        wrong.append(
            f"há mais de uma coluna que pode ser o {what} ({found}): diga qual na campanha"
        )
    elif needed:
        there = ", ".join(shown(name) for name in names if name)
        wrong.append(f"nenhuma coluna é o {what} (há {there}): diga qual na campanha")
    return None


def _with_area(area: str, written: str) -> str:
    """A number and its DDD, which stand in two columns. A number that has its own keeps it."""
    digits = sum(sign.isdigit() for sign in written)
    bare = area.strip().strip("()").removesuffix(".0").removesuffix(",00").lstrip("0")
    return f"{bare}{written}" if bare and digits <= 9 else written
