"""The folder of dialplans, read whole or refused whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acd.queues import QueueRule, QueueTable
from ivr.announcements import Announcement
from ivr.checker import Around, Problem, check_paths, check_prompts, nearest
from ivr.hours import Calendar
from ivr.menu import LinePlan
from ivr.texts import recorded_words
from reader.across import announcements_agree, queues_agree, typed_queues
from reader.announcement_file import read_announcements
from reader.calendar_file import read_calendar
from reader.forms import Given, Sheet
from reader.line_file import Common, read_common, read_line
from reader.mistakes import DialplanMistakes, Mistake
from reader.queue_file import read_queues
from reader.service_file import read_services
from reader.yaml_text import START, NotYaml, Refused, Text, Tree, read_yaml
from terms.limits import ANNOUNCEMENT_SECONDS_MAX, DIALPLAN_BYTES, MISTAKES_SHOWN
from terms.names import LINES, QueueName, Seconds
from terms.services import ServiceSpec

QUEUES, CALENDAR, COMMON = "queues.yaml", "calendar.yaml", "comum.yaml"
SERVICES, ANNOUNCEMENTS = "servicos.yaml", "announcements.yaml"
LINE_FILES = tuple(f"{line}.yaml" for line in LINES)
MAY_BE_MISSING = frozenset({CALENDAR, COMMON, SERVICES, ANNOUNCEMENTS})
FILES = (QUEUES, CALENDAR, COMMON, SERVICES, *LINE_FILES, ANNOUNCEMENTS)

LengthOf = Callable[[str, str], Seconds | None]
"""The length of a recording by (language, words); None when there is none."""


@dataclass(frozen=True, slots=True)
class Dialplans:
    """All that was read: a plan for each line, the queues, what both name, and the version of the
    whole."""

    lines: Mapping[str, LinePlan]
    queues: QueueTable
    version: str
    sheets: Mapping[str, Sheet] = field(repr=False, compare=False)  # where each part stands
    calendar: Calendar = field(default_factory=Calendar)
    announcements: tuple[Announcement, ...] = ()
    services: Mapping[str, ServiceSpec] = field(default_factory=dict)
    destinations: Mapping[str, str] = field(default_factory=dict)
    relay_numbers: tuple[str, ...] = ()

    def mistake(self, line: str, problem: Problem) -> Mistake:
        """A finding about a line's plan, with the place in the files that it is about."""
        return _at(self.sheets, line, problem)


@dataclass(slots=True)
class _Folder:
    """The files, as they are being opened."""

    path: Path
    sheets: dict[str, Sheet] = field(default_factory=dict)
    contents: list[bytes] = field(default_factory=list)

    def open(self, name: str, given: Given | None = None) -> tuple[Sheet, Tree | None]:
        """A file's tree; None when it may be missing, and is or says nothing."""
        called = f"{self.path.absolute().name}/{name}"
        sheet = self.sheets[name] = Sheet(called, given or Given())
        content, tree = _load(sheet, self.path, name)
        self.contents.append(content)
        empty = isinstance(tree, Text) and not tree.text
        return sheet, None if empty and name in MAY_BE_MISSING else tree

    def sound(self, name: str) -> bool:
        """Whether nothing was wrong in a file so far."""
        return not self.sheets[name].mistakes


def read_dialplans(folder: Path) -> Dialplans:
    """Read the folder. DialplanMistakes with all that is wrong in it; nothing else is raised."""
    files = _Folder(folder)
    sheet, tree = files.open(QUEUES)
    rules = read_queues(sheet, tree, QUEUES) if tree else ()
    given = Given(priorities={str(rule.name): rule.priority for rule in rules})
    sheet, tree = files.open(CALENDAR)
    calendar = read_calendar(sheet, tree, CALENDAR) if tree else Calendar()
    sheet, tree = files.open(COMMON, given)
    common = read_common(sheet, tree, COMMON) if tree else Common()
    sheet, tree = files.open(SERVICES)
    services = read_services(sheet, tree, SERVICES) if tree else {}
    lines = {}
    for line, name in zip(LINES, LINE_FILES, strict=True):
        sheet, tree = files.open(name, given)
        lines[line] = read_line(sheet, tree or Refused(START), line, common)
    sheet, tree = files.open(ANNOUNCEMENTS, Given(common.texts))
    announcements = read_announcements(sheet, tree, ANNOUNCEMENTS) if tree else ()
    announcements_agree(sheet, announcements, lines)
    _check_lines(files, lines, _around(files, rules, calendar, common, services, lines))
    _strangers(files)
    _refuse(tuple(files.sheets.values()))
    return Dialplans(
        lines,
        QueueTable(rules),
        _version(files.contents),
        files.sheets,
        calendar,
        announcements,
        services,
        common.destinations,
        common.relay_numbers,
    )


