"""After the talk: the protocol for whoever has not heard it, then what the line asks or says.

A person has spoken with the citizen, so however the call ends from here on it was served: by the
last words, by a hang-up in the survey, even by one in a queue that a `9` led back to.
"""

from __future__ import annotations

from callflow.announce import PROTOCOL, protocol_says, protocol_unheard
from callflow.ask import again
from callflow.speak import say
from callflow.transfer import goal_of, sent_on
from callflow.visit import Do, Visit
from callflow.walk import walk
from ivr import interpreter
from ivr.turn import Position, Turn
from terms.names import Protocol, QueueName
from terms.outcome import CallOutcome
from terms.stages import Stage

ASKED = "after"
"""What `place.heard` says of a citizen who has come here once: nobody is asked twice."""


async def after(visit: Visit) -> Stage | Do:
    """The agent has left and the citizen is still there, or was sent on."""
    if goal_of(visit) is not None:
        return await sent_on(visit)
    turn = await _again(visit) if visit.stage is Stage.AFTER else _first(visit)
    if turn is not None or protocol_unheard(visit):
        await visit.mark(Stage.AFTER, visit.place, C156_PROTOCOL=visit.place.protocol)
    if says := protocol_unheard(visit):
        await say(visit, says)  # without keys: it is said to its end
        visit.place = visit.place.hearing(PROTOCOL)
    await _say_further_protocols(visit)
    if turn is None:
        return Stage.ENDED
    return await walk(visit, turn, Stage.AFTER)


async def _say_further_protocols(visit: Visit) -> None:
    """The numbers of further procedures in the same call (R52), each once, where the line speaks
    protocols; without keys, to their end."""
    numbers = filter(None, visit.session.request.get("more", "").split("+"))
    for number in numbers if visit.plan.waiting.speak_protocol else ():
        if not visit.place.has_heard(number):
            await visit.mark(Stage.AFTER, visit.place.hearing(number))
            await say(visit, protocol_says(visit, Protocol(number)))


def _first(visit: Visit) -> Turn | None:
    """The talk has just ended; the wait for it, too, is over. None: nothing is asked.

    A call that another line handed over is not asked how it liked that line (R62).
    """
    node = visit.plan.after
    wanted = bool(node) and not visit.place.from_line and not visit.place.has_heard(ASKED)
    visit.place = visit.place.hearing(ASKED).but(
        outcome=str(CallOutcome.SERVED),
        node="",
        queue=QueueName(""),
        joined=0.0,
        waits_from=0.0,
        needs="",
    )
    if not wanted:
        return None
    turn = interpreter.enter_at(visit.plan, visit.known(), node)
    visit.place = visit.place.but(node=turn.position.to_text())
    return turn


async def _again(visit: Visit) -> Turn | None:
    """A step that finds the call here: the same node again, from its beginning."""
    position = Position.from_text(visit.place.node)
    if position.node not in visit.plan.nodes:
        return None
    return await again(visit, position)


async def end(visit: Visit) -> Do:
    """Tell the dialplan to hang up; the call ends when its channel does."""
    visit.tools.book.decide(visit.call, visit.place.outcome)
    await visit.session.set(
        C156_STAGE=str(Stage.ENDED), C156_PLACE=visit.place.to_text(), C156_DO=Do.END
    )
    return Do.END
