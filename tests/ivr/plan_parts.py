"""Plans for tests, written short: a node's first argument is its name, texts are Portuguese."""

from __future__ import annotations

from typing import Any

from ivr.checker import Around, Problem, check_paths
from ivr.menu import (
    CollectNode,
    EndNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
)
from ivr.texts import Text, Texts, pieces_of, text_of
from terms.names import QueueName
from terms.services import ServiceSpec

GERAL = QueueName("p156_geral")
RISCO = QueueName("e199_risco")
QUEUES = {GERAL: "156", RISCO: "199", QueueName("e153_ocorrencia"): "153"}
PERSON_OF = {"156": GERAL, "199": RISCO, "153": QueueName("e153_ocorrencia")}
PEDIDO = ServiceSpec("pedido", "central", sql="…", given=("numero",), answers=("assunto", "data"))
AROUND = Around(
    queues=QUEUES,
    skills=frozenset(map(str, QUEUES)),
    hours=frozenset({"comercial"}),
    services={"pedido": PEDIDO},
    destinations=frozenset({"disque_luz"}),
)


def text(written: str, **others: str) -> Texts:
    """One text; other languages by their names."""
    return (
        Text({"pt": pieces_of(written), **{name: pieces_of(one) for name, one in others.items()}}),
    )


def texts(*written: str) -> Texts:
    return tuple(text_of(one) for one in written)


def say(name: str, following: str, written: str = "Olá.", **others: Any) -> SayNode:
    return SayNode(name, text(written), following, **others)


def menu(name: str, options: dict[str, str], written: str = "", **others: Any) -> MenuNode:
    """A menu; unless written, its text says each key after its option."""
    said = " ".join(f"Assunto, {_WORDS[key]}." for key in options)
    return MenuNode(name, text(written or said), options, **others)


_WORDS = {
    "0": "zero",
    "1": "um",
    "2": "dois",
    "3": "três",
    "4": "quatro",
    "5": "cinco",
    "6": "seis",
    "7": "sete",
    "8": "oito",
    "9": "nove",
    "#": "quadrado",
}


def queue(name: str = "fila", to: str = GERAL, **others: Any) -> QueueNode:
    return QueueNode(name, QueueName(to), **others)


def collect(name: str, variable: str, following: str, **others: Any) -> CollectNode:
    return CollectNode(name, text("Digite o número."), variable, following, **others)


def look_up(name: str, found: str, missing: str = "fila", failed: str = "fila") -> LookUpNode:
    return LookUpNode(name, "pedido", {"numero": "numero"}, found, missing, failed)


FILA = queue()
FIM = EndNode("fim")


def plan_of(*nodes: Node, line: str = "156", **others: Any) -> LinePlan:
    """A plan that starts at its first node."""
    named = {node.name: node for node in nodes}
    return LinePlan(line, nodes[0].name, named, PERSON_OF[line], **others)


def found(plan: LinePlan, around: Around = AROUND) -> list[tuple[str, str]]:
    """What the checker says: (part with slashes, message)."""
    return [_short(problem) for problem in check_paths(plan, around)]


def _short(problem: Problem) -> tuple[str, str]:
    return "/".join(problem.part), problem.message
