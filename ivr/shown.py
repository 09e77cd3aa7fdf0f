"""What each kind of node says and does when a caller enters it, or stands there again.

Nodes that need nobody's answer are passed at once; the turn ends at the first that does.
"""

from __future__ import annotations

from ivr.decide import holds
from ivr.known import Known
from ivr.menu import (
    END_KEY,
    CollectNode,
    DecideNode,
    EndNode,
    HandOverNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    MessageNode,
    QueueNode,
    SayNode,
    SurveyNode,
    TransferNode,
)
from ivr.turn import End, JoinQueue, Listen, LookUp, Say, TakeMessage, Transfer, Turn
from ivr.typed import LENGTHS
from ivr.walk import DID_NOT_CHOOSE, WALKED_TOO_LONG, Walk
from terms.facts import Kind
from terms.limits import NODES_PER_CALL, RELAY_LISTEN
from terms.names import Seconds

CONFIRMS = "confirma"
"""The phase of a CollectNode that waits for the confirmation of what it has echoed."""


def start_of(plan: LinePlan, known: Known) -> str:
    """Where calls begin now."""
    by_hours = plan.short_when and known.calendar.is_open(plan.short_when, known.at)
    return plan.short_start if plan.short_start and (known.short or by_hours) else plan.start


def go(walk: Walk, name: str) -> Turn:
    """Enter a node. A name that the plan does not have leads to a person."""
    if name not in walk.plan.nodes:
        return walk.to_person(DID_NOT_CHOOSE)
    walk.step_to(name)
    if walk.position.visited > NODES_PER_CALL:
        return walk.to_person(WALKED_TOO_LONG)
    return show(walk)


def show(walk: Walk) -> Turn:
    """Say what the node here says, and what is to be done then."""
    node = walk.plan.nodes[walk.position.node]
    if isinstance(node, DecideNode):
        return go(walk, decide(walk, node))
    keys = walk.keys(node)
    notices = walk.notices(node, keys)
    if isinstance(node, QueueNode):  # said while waiting, so that it delays nobody
        return join(walk.take("entra"), node, notices + walk.spoken(node.text, keys))
    walk.says += notices
    match node:
        case MenuNode():
            return _ask(walk, node)
        case CollectNode():
            return _ask_digits(walk, node)
        case SurveyNode():
            return _ask_mark(walk, node)
        case SayNode():
            walk.say(node.text, keys)
            # After the last words before an end, the caller may still ask for a person.
            last = isinstance(walk.plan.nodes.get(node.next), EndNode) and not walk.known.talked
            return walk.then(Listen(patience(walk, None) if last else 0.0))
        case LookUpNode():
            walk.say(node.text, keys)
            values = walk.known.values(walk.data)
            given = {name: values.get(variable, "") for name, variable in node.given.items()}
            return walk.then(LookUp(node.service, given, node.seconds))
        case HandOverNode():
            return _hand_over(walk, node)
        case TransferNode():
            walk.say(node.text, keys)
            return walk.then(Transfer(node.destination))
        case MessageNode():
            walk.say(node.text, "")  # a key must not cut off what is to be done after the tone
            return walk.then(TakeMessage(node.seconds))
        case _:
            assert isinstance(node, EndNode)
            walk.say(node.text, "")
            return walk.take("fim").then(End())


def decide(walk: Walk, node: DecideNode) -> str:
    """Where a decision leads, the branch taken."""
    for number, case in enumerate(node.cases, 1):
        if all(holds(one, walk.known, walk.data) for one in case.when):
            walk.take(f"caso {number}")
            return case.next
    walk.take("senao")
    return node.otherwise


def join(walk: Walk, node: QueueNode, says: tuple[Say, ...] = ()) -> Turn:
    """Into the node's queue, or still there."""
    keys = "".join(node.options)
    line, needs = walk.plan.line, node.needs
    return walk.then(JoinQueue(node.queue, node.priority, node.note, line, says, keys, needs))


def _hand_over(walk: Walk, node: HandOverNode) -> Turn:
    walk.say(node.text, "")
    walk.note(
        Kind.HANDED_OVER,
        from_line=walk.plan.line,
        to_line=node.line,
        queue=node.queue,
        priority=node.priority,
    )
    then = JoinQueue(node.queue, node.priority, node.note, node.line, needs=node.needs)
    return walk.take("entrega").then(then)


def _ask(walk: Walk, node: MenuNode) -> Turn:
    text = node.again if walk.position.tries and node.again else node.text
    walk.say(text, walk.keys(node))
    return walk.then(Listen(patience(walk, node.key_seconds)))


def _ask_digits(walk: Walk, node: CollectNode) -> Turn:
    seconds, keys = patience(walk, node.key_seconds), walk.keys(node)
    if walk.position.phase == CONFIRMS or walk.position.tries:
        # whoever ends a number with # although it was complete must not cut off what follows
        keys = keys.replace(END_KEY, "")
    if walk.position.phase == CONFIRMS:
        walk.say(node.echo, keys)
        return walk.then(Listen(seconds))
    text = node.again if walk.position.tries and node.again else node.text
    walk.say(text, keys)
    between = RELAY_LISTEN if walk.known.relay else walk.plan.defaults.between_seconds
    most = LENGTHS.get(node.kind, node.most)
    return walk.then(Listen(seconds, between, most, END_KEY))


def _ask_mark(walk: Walk, node: SurveyNode) -> Turn:
    keys = walk.keys(node)
    if is_introduced(walk, node):
        walk.say(node.text, keys)
        return walk.then(Listen(0.0))
    number = question(walk)
    if number >= len(node.questions):
        return go(walk.take("segue"), node.next)
    walk.say(node.questions[number].text, keys)
    return walk.then(Listen(patience(walk, None)))


def is_introduced(walk: Walk, node: SurveyNode) -> bool:
    """Whether a survey says its first words: a key then cannot be the mark of any question."""
    return bool(node.text) and not walk.position.phase


def patience(walk: Walk, written: Seconds | None) -> Seconds:
    """How long a key is waited for; an interpreter for a deaf citizen is not hurried (R85)."""
    return RELAY_LISTEN if walk.known.relay else written or walk.plan.defaults.key_seconds


def question(walk: Walk) -> int:
    """Which question of a survey it is."""
    phase = walk.position.phase
    return int(phase) if phase.isdecimal() else 0