def _around(
    files: _Folder,
    rules: tuple[QueueRule, ...],
    calendar: Calendar,
    common: Common,
    services: Mapping[str, ServiceSpec],
    lines: Mapping[str, LinePlan],
) -> Around:
    """What plans may name. What stands in a broken file is unknown, and nobody is blamed."""
    known_calendar = calendar if files.sound(CALENDAR) else None
    closing = queues_agree(files.sheets[QUEUES], rules, known_calendar)
    return Around(
        queues={QueueName(rule.name): rule.line for rule in rules} or None,
        hours=frozenset(calendar.hours) if files.sound(CALENDAR) else None,
        services=services if files.sound(SERVICES) else None,
        destinations=frozenset(common.destinations) if files.sound(COMMON) else None,
        all_lines=lines,
        closing=typed_queues(closing),
    )


def _check_lines(files: _Folder, lines: Mapping[str, LinePlan], around: Around) -> None:
    for line, plan in lines.items():
        for problem in check_paths(plan, around):
            found = _at(files.sheets, line, problem)
            owner = next(one for one in files.sheets.values() if one.file == found.file)
            owner.mistakes.append(found)


def _at(sheets: Mapping[str, Sheet], line: str, problem: Problem) -> Mistake:
    """Where a finding stands: in the line's file, or in comum.yaml what came from there."""
    own, shared = sheets[f"{line}.yaml"], sheets[COMMON]
    owner = problem.part[:2]
    from_common = len(owner) == 2 and owner not in own.marks and owner in shared.marks
    sheet = shared if from_common else own
    mark = sheet.mark_of(problem.part)
    message = f"na linha {line}: {problem.message}" if from_common else problem.message
    return Mistake(sheet.file, mark.line, mark.column, message)


def check(dialplans: Dialplans, length_of: LengthOf) -> tuple[Mistake, ...]:
    """What is wrong with the recordings: missing ones and long ones, at their texts' places.
    `length_of`: the length of a recording by (language, words), None when there is none."""
    found = [
        dialplans.mistake(line, problem)
        for line, plan in dialplans.lines.items()
        for problem in check_prompts(plan, length_of)
    ]
    sheet = dialplans.sheets[ANNOUNCEMENTS]
    for number, one in enumerate(dialplans.announcements):
        mark = sheet.mark_of(("announcements", str(number), "text"))
        for message in _announcement_wrong(one, length_of):
            found.append(Mistake(sheet.file, mark.line, mark.column, message))
    return tuple(dict.fromkeys(found))


def _announcement_wrong(one: Announcement, length_of: LengthOf) -> list[str]:
    seconds: dict[str, Seconds] = {}
    for language, words in recorded_words(one.text):
        length = length_of(language, words)
        if length is None:
            return [f"não há gravação do aviso '{one.name}' no idioma '{language}'"]
        seconds[language] = seconds.get(language, 0.0) + length
    longest = max(seconds.values(), default=0.0)
    if longest <= ANNOUNCEMENT_SECONDS_MAX:
        return []
    shown = f"{longest:.1f}".replace(".", ",")
    return [f"o aviso dura {shown} s; o máximo é {ANNOUNCEMENT_SECONDS_MAX:g} s"]


def _load(sheet: Sheet, folder: Path, name: str) -> tuple[bytes, Tree]:
    """A file's bytes and tree. What cannot be read is noted, and stands as refused."""
    path = folder / name
    content = b""
    try:
        if not path.is_file():
            if name in MAY_BE_MISSING and not path.exists():
                return content, Text(START, "")
            sheet.wrong(START, f"falta o arquivo {name} na pasta {folder.name}{_hint(path)}")
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


def _hint(path: Path) -> str:
    return nearest(path.name, _others(path.parent)) if not path.exists() else ""


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


def _strangers(files: _Folder) -> None:
    """A misspelt comum.yaml must not pass for none: what is not read is not left lying there."""
    told = " ".join(one.message for sheet in files.sheets.values() for one in sheet.mistakes)
    for name in _others(files.path):
        if f"'{name}'" not in told:
            missing = [one for one in FILES if not (files.path / one).is_file()]
            hint = nearest(name, missing) or f"; aqui se leem {', '.join(FILES)}"
            sheet = files.sheets[name] = Sheet(f"{files.path.absolute().name}/{name}")
            sheet.wrong(START, f"o arquivo '{name}' não é lido{hint}")


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
