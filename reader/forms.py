"""Forms: which keys a mapping may have and how each value is read, as tables.

A form's table says, for each key of the file, the name it has inside and its reading. Whatever is
wrong is noted and the reading goes on with a neutral value, so that one look finds every mistake.
Each value's place is kept under the names it has inside, for findings that come later.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ivr.checker import Part, closest, nearest
from reader.mistakes import Mistake
from reader.yaml_text import START, Entries, Entry, Items, Mark, Refused, Text, Tree
from terms.limits import SPOKEN_CHARACTERS
from terms.names import Seconds

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DURATION: Final = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,3}))?\s*(ms|s|min|h)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_WHOLE: Final = re.compile(r"[0-9]{1,6}")


@dataclass(slots=True)
class Sheet:
    """One file being read: its mistakes so far, and where each value stands."""

    file: str
    mistakes: list[Mistake] = field(default_factory=list)
    marks: dict[Part, Mark] = field(default_factory=dict)

    def wrong(self, mark: Mark, message: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(self.file, mark.line, mark.column, message))

    def mark_of(self, part: Part) -> Mark:
        """Where a part stands; where what it belongs to stands, if it is not written itself."""
        for end in range(len(part), 0, -1):
            if part[:end] in self.marks:
                return self.marks[part[:end]]
        return START


Read = Callable[[Sheet, Tree, Part], Any]
"""Reads one value. Notes what is wrong and returns a neutral value then; never raises."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a form: the name inside, the reading, what stands for it when it is left out
    (`...` = it may not be), and what stands for it when it is wrong."""

    name: str
    read: Read
    default: Any = ...
    neutral: Any = ""


Form = Mapping[str, Key]


def read_form(sheet: Sheet, tree: Tree, part: Part, form: Form, what: str) -> dict[str, Any]:
    """The values of a mapping by their inside names; all of the form's names are there."""
    values = {key.name: key.neutral if key.default is ... else key.default for key in form.values()}
    entries = entries_of(sheet, tree, part, what)
    if entries is None:
        return values
    written = {entry.key for entry in entries}
    for entry in entries:
        key = form.get(entry.key)
        if key is None:
            hint = nearest(entry.key, form) or f"; aqui podem estar: {', '.join(form)}"
            sheet.wrong(entry.mark, f"chave desconhecida '{_shown(entry.key)}' em {what}{hint}")
            written.add(closest(entry.key, form))  # a misspelt key is not missing as well
            continue
        place(sheet, entry, (*part, key.name))
        if not isinstance(entry.value, Refused):
            values[key.name] = key.read(sheet, entry.value, (*part, key.name))
    for name, key in form.items():
        if key.default is ... and name not in written:
            sheet.wrong(_mark_of_form(sheet, tree, part), f"falta a chave '{name}' em {what}")
    return values


def entries_of(sheet: Sheet, tree: Tree, part: Part, what: str) -> list[Entry] | None:
    """The entries of a mapping; None (noted) when it is none or is empty."""
    if isinstance(tree, Entries) and tree.entries:
        return tree.entries
    if not isinstance(tree, Refused | Entries):
        found = "um texto" if isinstance(tree, Text) and tree.text else "uma lista"
        found = "nada" if isinstance(tree, Text) and not tree.text else found
        mark = _mark_of_form(sheet, tree, part)
        sheet.wrong(mark, f"esperavam-se chaves e valores em {what}; há {found}")
    elif isinstance(tree, Entries):
        sheet.wrong(_mark_of_form(sheet, tree, part), f"não há nada em {what}")
    return None


def place(sheet: Sheet, entry: Entry, part: Part) -> None:
    """Keep where an entry stands: a plain value by itself, anything else by its key."""
    plain = isinstance(entry.value, Text) and entry.value.text
    sheet.marks[part] = entry.value.mark if plain else entry.mark


def _mark_of_form(sheet: Sheet, tree: Tree, part: Part) -> Mark:
    return sheet.marks.get(part, tree.mark)


# --- readings of single values ---
def anything(sheet: Sheet, tree: Tree, part: Part) -> str:
    """A remark for people (`porque`): any text."""
    return one_text(sheet, tree, part) or ""


