"""A caller walks through a line's plan: one turn is what to say next and what to do then.

    enter ─► Turn ─(key or silence)─► heard ─► Turn ─► … ─► JoinQueue or End
    resume(position) ─► the same node again, its text from the beginning

No key and no silence can trap a caller: wrong or missing input twice, `9`, too many nodes, or a
place that the plan does not know all lead to a person or to the start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ivr.menu import (
    BACK_KEY,
    DIGITS,
    PERSON_KEY,
    EndNode,
    LinePlan,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
)
from terms.facts import Kind
from terms.limits import MENU_LEVELS, MENU_TRIES, NODES_PER_CALL
from terms.names import QueueName, Seconds

ASKED_FOR_A_PERSON = "pediu atendente"
DID_NOT_CHOOSE = "não escolheu no menu"
WALKED_TOO_LONG = "menu longo demais"
"""What the agent is told of a caller whom no node sent."""

_POSITION = re.compile(r"([^:/]+):(\d{1,4}):(\d{1,4}):([^:]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Say:
    """A text to play; one of `keys` interrupts it."""

    text: str
    keys: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for a key this long after the last text; 0 = only the texts' own time."""

    seconds: Seconds


@dataclass(frozen=True, slots=True)
class JoinQueue:
    """The caller's place in this queue begins now."""

    queue: QueueName
    priority: int
    note: str


@dataclass(frozen=True, slots=True)
class End:
    """The call is over: the menu gave what was wanted."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a caller stands: the node, wrong inputs there, nodes visited in all, and the menus
    above (outermost first)."""

    node: str = ""
    tries: int = 0
    visited: int = 0
    above: tuple[str, ...] = ()

    def to_text(self) -> str:
        """The text that a channel carries."""
        return f"{self.node}:{self.tries}:{self.visited}:{'/'.join(self.above)}"

    @staticmethod
    def from_text(text: str) -> Position:
        """Read it back. What cannot be read is a position that no plan knows."""
        found = _POSITION.fullmatch(text)
        if found is None:
            return Position()
        node, tries, visited, above = found.groups()
        levels = tuple(name for name in above.split("/") if name)[-MENU_LEVELS:]
        return Position(node, int(tries), int(visited), levels)


