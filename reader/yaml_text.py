"""YAML as plain texts with their places: `0199` stays `0199`, `no` stays `no`, `12:30` too.

Built from the parser's events instead of its objects, so no value is ever guessed, no alias is
ever followed, and nothing here is recursive. What a menu does not need is refused: anchors,
aliases, tags, repeated keys, more than one document, more depth or size than the limits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from reader.yaml_faults import TOO_DEEP, explained
from terms.limits import DIALPLAN_BYTES, DIALPLAN_DEPTH


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, exactly as written. `remarked`: a # stands after it on its line, and what follows
    that was not read."""

    mark: Mark
    text: str
    remarked: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Mark
    items: list[Tree] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping, and its value."""

    mark: Mark
    key: str
    value: Tree


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping, in the order of the file."""

    mark: Mark
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was already reported; whoever meets it says nothing more."""

    mark: Mark


Tree = Text | Items | Entries | Refused


class NotYaml(Exception):
    """The text cannot be read any further than `mark`."""

    def __init__(self, mark: Mark, message: str) -> None:
        super().__init__(message)
        self.mark, self.message = mark, message


START = Mark(1, 1)


def read_yaml(content: bytes) -> tuple[Tree, list[tuple[Mark, str]]]:
    """The tree of one file's content, and what was refused in it. NotYaml when it cannot be read
    to its end; never another exception, whatever the bytes."""
    if len(content) > DIALPLAN_BYTES:
        raise NotYaml(START, f"o arquivo passa de {DIALPLAN_BYTES // 1024} KiB")
    text = _decoded(content)
    builder = _Builder(text)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        place, message = explained(error, text)
        raise NotYaml(Mark(*place), message) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise NotYaml(mark, "há um caractere de controle invisível") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotYaml(START, f"o arquivo não pode ser lido ({type(error).__name__})") from None
    return builder.root or Text(START, ""), builder.refused


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise NotYaml(mark, "o arquivo não está em UTF-8; grave-o com essa codificação") from None


def _mark(mark: Any) -> Mark:
    return START if mark is None else Mark(mark.line + 1, mark.column + 1)


@dataclass(slots=True)
class _Builder:
    """Turns events into a tree with a stack of its own."""

    text: str
    root: Tree | None = None
    refused: list[tuple[Mark, str]] = field(default_factory=list)
    _open: list[Items | Entries] = field(default_factory=list)
    # one for each of _open: the key that waits for its value, and where each key first stood
    _keys: list[tuple[Mark, str] | None] = field(default_factory=list)
    _seen: list[dict[str, Mark]] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        mark = _mark(event.start_mark)
        match event:
            case yaml.AliasEvent():
                self._refuse(mark, "atalhos (*nome) não são aceitos; repita o texto ou use aspas")
                self._add(Refused(mark))
            case yaml.ScalarEvent():
                self._check(event, mark)
                self._look_for_invisible(event.value, mark)
                self._add(Text(mark, event.value, self._is_remarked(event)))
            case yaml.SequenceStartEvent():
                self._check(event, mark)
                self._enter(Items(mark))
            case yaml.MappingStartEvent():
                self._check(event, mark)
                self._enter(Entries(mark))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._keys.pop()
                self._seen.pop()
                self._add(self._open.pop())
            case yaml.DocumentStartEvent() if self.root is not None:
                raise NotYaml(mark, "só pode haver um documento por arquivo; tire o '---'")
            case _:
                pass

    def _check(self, event: yaml.NodeEvent, mark: Mark) -> None:
        if event.anchor is not None:
            self._refuse(mark, "marcas (&nome) não são aceitas: tire-a ou use aspas")
        if getattr(event, "tag", None) is not None:
            self._refuse(mark, "tipos (!nome) não são aceitos: tire-o ou use aspas")

    def _look_for_invisible(self, text: str, mark: Mark) -> None:
        """Copied texts bring signs along that nobody sees, and that make two equal names differ."""
        unseen = {one for one in text if unicodedata.category(one) == "Cf"}
        if unseen:
            codes = ", ".join(sorted(f"U+{ord(one):04X}" for one in unseen))
            self._refuse(mark, f"há um sinal invisível neste texto ({codes}); digite-o de novo")

    def _is_remarked(self, event: yaml.ScalarEvent) -> bool:
        end = event.end_mark.index if event.end_mark else 0
        after = self.text[end : end + 200].partition("\n")[0]
        return not event.style and bool(event.value) and after.lstrip().startswith("#")

    def _enter(self, tree: Items | Entries) -> None:
        if len(self._open) >= DIALPLAN_DEPTH:
            raise NotYaml(tree.mark, TOO_DEEP)
        self._open.append(tree)
        self._keys.append(None)
        self._seen.append({})

    def _add(self, tree: Tree) -> None:
        if not self._open:
            self.root = tree
            return
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.items.append(tree)
        elif (key := self._keys[-1]) is not None:
            self._keys[-1] = None
            self._add_entry(parent, Entry(*key, tree))
        else:
            self._keys[-1] = (tree.mark, self._key_of(tree))

    def _key_of(self, tree: Tree) -> str:
        """The key's text, '' for what cannot be one (reported here)."""
        if isinstance(tree, Text) and tree.text:
            return unicodedata.normalize("NFC", tree.text)
        if not isinstance(tree, Refused):
            self._refuse(tree.mark, "uma chave só pode ser um texto; use aspas")
        return ""

    def _add_entry(self, parent: Entries, entry: Entry) -> None:
        first = self._seen[-1].setdefault(entry.key, entry.mark)
        if not entry.key:
            return
        if first is entry.mark:
            parent.entries.append(entry)
        else:
            where = f"a primeira está na linha {first.line}"
            self._refuse(entry.mark, f"chave '{entry.key[:40]}' repetida ({where})")

    def _refuse(self, mark: Mark, message: str) -> None:
        self.refused.append((mark, message))


def walk(tree: Tree) -> Iterator[Text]:
    """All values below, without their keys (for tests and for counting)."""
    waiting: list[Tree] = [tree]
    while waiting:
        match waiting.pop():
            case Text() as text:
                yield text
            case Items() as found:
                waiting += found.items
            case Entries() as found:
                waiting += [entry.value for entry in found.entries]
            case Refused():
                pass


def as_yaml(values: Mapping[str, Any]) -> str:
    """These values as a file of ours, for what a command makes instead of a person."""
    return str(yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=100))
