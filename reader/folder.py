"""The files of a folder of dialplans: opened once, with what is wrong in each."""

from __future__ import annotations

import hashlib
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
SERVICES, ANNOUNCEMENTS = "servicos.yaml", "announcements.yaml"
MAY_BE_MISSING: Final = frozenset({CALENDAR, COMMON, SERVICES, ANNOUNCEMENTS})


def line_file(line: str) -> str:
    """The name of a line's file."""
    return f"{line}.yaml"


FILES: Final = (QUEUES, CALENDAR, COMMON, SERVICES, *map(line_file, LINES), ANNOUNCEMENTS)


@dataclass(slots=True)
class Folder:
    """The files that were opened so far: their sheets by name, and their bytes."""

    path: Path
    sheets: dict[str, Sheet] = field(default_factory=dict)
    contents: list[bytes] = field(default_factory=list)

    def open(self, name: str, given: Given | None = None) -> tuple[Sheet, Tree | None]:
        """A file's tree; None when it may be missing, and is or says nothing."""
        sheet = self.sheets[name] = Sheet(self._shown(name), given or Given())
        content, tree = _load(sheet, self.path, name)
        self.contents.append(content)
        empty = isinstance(tree, Text) and not tree.text
        return sheet, None if empty and name in MAY_BE_MISSING else tree

    def sound(self, *names: str) -> bool:
        """Whether nothing was wrong in these files so far."""
        return not any(self.sheets[name].mistakes for name in names)

    def version(self) -> str:
        """Differs when any byte of any file does."""
        whole = hashlib.sha256()
        for content in self.contents:
            whole.update(hashlib.sha256(content).digest())
        return whole.hexdigest()[:12]

    def note_strangers(self) -> None:
        """A misspelt comum.yaml must not pass for none: what is not read is not left lying."""
        told = [one.message for sheet in self.sheets.values() for one in sheet.mistakes]
        for name in _others(self.path):
            if not any(f"'{name}'" in message for message in told):
                missing = [one for one in FILES if not (self.path / one).is_file()]
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
        return f"{self.path.absolute().name}/{name}"


def _load(sheet: Sheet, folder: Path, name: str) -> tuple[bytes, Tree]:
    """A file's bytes and tree. What cannot be read is noted, and stands as refused."""
    path = folder / name
    content = b""
    try:
        if not path.is_file():
            if name in MAY_BE_MISSING and not path.exists():
                return content, Text(START, "")
            hint = nearest(name, _others(folder)) if not path.exists() else ""
            sheet.wrong(START, f"falta o arquivo {name} na pasta {folder.name}{hint}")
            return content, Refused(START)
        with path.open("rb") as file:
            content = file.read(DIALPLAN_BYTES + 1)
        tree, refused = read_yaml(content)
    except OSError as error:
        sheet.wrong(START, f"o arquivo não pode ser lido ({error.strerror})")
        return content, Refused(START)
    except NotYaml as error:
        sheet.wrong(error.mark, error.message)
        return content, Refused(START)
    for mark, message in refused:
        sheet.wrong(mark, message)
    return content, tree


def _others(folder: Path) -> list[str]:
    """Files in the folder that look like dialplans and have no name that is read."""
    try:
        names = sorted(file.name for file in folder.iterdir() if file.is_file())
    except OSError:
        return []
    return [
        name
        for name in names
        if name.endswith((".yaml", ".yml")) and not name.startswith(".") and name not in FILES
    ]
