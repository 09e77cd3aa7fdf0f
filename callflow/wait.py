"""What a caller hears while waiting, until an agent has been found.

The floor decides when; this step only listens: for the offer, for the hang-up, and for its own
next announcement. An announcement is cut off for an offer, so it never delays an agent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from callflow.floor_keeper import Waiter
from callflow.offer import put_through
from callflow.ports import Prompt
from callflow.visit import Do, Visit
from terms.limits import CUT_OFF_AGAIN, STEP_REARM_EVERY
from terms.signals import StepOver
from terms.stages import Stage

log = logging.getLogger(__name__)

PROTOCOL = "protocol"
"""What `place.heard` says of a citizen who has been told the number."""


async def wait(visit: Visit) -> Stage | Do:
    """Wait for an offer and put the call through to it. The place is taken or taken again."""
    place = visit.place
    await visit.mark(Stage.WAITING, place, C156_PROTOCOL=place.protocol)
    waiter = visit.tools.keeper.join(
        visit.call, place.queue, place.priority, place.joined, visit.line
    )
    try:
        await _listen(visit, waiter)
        return await put_through(visit, waiter)
    finally:
        visit.tools.keeper.leave(waiter)


async def _listen(visit: Visit, waiter: Waiter) -> None:
    """Return when the offer has come. StepOver when the session is over before."""
    session, plan = visit.session, visit.plan.waiting
    over = asyncio.ensure_future(session.wait_over())
    either: set[asyncio.Future[Any]] = {waiter.offer, over}
    try:
        await _announce(visit, waiter, "before", _prompts(visit, plan.before))
        await _announce(visit, waiter, PROTOCOL, protocol_prompts(visit))
        next_text = visit.tools.clock() + plan.every_seconds
        turn = 0
        if not waiter.offer.done():
            await session.music(True)
        while not waiter.offer.done():
            await asyncio.wait(
                either, timeout=STEP_REARM_EVERY, return_when=asyncio.FIRST_COMPLETED
            )
            if over.done():
                raise StepOver
            if waiter.offer.done():
                return
            if plan.repeat and visit.tools.clock() >= next_text:
                text = plan.repeat[turn % len(plan.repeat)]
                await _announce(visit, waiter, "", _prompts(visit, (text,)))
                turn += 1
                next_text = visit.tools.clock() + plan.every_seconds
                if not waiter.offer.done():
                    await session.music(True)
            else:
                await session.rearm()
    finally:
        over.cancel()


def protocol_prompts(visit: Visit) -> tuple[Prompt, ...]:
    """The call's number as it is read to the citizen; nothing where it is not, or has been."""
    plan = visit.plan.waiting
    if not plan.speak_protocol or PROTOCOL in visit.place.heard.split("+"):
        return ()
    return (
        *_prompts(visit, plan.protocol_text),
        *visit.tools.voice.digits(visit.place.protocol),
    )


async def _announce(visit: Visit, waiter: Waiter, once: str, prompts: Sequence[Prompt]) -> None:
    """Play prompts until done or until an offer comes. `once` names what is told only once."""
    if once and once in visit.place.heard.split("+"):
        return
    for prompt in prompts:
        if waiter.offer.done():
            return
        playing = asyncio.ensure_future(visit.session.play_stoppable(prompt.path, prompt.seconds))
        either: set[asyncio.Future[Any]] = {playing, waiter.offer}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            while not playing.done() and await _cut_off(visit):
                # A word that comes before the sound has begun is lost: say it again.
                await asyncio.wait({playing}, timeout=CUT_OFF_AGAIN)
            await playing
        finally:
            playing.cancel()
    if once and prompts and not waiter.offer.done():
        heard = "+".join(part for part in (visit.place.heard, once) if part)
        await visit.mark(Stage.WAITING, visit.place.but(heard=heard))


async def _cut_off(visit: Visit) -> bool:
    """Stop what is playing, for an offer. False without the link: it plays to its end."""
    try:
        await visit.tools.switch.stop_playback(visit.session.channel)
    except Exception:
        log.warning("an announcement could not be cut off", exc_info=True)
        return False
    return True


def _prompts(visit: Visit, texts: Sequence[str]) -> tuple[Prompt, ...]:
    found = (visit.tools.voice.find(text) for text in texts)
    return tuple(prompt for prompt in found if prompt is not None)
