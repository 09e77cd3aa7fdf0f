"""What a menu does beside saying and listening: a service is asked, a message is left, somebody
outside is called. Each may take a while; the caller is never left in silence, and a step that
breaks off in the middle does it again from its node's beginning.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from callflow.visit import Do, Visit
from ivr import interpreter
from ivr.turn import FAILED, Answer, LookUp, Position, TakeMessage, Transfer, Turn
from terms.facts import Kind
from terms.limits import (
    HOLD_MUSIC_AFTER,
    LOOK_UP_GRACE,
    MESSAGE_SILENCE,
    OUTSIDE_RING,
    STEP_REARM_EVERY,
)
from terms.names import Seconds
from terms.signals import StepOver
from terms.stages import Stage

UNKNOWN_DESTINATION = "destino desconhecido"


async def look_up(visit: Visit, position: Position, then: LookUp) -> Turn:
    """Ask the service; with hold music if it takes its time. No answer in time is a failure."""
    answer = Answer(FAILED)
    spec = visit.plans.services.get(then.service)
    if spec is not None:
        asking = asyncio.ensure_future(
            visit.tools.outside.ask(spec, then.given, then.seconds, visit.call)
        )
        try:
            if await _done(visit, asking, then.seconds + LOOK_UP_GRACE):
                found = asking.result()
                answer = Answer(found.how, found.values)
        finally:
            asking.cancel()
    return interpreter.looked_up(visit.plan, visit.known(), position, answer)


async def _done(visit: Visit, work: asyncio.Future[Any], seconds: Seconds) -> bool:
    """Whether the work is done within so long. StepOver when the caller leaves before."""
    until = asyncio.get_running_loop().time() + seconds
    async with _over(visit) as over:
        either: set[asyncio.Future[Any]] = {work, over}
        await asyncio.wait(either, timeout=HOLD_MUSIC_AFTER, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return True
        await visit.session.music(True)
        while not work.done() and not over.done():
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await visit.session.rearm()
            await asyncio.wait(
                either,
                timeout=min(left, STEP_REARM_EVERY),
                return_when=asyncio.FIRST_COMPLETED,
            )
        if over.done():
            raise StepOver
        await visit.session.music(False)
    return work.done()


@contextlib.asynccontextmanager
async def _over(visit: Visit) -> AsyncIterator[asyncio.Future[None]]:
    over = asyncio.ensure_future(visit.session.wait_over())
    try:
        yield over
    finally:
        over.cancel()


async def take_message(visit: Visit, position: Position, then: TakeMessage) -> Turn:
    """A tone, then what the citizen says goes to a file of its own.

    It is written down before it is spoken, as on the static path: most callers hang up at the end
    of their message. Whether anything was said is looked at when the call ends (mend.py).
    """
    number = visit.place.messages + 1
    file = visit.tools.recordings.message_file(visit.call, visit.tools.clock(), number)
    place = visit.place.but(messages=number, message_at=position.visited)
    await visit.mark(visit.stage, place)
    visit.note(Kind.MESSAGE_LEFT, file=str(file))
    await visit.session.tone()
    # an interpreter for a deaf citizen is not hurried (R85)
    silence = 0.0 if visit.relay else MESSAGE_SILENCE
    await visit.session.record(str(file), then.seconds, silence)
    return interpreter.message_left(visit.plan, visit.known(), position)


async def again(visit: Visit, position: Position) -> Turn:
    """What a step does that finds the call at this position: the same node from its beginning;
    what follows it, if the message that it asks for was spoken while nobody was with the call (the
    switch records to its end by itself)."""
    begun = visit.place.messages and visit.place.message_at == position.visited
    if begun and await asyncio.to_thread(_is_spoken, visit):
        return interpreter.message_left(visit.plan, visit.known(), position)
    return interpreter.resume(visit.plan, visit.known(), position)


def _is_spoken(visit: Visit) -> bool:
    """Whether there is sound in the last message. Blocking: reads the disk."""
    files, end = visit.tools.recordings, f"-{visit.place.messages}"
    found = [one for one in files.messages(visit.call, visit.arrived) if one.stem.endswith(end)]
    return any(files.seconds(one) > 0.0 for one in found)


MENU, TALK = "menu", "talk"
"""Why a call is outside: its menu sent it there, or an agent did."""


async def go_outside(visit: Visit, why: str, name: str) -> Do:
    """The citizen's own leg calls a number on the city's list, with music until somebody answers;
    the next step reads what came of it."""
    await visit.mark(
        Stage.OUTSIDE,
        visit.place,
        C156_STAGE=f"{Stage.OUTSIDE}:{why}:{name}",
        C156_GOAL="",
        DIALSTATUS="",
        C156_JOINED="",
        C156_NUMBER=visit.plans.destinations.get(name, ""),
        C156_RING=str(round(OUTSIDE_RING)),
        C156_DO=Do.OUTSIDE,
    )
    return Do.OUTSIDE


def transfer(visit: Visit, position: Position, then: Transfer) -> Turn:
    """A destination that is on no list any more: the menu goes on as it does whenever nobody
    answers there."""
    visit.note(
        Kind.TRANSFER_TRIED,
        node=position.node,
        destination=then.destination,
        reached=False,
        because=UNKNOWN_DESTINATION,
    )
    return interpreter.transferred(visit.plan, visit.known(), position, reached=False)
