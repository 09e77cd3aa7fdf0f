"""Forms: which keys a mapping may have and how each value is read, as tables.

A form's table says, for each key of the file, the name it has inside and its reading; a reading
knows its JSON Schema too, so editors are told by the very table that reads (schema.py). Whatever
is wrong is noted and the reading goes on with a neutral value, so that one look finds every
mistake. Each value's place is kept under the names it has inside, for findings that come later.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ivr.checker import closest, nearest
from ivr.menu import Part
from ivr.texts import LANGUAGES, Texts
from reader.mistakes import Mistake
from reader.yaml_text import START, Entries, Entry, Items, Mark, Refused, Text, Tree

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
BECAUSE: Final = "porque"

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What other files, or other parts of this one, say that values here may refer to. `texts`:
    the shared ones. `whole`: False when comum.yaml is broken, and nobody is blamed for what it
    lacks then. `sharing`: what is read now are the shared texts themselves."""

    texts: Mapping[str, Texts] = field(default_factory=dict)
    languages: tuple[str, ...] = LANGUAGES
    priorities: Mapping[str, int] = field(default_factory=dict)
    whole: bool = True
    sharing: bool = False


@dataclass(slots=True)
class Sheet:
    """One file being read: its mistakes so far, and where each value stands."""

    file: str
    given: Given = field(default_factory=Given)
    mistakes: list[Mistake] = field(default_factory=list)
    marks: dict[Part, Mark] = field(default_factory=dict)

    def wrong(self, mark: Mark, message: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(self.file, mark.line, mark.column, message))

    def wrong_at(self, part: Part, message: str) -> None:
        """Note a mistake where a part stands."""
        self.wrong(self.mark_of(part), message)

    def mark_of(self, part: Part) -> Mark:
        """Where a part stands; where what it belongs to stands, if it is not written itself."""
        for end in range(len(part), 0, -1):
            if part[:end] in self.marks:
                return self.marks[part[:end]]
        return START


Read = Callable[[Sheet, Tree, Part], Any]
"""Reads one value. Notes what is wrong and returns a neutral value then; never raises."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a value is read, and what its JSON Schema is. The schema never refuses what the reading
    accepts. A schema with a `title` becomes a definition of its own."""

    read: Read
    schema: Schema

    def __call__(self, sheet: Sheet, tree: Tree, part: Part) -> Any:
        """Read one value."""
        return self.read(sheet, tree, part)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a form: the name inside, the reading, what stands for it when it is left out
    (`...` = it may not be), what stands for it when it is wrong, and what editors say of it."""

    name: str
    read: Reading
    default: Any = ...
    neutral: Any = ""
    says: str = ""


Form = Mapping[str, Key]


def read_form(sheet: Sheet, tree: Tree, part: Part, form: Form, what: str) -> dict[str, Any]:
    """The values of a mapping by their inside names; all of the form's names are there. A remark
    (`porque`) may always be written, and is left out unless the form has it."""
    values = {key.name: key.neutral if key.default is ... else key.default for key in form.values()}
    entries = entries_of(sheet, tree, part, what)
    if entries is None:
        return values
    written = {entry.key for entry in entries}
    for entry in entries:
        key = form.get(entry.key)
        if key is None:
            if entry.key != BECAUSE:
                hint = nearest(entry.key, form) or f"; aqui podem estar: {', '.join(form)}"
                sheet.wrong(entry.mark, f"chave desconhecida '{shown(entry.key)}' em {what}{hint}")
                written.add(closest(entry.key, form))  # a misspelt key is not missing as well
                continue
            key = _REMARK
        place(sheet, entry, (*part, key.name))
        if not isinstance(entry.value, Refused):
            value = key.read(sheet, entry.value, (*part, key.name))
            if key is not _REMARK:
                values[key.name] = value
    for name, key in form.items():
        if key.default is ... and name not in written:
            sheet.wrong(_mark_of_form(sheet, tree, part), f"falta a chave '{name}' em {what}")
    return values


def entries_of(sheet: Sheet, tree: Tree, part: Part, what: str) -> list[Entry] | None:
    """The entries of a mapping; None (noted) when it is none or is empty."""
    if isinstance(tree, Entries) and tree.entries:
        return tree.entries
    if not isinstance(tree, Refused | Entries):
        found = "há uma lista (tire os '-')"
        if isinstance(tree, Text):
            found = "há um texto" if tree.text else "não há nada"
        mark = _mark_of_form(sheet, tree, part)
        sheet.wrong(mark, f"esperavam-se chaves e valores em {what}; {found}")
    elif isinstance(tree, Entries):
        sheet.wrong(_mark_of_form(sheet, tree, part), f"não há nada em {what}")
    return None


def place(sheet: Sheet, entry: Entry, part: Part) -> None:
    """Keep where an entry stands: a plain value by itself, anything else by its key."""
    plain = isinstance(entry.value, Text) and entry.value.text
    sheet.marks[part] = entry.value.mark if plain else entry.mark


def shown(text: str) -> str:
    """A piece of what was written, short and on one line; what cannot be seen, or looks like a
    letter of ours and is none, by its number."""
    line = " ".join(text.split())
    line = line if len(line) <= 40 else f"{line[:37]}..."
    return "".join(f"<U+{ord(one):04X}>" if _deceives(one) else one for one in line)


def _deceives(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return kind in ("Cf", "Cc", "Co") or (
        kind[0] == "L" and "LATIN" not in unicodedata.name(sign, "")
    )


def named(sheet: Sheet, mark: Mark, text: str) -> bool:
    """Whether a text may be a name; noted if not."""
    if NAME.fullmatch(text):
        return True
    seen = shown(text)
    foreign = "; o que está entre < > não se vê, ou só parece uma letra daqui: digite-o de novo"
    sheet.wrong(
        mark,
        f"nome inválido '{seen}'; use letras minúsculas sem acento, números e _, "
        f"começando por letra (até 40){foreign if '<U+' in seen else ''}",
    )
    return False


def _mark_of_form(sheet: Sheet, tree: Tree, part: Part) -> Mark:
    return sheet.marks.get(part, tree.mark)


def must_be(
    sheet: Sheet, part: Part, called: str, there: Collection[str] | None, what: str
) -> None:
    """A name is one of those that there are; noted if not. `there` None: nobody knows them. `what`
    says that it is none, of a thing of its kind: `fila desconhecida`."""
    if there is not None and called and called not in there:
        hint = nearest(called, there) or f"; há {', '.join(sorted(there))}"
        sheet.wrong_at(part, f"{what} '{shown(called)}'{hint}")


# --- readings made of others ---
def record(form: Form, what: str, make: Callable[[Sheet, Part, dict[str, Any]], Any]) -> Reading:
    """A mapping with a form of its own. `what` is how it is called; {} in it is its own key."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> Any:
        called = what.replace("{}", shown(part[-1]) if part else "")
        return make(sheet, part, read_form(sheet, tree, part, form, called))

    return Reading(read, form_schema(form))


