"""In which languages a caller may stand at each node, and which menus then stand above: where the
keys lead that no node writes (`*` back, `*00` to the start, `*NN` to the direct codes).

A state is (node, language spoken there). Which node `*` goes back to depends on how the caller
came, so each state has the set of those that may stand last above it, as bits of a whole number:
plans are large, and a menu that was never passed in English must not count as spoken in it.
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
from ivr.proofs.graph import Graph, Trail
from ivr.texts import LANGUAGES, PORTUGUESE

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


def _numbers(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


@dataclass(slots=True)
class _Filling:
    """Grows until nothing is new. `gone_back`: which bits of a state were followed already;
    `returned`: states that were come back to, which have above them what stood there before."""

    graph: Graph
    trail: Trail[State] = field(default_factory=Trail)
    above: dict[State, int] = field(default_factory=dict)
    gone_back: dict[State, int] = field(default_factory=dict)
    returned: dict[str, set[State]] = field(default_factory=dict)
    waiting: deque[State] = field(default_factory=deque)
    queued: set[State] = field(default_factory=set)
    names: tuple[str, ...] = ()
    bits: dict[str, int] = field(default_factory=dict)

    def fill(self, incoming: tuple[str, ...]) -> None:
        """From the start, until no state is new; then by the codes and after the talks, again
        and again, in every language that somebody may speak by then."""
        plan, graph = self.graph.plan, self.graph
        self.names = tuple(plan.nodes)
        self.bits = {name: 1 << number for number, name in enumerate(self.names)}
        entries = [root for root in graph.before if not root.how.startswith(BACK_KEY)]
        codes = [root for root in graph.before if root.how.startswith(BACK_KEY)]
        for root in entries:
            self.come(None, root.how, root.node, PORTUGUESE, 0)
        known = -1
        while self.waiting or known != len(self.trail.came):
            known = len(self.trail.came)
            self.run()
            for language, (first, listening) in self.listening().items():
                for root in entries:
                    self.come(first, START_CODE, root.node, language, 0)
                for root in codes:
                    self.come(first, root.how, root.node, language, listening)
            spoken = {state[1]: state for state in reversed(self.trail.came)}
            for root in graph.after:
                for language in (*spoken, *incoming):
                    self.come(spoken.get(language), root.how, root.node, language, 0)

    def come(
        self, previous: State | None, branch: str, name: str, language: str, above: int
    ) -> None:
        """Somebody comes to a node by this branch, with this language and these above."""
        state = (name, self.graph.plan.nodes[name].language or language)
        fresh = above & ~self.above.get(state, 0)
        if state not in self.trail.came:
            self.trail.came[state] = (previous, branch)
        elif not fresh:
            return
        self.above[state] = self.above.get(state, 0) | above
        for one in (state, *self.returned.get(name, ())):
            self.above[one] |= self.above[state]
            if one not in self.queued:
                self.queued.add(one)
                self.waiting.append(one)

    def run(self) -> None:
        """Until no state waits."""
        nodes = self.graph.plan.nodes
        while self.waiting:
            state = self.waiting.popleft()
            self.queued.discard(state)
            name, language = state
            node, above = nodes[name], self.above[state]
            for way in self.graph.ways[name]:
                deeper = isinstance(node, MenuNode) and way.part[0] == "options"
                self.come(
                    state, way.branch, way.target, language, self.bits[name] if deeper else above
                )
            if isinstance(node, LISTENS):
                fresh = above & ~self.gone_back.get(state, 0)
                self.gone_back[state] = above
                for number in _numbers(fresh):
                    self.go_back(state, self.names[number])

    def go_back(self, state: State, name: str) -> None:
        """`*`: the node above again, with what stood above it."""
        language = self.graph.plan.nodes[name].language or state[1]
        stood = 0
        for other in LANGUAGES:
            stood |= self.above.get((name, other), 0)
        self.come(state, BACK_KEY, name, language, stood)
        self.returned.setdefault(name, set()).add((name, language))

    def listening(self) -> dict[str, tuple[State, int]]:
        """For each language the first state in which a caller is heard, and all of them."""
        found: dict[str, tuple[State, int]] = {}
        for state in self.trail.came:
            name, language = state
            if isinstance(self.graph.plan.nodes[name], LISTENS):
                first, bits = found.get(language, (state, 0))
                found[language] = (first, bits | self.bits[name])
        return found
