"""Every way ends, and nobody is sent away: no circle without a key, no end for whoever is silent
or whom the machine failed, no node that nobody ever gets to.

A menu always has its way to a person, so a call that does not end goes round among nodes that
need no key; what has no such circle ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.menu import (
    CollectNode,
    EndNode,
    LookUpNode,
    MenuNode,
    MessageNode,
    QueueNode,
    TransferNode,
)
from ivr.proofs.findings import Problem
from ivr.proofs.graph import Graph, Root, Way, leading_to, onward, shown, silent_ways, walk


def every_way_ends(graph: Graph) -> Iterator[Problem]:
    """No circle that a caller who does nothing goes round in."""
    ways = silent_ways(graph)
    order = {name: number for number, name in enumerate(graph.plan.nodes)}
    for circle in _circles(ways):
        inside = frozenset(circle)
        first = min(circle, key=order.__getitem__)
        around = _round_trip(first, {name: ways[name] for name in inside}, inside)
        steps = [("", first), *((way.branch, way.target) for way in around)]
        yield Problem(
            ("nodes", first, *around[0].part),
            "estas etapas andam em círculo sem que ninguém aperte uma tecla: " + shown(steps),
        )


def _round_trip(
    first: str, ways: Mapping[str, tuple[Way, ...]], inside: frozenset[str]
) -> tuple[Way, ...]:
    """The shortest way from a node of a circle back to itself."""
    home = leading_to((first,), ways)
    lengths = ((way, *onward(home, way.target)) for way in ways[first] if way.target in inside)
    return min(lengths, key=len)


def _circles(ways: Mapping[str, tuple[Way, ...]]) -> Iterator[list[str]]:
    """Nodes that lead to each other, and nodes that lead to themselves (Tarjan's strongly
    connected components, without recursion: a plan may be thousands of nodes deep)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for start in ways:
        if start in order:
            continue
        work = [(start, iter(ways[start]))]
        order[start] = low[start] = len(order)
        stack.append(start)
        on_stack.add(start)
        while work:
            name, rest = work[-1]
            way = next(rest, None)
            if way is None:
                work.pop()
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[name])
                if low[name] == order[name]:
                    yield from _component(name, stack, on_stack, ways)
            elif way.target not in order:
                order[way.target] = low[way.target] = len(order)
                stack.append(way.target)
                on_stack.add(way.target)
                work.append((way.target, iter(ways[way.target])))
            elif way.target in on_stack:
                low[name] = min(low[name], order[way.target])


def _component(
    name: str, stack: list[str], on_stack: set[str], ways: Mapping[str, tuple[Way, ...]]
) -> Iterator[list[str]]:
    component: list[str] = []
    while not component or component[-1] != name:
        component.append(stack.pop())
        on_stack.discard(component[-1])
    if len(component) > 1 or any(way.target == name for way in ways[name]):
        yield component[::-1]


# --- nobody is sent away ---
def nobody_is_sent_away(graph: Graph) -> Iterator[Problem]:
    """Whoever is silent, presses wrong keys, or is failed by a machine gets a person or is asked
    again, never the end of the call (R06). After the talk a call may end."""
    plan = graph.plan
    by_itself = {
        name: tuple(way for way in graph.ways[name] if _without_asking(plan.nodes[name], way))
        for name in plan.nodes
    }
    ends = [name for name, node in plan.nodes.items() if isinstance(node, EndNode)]
    to_end = leading_to(ends, by_itself)
    if plan.start in ends:
        yield Problem(("start",), "a linha não pode começar pelo fim: ninguém seria atendido")
    for part, root in ((("start",), plan.start), (("short_start",), plan.short_start)):
        if root in to_end and (root not in ends or part != ("start",)):
            how = "menu resumido" if part == ("short_start",) else ""
            trail = walk((Root(root, how),), by_itself.__getitem__)
            shown_way = trail.path(root, *onward(to_end, root))
            yield Problem(part, f"quem não aperta nenhuma tecla é desligado: {shown_way}")
    for name in graph.reached.came:
        for way in graph.ways[name]:
            reason = _owed(plan.nodes[name], way)
            if reason and way.target in to_end:
                shown_way = graph.path_to(name, way, *onward(to_end, way.target))
                yield Problem(
                    ("nodes", name, *way.part),
                    f"{reason} é desligado, em vez de ir para um atendente: {shown_way}",
                )


def _without_asking(node: object, way: Way) -> bool:
    """Whether a call goes this way without the caller's doing, and without having been served: a
    message that was left and a talk with somebody outside were what was wanted."""
    if isinstance(node, MenuNode | CollectNode | MessageNode | QueueNode):
        return False
    return not isinstance(node, TransferNode) or way.branch == "nao_atendeu"


def _owed(node: object, way: Way) -> str:
    """Who is owed a person on this way, or ''."""
    if isinstance(node, MenuNode | CollectNode) and way.branch == "desiste":
        return "quem não responde"
    if isinstance(node, LookUpNode) and way.branch == "falhou":
        return "quem a consulta não pôde servir"
    if isinstance(node, TransferNode) and way.branch == "nao_atendeu":
        return "quem não foi atendido na transferência"
    return ""


# --- nodes that nobody gets to ---
def all_are_reached(graph: Graph) -> Iterator[Problem]:
    """Every node is reached from the start, the short menu, a direct code, or after the talk.
    Not judged while names are wrong: they are why."""
    if not graph.whole:
        return
    for name in graph.plan.nodes:
        if name not in graph.reached and name not in graph.reached_after:
            yield Problem(
                ("nodes", name), f"nenhuma ligação chega à etapa '{name}': nada leva a ela"
            )
