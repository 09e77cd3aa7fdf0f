"""Whether a call went as its script wants, and which branches of the trees a set of calls took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.menu import CollectNode, DecideNode, LinePlan, LookUpNode, MenuNode, Node, Part, QueueNode
from ivr.rehearsal import City, OutOfStep, Rehearsal, compared
from ivr.script import (
    HangsUp,
    Hears,
    IsSilent,
    IsTransferred,
    LeavesMessage,
    LookUpGives,
    Script,
    Step,
    Talks,
    Types,
)
from ivr.ways import branches, exits
from terms.names import LINES

Branch = tuple[str, str, str]
"""Line, node, way out (ivr.menu.branches)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went otherwise. `part`: of the script, as its reader names it."""

    part: Part
    message: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of a script."""

    script: Script
    failures: tuple[Failure, ...]
    path: tuple[str, ...]
    took: frozenset[Branch]


def rehearse(city: City, script: Script) -> Rehearsed:
    """Run one script. Stops at the first step that cannot be taken; never raises for what a script
    says."""
    call = Rehearsal(city, script)
    failures = [*_steps(call, script.steps)] or [*_unmet(call, script)]
    return Rehearsed(script, tuple(failures), tuple(call.path), frozenset(call.took))


# --- steps ---
def _steps(call: Rehearsal, steps: Iterable[Step]) -> Iterator[Failure]:
    at = 0  # how far into what was said the words go that were looked for last
    for number, step in enumerate(steps):
        part = ("steps", str(number))
        if isinstance(step, Hears):
            found = _listen(call, step.words, at)
            if found is None:
                said = " ".join(call.heard)
                told = f"ouviu-se «{said}»" if said else "não se ouviu nada"
                yield Failure(part, f"esperava-se ouvir «{step.words}»; {told} ({call.where})")
                return
            at = found
            continue
        try:
            _act(call, step)
        except OutOfStep as wrong:
            yield Failure(part, f"{NOT_POSSIBLE[type(step)]}: {wrong}")
            return
        at = 0
    while call.text_passes():
        pass


def _listen(call: Rehearsal, words: str, at: int) -> int | None:
    """The place behind these words in what is said from `at` on; None when they do not come."""
    wanted = compared(words)
    while True:
        found = compared(" ".join(call.heard)).find(wanted, at)
        if found >= 0:
            return found + len(wanted) - 1  # the space behind may begin what is looked for next
        if not call.text_passes():
            return None


NOT_POSSIBLE: Final[Mapping[type[Step], str]] = {
    Types: "não se espera uma tecla aqui",
    IsSilent: "o silêncio não muda nada aqui",
    HangsUp: "não há mais quem desligue",
    LookUpGives: "não há consulta aqui",
    LeavesMessage: "não se grava recado aqui",
    IsTransferred: "não há transferência aqui",
    Talks: "não há fila aqui",
}


def _act(call: Rehearsal, step: Step) -> None:
    match step:
        case Types(keys, at_once):
            call.type_keys(keys, at_once)
        case IsSilent():
            call.stay_silent()
        case HangsUp():
            call.hang_up()
        case LookUpGives(answer):
            call.look_up_gives(answer)
        case LeavesMessage():
            call.leave_message()
        case IsTransferred(reached):
            call.is_transferred(reached)
        case _:
            call.talks()


