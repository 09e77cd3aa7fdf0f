"""A call comes in: it gets its protocol, then the line's menu asks what it is about.

On 199 and 153 there is no menu: the caller is in the queue from the answer on, and hears the
greeting there (`wait.py`).
"""

from __future__ import annotations

from callflow.place import Place
from callflow.visit import Do, Visit
from ivr import interpreter
from ivr.interpreter import End, JoinQueue, Listen, Position, Say, Turn
from terms.facts import Kind
from terms.names import EMERGENCY_LINES, QueueName
from terms.outcome import CallOutcome
from terms.signals import StepOver
from terms.stages import Stage

PROOF = "proof"
"""What C156_TEST says for the call by which a starting centre proves itself …"""

PROOF_QUEUE = QueueName("prova")
"""… and the queue it joins, whatever the menu chose, so that no agent at work is disturbed."""


async def arrive(visit: Visit) -> Stage | Do:
    """The first step: a protocol, durable before anything is said or shown."""
    tools = visit.tools
    protocol = await tools.store.open_call(
        visit.call, visit.line, visit.entry, visit.caller, tools.clock(), bool(visit.test)
    )
    tools.opened(visit, protocol)
    if visit.call not in tools.book.calls:
        raise StepOver  # hung up meanwhile: its end has just been told
    place = Place(protocol=protocol, version=tools.plans.version)
    turn = interpreter.enter(visit.plan)
    if visit.line in EMERGENCY_LINES and isinstance(turn.then, JoinQueue):
        for kind, details in turn.facts:
            visit.note(kind, **details)
        visit.place = _queued(visit, place, turn.then)
        return Stage.WAITING
    place = place.but(node=turn.position.to_text())
    await visit.mark(Stage.MENU, place, C156_PROTOCOL=protocol)
    return await _walk(visit, turn)


async def menu(visit: Visit) -> Stage | Do:
    """A step that finds the call in its menu: the same node again, from its beginning."""
    position = Position.from_text(visit.place.node)
    return await _walk(visit, interpreter.resume(visit.plan, position))


async def _walk(visit: Visit, turn: Turn) -> Stage | Do:
    """Follow the menu until it ends in a queue or ends the call."""
    while True:
        for kind, details in turn.facts:
            visit.note(kind, **details)
        key = await _say(visit, turn.says)
        if isinstance(turn.then, JoinQueue):
            visit.place = _queued(visit, visit.place, turn.then)
            return Stage.WAITING
        if isinstance(turn.then, End):
            visit.place = visit.place.but(outcome=str(CallOutcome.ENDED_IN_MENU))
            return Stage.ENDED
        assert isinstance(turn.then, Listen)
        if not key and turn.then.seconds > 0:
            key = await visit.session.wait_key(turn.then.seconds)
        before = turn.position.node
        turn = interpreter.heard(visit.plan, turn.position, key)
        visit.place = visit.place.but(
            node=turn.position.to_text(), path=_longer(visit.place.path, before, key)
        )
        if not isinstance(turn.then, JoinQueue | End):
            await visit.mark(Stage.MENU, visit.place)


async def _say(visit: Visit, says: tuple[Say, ...]) -> str:
    """Play the texts one after the other until a key interrupts; that key, or ''."""
    for say in says:
        prompt = visit.tools.voice.find(say.text)
        if prompt is None:
            # The checker refuses such a menu; if a file vanished since, go on without it.
            continue
        key = await visit.session.play(prompt.path, say.keys, prompt.seconds)
        if key:
            return key
    return ""


def _queued(visit: Visit, place: Place, then: JoinQueue) -> Place:
    """The call's place in its queue begins now and is kept through every return to it."""
    now = visit.tools.clock()
    queue = PROOF_QUEUE if visit.test == PROOF else then.queue
    visit.note(Kind.QUEUED, queue=queue, priority=then.priority, note=then.note)
    return place.but(queue=queue, priority=then.priority, note=then.note, joined=now)


def _longer(path: str, node: str, key: str) -> str:
    """The path with one more node and the key that left it, as the agent sees it."""
    return "/".join(part for part in (path, f"{node}:{key or '-'}") if part)[-200:]
