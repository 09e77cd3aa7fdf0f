"""A plan as its proofs see it: nodes, the ways between them, and who comes by which way.

Nothing here lists paths: there are too many. A `Trail` keeps one way to each place, the shortest,
so that a finding can name it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from ivr.menu import (
    BACK_KEY,
    CollectNode,
    EndNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    Node,
    Part,
    QueueNode,
    TransferNode,
)
from ivr.ways import exits

GOES_ON: Final = "segue"
SHOWN_STEPS: Final = 8
"""A longer way is shown without its middle."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a node: the part of the node where it stands, the branch's name (as
    `ivr.menu.branches` has it), and where it leads."""

    part: Part
    branch: str
    target: str


def ways_of(node: Node) -> Iterator[Way]:
    """The ways that are written in a node, '' (the line's person) included."""
    for part, target in exits(node):
        yield Way(part, _branch(node, part), target)


def _branch(node: Node, part: Part) -> str:
    match part:
        case ("options", key):
            return key
        case ("cases", number, _):
            return f"caso {int(number) + 1}"
        case ("next",):
            names = {CollectNode: "certo", TransferNode: "atendeu"}
            return names.get(type(node), GOES_ON)
        case ("failed",):
            names = {LookUpNode: "falhou", TransferNode: "nao_atendeu"}
            return names.get(type(node), "desiste")
        case _:
            fixed = {"found": "achou", "missing": "nao_achou", "otherwise": "senao"}
            return fixed.get(part[0], "desiste")


@dataclass(frozen=True, slots=True)
class Root:
    """A place where callers come in, and how ('' = as every call)."""

    node: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """The plan's ways between nodes that exist.

    `before`: where callers come in who have not talked to an agent. `after`: those who have.
    """

    plan: LinePlan
    ways: Mapping[str, tuple[Way, ...]]
    before: tuple[Root, ...]
    after: tuple[Root, ...]
    reached: Trail[str] = field(init=False)
    reached_after: Trail[str] = field(init=False)
    by_themselves: Trail[str] = field(init=False)  # reached without direct codes
    whole: bool = True  # no way leads to a node that does not exist

    def __post_init__(self) -> None:
        object.__setattr__(self, "reached", walk(self.before, self.ways.__getitem__))
        own = [root for root in self.before if not root.how.startswith(BACK_KEY)]
        object.__setattr__(self, "by_themselves", walk(own, self.ways.__getitem__))
        object.__setattr__(self, "reached_after", walk(self.after, self.ways.__getitem__))

    def path_to(self, name: str, *then: Way) -> str:
        """How a caller gets to a node, and on by these ways."""
        trail = self.reached if name in self.reached else self.reached_after
        return trail.path(name, *then)


def graph_of(plan: LinePlan, sent: Iterable[str] = ()) -> Graph:
    """Nodes that do not exist are left out: whoever wrote their names hears of them elsewhere.
    `sent`: those that the limits of queues send callers to."""
    nodes = plan.nodes
    ways = {
        name: tuple(way for way in ways_of(node) if way.target in nodes)
        for name, node in nodes.items()
    }
    written = sum(bool(target) for node in nodes.values() for _, target in exits(node))
    entries = (
        Root(plan.start),
        Root(plan.short_start, "menu resumido"),
        *(Root(target, "limite da fila") for target in sent),
        *(Root(target, code) for code, target in plan.codes.items()),
    )
    before = tuple(root for root in entries if root.node in nodes)
    after = tuple(root for root in (Root(plan.after, "depois da conversa"),) if root.node in nodes)
    known = sum(bool(root.node) for root in (*entries, Root(plan.after)))
    whole = written == sum(map(len, ways.values())) and known == len(before) + len(after)
    return Graph(plan, ways, before, after, whole=whole)


# --- who comes by which way ---
State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Trail(Generic[State]):
    """The places that can be reached, each with the one before it and the branch taken there.
    A state is a node's name, or a tuple that begins with it."""

    came: dict[State, tuple[State | None, str]] = field(default_factory=dict)

    def __contains__(self, state: object) -> bool:
        return state in self.came

    def path(self, state: State, *then: Way) -> str:
        """The way to here, as people read it."""
        steps = [(way.branch, way.target) for way in reversed(then)]
        place: State | None = state
        while place is not None:
            previous, branch = self.came.get(place, (None, ""))
            steps.append((branch, name_of(place)))
            place = previous
        return shown(steps[::-1])


def name_of(state: Hashable) -> str:
    """The node of a state."""
    return str(state[0]) if isinstance(state, tuple) else str(state)


def shown(steps: list[tuple[str, str]]) -> str:
    """Steps as people read them: abertura → principal –1→ cidade. The first one's branch says
    how its node is entered."""
    (how, first), *others = steps
    begin = f"({how}) {first}" if how else first
    if len(others) > SHOWN_STEPS:
        others = [*others[: SHOWN_STEPS // 2], (GOES_ON, "…"), *others[-SHOWN_STEPS // 2 :]]
    return begin + "".join(
        f" → {name}" if branch == GOES_ON else f" –{branch}→ {name}" for branch, name in others
    )


def walk(
    roots: Iterable[Root],
    ways: Callable[[str], Iterable[Way]],
) -> Trail[str]:
    """Everything that is reached from here, by the shortest ways."""
    trail: Trail[str] = Trail()
    waiting: deque[str] = deque()
    for root in roots:
        if root.node not in trail.came:
            trail.came[root.node] = (None, root.how)
            waiting.append(root.node)
    while waiting:
        name = waiting.popleft()
        for way in ways(name):
            if way.target not in trail.came:
                trail.came[way.target] = (name, way.branch)
                waiting.append(way.target)
    return trail


def leading_to(ends: Iterable[str], ways: Mapping[str, Iterable[Way]]) -> Mapping[str, Way | None]:
    """Every node that leads to one of these, with the first step to the nearest; None at it."""
    into: dict[str, list[tuple[str, Way]]] = {}
    for name, out in ways.items():
        for way in out:
            into.setdefault(way.target, []).append((name, way))
    first: dict[str, Way | None] = dict.fromkeys(ends)
    waiting = deque(first)
    while waiting:
        for name, way in into.get(waiting.popleft(), ()):
            if name not in first:
                first[name] = way
                waiting.append(name)
    return first


def onward(first_steps: Mapping[str, Way | None], name: str) -> tuple[Way, ...]:
    """All the steps from a node that `leading_to` knows."""
    steps: list[Way] = []
    while way := first_steps.get(name):
        steps.append(way)
        name = way.target
    return tuple(steps)


# --- what happens to a caller who does nothing ---
def silent_ways(graph: Graph) -> Mapping[str, tuple[Way, ...]]:
    """The ways of a caller who never presses a key, round by the agents if need be: after a talk
    the call goes on at the plan's `after`."""
    plan = graph.plan
    after = plan.after if plan.after in plan.nodes else ""
    found: dict[str, tuple[Way, ...]] = {}
    for name, node in plan.nodes.items():
        ways = [way for way in graph.ways[name] if is_silent(node, way)]
        if after and isinstance(node, QueueNode):
            ways.append(Way((), "depois da conversa", after))
        for part in (("gives_up",), ("failed",)) if after else ():
            if isinstance(node, MenuNode | CollectNode) and getattr(node, part[0], None) == "":
                ways.append(Way(part, "desiste, atendente, depois da conversa", after))
        found[name] = tuple(ways)
    return found


def is_silent(node: Node, way: Way) -> bool:
    """Whether a caller who does nothing may be led this way."""
    if isinstance(node, MenuNode | CollectNode):
        return way.branch == "desiste"
    return not isinstance(node, QueueNode | EndNode)
