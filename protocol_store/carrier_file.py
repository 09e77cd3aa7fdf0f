"""The carrier's own file of calls that it had for us and could not deliver (INR, R75).

A CSV with one row for a day and a number, with `;` or `,` between the columns:

    dia;numero;ofertadas;entregues;ocupado;nao_atende;falha
    01/11/2026;156;20150;19871;120;98;61

`dia` is 01/11/2026 or 2026-11-01; `numero` is one of the city's. ofertadas = entregues + ocupado +
nao_atende + falha, or the row is wrong. All mistakes are told at once, each with its line; a file
with any is not taken at all. A day told again replaces what was told of it before.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from terms.limits import CARRIER_FILE_BYTES, CARRIER_FILE_ROWS, CARRIER_MISTAKES_SHOWN
from terms.names import LINES

COLUMNS: Final = ("dia", "numero", "ofertadas", "entregues", "ocupado", "nao_atende", "falha")
NUMBERS: Final = {**{line: line for line in LINES}, "08000110156": "156"}
"""The numbers that a carrier may dial, and whose line each is (asterisk-conf/extensions.conf)."""

_DAYS: Final = (
    re.compile(r"(?P<d>\d{2})/(?P<m>\d{2})/(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
)
_COUNT: Final = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class CarrierDay:
    """What the carrier says of one day and number."""

    day: date
    number: str
    line: str
    offered: int
    busy: int
    no_answer: int
    failed: int

    def plain(self) -> dict[str, Any]:
        """As a fact has it."""
        return {
            "day": self.day.isoformat(),
            "number": self.number,
            "line": self.line,
            "offered": self.offered,
            "busy": self.busy,
            "no_answer": self.no_answer,
            "failed": self.failed,
        }


class CarrierMistakes(ValueError):
    """The file cannot be taken; `mistakes` are Portuguese, each with its line."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_carrier_file(content: bytes) -> tuple[CarrierDay, ...]:
    """The days of a file. Raises CarrierMistakes with all that is wrong in it."""
    if len(content) > CARRIER_FILE_BYTES:
        raise CarrierMistakes([f"o arquivo passa de {CARRIER_FILE_BYTES // 1024 // 1024} MiB"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise CarrierMistakes([f"linha {line}: isto não é texto em UTF-8"]) from None
    lines = text.splitlines()
    if not lines or not lines[0].strip():
        raise CarrierMistakes([f"linha 1: falta o cabeçalho: {';'.join(COLUMNS)}"])
    if len(lines) - 1 > CARRIER_FILE_ROWS:
        raise CarrierMistakes([f"são {len(lines) - 1} linhas; no máximo {CARRIER_FILE_ROWS}"])
    between = ";" if ";" in lines[0] else ","
    header = [name.strip().lower() for name in lines[0].split(between)]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise CarrierMistakes([f"linha 1: falta no cabeçalho: {', '.join(missing)}"])
    return _rows(lines[1:], header, between)


def _rows(lines: list[str], header: list[str], between: str) -> tuple[CarrierDay, ...]:
    found: list[CarrierDay] = []
    mistakes: list[str] = []
    seen: dict[tuple[date, str], int] = {}
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=between))]
        if len(cells) != len(header):
            mistakes.append(f"linha {number}: {len(cells)} colunas; o cabeçalho tem {len(header)}")
            continue
        wrong: list[str] = []
        row = _row(dict(zip(header, cells, strict=True)), wrong)
        if row is not None:
            first = seen.setdefault((row.day, row.number), number)
            if first != number:
                wrong.append(f"o dia e o número são os da linha {first}")
            found.append(row)
        mistakes += [f"linha {number}: {one}" for one in wrong]
    if not found and not mistakes:
        mistakes.append("não há nenhuma linha de dados")
    if len(mistakes) > CARRIER_MISTAKES_SHOWN:
        more = len(mistakes) - CARRIER_MISTAKES_SHOWN
        mistakes = [*mistakes[:CARRIER_MISTAKES_SHOWN], f"… e mais {more} erros"]
    if mistakes:
        raise CarrierMistakes(mistakes)
    return tuple(found)


def _row(cells: dict[str, str], wrong: list[str]) -> CarrierDay | None:
    day = _day(cells["dia"])
    if day is None:
        wrong.append(f"dia inválido '{cells['dia'][:20]}'; esperava-se 01/11/2026 ou 2026-11-01")
    line = NUMBERS.get(cells["numero"])
    if line is None:
        known = ", ".join(NUMBERS)
        wrong.append(f"número desconhecido '{cells['numero'][:20]}'; esperava-se um de {known}")
    counts = {}
    for name in COLUMNS[2:]:
        if _COUNT.fullmatch(cells[name]):
            counts[name] = int(cells[name])
        else:
            wrong.append(f"{name}: '{cells[name][:20]}' não é um número inteiro sem pontos")
    if wrong or day is None or line is None:
        return None
    offered, *parts = counts.values()
    if offered != sum(parts):
        wrong.append(
            f"ofertadas ({offered}) não é a soma de entregues, ocupado, nao_atende e falha "
            f"({sum(parts)})"
        )
        return None
    _, busy, no_answer, failed = parts
    return CarrierDay(day, cells["numero"], line, offered, busy, no_answer, failed)


def _day(text: str) -> date | None:
    for pattern in _DAYS:
        if found := pattern.fullmatch(text):
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
    return None
