"""What every call meets once it has its number, be it a citizen's first or one that goes on.

A number that is blocked is told so (156 alone); the agent who knows the citizen is noted; then the
line's menu asks.
"""

from __future__ import annotations

from callflow.speak import say, says_of
from callflow.suspects import refused_at_the_door
from callflow.visit import Do, Visit
from callflow.walk import walk
from ivr import interpreter
from ivr.texts import text_of
from terms.names import Instant
from terms.signals import StepOver
from terms.stages import Stage


def opened(visit: Visit) -> None:
    """The call has its number, and whoever watches is told; StepOver when it is over already: it
    was hung up meanwhile, and its end has just been told."""
    visit.tools.opened(visit)
    if visit.call not in visit.tools.book.calls:
        raise StepOver


async def refused(visit: Visit) -> bool:
    """Whether 156 is closed to this number (R36), which is said to it. Never on 199 and 153."""
    if not refused_at_the_door(visit):
        return False
    await say(visit, says_of(visit, (text_of(visit.tools.numbers.refusal),)))
    return True


async def from_the_door(visit: Visit, joined: Instant = 0.0) -> Stage | Do:
    """The menu; `joined`: with the time that was waited before."""
    if await refused(visit):
        return Stage.ENDED
    if (backs := visit.tools.call_backs) is not None:
        knows = backs.cases.agent_of(visit.caller, visit.place.protocol, visit.tools.clock())
        visit.place = visit.place.but(joined=joined, preferred=knows)
    return await walk(visit, interpreter.enter(visit.plan, visit.known()), Stage.MENU)