Told = tuple[Kind, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said, what is remembered, and what to do after the saying."""

    position: Position
    says: tuple[Say, ...]
    facts: tuple[Told, ...]
    then: Listen | JoinQueue | End


def enter(plan: LinePlan) -> Turn:
    """The first turn of a call."""
    return _go(plan, Position(), plan.start, ())


def resume(plan: LinePlan, position: Position) -> Turn:
    """The node of this position again, from its beginning; the start if the plan has it no more."""
    if position.node not in plan.nodes:
        return _go(plan, replace(position, above=()), plan.start, ())
    return _show(plan, position, ())


def heard(plan: LinePlan, position: Position, key: str) -> Turn:
    """What follows from a key; '' is silence."""
    node = plan.nodes.get(position.node)
    match node:
        case MenuNode():
            return _at_menu(plan, position, node, key, ())
        case SayNode():
            return _at_say(plan, position, node, key)
        case _:
            return resume(plan, position)


def _at_menu(
    plan: LinePlan, position: Position, node: MenuNode, key: str, facts: tuple[Told, ...]
) -> Turn:
    valid = key in node.options or key in (PERSON_KEY, BACK_KEY)
    pressed = {"node": node.name, "key": key, "valid": valid}
    facts = (*facts, (Kind.KEY_PRESSED, pressed))
    if key in node.options:
        deeper = (*position.above, node.name)[-MENU_LEVELS:]
        return _go(plan, replace(position, above=deeper), node.options[key], facts)
    return _any_other_key(plan, position, key, facts)


def _at_say(plan: LinePlan, position: Position, node: SayNode, key: str) -> Turn:
    """A key that interrupts a text is meant for what follows the text."""
    if not key:
        return _go(plan, position, node.next, ())
    following, passed = _after_texts(plan, node)
    if isinstance(following, MenuNode):
        entered: tuple[Told, ...] = tuple(_entered(name) for name in (*passed, following.name))
        position = _step_to(following.name, position, 1 + len(passed))
        if position.visited > NODES_PER_CALL:
            return _to_person(plan, position, WALKED_TOO_LONG, entered)
        return _at_menu(plan, position, following, key, entered)
    skips = isinstance(following, QueueNode) and key != BACK_KEY
    valid = skips or key in (PERSON_KEY, BACK_KEY)
    facts: tuple[Told, ...] = ((Kind.KEY_PRESSED, {"node": node.name, "key": key, "valid": valid}),)
    if skips and following is not None:
        return _go(plan, position, following.name, facts)
    return _any_other_key(plan, position, key, facts)


def _any_other_key(plan: LinePlan, position: Position, key: str, facts: tuple[Told, ...]) -> Turn:
    """The two keys that work everywhere, and input that means nothing here."""
    if key == PERSON_KEY:
        return _to_person(plan, position, ASKED_FOR_A_PERSON, facts)
    if key == BACK_KEY:
        *above, target = position.above or (position.node,)
        return _go(plan, replace(position, above=tuple(above)), target, facts)
    if position.tries + 1 >= MENU_TRIES:
        return _to_person(plan, position, DID_NOT_CHOOSE, facts)
    again = replace(position, tries=position.tries + 1)
    return _show(plan, again, facts)


def _go(plan: LinePlan, position: Position, name: str, facts: tuple[Told, ...]) -> Turn:
    """Enter a node. A name that the plan does not have leads to a person."""
    if name not in plan.nodes:
        return _to_person(plan, position, DID_NOT_CHOOSE, facts)
    position = _step_to(name, position, 1)
    facts = (*facts, _entered(name))
    if position.visited > NODES_PER_CALL:
        return _to_person(plan, position, WALKED_TOO_LONG, facts)
    return _show(plan, position, facts)


def _step_to(name: str, position: Position, steps: int) -> Position:
    """The position at a node just entered; a menu that stands above is gone back to."""
    above = position.above
    if name in above:
        above = above[: above.index(name)]
    return Position(name, 0, position.visited + steps, above)


def _show(plan: LinePlan, position: Position, facts: tuple[Told, ...]) -> Turn:
    """Say what the node at this position says."""
    node = plan.nodes[position.node]
    match node:
        case QueueNode():
            return Turn(position, (), facts, JoinQueue(node.queue, node.priority, node.note))
        case EndNode():
            return Turn(position, (), facts, End())
        case MenuNode():
            text = node.again if position.tries and node.again else node.text
            says = (Say(text, _keys(node)),)
            return Turn(position, says, facts, Listen(plan.key_seconds))
        case SayNode():
            following, _ = _after_texts(plan, node)
            # After the last words before an end, the caller may still ask for a person.
            last = isinstance(plan.nodes.get(node.next), EndNode)
            says = (Say(node.text, _keys(following)),)
            return Turn(position, says, facts, Listen(plan.key_seconds if last else 0.0))


def _keys(node: Node | None) -> str:
    """What interrupts a text: all digits, so that a wrong key is answered at once, `*`, and what
    else the menu takes."""
    others = "".join(node.options) if isinstance(node, MenuNode) else ""
    return "".join(dict.fromkeys(DIGITS + BACK_KEY + others))


def _after_texts(plan: LinePlan, node: SayNode) -> tuple[Node | None, tuple[str, ...]]:
    """The first node after this one that is not only a text, and the texts passed on the way."""
    passed: list[str] = []
    following = plan.nodes.get(node.next)
    while isinstance(following, SayNode) and len(passed) < NODES_PER_CALL:
        passed.append(following.name)
        following = plan.nodes.get(following.next)
    return following, tuple(passed)


def _to_person(plan: LinePlan, position: Position, note: str, facts: tuple[Told, ...]) -> Turn:
    return Turn(position, (), facts, JoinQueue(plan.person, plan.person_priority, note))


def _entered(name: str) -> Told:
    return Kind.NODE_ENTERED, {"node": name}
