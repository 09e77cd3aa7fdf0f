"""In which languages a caller may stand at each node: by the ways that are written, and by the keys
that no node writes (`*` back to the menu above, `*00` to the start, `*NN` to the direct codes).

A state is (node, language spoken there). A menu is come back to in another language when one of
its options leads to where that language is spoken, and its caller then presses `*`; unless the way
there goes back over a node that was passed before the menu, for then it stands above no more.
(Who types a code, changes the language and goes back to where the code was typed is not followed:
what is not there in that language is said in Portuguese.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.menu import (
    BACK_KEY,
    START_CODE,
    CollectNode,
    HandOverNode,
    LookUpNode,
    MenuNode,
    SayNode,
    SurveyNode,
)
from ivr.proofs.dominators import Dominators, dominators_of
from ivr.proofs.graph import Graph, Trail, Way
from ivr.texts import PORTUGUESE

State = tuple[str, str]
"""A node, and the language that is spoken there."""

LISTENS = (MenuNode, CollectNode, SayNode, LookUpNode, SurveyNode)
"""Nodes that a caller may leave by `*` or a code: all that hear keys while they speak."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The states that callers may be in, and the languages that may be spoken at each node."""

    graph: Graph
    trail: Trail[State]
    languages: Mapping[str, tuple[str, ...]]
    incoming: Mapping[str, str]  # languages of callers whom other lines hand over, and the way

    def of(self, name: str) -> tuple[str, ...]:
        """The languages that may be spoken at a node; Portuguese where nobody gets to."""
        return self.languages.get(name, (PORTUGUESE,))


def flow_of(graph: Graph, others: Iterable[Graph] = ()) -> Flow:
    """Where callers of this plan may stand: its own, and those whom other lines hand over."""
    incoming: dict[str, str] = {}
    for other in others:
        for language, path in _handed_over(other, graph.plan.line):
            incoming.setdefault(language, f"linha {other.plan.line}: {path}")
    filling = _Filling(graph)
    filling.fill(tuple(incoming))
    languages: dict[str, tuple[str, ...]] = {}
    for name, language in filling.trail.came:
        languages[name] = (*languages.get(name, ()), language)
    return Flow(graph, filling.trail, languages, incoming)


def _handed_over(other: Graph, line: str) -> Iterator[tuple[str, str]]:
    """The languages that another line's callers bring along, each with a way."""
    nodes = other.plan.nodes
    doors = {
        name for name, node in nodes.items() if isinstance(node, HandOverNode) and node.line == line
    }
    if doors:
        trail = flow_of(other).trail
        yield from ((state[1], trail.path(state)) for state in trail.came if state[0] in doors)


@dataclass(slots=True)
class _Filling:
    """Grows until nothing is new."""

    graph: Graph
    trail: Trail[State] = field(default_factory=Trail)
    waiting: deque[State] = field(default_factory=deque)
    dominators: Dominators | None = None

    def fill(self, incoming: tuple[str, ...]) -> None:
        """From the start; then by the codes, after the talks, and back, again and again in every
        language that somebody may speak by then."""
        graph = self.graph
        entries = [root for root in graph.before if not root.how.startswith(BACK_KEY)]
        codes = [root for root in graph.before if root.how.startswith(BACK_KEY)]
        for root in entries:
            self.come(None, root.how, root.node, PORTUGUESE)
        while self.waiting:
            self.run()
            for language, first in self.first_states(LISTENS).items():
                for root in entries:
                    self.come(first, START_CODE, root.node, language)
                for root in codes:
                    self.come(first, root.how, root.node, language)
            spoken = self.first_states(object)
            for root in graph.after:
                for language in (*spoken, *incoming):
                    self.come(spoken.get(language), root.how, root.node, language)
            if len(spoken) > 1 and not self.waiting:
                self.go_back()

    def state(self, name: str, language: str) -> State:
        """Where somebody stands who comes to a node with this language."""
        return (name, self.graph.plan.nodes[name].language or language)

    def come(self, previous: State | None, branch: str, name: str, language: str) -> None:
        """Somebody comes to a node by this branch."""
        state = self.state(name, language)
        if state not in self.trail.came:
            self.trail.came[state] = (previous, branch)
            self.waiting.append(state)

    def run(self) -> None:
        """Until no state waits."""
        while self.waiting:
            state = self.waiting.popleft()
            for way in self.graph.ways[state[0]]:
                self.come(state, way.branch, way.target, state[1])

    def first_states(self, kinds: type | tuple[type, ...]) -> dict[str, State]:
        """For each language the first state at a node of these kinds."""
        found: dict[str, State] = {}
        for state in self.trail.came:
            if isinstance(self.graph.plan.nodes[state[0]], kinds):
                found.setdefault(state[1], state)
        return found

    def go_back(self) -> None:
        """`*`: each menu again, in the languages that are spoken further on."""
        further = self.spoken_further_on()
        for state in tuple(self.trail.came):
            name, language = state
            if not isinstance(self.graph.plan.nodes[name], MenuNode):
                continue
            for way in self.graph.ways[name]:
                if way.part[0] == "options" and not self.goes_up(name, way):
                    for other in further.get(self.state(way.target, language), ()):
                        self.come(state, f"{way.branch} … {BACK_KEY}", name, other)

    def spoken_further_on(self) -> dict[State, set[str]]:
        """The languages in which a caller is heard at each state, or beyond it before another
        menu is left by an option: `*` goes back to the last that was. A menu itself is heard in
        whatever language it was come back to."""
        nodes = self.graph.plan.nodes
        before: dict[State, list[State]] = {}
        spoken: dict[str, set[str]] = {}
        for state in self.trail.came:
            spoken.setdefault(state[0], set()).add(state[1])
            for way in self.graph.ways[state[0]]:
                stays_above = isinstance(nodes[state[0]], MenuNode) and way.part[0] == "options"
                if not stays_above and not self.goes_up(state[0], way):
                    before.setdefault(self.state(way.target, state[1]), []).append(state)
        further: dict[State, set[str]] = {
            state: {*spoken[state[0]]} if isinstance(nodes[state[0]], MenuNode) else {state[1]}
            for state in self.trail.came
            if isinstance(nodes[state[0]], LISTENS)
        }
        waiting = deque(further)
        while waiting:
            state = waiting.popleft()
            for previous in before.get(state, ()):
                known = further.setdefault(previous, set())
                if not further[state] <= known:
                    known |= further[state]
                    waiting.append(previous)
        return further

    def goes_up(self, name: str, way: Way) -> bool:
        """Whether a way leads to a node that everybody here has passed: what stood below it is
        forgotten."""
        if self.dominators is None:
            self.dominators = dominators_of(self.graph)
        return self.dominators.passed(way.target, name)
