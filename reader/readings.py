"""Readings of single values: names, words, whole numbers, times, phone numbers.

YAML's values arrive as they were written (yaml_text.py), so `0199`, `on` and `12:30` are texts
until a reading here says what they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from ivr.checker import nearest
from ivr.menu import Part
from reader.forms import NAME, Reading, Schema, Sheet, named, shown
from reader.yaml_text import Refused, Text, Tree
from terms.names import Seconds

DURATION: Final = r"[0-9]{1,6}(?:[.,][0-9]{1,3})?\s*(?:ms|s|min|h)"
_DURATION: Final = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,3}))?\s*(ms|s|min|h)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_WHOLE: Final = re.compile(r"[0-9]{1,6}")
_NUMBER: Final = re.compile(r"[0-9]+")
_YES, _NO = "sim", ("não", "nao")

ANY_TEXT: Final[Schema] = {"type": ["string", "number", "boolean"], "pattern": r"\S"}


def matching(pattern: str) -> dict[str, Any]:
    """The schema of a text that follows a pattern. Spaces around it are no matter."""
    return {"type": "string", "pattern": rf"^\s*(?:{pattern})\s*$"}


def digits_matching(pattern: str) -> dict[str, Any]:
    """The same for digits, which editors take for a number when they stand without quotes."""
    return {"anyOf": [matching(pattern), {"type": "integer", "minimum": 0}]}


def one_text(sheet: Sheet, tree: Tree, part: Part) -> str | None:
    """A text that is not empty, as written; None when it is none."""
    if isinstance(tree, Text) and tree.text.strip():
        return unicodedata.normalize("NFC", tree.text.strip())
    if isinstance(tree, Text):
        sheet.wrong_at(part, "falta o valor (depois de # é comentário; se for texto, use aspas)")
    elif not isinstance(tree, Refused):
        sheet.wrong_at(part, "esperava-se um só texto aqui")
    return None


def _name(sheet: Sheet, tree: Tree, part: Part) -> str:
    text = one_text(sheet, tree, part)
    return text if text is not None and named(sheet, sheet.mark_of(part), text) else ""


name: Final = Reading(_name, matching(NAME.pattern))
"""A name of ours: small letters without accents, digits and _. '' when it is wrong."""


def text_of_at_most(longest: int) -> Reading:
    """A text of so many characters at most."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> str:
        text = one_text(sheet, tree, part) or ""
        if len(text) > longest:
            sheet.wrong_at(part, f"o texto passa de {longest} letras")
        return text[:longest]

    return Reading(read, ANY_TEXT)


def one_of(allowed: Iterable[str]) -> Reading:
    """One of a few words; '' when it is none of them."""
    words = tuple(allowed)

    def read(sheet: Sheet, tree: Tree, part: Part) -> str:
        text = one_text(sheet, tree, part)
        if text is None or text in words:
            return text or ""
        hint = nearest(text, words) or f"; use {' ou '.join(words)}"
        sheet.wrong_at(part, f"valor desconhecido '{shown(text)}'{hint}")
        return ""

    numbers = [int(word) for word in words if _NUMBER.fullmatch(word)]
    padded = matching("|".join(map(re.escape, words)))
    return Reading(read, {"anyOf": [{"enum": [*words, *numbers]}, padded]})


def _yes_no(sheet: Sheet, tree: Tree, part: Part) -> bool:
    text = one_text(sheet, tree, part)
    if text is not None and text not in (_YES, *_NO):
        sheet.wrong_at(part, f"valor desconhecido '{shown(text)}'; use sim ou não")
    return text == _YES


yes_no: Final = Reading(
    _yes_no, {"anyOf": [{"enum": [_YES, _NO[0]]}, matching("|".join((_YES, *_NO)))]}
)
"""`sim` or `não`; nothing else, least of all `on` and `yes`."""


def whole(least: int, most: int) -> Reading:
    """A whole number between two."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> int:
        text = one_text(sheet, tree, part)
        if text is not None and _WHOLE.fullmatch(text) and least <= int(text) <= most:
            return int(text)
        if text is not None:
            sheet.wrong_at(
                part,
                f"número inválido '{shown(text)}'; use um número inteiro de {least} a {most}",
            )
        return least

    number = {"type": "integer", "minimum": least, "maximum": most}
    return Reading(read, {"anyOf": [number, matching(_WHOLE.pattern)]})


def seconds_in(text: str) -> Seconds | None:
    """What a time with its unit means; None when it is none."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    whole_part, decimals, unit = found.groups()
    return float(f"{whole_part}.{decimals or 0}") * _UNITS[unit]


def duration(least: Seconds, most: Seconds) -> Reading:
    """A time with its unit, between two: `7 s`, `1,5 s`, `2 min`."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> Seconds:
        text = one_text(sheet, tree, part)
        if text is None:
            return least
        seconds = seconds_in(text)
        if seconds is None:
            sheet.wrong_at(
                part, f"duração inválida '{shown(text)}'; diga o número e a unidade: 7 s, 2 min"
            )
            return least
        if not least <= seconds <= most:
            limits = f"de {_with_unit(least)} a {_with_unit(most)}"
            sheet.wrong_at(part, f"duração fora do limite '{shown(text)}'; use {limits}")
            return least
        return seconds

    return Reading(read, matching(DURATION))


def _with_unit(seconds: Seconds) -> str:
    """In the greatest unit of which it is a whole number: `7 s`, `10 min`, `168 h`."""
    for unit in ("h", "min"):
        if seconds and not seconds % _UNITS[unit]:
            return f"{round(seconds / _UNITS[unit])} {unit}"
    return f"{_comma(seconds)} s"


def _comma(seconds: Seconds) -> str:
    return f"{seconds:g}".replace(".", ",")


def digits_like(pattern: str, what: str) -> Reading:
    """Digits that follow a pattern, kept as written (`0156` is not `156`); '' when they do not."""
    shape = re.compile(pattern)

    def read(sheet: Sheet, tree: Tree, part: Part) -> str:
        text = one_text(sheet, tree, part)
        if text is None or shape.fullmatch(text):
            return text or ""
        sheet.wrong_at(part, f"'{shown(text)}' não é {what}")
        return ""

    return Reading(read, digits_matching(pattern))
