"""Texts become sound: the recorded words of a text, and the values in its gaps, one after another.

A value that is known only now (a street, a status) is made while the words before it play, so the
caller waits for it as little as can be; the voice says something else when it takes too long.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable

from callflow.ports import Prompt
from callflow.visit import Visit
from ivr.interpreter import goes_on
from ivr.texts import Filled, Texts, fill
from ivr.turn import Listen, Say
from terms.limits import KEY_WAIT_AT_ONCE, LIVE_BUDGET
from terms.names import Seconds


async def say(visit: Visit, says: Iterable[Say]) -> str:
    """Say texts one after the other until a key interrupts; that key, or ''."""
    for one in says:
        prompts = sound_of(visit, one)
        try:
            async for prompt in prompts:
                if key := await visit.session.play(prompt.path, one.keys, prompt.seconds):
                    return key
        finally:
            await prompts.aclose()
    return ""


async def listen(visit: Visit, then: Listen, key: str) -> str:
    """The keys that are typed now, after the first one if a text was interrupted by it; '' is
    silence."""
    typed = key or (await wait_key(visit, then.seconds) if then.seconds > 0 else "")
    while typed and (seconds := goes_on(then, typed)) is not None:
        key = await wait_key(visit, seconds)
        if not key:
            break
        typed += key
    return typed


async def wait_key(visit: Visit, seconds: Seconds) -> str:
    """One key, or '' after so long. A long wait is cut up, so that the dead-man's switch is never
    armed for longer than a hung step may hold a caller."""
    while seconds > 0:
        piece = min(seconds, KEY_WAIT_AT_ONCE)
        if key := await visit.session.wait_key(piece):
            return key
        seconds -= piece
    return ""


async def sound_of(visit: Visit, said: Say) -> AsyncGenerator[Prompt]:
    """The sound of a text, piece by piece. Words without a recording are passed over: the checker
    refuses such a menu, so a file must have vanished since."""
    voice, language = visit.tools.voice, said.language
    making = {
        number: asyncio.ensure_future(voice.aloud(part.value, part.how, language, LIVE_BUDGET))
        for number, part in enumerate(said.parts)
        if isinstance(part, Filled)
    }
    try:
        for number, part in enumerate(said.parts):
            if isinstance(part, Filled):
                if not making[number].done():
                    # not to be broken off half-way: the session would be lost with it
                    await asyncio.shield(visit.session.rearm())
                for prompt in await making[number]:
                    yield prompt
            elif (found := voice.find(part, language)) is not None:
                yield found
    finally:
        for one in making.values():
            one.cancel()


def says_of(visit: Visit, texts: Texts) -> tuple[Say, ...]:
    """Texts of the line itself, their gaps filled, in the language of the call."""
    values, wanted = visit.known().values(visit.data), visit.language
    return tuple(Say(fill(text, wanted, values), text.spoken_in(wanted)) for text in texts)
