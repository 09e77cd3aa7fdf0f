"""Figures that are read from across the room: digits five rows high, of blocks."""

from __future__ import annotations

from typing import Final

ROWS: Final = 5
BLOCK: Final = "█"
ASCII_BLOCK: Final = "#"

_SHAPES: Final = {
    "0": "####/#  #/#  #/#  #/####",
    "1": " ## /  # /  # /  # /####",
    "2": "####/   #/####/#   /####",
    "3": "####/   #/ ###/   #/####",
    "4": "#  #/#  #/####/   #/   #",
    "5": "####/#   /####/   #/####",
    "6": "####/#   /####/#  #/####",
    "7": "####/   #/  # / #  / #  ",
    "8": "####/#  #/####/#  #/####",
    "9": "####/#  #/####/   #/####",
    ":": " /#/ /#/ ",
    "%": "#  #/  # / ## / #  /#  #",
    "h": "#   /#   /####/#  #/#  #",
    "-": "    /    /####/    /    ",
    " ": "  /  /  /  /  ",
}


def big(text: str, ascii_only: bool = False) -> tuple[str, ...]:
    """The rows of a figure: digits, `:`, `%`, `h` and `-`; anything else is left out."""
    shapes = [_SHAPES[letter].split("/") for letter in text if letter in _SHAPES]
    rows = (" ".join(shape[row] for shape in shapes) for row in range(ROWS))
    block = ASCII_BLOCK if ascii_only else BLOCK
    return tuple(row.replace("#", block) for row in rows)


def short_wait(seconds: float) -> str:
    """`2:05`; from 100 minutes on `1h42`, so that it stays four or five signs."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    if minutes >= 100:
        return f"{minutes // 60}h{minutes % 60:02}"
    return f"{minutes}:{rest:02}"
