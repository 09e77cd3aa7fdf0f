"""A caller at the interpreter: keeps the data between turns, as a call's channel does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ivr import interpreter
from ivr.interpreter import Answer, Position, Turn
from ivr.known import Known
from ivr.menu import LinePlan, Node
from ivr.texts import Texts, text_of
from terms.facts import Kind
from terms.names import QueueName

GERAL = QueueName("p156_geral")
AT = 1_764_079_200.0  # Tuesday 2025-11-25, 11:00 in São Paulo


def words(*written: str) -> Texts:
    """Portuguese texts."""
    return tuple(text_of(one) for one in written)


def plan_of(*nodes: Node, line: str = "156", **more: Any) -> LinePlan:
    """A line's plan of these nodes; it starts with the first."""
    return LinePlan(line, nodes[0].name, {node.name: node for node in nodes}, GERAL, 30, **more)


class Talk:
    """One call from its first turn on; every turn may be told by another process."""

    def __init__(self, plan: LinePlan, known: Known | None = None, at: str = "") -> None:
        self.plan, self.known = plan, known or Known(AT)
        self.turns: list[Turn] = []
        first = interpreter.enter_at(plan, self.known, at) if at else None
        self._take(first or interpreter.enter(plan, self.known))

    @property
    def turn(self) -> Turn:
        """The last turn."""
        return self.turns[-1]

    @property
    def node(self) -> str:
        """Where the caller stands."""
        return self.turn.position.node

    @property
    def says(self) -> list[str]:
        """What the last turn says."""
        return [say.plain for say in self.turn.says]

    @property
    def entered(self) -> list[str]:
        """All nodes, in order."""
        return [
            details["node"]
            for turn in self.turns
            for kind, details in turn.facts
            if kind is Kind.NODE_ENTERED
        ]

    def facts(self, kind: Kind) -> list[dict[str, object]]:
        """The details of all facts of a kind."""
        return [details for turn in self.turns for one, details in turn.facts if one is kind]

    def types(self, *inputs: str) -> Talk:
        """Each is what was typed after one turn; '' is silence."""
        for typed in inputs:
            self._take(interpreter.heard(self.plan, self.known, self._position(), typed))
        return self

    def is_answered(self, how: str, **values: str) -> Talk:
        """A service answers."""
        answer = Answer(how, values)
        self._take(interpreter.looked_up(self.plan, self.known, self._position(), answer))
        return self

    def resumes(self) -> Turn:
        """What another process would tell from here."""
        return interpreter.resume(self.plan, self.known, self._position())

    def _position(self) -> Position:
        return Position.from_text(self.turn.position.to_text())

    def _take(self, turn: Turn) -> None:
        self.turns.append(turn)
        self.known = replace(self.known, data=turn.data)


def all_took(turns: Iterable[Turn]) -> list[tuple[str, str]]:
    """All branches taken."""
    return [took for turn in turns for took in turn.took]