def form_schema(form: Form) -> dict[str, Any]:
    """What an editor needs to know of a form."""
    properties = {
        name: {**key.read.schema, **({"description": key.says} if key.says else {})}
        for name, key in form.items()
    }
    properties.setdefault(BECAUSE, {**_REMARK.read.schema, "description": _REMARK.says})
    required = [name for name, key in form.items() if key.default is ...]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "minProperties": 1,
        "additionalProperties": False,
    }


def names_to(value: Reading, what: str) -> Reading:
    """A mapping whose keys are names that the file's author gives."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> dict[str, Any]:
        found = {}
        for entry in entries_of(sheet, tree, part, what) or ():
            here = (*part, entry.key)
            place(sheet, entry, here)
            named(sheet, entry.mark, entry.key)
            if not isinstance(entry.value, Refused):
                found[entry.key] = value(sheet, entry.value, here)
        return found

    return Reading(read, keyed(f"^{NAME.pattern}$", value.schema))


def keyed(pattern: str, value: Schema) -> dict[str, Any]:
    """The schema of a mapping whose keys follow a pattern."""
    return {
        "type": "object",
        "propertyNames": {"pattern": pattern},
        "additionalProperties": value,
        "minProperties": 1,
    }


def list_of(item: Reading, what: str, most: int, least: int = 1) -> Reading:
    """A list of so many items. A single item may stand for a list of one, unless it is made of
    keys: then the dash was forgotten."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> tuple[Any, ...]:
        if isinstance(tree, Text) and tree.text:
            return (item(sheet, tree, part),)
        if not isinstance(tree, Items):
            nothing = isinstance(tree, Text) and least == 0
            if not (nothing or isinstance(tree, Refused)):
                sheet.wrong_at(part, f"esperava-se uma lista em {what}: um item por linha, com '-'")
            return ()
        if not least <= len(tree.items) <= most:
            sheet.wrong_at(part, f"{what}: {len(tree.items)} itens; use de {least} a {most}")
        found = []
        for number, one in enumerate(tree.items[:most]):
            sheet.marks[(*part, str(number))] = one.mark
            if not isinstance(one, Refused):
                found.append(item(sheet, one, (*part, str(number))))
        return tuple(found)

    kinds = "array" if least else ["array", "null"]
    listed = {"type": kinds, "items": item.schema, "minItems": least, "maxItems": most}
    if item.schema.get("type") == "object":
        return Reading(read, listed)
    return Reading(read, {"anyOf": [item.schema, listed]})


def _remark(sheet: Sheet, tree: Tree, part: Part) -> str:
    if isinstance(tree, Text) and tree.text.strip():
        return " ".join(tree.text.split())
    if isinstance(tree, Text):
        sheet.wrong_at(part, "falta o valor (depois de # é comentário; se for texto, use aspas)")
    elif not isinstance(tree, Refused):
        sheet.wrong_at(part, "esperava-se um só texto aqui")
    return ""


remark: Final = Reading(_remark, {"type": ["string", "number", "boolean"], "pattern": r"\S"})
"""A text for people: any."""

_REMARK: Final = Key("because", remark, "", says="Por que é assim: para quem ler o arquivo depois.")
