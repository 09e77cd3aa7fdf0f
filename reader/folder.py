"""The files of a folder of dialplans: opened once, with what is wrong in each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ivr.checker import nearest
from reader.forms import Given, Sheet
from reader.mistakes import DialplanMistakes, Mistake
from reader.yaml_text import START, NotYaml, Refused, Text, Tree, read_yaml
from terms.limits import DIALPLAN_BYTES, MISTAKES_SHOWN
from terms.names import LINES

QUEUES, CALENDAR, COMMON = "queues.yaml", "calendar.yaml", "comum.yaml"
LOOK_UPS, ANNOUNCEMENTS = "servicos.yaml", "announcements.yaml"
CONTRACT = "contrato.yaml"
ROUTES: Final = "rotas.yaml"
"""The ways out: read apart (trunk_file.py), and no part of a version."""
MAY_BE_MISSING: Final = frozenset({CALENDAR, COMMON, LOOK_UPS, ANNOUNCEMENTS, CONTRACT})


def line_file(line: str) -> str:
    """The name of a line's file."""
    return f"{line}.yaml"


FILES: Final = (QUEUES, CALENDAR, COMMON, LOOK_UPS, *map(line_file, LINES), ANNOUNCEMENTS, CONTRACT)


@dataclass(frozen=True, slots=True)
class Contents:
    """What there is to read: each file's bytes (no more of them than may be), why a file could
    not be had, and the names of others that look like dialplans."""

    called: str
    files: Mapping[str, bytes]
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def strangers(self) -> list[str]:
        """Files that look like dialplans and have no name that is read."""
        return [
            name
            for name in sorted(self.files)
            if name.endswith((".yaml", ".yml")) and name[0] != "." and name not in FILES
        ]


def contents_of(folder: Path) -> Contents:
    """All that a folder has to be read. Nothing is raised."""
    files: dict[str, bytes] = {}
    unreadable: dict[str, str] = {}
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError:
        names = set()  # every file that must be there is missing then
    for name in sorted(names & {*FILES}):
        path = folder / name
        try:
            if not path.is_file():
                unreadable[name] = "não é um arquivo"
                continue
            with path.open("rb") as file:
                files[name] = file.read(DIALPLAN_BYTES + 1)
        except OSError as error:
            unreadable[name] = error.strerror or type(error).__name__
    strangers = {name: b"" for name in names - {*FILES, ROUTES} if (folder / name).is_file()}
    return Contents(folder.absolute().name, {**files, **strangers}, unreadable)


@dataclass(slots=True)
class Folder:
    """The files that were opened so far: their sheets by name, and their bytes."""

    contents: Contents
    sheets: dict[str, Sheet] = field(default_factory=dict)
    opened: list[bytes] = field(default_factory=list)

    def open(self, name: str, given: Given | None = None) -> tuple[Sheet, Tree | None]:
        """A file's tree; None when it may be missing, and is or says nothing."""
        sheet = self.sheets[name] = Sheet(self._shown(name), given or Given())
        content = self.contents.files.get(name)
        # A folder without this newest kind of file keeps the version that it was published as.
        self.opened += [content or b""] if content is not None or name != CONTRACT else []
        if content is None and name in MAY_BE_MISSING and name not in self.contents.unreadable:
            return sheet, None
        tree = _tree(sheet, content) if content is not None else self._missing(sheet, name)
        empty = isinstance(tree, Text) and not tree.text
        return sheet, None if empty and name in MAY_BE_MISSING else tree

    def _missing(self, sheet: Sheet, name: str) -> Tree:
        if why := self.contents.unreadable.get(name):
            sheet.wrong(START, f"o arquivo não pode ser lido ({why})")
        else:
            hint = nearest(name, self.contents.strangers)
            sheet.wrong(START, f"falta o arquivo {name} na pasta {self.contents.called}{hint}")
        return Refused(START)

    def sound(self, *names: str) -> bool:
        """Whether nothing was wrong in these files so far."""
        return not any(self.sheets[name].mistakes for name in names)

    def version(self) -> str:
        """Differs when any byte of any file does."""
        whole = hashlib.sha256()
        for content in self.opened:
            whole.update(hashlib.sha256(content).digest())
        return whole.hexdigest()[:12]

    def note_strangers(self) -> None:
        """A misspelt comum.yaml must not pass for none: what is not read is not left lying."""
        told = [one.message for sheet in self.sheets.values() for one in sheet.mistakes]
        for name in self.contents.strangers:
            if not any(f"'{name}'" in message for message in told):
                missing = [one for one in FILES if one not in self.contents.files]
                hint = nearest(name, missing) or f"; aqui se leem {', '.join(FILES)}"
                sheet = self.sheets[name] = Sheet(self._shown(name))
                sheet.wrong(START, f"o arquivo '{name}' não é lido{hint}")

    def refuse(self) -> None:
        """DialplanMistakes if there is any, in the order of lines within each file."""
        shown: list[Mistake] = []
        for sheet in self.sheets.values():
            found = sorted(set(sheet.mistakes))
            shown += found[:MISTAKES_SHOWN]
            if len(found) > MISTAKES_SHOWN:
                last = found[MISTAKES_SHOWN]
                more = f"há mais {len(found) - MISTAKES_SHOWN} erros daqui em diante"
                shown.append(Mistake(sheet.file, last.line, last.column, more))
        if shown:
            raise DialplanMistakes(tuple(shown))

    def _shown(self, name: str) -> str:
        return f"{self.contents.called}/{name}"


def _tree(sheet: Sheet, content: bytes) -> Tree:
    """A file's tree. What cannot be read is noted, and stands as refused."""
    try:
        tree, refused = read_yaml(content)
    except NotYaml as error:
        sheet.wrong(error.mark, error.message)
        return Refused(START)
    for mark, message in refused:
        sheet.wrong(mark, message)
    return tree
