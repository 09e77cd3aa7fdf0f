"""Terminals that do not speak UTF-8 get letters that they have: a view must never break on one."""

from __future__ import annotations

import codecs
import io
import unicodedata
from typing import Any, Final, TextIO

NAME: Final = "central156"
INSTEAD: Final = {"█": "#", "·": "-", "–": "-", "—": "-", "…": "...", "‘": "'", "’": "'", "«": '"'}


def keep_to_the_terminal_s_letters(stream: TextIO) -> None:
    """From now on the stream writes something like a letter that its encoding lacks."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=NAME)


def _instead(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    found = "".join(_like(letter) for letter in error.object[error.start : error.end])
    return found, error.end


def _like(letter: str) -> str:
    bare: Any = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return str(INSTEAD.get(letter, bare or "?"))


codecs.register_error(NAME, _instead)
