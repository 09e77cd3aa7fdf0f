"""One turn in the making: what was said, remembered and passed on the way to where it stops."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ivr.known import LANGUAGE, Known, language_of
from ivr.menu import BACK_KEY, DIGITS, END_KEY, LinePlan, Node
from ivr.texts import Texts
from ivr.turn import JoinQueue, Position, Say, Then, Told, Took, Turn
from terms.facts import Kind
from terms.limits import DATA_CHARACTERS, DATA_VALUES, RELAY_TRIES

ANY_KEY = DIGITS + BACK_KEY + END_KEY
"""All keys interrupt a text, so that a wrong one is answered at once."""

CODE_KEYS = 3
"""A direct code is `*` and two digits."""

WALKED_TOO_LONG = "menu longo demais"
DID_NOT_CHOOSE = "não escolheu no menu"
"""What the agent is told of a caller whom no node sent."""


def is_code(typed: str) -> bool:
    """Whether this is as long as a direct code: `*` and up to two digits."""
    return typed.startswith(BACK_KEY) and len(typed) <= CODE_KEYS


@dataclass(slots=True)
class Walk:
    """Grows while nodes are passed that need nobody's answer; `then` ends it with a turn."""

    plan: LinePlan
    known: Known
    position: Position = field(default_factory=Position)
    data: dict[str, str] = field(init=False)
    says: list[Say] = field(default_factory=list)
    facts: list[Told] = field(default_factory=list)
    took: list[Took] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = {**self.known.data}

    def copy(self) -> Walk:
        """A walk that goes on by itself from here."""
        return Walk(
            self.plan,
            replace(self.known, data=self.data),
            self.position,
            says=[*self.says],
            facts=[*self.facts],
            took=[*self.took],
        )

    # --- where ---
    def step_to(self, name: str) -> None:
        """Stand at a node just entered; a menu that stands above is gone back to."""
        above = self.position.above
        if name in above:
            above = above[: above.index(name)]
        visited = self.position.visited + 1
        self.position = Position(name, 0, visited, above, "", self.position.told)
        self.note(Kind.NODE_ENTERED, node=name)
        if language := self.plan.nodes[name].language:
            self.data[LANGUAGE] = language

    def to_person(self, note: str) -> Turn:
        """To the line's queue for whoever the menu cannot help."""
        plan = self.plan
        return self.then(JoinQueue(plan.person, plan.person_priority, note, plan.line))

    def then(self, then: Then) -> Turn:
        """The turn as it is now, with what to do after it."""
        return Turn(
            self.position,
            self.data,
            tuple(self.says),
            tuple(self.facts),
            then,
            tuple(self.took),
        )

    # --- what is remembered ---
    def note(self, kind: Kind, **details: Any) -> None:
        """Remember a fact."""
        self.facts.append((kind, details))

    def pressed(self, key: str, valid: bool) -> None:
        """Remember a key or a direct code. More than that would be a number: never noted here."""
        shown = key if len(key) <= 1 or is_code(key) else "?"
        self.note(Kind.KEY_PRESSED, node=self.position.node, key=shown, valid=valid)

    def take(self, branch: str) -> Walk:
        """Leave the node here by this branch."""
        self.took.append((self.position.node, branch))
        return self

    def keep(self, name: str, value: str) -> None:
        """A datum of the call. One too many is not kept: what needs it finds it missing."""
        if name in self.data or len(self.data) < DATA_VALUES:
            self.data[name] = value[:DATA_CHARACTERS]

    # --- what is said ---
    def say(self, texts: Texts, keys: str) -> None:
        """Say texts, in the caller's language where they have it."""
        self.says += self.spoken(texts, keys)

    def spoken(self, texts: Texts, keys: str) -> tuple[Say, ...]:
        """The texts with their gaps filled."""
        language = language_of(self.data)
        values = self.known.values(self.data)
        return tuple(Say.of(text, language, values, keys) for text in texts)

    def notices(self, node: Node, keys: str) -> tuple[Say, ...]:
        """The announcements before this node that the caller has not heard yet."""
        position = self.position
        here = self.known.notices.get(node.name, ())
        fresh = [one for one in here if one.name not in position.told]
        if fresh:
            told = (*position.told, *(one.name for one in fresh))
            self.position = replace(position, told=told)
        return self.spoken(tuple(one.text for one in fresh), keys)

    def keys(self, node: Node) -> str:
        """What interrupts the texts of a node."""
        barge_in = self.plan.defaults.barge_in if node.barge_in is None else node.barge_in
        return ANY_KEY if barge_in else ""

    def tries(self, written: int | None, usual: int) -> int:
        """How often something is asked; an interpreter for a deaf citizen is not hurried."""
        return RELAY_TRIES if self.known.relay else written or usual
