"""What a line's plan is made of: nodes with names, and what is heard while waiting and after.

    SayNode    says a text and goes on            MenuNode   says a text and waits for a key
    QueueNode  hands the caller to a queue        EndNode    ends the call

Two keys work at every menu without being written there: `9` is a person, `*` goes back one
level. The plan's `person` is the queue that a caller falls to whenever the menu did not help.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from terms.limits import INPUT_TIMEOUT
from terms.names import QueueName, Seconds

PERSON_KEY = "9"
BACK_KEY = "*"
DIGITS = "0123456789"
OPTION_KEYS = DIGITS + "#"
"""The keys that a menu may give a meaning to (`9` only to lead to some person)."""


@dataclass(frozen=True, slots=True)
class SayNode:
    """Says `text`, then goes to `next`. A key pressed meanwhile is heard by what follows."""

    name: str
    text: str
    next: str


@dataclass(frozen=True, slots=True)
class MenuNode:
    """Says `text` and waits for one of `options` (key → node). `again` is said the second time
    ('' = the same text)."""

    name: str
    text: str
    options: Mapping[str, str]
    again: str = ""


@dataclass(frozen=True, slots=True)
class QueueNode:
    """Hands the caller to `queue`. `note` tells the agent what the call is about."""

    name: str
    queue: QueueName
    priority: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class EndNode:
    """Ends the call: the menu gave what was wanted."""

    name: str


Node = SayNode | MenuNode | QueueNode | EndNode


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """What a waiting caller hears: `before` once, the protocol once if it is to be spoken
    (`protocol_text`, then its digits), then one text of `repeat` in turn each `every_seconds`."""

    before: tuple[str, ...] = ()
    speak_protocol: bool = False
    protocol_text: tuple[str, ...] = ()
    every_seconds: Seconds = 60.0
    repeat: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinePlan:
    """All that one line says and asks. `person` is the queue for whoever the menu cannot help."""

    line: str
    start: str
    nodes: Mapping[str, Node]
    person: QueueName
    person_priority: int = 0
    key_seconds: Seconds = INPUT_TIMEOUT
    waiting: WaitingPlan = field(default_factory=WaitingPlan)
    after: tuple[str, ...] = ()  # texts after the talk


def exits(node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where a node leads by what is written in it: (part of the node, name of the next node)."""
    match node:
        case SayNode():
            yield ("next",), node.next
        case MenuNode():
            for key, target in node.options.items():
                yield ("options", key), target
        case QueueNode() | EndNode():
            pass


def spoken(plan: LinePlan) -> Iterator[tuple[tuple[str, ...], str]]:
    """Everything a plan says, each with the part of the plan that says it."""
    for name, node in plan.nodes.items():
        if isinstance(node, SayNode | MenuNode):
            yield ("nodes", name, "text"), node.text
        if isinstance(node, MenuNode) and node.again:
            yield ("nodes", name, "again"), node.again
    for part in ("before", "protocol_text", "repeat"):
        for number, text in enumerate(getattr(plan.waiting, part)):
            yield ("waiting", part, str(number)), text
    for number, text in enumerate(plan.after):
        yield ("after", str(number)), text


def texts(plan: LinePlan) -> tuple[str, ...]:
    """The texts that need a recording, each once, in the order of the plan."""
    return tuple(dict.fromkeys(text for _, text in spoken(plan)))
