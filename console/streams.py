"""What is sent to those who watch live, as server-sent events.

    floor    the whole floor: first of all, after a lag, and after changes (twice a second at most)
    fact     each fact as it happens
    screen   what an agent sees, whenever it changes

A comment line stands for "still here" when nothing happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from console.audience import Audience, Mailbox, event
from console.ports import Centre, Plain
from terms.limits import FLOOR_PICTURE_EVERY, WATCHER_HEARTBEAT
from terms.names import AgentName
from terms.sight import Reveal

STILL_HERE = b": .\n\n"


class EventStream(StreamingResponse):
    """A response that goes on until somebody ends it."""

    media_type = "text/event-stream"


async def floor_events(audience: Audience, box: Mailbox) -> AsyncIterator[bytes]:
    """The floor, live."""
    clock = asyncio.get_running_loop().time
    try:
        yield audience.floor(clock())
        drawn, due = clock(), False
        while not box.closed:
            patience = FLOOR_PICTURE_EVERY - (clock() - drawn) if due else WATCHER_HEARTBEAT
            await box.wait(max(0.0, patience))
            facts, lagged = box.take()
            if facts and not lagged:
                yield facts
            # A picture also when nothing was said for a while: not every change is a fact.
            due = due or bool(facts)
            quiet = not facts and not due
            if lagged or quiet or clock() - drawn >= FLOOR_PICTURE_EVERY:
                yield audience.floor(clock())
                drawn, due = clock(), False
    finally:
        audience.leave(box)


async def screen_events(
    centre: Centre, audience: Audience, box: Mailbox, agent: AgentName, reveal: Reveal
) -> AsyncIterator[bytes]:
    """An agent's own screen, live: sent again only when it is another one."""
    shown: Plain | None = None
    heard = b""
    try:
        while not box.closed:
            screen = centre.screen(agent, reveal)
            box.call = screen["call"]  # what becomes known of it while they talk is shown, too
            if screen != shown:
                yield event("screen", {"at": centre.now(), **screen})
                shown = screen
            elif not heard:
                yield STILL_HERE
            await box.wait(WATCHER_HEARTBEAT)
            heard, _ = box.take()
    finally:
        audience.leave(box)
