"""A call comes in: it gets its protocol, then the line's menu asks what it is about.

Where the menu begins with a queue, as on 199 and 153, the caller is in it from the answer on, and
hears there what the menu says (`wait.py`).
"""

from __future__ import annotations

from callflow.ask import again
from callflow.place import Place
from callflow.resume import refused, resume
from callflow.visit import Do, Visit
from callflow.walk import walk
from ivr import interpreter
from ivr.turn import Position
from terms.signals import StepOver
from terms.stages import Stage


async def arrive(visit: Visit) -> Stage | Do:
    """The first step: a protocol, durable before anything is said or shown."""
    tools = visit.tools
    visit.place = Place(version=tools.plans.current.version, arrived=tools.clock())
    if (goes_on := await resume(visit)) is not None:
        return goes_on
    protocol = await tools.store.open_call(
        visit.call,
        visit.line,
        visit.entry,
        visit.caller,
        visit.place.arrived,
        bool(visit.test),
        visit.place.version,
        visit.relay,
    )
    visit.place = visit.place.but(protocol=protocol)
    tools.opened(visit)
    if visit.call not in tools.book.calls:
        raise StepOver  # hung up meanwhile: its end has just been told
    if await refused(visit):
        return Stage.ENDED
    if tools.call_backs is not None:
        knows = tools.call_backs.cases.agent_of(visit.caller, protocol, tools.clock())
        visit.place = visit.place.but(preferred=knows)
    return await walk(visit, interpreter.enter(visit.plan, visit.known()), Stage.MENU)


async def menu(visit: Visit) -> Stage | Do:
    """A step that finds the call in its menu: the same node again, from its beginning."""
    position = Position.from_text(visit.place.node)
    return await walk(visit, await again(visit, position), Stage.MENU)
