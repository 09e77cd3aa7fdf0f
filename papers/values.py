"""How a value looks: what it is to a spreadsheet, and how people in Brazil read it.

    typed(value, shape)    → what a spreadsheet computes with: number, date, text or nothing
    shown(value, shape)    → the same as text: `1.234`, `85,0 %`, `25/11/2026 10:12:33`

A value that is not what its column says (a dash among figures) stays text; it is never lost, and
never guessed at. Instants are shown on the city's clock, whatever that of the machine is.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from terms.limits import CELL_CHARACTERS
from terms.sheet import Shape, Value

CITY: Final = ZoneInfo("America/Sao_Paulo")
FIGURES: Final = frozenset({Shape.COUNT, Shape.NUMBER, Shape.SECONDS, Shape.SHARE, Shape.MONEY})
DECIMALS: Final = {Shape.COUNT: 0, Shape.NUMBER: 2, Shape.SECONDS: 1, Shape.SHARE: 1}
UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
"""What no XML may hold, and marks that turn the direction of what is read after them."""
LEFT_OUT: Final = "\N{REPLACEMENT CHARACTER}"
CUT: Final = "…"

Typed = str | int | float | date | datetime | None


def clean(text: str) -> str:
    """A text that every format can hold: without what cannot be printed, and not too long."""
    text = UNPRINTABLE.sub(LEFT_OUT, text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > CELL_CHARACTERS // 2 and _units(text) > CELL_CHARACTERS:
        # never in the midst of a character that takes two units
        kept = text.encode("utf-16-le")[: 2 * (CELL_CHARACTERS - 1)]
        text = kept.decode("utf-16-le", "ignore") + CUT
    return text


def typed(value: Value, shape: Shape) -> Typed:
    """What a spreadsheet is given. A share stays a share (0.85), a datetime is the city's."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "sim" if value else "não"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if shape is Shape.DAY:
        return _day(str(value))
    if isinstance(value, str):
        return clean(value)
    if shape is Shape.INSTANT:
        return _moment(value)
    if shape is Shape.TEXT:
        return str(value)
    if shape is Shape.COUNT and float(value).is_integer():
        return int(value)
    return value


def shown(value: Value, shape: Shape) -> str:
    """The value as people read it; '' when there is nothing to tell."""
    found = typed(value, shape)
    match found:
        case None:
            return ""
        case datetime():
            return found.strftime("%d/%m/%Y %H:%M:%S")
        case date():
            return found.strftime("%d/%m/%Y")
        case int() | float():
            return _figure(found, shape)
        case _:
            return found


def number(value: float, decimals: int) -> str:
    """`1.234,5`."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def _figure(value: float, shape: Shape) -> str:
    if shape is Shape.SHARE:
        return f"{number(value * 100, DECIMALS[shape])} %"
    if shape is Shape.MONEY:
        return f"R$ {number(value, 2)}"
    decimals = DECIMALS.get(shape, 2)
    return number(value, decimals or (0 if float(value).is_integer() else 2))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _day(written: str) -> date | str:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return clean(written)


def _moment(at: float) -> datetime | str:
    try:
        return datetime.fromtimestamp(at, CITY).replace(tzinfo=None, microsecond=0)
    except (ValueError, OverflowError, OSError):
        return str(at)
