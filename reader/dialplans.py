"""The folder of dialplans, read whole or refused whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acd.queues import QueueTable
from ivr.checker import check_paths, check_prompts, nearest
from ivr.menu import LinePlan
from reader.forms import Sheet
from reader.line_file import read_line
from reader.mistakes import DialplanMistakes, Mistake
from reader.queue_file import read_queues
from reader.yaml_text import START, NotYaml, Refused, Tree, read_yaml
from terms.limits import DIALPLAN_BYTES, MISTAKES_SHOWN
from terms.names import LINES, QueueName, Seconds

QUEUES_FILE = "queues.yaml"
FILES = frozenset({QUEUES_FILE, *(f"{line}.yaml" for line in LINES)})


@dataclass(frozen=True, slots=True)
class Dialplans:
    """All that was read: a plan for each line, the queues, and the version of the whole."""

    lines: Mapping[str, LinePlan]
    queues: QueueTable
    version: str
    sheets: Mapping[str, Sheet] = field(repr=False, compare=False)  # where each part stands


def read_dialplans(folder: Path) -> Dialplans:
    """Read the folder. DialplanMistakes with all that is wrong in it; nothing else is raised."""
    contents: list[bytes] = []
    sheets: dict[str, Sheet] = {}

    def open_file(name: str) -> tuple[Sheet, Tree]:
        sheet = sheets[name] = Sheet(f"{folder.absolute().name}/{name}")
        content, tree = _load(sheet, folder, name)
        contents.append(content)
        return sheet, tree

    sheet, tree = open_file(QUEUES_FILE)
    rules = read_queues(sheet, tree)
    priorities = {str(rule.name): rule.priority for rule in rules}
    lines_of = {QueueName(rule.name): rule.line for rule in rules} or None
    lines: dict[str, LinePlan] = {}
    for line in LINES:
        sheet, tree = open_file(f"{line}.yaml")
        lines[line] = plan = read_line(sheet, tree, line, priorities)
        for problem in check_paths(plan, lines_of):
            mark = sheet.mark_of(problem.part)
            sheet.wrong(mark, problem.message)
    _refuse(tuple(sheets.values()))
    return Dialplans(lines, QueueTable(rules), _version(contents), sheets)


def check(dialplans: Dialplans, seconds_of: Callable[[str], Seconds | None]) -> tuple[Mistake, ...]:
    """What is wrong with the recordings: missing ones and long ones, at their texts' places.
    `seconds_of`: the length of a text's recording, None when there is none."""
    found = []
    for line, plan in dialplans.lines.items():
        sheet = dialplans.sheets[f"{line}.yaml"]
        for problem in check_prompts(plan, seconds_of):
            mark = sheet.mark_of(problem.part)
            found.append(Mistake(sheet.file, mark.line, mark.column, problem.message))
    return tuple(found)


def _load(sheet: Sheet, folder: Path, name: str) -> tuple[bytes, Tree]:
    """A file's bytes and tree. What cannot be read is noted, and stands as refused."""
    path = folder / name
    content = b""
    try:
        if not path.is_file():
            there = {other.name for other in folder.iterdir()} if folder.is_dir() else set()
            hint = nearest(name, sorted(there - FILES)) if name not in there else ""
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


def _refuse(sheets: tuple[Sheet, ...]) -> None:
    """DialplanMistakes if there is any, in the order of lines within each file."""
    shown: list[Mistake] = []
    for sheet in sheets:
        found = sorted(set(sheet.mistakes))
        shown += found[:MISTAKES_SHOWN]
        if len(found) > MISTAKES_SHOWN:
            last = found[MISTAKES_SHOWN]
            more = f"há mais {len(found) - MISTAKES_SHOWN} erros daqui em diante"
            shown.append(Mistake(sheet.file, last.line, last.column, more))
    if shown:
        raise DialplanMistakes(tuple(shown))


def _version(contents: list[bytes]) -> str:
    """Differs when any byte of any file does."""
    whole = hashlib.sha256()
    for content in contents:
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()[:12]
