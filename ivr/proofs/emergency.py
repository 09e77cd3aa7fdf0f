"""199 and 153: whoever stays silent reaches the queue within seconds, asked for nothing (R30).

What is said while a caller waits counts as well: a free agent cuts it off, but there may be none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ivr.menu import (
    KIND_WORDS,
    CollectNode,
    DecideNode,
    LinePlan,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
)
from ivr.proofs.findings import Problem, comma
from ivr.proofs.flow import Flow
from ivr.proofs.graph import Graph, Root, Way, is_silent, shown, walk
from ivr.proofs.lengths import LengthOf, languages_of, seconds_of
from ivr.texts import Texts, gaps
from ivr.ways import spoken
from terms.limits import (
    EMERGENCY_GREETING_SECONDS_MAX,
    EMERGENCY_SPEECH_SECONDS_MAX,
    INPUT_TIMEOUT,
)
from terms.names import EMERGENCY_LINES, Seconds

SILENT_KINDS = (SayNode, DecideNode, MenuNode, QueueNode)
PROTOCOL = "protocolo_atual"


def silence_reaches_the_queue(graph: Graph) -> Iterator[Problem]:
    """By nothing but words, decisions and menus that ask once, and wait for keys no longer than
    one menu does; no digits are asked for before."""
    plan = graph.plan
    if plan.line not in EMERGENCY_LINES:
        return
    for root in _starts(graph):
        trail = walk((root,), _silent(graph).__getitem__)
        for name in trail.came:
            node, path = plan.nodes[name], trail.path(name)
            if not isinstance(node, SILENT_KINDS):
                yield Problem(
                    ("nodes", name),
                    f"na linha {plan.line}, quem fica em silêncio vai para a fila só por avisos, "
                    f"decisões e menus; aqui há '{KIND_WORDS[type(node)]}': {path}",
                )
            elif isinstance(node, MenuNode) and (node.tries or plan.defaults.tries) > 1:
                yield Problem(
                    ("nodes", name, "tries"),
                    f"na linha {plan.line} um menu pergunta uma vez só; ponha 'tentativas: 1': "
                    f"{path}",
                )
        waits = {name: _waits(plan, node) for name, node in plan.nodes.items()}
        seconds, way = _longest_way(root, _silent(graph), waits)
        if seconds > INPUT_TIMEOUT:
            yield Problem(
                ("short_start",) if root.how else ("start",),
                f"na linha {plan.line}, quem fica em silêncio espera {comma(seconds)} s por teclas "
                f"antes da fila; o máximo é {comma(INPUT_TIMEOUT)} s: {way}",
            )
    asked = walk(graph.before, _before_the_queue(graph).__getitem__)
    for name in asked.came:
        if isinstance(plan.nodes[name], CollectNode):
            yield Problem(
                ("nodes", name),
                f"na linha {plan.line} não se pedem números antes da fila: {asked.path(name)}",
            )


def _waits(plan: LinePlan, node: Node) -> Seconds:
    """How long a key is waited for here, each time."""
    if not isinstance(node, MenuNode):
        return 0.0
    return plan.defaults.key_seconds if node.key_seconds is None else node.key_seconds


def the_protocol_is_not_spoken(plan: LinePlan) -> Iterator[Problem]:
    """Nobody in danger has to write down a number."""
    if plan.line not in EMERGENCY_LINES:
        return
    message = f"na linha {plan.line} o protocolo não é falado antes do atendente"
    if plan.waiting.speak_protocol:
        yield Problem(("waiting", "protocol_text"), message)
    for part, texts in spoken(plan):
        if any(gap.name == PROTOCOL for text in texts for gap in gaps(text)):
            yield Problem(part, message)


def _starts(graph: Graph) -> tuple[Root, ...]:
    return tuple(root for root in graph.before if not root.how.startswith("*"))


def _silent(graph: Graph) -> Mapping[str, tuple[Way, ...]]:
    nodes = graph.plan.nodes
    return {
        name: tuple(way for way in ways if is_silent(nodes[name], way))
        if isinstance(nodes[name], SILENT_KINDS)
        else ()
        for name, ways in graph.ways.items()
    }


def _before_the_queue(graph: Graph) -> Mapping[str, tuple[Way, ...]]:
    nodes = graph.plan.nodes
    return {
        name: () if isinstance(nodes[name], QueueNode) else ways
        for name, ways in graph.ways.items()
    }


# --- how long it takes ---
def speech_is_short(flow: Flow, length_of: LengthOf) -> Iterator[Problem]:
    """The greeting by itself, and all that is heard on the longest silent way."""
    plan, graph = flow.graph.plan, flow.graph
    if plan.line not in EMERGENCY_LINES:
        return
    greeting = _longest(plan.waiting.before, languages_of(plan.waiting.before), length_of)
    if greeting > EMERGENCY_GREETING_SECONDS_MAX:
        yield Problem(
            ("waiting", "before"),
            f"a saudação da linha {plan.line} dura {comma(greeting)} s; o máximo é "
            f"{comma(EMERGENCY_GREETING_SECONDS_MAX)} s",
        )
    own = {
        name: _longest(getattr(node, "text", ()), flow.of(name), length_of)
        for name, node in plan.nodes.items()
    }
    for root in _starts(graph):
        seconds, path = _longest_way(root, _silent(graph), own)
        if seconds + greeting > EMERGENCY_SPEECH_SECONDS_MAX:
            part = ("short_start",) if root.how else ("start",)
            yield Problem(
                part,
                f"na linha {plan.line}, quem fica em silêncio ouve {comma(seconds + greeting)} s "
                f"antes do atendente; o máximo é {comma(EMERGENCY_SPEECH_SECONDS_MAX)} s: {path}",
            )


def _longest(texts: Texts, languages: Iterable[str], length_of: LengthOf) -> Seconds:
    return max((seconds_of(texts, one, length_of) for one in languages), default=0.0)


def _longest_way(
    root: Root, ways: Mapping[str, tuple[Way, ...]], own: Mapping[str, Seconds]
) -> tuple[Seconds, str]:
    """The most that is said on a way from here, and that way. Nodes that go round in a circle are
    left out: that is another proof's."""
    reached = walk((root,), ways.__getitem__).came
    missing = dict.fromkeys(reached, 0)
    for name in reached:
        for way in ways[name]:
            missing[way.target] += 1
    heard = {root.node: own[root.node]}
    came: dict[str, tuple[str, str]] = {}
    ready = [root.node] if not missing[root.node] else []
    while ready:
        name = ready.pop()
        for way in ways[name]:
            seconds = heard[name] + own[way.target]
            if seconds > heard.get(way.target, -1.0):
                heard[way.target], came[way.target] = seconds, (name, way.branch)
            missing[way.target] -= 1
            if not missing[way.target]:
                ready.append(way.target)
    name = max(heard, key=heard.__getitem__)
    most, steps = heard[name], []
    while name in came:
        previous, branch = came[name]
        steps.append((branch, name))
        name = previous
    return most, shown([(root.how, root.node), *reversed(steps)])
