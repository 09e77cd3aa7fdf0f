"""The folder of dialplans, read whole or refused whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from acd.queues import QueueTable
from contract.definitions import Contract
from ivr.announcements import Announcement
from ivr.checker import (
    Around,
    LengthOf,
    Problem,
    check_announcements,
    check_names,
    check_paths,
    check_prompts,
)
from ivr.hours import Calendar
from ivr.menu import LinePlan, LookUpNode
from reader.across import closing_queues, sent_to, skills_of
from reader.announcement_file import read_announcements
from reader.calendar_file import read_calendar
from reader.common_file import Common, read_common
from reader.contract_file import read_contract
from reader.folder import (
    ANNOUNCEMENTS,
    CALENDAR,
    COMMON,
    CONTRACT,
    LOOK_UPS,
    QUEUES,
    Contents,
    Folder,
    contents_of,
    line_file,
)
from reader.forms import Given, Sheet
from reader.line_file import read_line
from reader.look_up_file import read_look_ups
from reader.mistakes import Mistake
from reader.queue_file import read_queues
from reader.yaml_text import START, Refused
from terms.limits import LOOK_UP_SECONDS
from terms.names import LINES, QueueName
from terms.services import ServiceSpec


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
    contract: Contract = field(default_factory=Contract)

    def mistake(self, line: str, problem: Problem) -> Mistake:
        """A finding about a line's plan, with the place in the files that it is about."""
        return _placed(self.sheets, line, problem)[1]


def read_dialplans(folder: Path) -> Dialplans:
    """Read the folder. DialplanMistakes with all that is wrong in it; nothing else is raised."""
    return read_contents(contents_of(folder))


def read_contents(contents: Contents) -> Dialplans:
    """The same for files that are in memory: what is proved is what was there, byte by byte."""
    files = Folder(contents)
    sheet, tree = files.open(QUEUES)
    queues = read_queues(sheet, tree or Refused(START), QUEUES)
    rules = queues.rules
    sheet, tree = files.open(CALENDAR)
    calendar = read_calendar(sheet, tree, CALENDAR) if tree else Calendar()
    given = Given(priorities={str(rule.name): rule.priority for rule in rules})
    sheet, tree = files.open(COMMON, given)
    common = read_common(sheet, tree, COMMON) if tree else Common()
    sheet, tree = files.open(LOOK_UPS)
    look_ups = read_look_ups(sheet, tree, LOOK_UPS) if tree else {}
    lines = {}
    for line in LINES:
        sheet, tree = files.open(line_file(line), given)
        plan = read_line(sheet, tree or Refused(START), line, common)
        lines[line] = _waited_for(plan, look_ups)
    sheet, tree = files.open(ANNOUNCEMENTS, Given(common.texts, whole=common.whole))
    announcements = read_announcements(sheet, tree, ANNOUNCEMENTS) if tree else ()
    sheet, tree = files.open(CONTRACT)
    contract = read_contract(sheet, tree, CONTRACT) if tree else Contract()
    whole = {line: plan for line, plan in lines.items() if files.sound(line_file(line), COMMON)}
    _check(
        files,
        announcements,
        Around(
            queues={QueueName(rule.name): rule.line for rule in rules} or None,
            skills=skills_of(rules) or None,
            hours=frozenset(calendar.hours) if files.sound(CALENDAR) else None,
            services=look_ups if files.sound(LOOK_UPS) else None,
            destinations=frozenset(common.destinations) if files.sound(COMMON) else None,
            all_lines=lines,
            sent=sent_to(files.sheets[QUEUES], rules, whole),
            closing=closing_queues(
                files.sheets[QUEUES], rules, calendar if files.sound(CALENDAR) else None
            ),
        ),
    )
    files.note_strangers()
    files.refuse()
    return Dialplans(
        lines=lines,
        queues=QueueTable(rules, queues.rule, queues.reserve),
        version=files.version(),
        sheets=files.sheets,
        calendar=calendar,
        announcements=announcements,
        services=look_ups,
        destinations=common.destinations,
        relay_numbers=common.relay_numbers,
        contract=contract,
    )


def _waited_for(plan: LinePlan, look_ups: Mapping[str, ServiceSpec]) -> LinePlan:
    """The plan, each look-up in it waited for as long as its node says, else its service."""
    nodes = dict(plan.nodes)
    for name, node in nodes.items():
        if isinstance(node, LookUpNode) and not node.seconds:
            spec = look_ups.get(node.service)
            nodes[name] = replace(node, seconds=spec.seconds if spec else LOOK_UP_SECONDS)
    return replace(plan, nodes=nodes)


def _check(files: Folder, announcements: tuple[Announcement, ...], around: Around) -> None:
    """What only shows when all is laid side by side. A plan that could not be read whole has its
    names looked at alone: what follows from a hole in it is no mistake of its author's."""
    whole = [
        line for line in around.all_lines if files.sound(line_file(line), COMMON, QUEUES, LOOK_UPS)
    ]
    for line, plan in around.all_lines.items():
        look = check_paths if line in whole else check_names
        for problem in look(plan, around):
            sheet, mistake = _placed(files.sheets, line, problem)
            sheet.mistakes.append(mistake)
    sheet = files.sheets[ANNOUNCEMENTS]
    told = [one for one in announcements if one.line in whole and one.name and one.node]
    for problem in check_announcements(told, around.all_lines, lambda *_: 0.0):
        sheet.wrong_at(_part_of(announcements, problem), problem.message)


def _placed(sheets: Mapping[str, Sheet], line: str, problem: Problem) -> tuple[Sheet, Mistake]:
    """Where a finding stands: in the line's file, or in comum.yaml what came from there."""
    own, shared = sheets[line_file(line)], sheets[COMMON]
    owner = problem.part[:2]
    from_common = len(owner) == 2 and owner not in own.marks and owner in shared.marks
    sheet = shared if from_common else own
    mark = sheet.mark_of(problem.part)
    message = f"na linha {line}: {problem.message}" if from_common else problem.message
    return sheet, Mistake(sheet.file, mark.line, mark.column, message)


def _part_of(announcements: tuple[Announcement, ...], problem: Problem) -> tuple[str, ...]:
    """The part of announcements.yaml that a finding is about; it knows only the name."""
    name, *rest = problem.part
    numbers = (number for number, one in enumerate(announcements) if one.name == name)
    return ("announcements", str(next(numbers)), *rest)


def check(dialplans: Dialplans, length_of: LengthOf) -> tuple[Mistake, ...]:
    """What is wrong with the recordings: missing ones and long ones, at their texts' places.
    `length_of`: the length of a recording by (language, words), None when there is none."""
    found = [
        dialplans.mistake(line, problem)
        for line, plan in dialplans.lines.items()
        for problem in check_prompts(plan, length_of)
    ]
    sheet = dialplans.sheets[ANNOUNCEMENTS]
    for problem in check_announcements(dialplans.announcements, dialplans.lines, length_of):
        mark = sheet.mark_of(_part_of(dialplans.announcements, problem))
        found.append(Mistake(sheet.file, mark.line, mark.column, problem.message))
    return tuple(dict.fromkeys(found))
