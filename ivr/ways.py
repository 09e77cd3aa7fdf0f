"""A plan looked at as a whole: where its nodes lead, by which branches, and all that it says."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.menu import (
    BACK_KEY,
    PERSON_KEY,
    CollectNode,
    DecideNode,
    HandOverNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    MessageNode,
    Node,
    Part,
    QueueNode,
    SayNode,
    SurveyNode,
    TransferNode,
)
from ivr.texts import Texts, recorded_words

CALL_BACK_TEXTS = ("offer_text", "confirm_text", "promised_text", "unpromised_text")


def exits(node: Node) -> Iterator[tuple[Part, str]]:
    """Where a node leads by what is written in it: (part of the node, name of the next node).
    '' stands for what was left open: the line's person."""
    match node:
        case SayNode() | SurveyNode() | MessageNode():
            yield ("next",), node.next
        case MenuNode():
            for key, target in node.options.items():
                yield ("options", key), target
            yield ("gives_up",), node.gives_up
        case CollectNode():
            yield ("next",), node.next
            yield ("failed",), node.failed
        case DecideNode():
            for number, case in enumerate(node.cases):
                yield ("cases", str(number), "next"), case.next
            yield ("otherwise",), node.otherwise
        case LookUpNode():
            yield ("found",), node.found
            yield ("missing",), node.missing
            yield ("failed",), node.failed
        case QueueNode():
            for key, target in node.options.items():
                yield ("options", key), target
        case TransferNode():
            yield ("next",), node.next
            yield ("failed",), node.failed
        case _:
            pass


def said(node: Node) -> Iterator[tuple[Part, Texts]]:
    """What a node says: (part of the node, texts)."""
    for part in ("text", "again", "echo"):
        if texts := getattr(node, part, ()):
            yield (part,), texts
    if isinstance(node, SurveyNode):
        for number, question in enumerate(node.questions):
            yield ("questions", str(number), "text"), question.text


def spoken(plan: LinePlan) -> Iterator[tuple[Part, Texts]]:
    """Everything a plan says, each with the part of the plan that says it."""
    for name, node in plan.nodes.items():
        for part, texts in said(node):
            yield ("nodes", name, *part), texts
    for what, owner, parts in (
        ("defaults", plan.defaults, ("wrong", "silent", "mistyped")),
        ("waiting", plan.waiting, ("before", "protocol_text", "repeat")),
        ("waiting/forecast", plan.waiting.forecast, ("ahead_text", "wait_text")),
        ("waiting/call_back", plan.waiting.call_back, CALL_BACK_TEXTS),
    ):
        for part_name in parts:
            if texts := getattr(owner, part_name):
                yield (*what.split("/"), part_name), texts


def words(plan: LinePlan) -> tuple[tuple[str, str], ...]:
    """What needs a recording: (language, words), each once, in the order of the plan."""
    return tuple(
        dict.fromkeys(
            found for _, texts in spoken(plan) for text in texts for found in recorded_words(text)
        )
    )


def branches(node: Node) -> tuple[str, ...]:
    """The ways out of a node by their names in call scripts and coverage, `9` and `*` included."""
    match node:
        case SayNode() | SurveyNode() | MessageNode():
            return ("segue",)
        case MenuNode():
            fixed = (PERSON_KEY, BACK_KEY, "desiste")
            return tuple(dict.fromkeys((*node.options, *fixed)))
        case CollectNode():
            return ("certo", "desiste", PERSON_KEY, BACK_KEY)
        case DecideNode():
            return (*(f"caso {number}" for number in range(1, len(node.cases) + 1)), "senao")
        case LookUpNode():
            return ("achou", "nao_achou", "falhou")
        case QueueNode():
            return ("entra", *node.options)
        case HandOverNode():
            return ("entrega",)
        case TransferNode():
            return ("atendeu", "nao_atendeu")
        case _:
            return ("fim",)
