"""tests/*.yaml of a folder of dialplans: call scripts, each of one line.

Read with the forms of the dialplans themselves; names of nodes and queues are checked against the
plans, so that a script that nobody can pass is told as a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from acd.queues import QueueTable
from ivr.announcements import WHILE_WAITING
from ivr.checker import nearest
from ivr.menu import LinePlan, Part, SurveyNode
from ivr.script import Script
from reader.forms import Sheet, read_form, shown
from reader.mistakes import DialplanMistakes, Mistake
from reader.script_forms import SCRIPTS
from reader.yaml_text import START, NotYaml, read_yaml
from terms.limits import DIALPLAN_BYTES, MISTAKES_SHOWN

FOLDER: Final = "tests"


class Named(Protocol):
    """Where the names of a script must exist; reader.Dialplans."""

    @property
    def lines(self) -> Mapping[str, LinePlan]:
        """The plans."""

    @property
    def queues(self) -> QueueTable:
        """The queues."""


@dataclass(frozen=True, slots=True)
class Written:
    """A script, and where it and its parts stand."""

    script: Script
    sheet: Sheet
    part: Part

    def place(self, part: Part = ()) -> str:
        """`dialplans/tests/156.yaml:12:5` for a part of the script."""
        mark = self.sheet.mark_of((*self.part, *part))
        return f"{self.sheet.file}:{mark.line}:{mark.column}"


def read_scripts(folder: Path, named: Named) -> tuple[Written, ...]:
    """The scripts of a folder of dialplans, in the order of files and lines; () when it has none.
    DialplanMistakes with all that is wrong in them."""
    found: list[Written] = []
    mistakes: list[Mistake] = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        sheet = Sheet(f"{folder.absolute().name}/{FOLDER}/{path.name}")
        found += _scripts_of(sheet, path, named)
        mistakes += sorted(set(sheet.mistakes))[:MISTAKES_SHOWN]
    if mistakes:
        raise DialplanMistakes(tuple(mistakes))
    return tuple(found)


def _scripts_of(sheet: Sheet, path: Path, named: Named) -> list[Written]:
    try:
        with path.open("rb") as file:
            tree, refused = read_yaml(file.read(DIALPLAN_BYTES + 1))
    except OSError as error:
        sheet.wrong(START, f"o arquivo não pode ser lido ({error.strerror})")
        return []
    except NotYaml as error:
        sheet.wrong(error.mark, error.message)
        return []
    for mark, message in refused:
        sheet.wrong(mark, message)
    values = read_form(sheet, tree, (), SCRIPTS, path.name)
    found = []
    seen: set[str] = set()
    for number, (part, call) in enumerate(values["calls"]):
        script = Script(line=values["line"], **call)
        if script.name in seen:
            sheet.wrong_at((*part, "name"), f"já há uma chamada com o nome '{shown(script.name)}'")
        seen.add(script.name)
        _check_names(sheet, part, script, named)
        found.append(Written(script, sheet, ("calls", str(number))))
    return found


def _check_names(sheet: Sheet, part: Part, script: Script, named: Named) -> None:
    """Nodes, queues and questions that no plan has."""
    plans = named.lines.values()
    own = named.lines.get(script.line)
    nodes = {node for plan in plans for node in plan.nodes}
    queues = {str(rule.name) for rule in named.queues.rules}
    questions = {
        question.name
        for plan in plans
        for node in plan.nodes.values()
        if isinstance(node, SurveyNode)
        for question in node.questions
    }
    here = {*(own.nodes if own is not None else ()), WHILE_WAITING}
    wanted = script.wanted
    for at, node in enumerate(wanted.nodes):
        _known(sheet, (*part, "wanted", "nodes", str(at)), node, nodes, "a etapa")
    if wanted.queue is not None:
        _known(sheet, (*part, "wanted", "queue"), wanted.queue, queues, "a fila")
    for question in wanted.marks:
        _known(sheet, (*part, "wanted", "marks", question), question, questions, "a pergunta")
    for node in script.notices:
        _known(sheet, (*part, "notices", node), node, here, "a etapa")


def _known(sheet: Sheet, part: Part, text: str, names: Iterable[str], what: str) -> None:
    if text and text not in names:
        sheet.wrong_at(part, f"{what} '{text}' não existe{nearest(text, sorted(names))}")
