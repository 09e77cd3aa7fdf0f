"""A person is near, at every node of 156: within PERSON_KEYS_MAX keys, without giving data (R05).
And the key 9 means a person wherever it means anything."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from ivr.menu import (
    PERSON_KEY,
    CollectNode,
    DecideNode,
    EndNode,
    HandOverNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    QueueNode,
    SayNode,
    SurveyNode,
    TransferNode,
)
from ivr.proofs.findings import Problem
from ivr.proofs.graph import Graph, Way, leading_to, onward
from terms.limits import PERSON_KEYS_MAX

TOO_FAR = PERSON_KEYS_MAX + 1

PERSONS = (QueueNode, HandOverNode)


def nine_is_a_person(graph: Graph) -> Iterator[Problem]:
    """The key 9 leads to a queue, past texts and decisions at most."""
    plan = graph.plan
    passing = {
        name: ways if isinstance(plan.nodes[name], SayNode | DecideNode) else ()
        for name, ways in graph.ways.items()
    }
    others = [
        name
        for name, node in plan.nodes.items()
        if not isinstance(node, SayNode | DecideNode | QueueNode | HandOverNode)
    ]
    elsewhere = leading_to(others, passing)
    for name in plan.nodes:
        for way in graph.ways[name]:
            if way.part == ("options", PERSON_KEY) and way.target in elsewhere:
                shown_way = graph.path_to(name, way, *onward(elsewhere, way.target))
                yield Problem(
                    ("nodes", name, *way.part),
                    "a tecla 9 é sempre um atendente: ela só pode levar a uma fila "
                    f"(depois de avisos e decisões, se for preciso): {shown_way}",
                )


def a_person_is_near(graph: Graph) -> Iterator[Problem]:
    """From every node of 156, for who has not talked to one yet."""
    if graph.plan.line != "156":
        return
    keys = keys_to_a_person(graph)
    for name in graph.reached.came:
        node = graph.plan.nodes[name]
        if keys[name] < TOO_FAR or isinstance(node, EndNode):
            continue
        for way in graph.ways[name]:
            if isinstance(graph.plan.nodes[way.target], EndNode):
                yield Problem(
                    ("nodes", name, *way.part),
                    "daqui a ligação termina sem que se possa chamar um atendente com até "
                    f"{PERSON_KEYS_MAX} teclas: {graph.path_to(name, way)}; ponha um aviso antes "
                    "do fim",
                )


def keys_to_a_person(graph: Graph) -> Mapping[str, int]:
    """How many keys a person is away from each node, whatever decisions and services say there;
    TOO_FAR when more than allowed, or never."""
    keys = dict.fromkeys(graph.plan.nodes, TOO_FAR)
    before: dict[str, list[str]] = {}
    for name, ways in graph.ways.items():
        for way in ways:
            before.setdefault(way.target, []).append(name)
    waiting = deque(graph.plan.nodes)
    while waiting:  # figures only fall, and have few values: each node comes here few times
        name = waiting.popleft()
        fewer = _keys_from(graph.plan, name, graph.ways[name], keys)
        if fewer < keys[name]:
            keys[name] = fewer
            waiting.extend(before.get(name, ()))
    return keys


def _keys_from(plan: LinePlan, name: str, ways: tuple[Way, ...], keys: Mapping[str, int]) -> int:
    node = plan.nodes[name]
    match node:
        case QueueNode() | HandOverNode():
            return 0
        case MenuNode() | CollectNode() | SurveyNode():
            return 1  # 9, by itself
        case SayNode():
            # the words before an end are followed by a time for keys
            heard = isinstance(plan.nodes.get(node.next), EndNode) or _interrupts(plan, node)
            return min(1 if heard else TOO_FAR, _worst(ways, keys))
        case TransferNode():
            failed = tuple(way for way in ways if way.branch == "nao_atendeu")
            return _worst(failed, keys)  # who was reached outside is a person too
        case EndNode():
            return TOO_FAR
        case LookUpNode() if node.text and _interrupts(plan, node):
            return min(1, _worst(ways, keys))
        case _:
            return _worst(ways, keys)


def _interrupts(plan: LinePlan, node: SayNode | LookUpNode) -> bool:
    return plan.defaults.barge_in if node.barge_in is None else node.barge_in


def _worst(ways: tuple[Way, ...], keys: Mapping[str, int]) -> int:
    """Over all ways, since the caller does not choose. No way at all was reported elsewhere."""
    return max((keys[way.target] for way in ways), default=0)