# --- what must come of it ---
def _unmet(call: Rehearsal, script: Script) -> Iterator[Failure]:
    wanted, queue = script.wanted, call.queue
    for name, words, expected, found in (
        ("queue", "a fila", wanted.queue, queue and str(queue.queue)),
        ("priority", "a prioridade", wanted.priority, queue and queue.priority),
        ("note", "o assunto", wanted.note, queue and queue.note),
        ("line", "a linha", wanted.line, queue.line if queue else script.line),
        ("ended", "o fim", wanted.ended, call.ended or None),
        ("language", "o idioma", wanted.language, call.language),
    ):
        if expected is not None and expected != found:
            told = "não houve" if found is None else f"foi '{found}'"
            yield Failure(
                ("wanted", name), f"esperava-se {words} '{expected}'; {told} ({call.where})"
            )
    for name, word, all_wanted, all_found in (
        ("data", "o dado", wanted.data, call.turn.data),
        ("marks", "a nota", wanted.marks, call.marks),
    ):
        for key, value in all_wanted.items():
            if all_found.get(key) != value:
                told = f"foi '{all_found[key]}'" if key in all_found else "não houve"
                message = f"esperava-se {word} {key} '{value}'; {told}"
                yield Failure(("wanted", name, key), message)
    missed = _missed(wanted.nodes, call.path)
    if missed is not None:
        node = wanted.nodes[missed]
        after = f" depois de '{wanted.nodes[missed - 1]}'" if missed else ""
        message = f"a ligação não passou por '{node}'{after}"
        yield Failure(("wanted", "nodes", str(missed)), message)


def _missed(wanted: tuple[str, ...], path: list[str]) -> int | None:
    """Which of the wanted nodes is the first not to be met in this order."""
    rest = iter(path)
    for number, node in enumerate(wanted):
        if node not in rest:
            return number
    return None


# --- coverage ---
@dataclass(frozen=True, slots=True)
class Coverage:
    """Which branches there are, and which of them were taken. Nodes that nothing leads to are
    counted apart: no call can take their branches."""

    all: tuple[Branch, ...]
    taken: frozenset[Branch]
    unreachable: tuple[tuple[str, str], ...] = ()

    @property
    def untaken(self) -> tuple[Branch, ...]:
        """In the order of the files."""
        return tuple(one for one in self.all if one not in self.taken)

    @property
    def share(self) -> float:
        """From 0 to 1; 1 when there is nothing to take."""
        return 1.0 - len(self.untaken) / len(self.all) if self.all else 1.0


def coverage(lines: Mapping[str, LinePlan], rehearsed: Iterable[Rehearsed]) -> Coverage:
    """Of all lines, over all scripts."""
    taken = frozenset(one for each in rehearsed for one in each.took)
    found: list[Branch] = []
    unreachable: list[tuple[str, str]] = []
    for line in sorted(lines, key=lambda line: (line not in LINES, line)):
        met = reachable(lines[line])
        for name, node in lines[line].nodes.items():
            if name in met:
                found += ((line, name, branch) for branch in branches(node))
            else:
                unreachable.append((line, name))
    return Coverage(tuple(found), taken, tuple(unreachable))


def reachable(plan: LinePlan) -> frozenset[str]:
    """The nodes that a call of this line can come to."""
    waiting = [plan.start, plan.after, plan.short_start, *plan.codes.values()]
    met: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in plan.nodes and name not in met:
            met.add(name)
            waiting += (target for _, target in exits(plan.nodes[name]))
    return frozenset(met)


def part_of(node: Node, branch: str) -> Part:
    """The part of a plan where a branch stands; the node itself for what nobody wrote."""
    here: Part = ("nodes", node.name)
    if isinstance(node, MenuNode | QueueNode) and branch in node.options:
        return (*here, "options", branch)
    if isinstance(node, DecideNode) and branch.startswith("caso "):
        return (*here, "cases", str(int(branch.removeprefix("caso ")) - 1))
    if isinstance(node, LookUpNode):
        return (*here, LOOK_UP_PARTS[branch])
    if branch == "desiste":
        return (*here, "failed" if isinstance(node, CollectNode) else "gives_up")
    return (*here, *PARTS[branch]) if branch in PARTS else here


LOOK_UP_PARTS: Final = {"achou": "found", "nao_achou": "missing", "falhou": "failed"}
PARTS: Final[Mapping[str, Part]] = {
    "segue": ("next",),
    "certo": ("next",),
    "atendeu": ("next",),
    "nao_atendeu": ("failed",),
    "senao": ("otherwise",),
}
