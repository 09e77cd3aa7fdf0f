"""A caller walks through a line's plan: one turn is what to say next and what to do then.

    enter ─► Turn ─┬ Listen ──────► heard ────────┐
                   ├ LookUp ──────► looked_up ────┤
                   ├ TakeMessage ─► message_left ─┼─► Turn ─► … ─► JoinQueue or End
                   └ Transfer ────► transferred ──┘
    resume(position) ─► the same node again, its text from the beginning
    enter_at(node)   ─► into the tree: after the talk, or by an agent's transfer

No key and no silence can trap a caller: wrong or missing input, `9`, too many nodes, or a place
that the plan does not know all lead to a person or to the start. What each kind of node says
stands in `shown.py`, what follows from keys in `heard.py`, what a turn is in `turn.py`.
"""

from __future__ import annotations

from dataclasses import replace

from ivr import heard as at
from ivr.known import Known
from ivr.menu import (
    BACK_KEY,
    START_CODE,
    CollectNode,
    EndNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    MessageNode,
    QueueNode,
    SayNode,
    SurveyNode,
    TransferNode,
)
from ivr.shown import go, show, start_of
from ivr.turn import Answer, Listen, Position, Turn
from ivr.walk import CODE_KEYS, Walk
from terms.limits import BETWEEN_CODE_DIGITS, MENU_LEVELS
from terms.names import QueueName, Seconds


def enter(plan: LinePlan, known: Known) -> Turn:
    """The first turn of a call; with the short menu while that is on."""
    walk = Walk(plan, known)
    return go(walk, start_of(plan, known))


def enter_at(plan: LinePlan, known: Known, node: str) -> Turn:
    """Into the tree at a node; one that the plan does not have is a person."""
    return go(Walk(plan, known), node)


def resume(plan: LinePlan, known: Known, position: Position) -> Turn:
    """The node of this position again, from its beginning; the start if the plan has it no more."""
    walk = Walk(plan, known, position)
    if position.node not in plan.nodes:
        walk.position = replace(position, above=(), phase="")
        talked = known.talked and plan.after in plan.nodes
        return go(walk, plan.after if talked else start_of(plan, known))
    return show(walk)


def heard(plan: LinePlan, known: Known, position: Position, typed: str) -> Turn:
    """What follows from what was typed; '' is silence."""
    node = plan.nodes.get(position.node)
    walk = Walk(plan, known, position)
    if node is not None and typed.startswith(BACK_KEY) and len(typed) > 1:
        return _direct(walk, typed)
    match node:
        case MenuNode():
            return at.at_menu(walk, node, typed)
        case CollectNode():
            return at.at_collect(walk, node, typed)
        case SayNode():
            return at.at_say(walk, node, typed)
        case SurveyNode():
            return at.at_survey(walk, node, typed)
        case QueueNode():
            return at.at_queue(walk, node, typed)
        case LookUpNode() | MessageNode() | TransferNode() | EndNode() if typed:
            return at.at_words(walk, typed)
        case _:
            return show(walk) if node is not None else resume(plan, known, position)


def looked_up(plan: LinePlan, known: Known, position: Position, answer: Answer) -> Turn:
    """What follows from a service's answer; its values are data of the call from now on."""
    node = plan.nodes.get(position.node)
    if not isinstance(node, LookUpNode):
        return resume(plan, known, position)
    return at.after_look_up(Walk(plan, known, position), node, answer)


def message_left(plan: LinePlan, known: Known, position: Position) -> Turn:
    """The caller's message is recorded."""
    node = plan.nodes.get(position.node)
    if not isinstance(node, MessageNode):
        return resume(plan, known, position)
    return go(Walk(plan, known, position).take("segue"), node.next)


def transferred(plan: LinePlan, known: Known, position: Position, reached: bool) -> Turn:
    """The talk outside is over, or nobody could be reached."""
    node = plan.nodes.get(position.node)
    if not isinstance(node, TransferNode):
        return resume(plan, known, position)
    walk = Walk(plan, known, position).take("atendeu" if reached else "nao_atendeu")
    return go(walk, node.next if reached else node.failed)


def goes_on(listen: Listen, typed: str) -> Seconds | None:
    """How long to wait for one more key after these; None when they are complete."""
    if listen.codes and typed.startswith(BACK_KEY):
        return BETWEEN_CODE_DIGITS if len(typed) < CODE_KEYS else None
    if len(typed) >= listen.most or typed[-1:] in (*listen.ends, BACK_KEY):
        return None
    return listen.between_seconds


def keys_while_waiting(plan: LinePlan, position: Position, queue: QueueName) -> str:
    """The keys that mean something to a caller who waits in `queue`: those of the queue node that
    led there. None for whom anything else led there."""
    node = plan.nodes.get(position.node)
    if isinstance(node, QueueNode) and node.queue == queue:
        return "".join(node.options)
    return ""


def _direct(walk: Walk, code: str) -> Turn:
    """A direct code: straight to its node, from wherever keys are heard."""
    plan, position = walk.plan, walk.position
    target = start_of(plan, walk.known) if code == START_CODE else plan.codes.get(code)
    walk.pressed(code, target is not None)
    if target is None:
        return at.wrong(walk, code)
    above = (*position.above, position.node) if code != START_CODE else ()
    walk.position = replace(position, above=above[-MENU_LEVELS:])
    return go(walk, target)
