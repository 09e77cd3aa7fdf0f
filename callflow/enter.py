"""A call comes in: it gets its protocol, then the line's menu asks what it is about.

Where the menu begins with a queue, as on 199 and 153, the caller is in it from the answer on, and
hears there what the menu says (`wait.py`).
"""

from __future__ import annotations

from callflow.ask import again
from callflow.door import from_the_door, opened
from callflow.place import Place
from callflow.resume import resume
from callflow.visit import Do, Visit
from callflow.walk import walk
from ivr.turn import Position
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
    opened(visit)
    return await from_the_door(visit)


async def menu(visit: Visit) -> Stage | Do:
    """A step that finds the call in its menu: the same node again, from its beginning."""
    position = Position.from_text(visit.place.node)
    return await walk(visit, await again(visit, position), Stage.MENU)
