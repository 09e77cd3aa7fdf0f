"""Data are there when they are needed: a gap {x} in a text, and what a service is given, is known
by whichever way the caller came.

A variable is known after it was typed, or after a service found it; it is lost when the caller
says that the echo was wrong. For each variable one walk over the plan finds every node that a
caller can get to without it. A call carries DATA_VALUES at most, so the walks are few.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.decide import NO, YES
from ivr.known import LANGUAGE
from ivr.menu import BUILT_IN, CollectNode, Condition, DecideNode, LinePlan, LookUpNode, Node, Part
from ivr.proofs.findings import Around, Problem, nearest
from ivr.proofs.graph import Graph, Trail, Way
from ivr.proofs.targets import conditions
from ivr.proofs.waiting import FORECAST
from ivr.texts import Texts, gaps
from ivr.ways import said, spoken
from terms.limits import DATA_VALUES, MISTAKES_SHOWN


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that must be known: the part of the plan, its name, and the node ('' = spoken at
    any point of the call)."""

    part: Part
    variable: str
    node: str
    because: str


def data_are_known(graph: Graph, around: Around) -> Iterator[Problem]:
    """Every variable that is spoken or handed to a service is set on every way that leads there.
    Not judged while a service is unknown: what it answers is unknown too."""
    plan = graph.plan
    if around.services is None or _asks_somebody_unknown(plan, around):
        return
    makers = _makers(plan, around)
    names = tuple(dict.fromkeys(name for found in makers.values() for name in found))
    if len(names) > DATA_VALUES:
        yield Problem(
            ("nodes",),
            f"a linha guarda {len(names)} dados; uma ligação leva no máximo {DATA_VALUES}",
        )
    for part, condition in conditions(plan):
        if condition.of and condition.of not in (*names, *BUILT_IN, LANGUAGE):
            hint = nearest(condition.of, (*names, *BUILT_IN))
            yield Problem(part, f"nenhuma etapa guarda o dado '{condition.of}'{hint}")
    without: dict[str, Trail[str]] = {}
    for use in _uses(plan)[: 10 * MISTAKES_SHOWN]:
        name = use.variable
        if name in BUILT_IN:
            continue
        if name not in names:
            hint = nearest(name, (*names, *BUILT_IN))
            yield Problem(use.part, f"nenhuma etapa guarda o dado '{name}'{hint}")
        elif not use.node:
            yield Problem(
                use.part,
                f"este texto é dito em qualquer ponto da ligação, e o dado '{name}' pode não ser "
                "conhecido ainda",
            )
        elif len(without) < DATA_VALUES or name in without:
            if name not in without:
                without[name] = _ways_without(graph, name, makers)
            if use.node in without[name]:
                shown_way = without[name].path(use.node)
                yield Problem(use.part, f"{use.because} '{name}' sem ser conhecido: {shown_way}")


def _asks_somebody_unknown(plan: LinePlan, around: Around) -> bool:
    return any(
        isinstance(node, LookUpNode) and node.service not in (around.services or ())
        for node in plan.nodes.values()
    )


# --- where variables are needed ---
def _uses(plan: LinePlan) -> list[Use]:
    found: list[Use] = []
    for name, node in plan.nodes.items():
        for part, texts in said(node):
            own = node.variable if isinstance(node, CollectNode) and part == ("echo",) else ""
            found += (
                Use(("nodes", name, *part), gap, name, "o texto diz o dado")
                for gap in _gaps(texts)
                if gap != own
            )
        if isinstance(node, LookUpNode):
            found += (
                Use(("nodes", name, "given", parameter), variable, name, "a consulta usa o dado")
                for parameter, variable in node.given.items()
                if variable
            )
    for part, texts in spoken(plan):
        if part[0] != "nodes" and part[:2] != FORECAST:
            found += (Use(part, gap, "", "") for gap in _gaps(texts))
    return found


def _gaps(texts: Texts) -> Iterable[str]:
    return dict.fromkeys(gap.name for text in texts for gap in gaps(text))


# --- where they are made ---
Makers = Mapping[tuple[str, Part], frozenset[str]]
"""The variables that are known after a way was taken: (node, part of the way) → names."""


def _makers(plan: LinePlan, around: Around) -> Makers:
    made: dict[tuple[str, Part], frozenset[str]] = {}
    for name, node in plan.nodes.items():
        match node:
            case CollectNode():
                made[name, ("next",)] = frozenset((node.variable,))
            case LookUpNode():
                spec = (around.services or {}).get(node.service)
                made[name, ("found",)] = frozenset(spec.answers if spec else ())
    return made


def _known_by_deciding(node: Node, way: Way, variable: str) -> bool:
    """Whether a decision went this way because the variable is there."""
    if not isinstance(node, DecideNode):
        return False
    absent = Condition("dado_existe", (NO,), variable)
    number = len(node.cases) if way.part == ("otherwise",) else int(way.part[1])
    if any(case.when == (absent,) for case in node.cases[:number]):
        return True
    taken = node.cases[number].when if number < len(node.cases) else ()
    return any(_only_if_there(condition) for condition in taken if condition.of == variable)


def _only_if_there(condition: Condition) -> bool:
    if condition.what == "dado_existe":
        return condition.values == (YES,)
    return condition.what.startswith("dado_") and "" not in condition.values


# --- where one of them may be missing ---
def _ways_without(graph: Graph, variable: str, makers: Makers) -> Trail[str]:
    """Every node that a caller can get to without this variable. Whoever says that the echo was
    wrong has it no more. (`*` may then lead back to where it was known; there the text passes
    over it and the service does not find: the caller wanted it so.)"""
    nodes = graph.plan.nodes
    trail: Trail[str] = Trail()
    for root in (*graph.before, *graph.after):
        trail.came.setdefault(root.node, (None, root.how))
    for name in (*graph.reached.came, *graph.reached_after.came):
        node = nodes[name]
        if isinstance(node, CollectNode) and node.echo and node.variable == variable:
            trail.came.setdefault(name, (None, "número não confirmado"))
    waiting = deque(trail.came)
    while waiting:
        name = waiting.popleft()
        for way in graph.ways[name]:
            made = makers.get((name, way.part), frozenset())
            known = variable in made or _known_by_deciding(nodes[name], way, variable)
            if not known and way.target not in trail.came:
                trail.came[way.target] = (name, way.branch)
                waiting.append(way.target)
    return trail
