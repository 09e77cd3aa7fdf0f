"""What a step does with a call that an agent held, shared, or sent on; and calls that go outside.

A citizen who was sent on has been served, so nobody is asked twice and nothing is lost: protocol,
path and what was typed go along. The place in a queue counts from when the call first waited (for
another line: from when it came in), so nobody pays for having been put through wrongly.
"""

from __future__ import annotations

import asyncio

from acd.events import CallDirected, TalkFound
from callflow.ask import MENU, TALK, go_outside
from callflow.goal import Goal
from callflow.join import hand_over
from callflow.offer import ANSWERED, talk_over
from callflow.visit import Do, Visit
from callflow.walk import walk
from ivr import interpreter
from ivr.turn import Position
from terms.facts import Kind
from terms.limits import STEP_REARM_EVERY
from terms.names import AgentName, OfferId
from terms.outcome import CallOutcome
from terms.signals import StepOver
from terms.stages import Stage


def goal_of(visit: Visit) -> tuple[Goal, str] | None:
    """Where an agent has sent the citizen, and who; None: nowhere."""
    return Goal.from_text(visit.session.request.get("goal", ""))


async def held(visit: Visit) -> Stage | Do:
    """On hold: music, until the agent is back (then this step is over), has sent the citizen on,
    or has left: then the citizen is the next whom an agent hears."""
    if goal_of(visit) is not None or _was_joined(visit):
        return await conference(visit)
    talks = visit.tools.talks
    assert talks is not None
    if not talks.has_left(visit.call, visit.offer):
        _believe(visit)
    left, broken = talks.held(visit.call, visit.offer), True
    try:
        await visit.session.music(True)
        await _until(visit, left)
        broken = False
    finally:
        talks.unheld(visit.call, visit.offer, broken)
    talk_over(visit, visit.offer, visit.agent)
    visit.place = visit.place.but(waits_from=visit.tools.clock())
    return await _in_queue_again(visit)


async def conference(visit: Visit) -> Stage | Do:
    """All who answered have left the call's room; or a control that was away has sent the citizen
    there, who is only now on the way."""
    talks = visit.tools.talks
    if (
        goal_of(visit) is None  # sent on by an agent whose leg may still be there
        and not _was_joined(visit)
        and talks is not None
        and visit.offer in talks.legs.get(visit.call, {})
    ):
        await visit.session.set(C156_DO=Do.ROOM)
        return Do.ROOM
    talk_over(visit, visit.offer, visit.agent)
    return Stage.AFTER


async def sent_on(visit: Visit) -> Stage | Do:
    """A talk is over, and its agent has sent the citizen somewhere."""
    found = goal_of(visit)
    assert found is not None
    goal, by = found
    visit.place = visit.place.but(
        outcome=str(CallOutcome.SERVED), returns="", waits_from=visit.tools.clock()
    )
    details = {"goal": goal.kind, "to": goal.to, "returns": goal.returns, "by": by}
    visit.note(Kind.TRANSFERRED, **details)
    match goal.kind:
        case "fila":
            await _to_queue(visit, goal)
            return Stage.WAITING
        case "agente":
            visit.tools.keeper.tell(CallDirected(visit.call, AgentName(goal.to), by))
            return await _in_queue_again(visit)
        case "etapa":
            return await _to_node(visit, goal)
        case _:
            return await go_outside(visit, TALK, goal.to)


async def _to_queue(visit: Visit, goal: Goal) -> None:
    """Into this queue, at the place that the call's first wait gives it."""
    rule = next((one for one in visit.plans.queues.rules if one.name == goal.to), None)
    joined = visit.place.joined or visit.arrived
    if rule is not None and rule.line != visit.line:
        joined = visit.arrived
        await _to_line(visit, rule.line, goal.to, rule.priority)
    priority = rule.priority if rule is not None else visit.place.priority
    note, since = visit.place.note, visit.place.waits_from
    visit.note(Kind.QUEUED, queue=goal.to, priority=priority, note=note, joined=since)
    place = visit.place.but(queue=goal.queue, priority=priority, joined=joined, node="", needs="")
    visit.place = place
    await visit.mark(Stage.WAITING, place, C156_GOAL="", DIALSTATUS="", C156_JOINED="")


async def _to_line(visit: Visit, line: str, queue: str, priority: int) -> None:
    """Another line's from now on."""
    lines = {"from_line": visit.line, "to_line": line}
    visit.note(Kind.HANDED_OVER, **lines, queue=queue, priority=priority)
    await hand_over(visit, line)


async def _in_queue_again(visit: Visit) -> Stage:
    """Back to the queue that the call came from, with the place that it had."""
    await visit.mark(Stage.WAITING, visit.place, C156_GOAL="", DIALSTATUS="", C156_JOINED="")
    return Stage.WAITING


async def _to_node(visit: Visit, goal: Goal) -> Stage | Do:
    """Into the tree at this node; `returns`: its end leads back to the queue (R13)."""
    line = next((one for one, plan in visit.plans.lines.items() if goal.to in plan.nodes), "")
    if goal.to not in visit.plan.nodes and line:
        await _to_line(visit, line, "", 0)
    back = str(visit.place.queue) if goal.returns else ""
    visit.place = visit.place.but(returns=back)
    turn = interpreter.enter_at(visit.plan, visit.known(), goal.to)
    node = turn.position.to_text()
    visit.place = visit.place.but(node=node)
    await visit.mark(Stage.MENU, visit.place, C156_GOAL="", DIALSTATUS="", C156_JOINED="")
    return await walk(visit, turn, Stage.MENU)


async def outside(visit: Visit) -> Stage | Do:
    """The call was outside, or tried to be."""
    why, name = str(visit.offer), str(visit.agent)
    if not visit.dial_result and why:
        return await go_outside(visit, why, name)  # the step before broke off
    reached = _was_joined(visit)
    position = Position.from_text(visit.place.node)
    because = "" if reached else visit.dial_result.lower()
    visit.note(
        Kind.TRANSFER_TRIED,
        node=position.node if why == MENU else "",
        destination=name,
        reached=reached,
        because=because,
        seconds=visit.answered_seconds if reached else 0.0,
    )
    if why == MENU:
        turn = interpreter.transferred(visit.plan, visit.known(), position, reached)
        return await walk(visit, turn, Stage.MENU)
    if reached or not visit.place.queue:
        return Stage.AFTER
    return await _in_queue_again(visit)


def _was_joined(visit: Visit) -> bool:
    return visit.dial_result == ANSWERED and visit.joined


def _believe(visit: Visit) -> None:
    """A talk that the process before us put through is known from now on."""
    keeper, place = visit.tools.keeper, visit.place
    if keeper.knows(visit.offer):
        return
    entry = visit.tools.book.calls.get(visit.call)
    began = entry.began_with(visit.agent) if entry is not None else None
    since = began if began is not None else visit.tools.clock()
    where = (place.queue, place.joined, visit.line, entry is not None and entry.dialled)
    keeper.tell(TalkFound(visit.call, visit.agent, OfferId(visit.offer), since, *where))


async def _until(visit: Visit, left: asyncio.Event) -> None:
    """StepOver when the session ends before the agent has left."""
    over = asyncio.ensure_future(visit.session.wait_over())
    gone = asyncio.ensure_future(left.wait())
    try:
        while not (over.done() or gone.done()):
            await visit.session.rearm()
            await asyncio.wait(
                {over, gone}, timeout=STEP_REARM_EVERY, return_when=asyncio.FIRST_COMPLETED
            )
        if over.done():
            raise StepOver
    finally:
        over.cancel()
        gone.cancel()
