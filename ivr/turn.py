"""What the interpreter takes and gives: a place in the menu, and one turn of the conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.texts import PORTUGUESE, Filled, Text, fill
from terms.facts import Kind
from terms.limits import MENU_LEVELS
from terms.names import QueueName, Seconds
from terms.needs import NOTHING, Needs

FOUND, MISSING, FAILED = "achou", "nao_achou", "falhou"
"""How a service answers."""

_POSITION = re.compile(r"([^:]+):(\d{1,4}):(\d{1,4}):([^:]*):([^:]*):([^:]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a caller stands: the node, wrong inputs there, nodes visited in all, the menus above
    (outermost first), how far within the node, and the announcements already heard."""

    node: str = ""
    tries: int = 0
    visited: int = 0
    above: tuple[str, ...] = ()
    phase: str = ""
    told: tuple[str, ...] = ()

    def to_text(self) -> str:
        """The text that a channel carries."""
        above, told = "/".join(self.above), "/".join(self.told)
        return f"{self.node}:{self.tries}:{self.visited}:{above}:{self.phase}:{told}"

    @staticmethod
    def from_text(text: str) -> Position:
        """Read it back. What cannot be read is a position that no plan knows."""
        found = _POSITION.fullmatch(text)
        if found is None:
            return Position()
        node, tries, visited, above, phase, told = found.groups()
        levels = _names(above)[-MENU_LEVELS:]
        return Position(node, int(tries), int(visited), levels, phase, _names(told))


def _names(joined: str) -> tuple[str, ...]:
    return tuple(name for name in joined.split("/") if name)


@dataclass(frozen=True, slots=True)
class Say:
    """A text to play, its gaps filled; one of `keys` interrupts it."""

    parts: tuple[str | Filled, ...]
    language: str = PORTUGUESE
    keys: str = ""

    @staticmethod
    def of(text: Text, language: str, values: Mapping[str, str], keys: str = "") -> Say:
        """A text as a caller of this language hears it, its gaps filled with these values."""
        return Say(fill(text, language, values), text.spoken_in(language), keys)

    @property
    def plain(self) -> str:
        """As a person would read it, the values included."""
        return " ".join(part if isinstance(part, str) else part.value for part in self.parts)


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for a key this long after the last text (0 = only the texts' own time), then up to
    `between_seconds` for each further one until there are `most` or one of `ends` is pressed.
    `codes`: `*` may begin a direct code."""

    seconds: Seconds
    between_seconds: Seconds = 0.0
    most: int = 1
    ends: str = ""
    codes: bool = True


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask a service, for no longer than this."""

    service: str
    given: Mapping[str, str]
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered: FOUND with its values, MISSING, or FAILED."""

    how: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Record what the caller says, up to this long."""

    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Transfer:
    """Connect the caller with a number outside, by its name."""

    destination: str


@dataclass(frozen=True, slots=True)
class JoinQueue:
    """The caller's place in this queue of `line` begins now, or moves there. `says` is heard while
    waiting; `keys` lead on from there; `needs`: of this call, beside what its queue needs."""

    queue: QueueName
    priority: int
    note: str
    line: str
    says: tuple[Say, ...] = ()
    keys: str = ""
    needs: Needs = NOTHING


@dataclass(frozen=True, slots=True)
class End:
    """The call is over: the menu gave what was wanted."""


Then = Listen | LookUp | TakeMessage | Transfer | JoinQueue | End

Told = tuple[Kind, dict[str, Any]]

Took = tuple[str, str]
"""A node and the branch (`ivr.menu.branches`) by which it was left."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said, what is remembered, and what to do after the saying."""

    position: Position
    data: Mapping[str, str]
    says: tuple[Say, ...]
    facts: tuple[Told, ...]
    then: Then
    took: tuple[Took, ...] = ()