def one_text(sheet: Sheet, tree: Tree, part: Part) -> str | None:
    """A text that is not empty, as written; None when it is none."""
    if isinstance(tree, Text) and tree.text.strip():
        return unicodedata.normalize("NFC", tree.text.strip())
    if isinstance(tree, Text):
        sheet.wrong(
            sheet.mark_of(part), "falta o valor (depois de # é comentário; se for texto, use aspas)"
        )
    elif not isinstance(tree, Refused):
        sheet.wrong(sheet.mark_of(part), "esperava-se um só texto aqui")
    return None


def spoken_text(sheet: Sheet, tree: Tree, part: Part) -> str:
    """A text to be spoken, its line breaks and repeated spaces as one space."""
    text = " ".join((one_text(sheet, tree, part) or "").split())
    if len(text) <= SPOKEN_CHARACTERS:
        return text
    sheet.wrong(
        sheet.mark_of(part), f"o texto tem {len(text)} letras; o máximo é {SPOKEN_CHARACTERS}"
    )
    return ""


def spoken_texts(sheet: Sheet, tree: Tree, part: Part) -> tuple[str, ...]:
    """One text to be spoken, or a list of them."""
    if not isinstance(tree, Items):
        text = spoken_text(sheet, tree, part)
        sheet.marks[(*part, "0")] = sheet.mark_of(part)
        return (text,) if text else ()
    found = []
    for number, item in enumerate(tree.items):
        sheet.marks[(*part, str(number))] = item.mark
        found.append(spoken_text(sheet, item, (*part, str(number))))
    return tuple(found)


def name(sheet: Sheet, tree: Tree, part: Part) -> str:
    """A name of ours: small letters without accents, digits and _."""
    text = one_text(sheet, tree, part)
    return text if text is not None and named(sheet, sheet.mark_of(part), text) else ""


def named(sheet: Sheet, mark: Mark, text: str) -> bool:
    """Whether a text may be a name; noted if not."""
    if NAME.fullmatch(text):
        return True
    sheet.wrong(
        mark,
        f"nome inválido '{_shown(text)}'; use letras minúsculas sem acento, números e _, "
        "começando por letra (até 40)",
    )
    return False


def short_text(longest: int) -> Read:
    """A text of so many characters at most."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> str:
        text = one_text(sheet, tree, part) or ""
        if len(text) > longest:
            sheet.wrong(sheet.mark_of(part), f"o texto passa de {longest} letras")
        return text[:longest]

    return read


def one_of(allowed: Iterable[str]) -> Read:
    """One of a few words."""
    words = tuple(allowed)

    def read(sheet: Sheet, tree: Tree, part: Part) -> str:
        text = one_text(sheet, tree, part)
        if text is None or text in words:
            return text or ""
        hint = nearest(text, words) or f"; use {' ou '.join(words)}"
        sheet.wrong(sheet.mark_of(part), f"valor desconhecido '{_shown(text)}'{hint}")
        return ""

    return read


def whole(least: int, most: int) -> Read:
    """A whole number between two."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> int:
        text = one_text(sheet, tree, part)
        if text is not None and _WHOLE.fullmatch(text) and least <= int(text) <= most:
            return int(text)
        if text is not None:
            sheet.wrong(
                sheet.mark_of(part),
                f"número inválido '{_shown(text)}'; use um número inteiro de {least} a {most}",
            )
        return least

    return read


def duration(least: Seconds, most: Seconds) -> Read:
    """A time with its unit, between two: `7 s`, `1,5 s`, `2 min`."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> Seconds:
        text = one_text(sheet, tree, part)
        if text is None:
            return least
        found = _DURATION.fullmatch(text)
        if found is None:
            sheet.wrong(
                sheet.mark_of(part),
                f"duração inválida '{_shown(text)}'; diga o número e a unidade: 7 s, 2 min",
            )
            return least
        whole_part, decimals, unit = found.groups()
        seconds = float(f"{whole_part}.{decimals or 0}") * _UNITS[unit]
        if not least <= seconds <= most:
            limits = f"de {least:g} s a {most:g} s"
            sheet.wrong(sheet.mark_of(part), f"duração fora do limite '{text}'; use {limits}")
            return least
        return seconds

    return read


def _shown(text: str) -> str:
    """A piece of what was written, short and on one line."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:37]}..."
