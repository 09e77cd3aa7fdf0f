"""Texts become sound: the recorded words of a text, and the values in its gaps, one after another.

A value that is known only now (a street, a status) is made while the words before it play, so the
caller waits for it as little as can be; the voice says something else when it takes too long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

from callflow.ports import Prompt
from callflow.visit import Visit
from ivr.interpreter import goes_on
from ivr.texts import HOWS, Filled, Texts
from ivr.turn import Listen, Say
from terms.limits import KEY_WAIT_AT_ONCE, LIVE_BUDGET
from terms.names import Seconds
from terms.signals import PromptLost

AS_IT_IS = HOWS[0]
_Prompts = tuple[Prompt, ...]


Play = Callable[[Prompt], Awaitable[str]]
"""Plays one recording; '' when the next one is to follow. PromptLost when it cannot be played."""


async def say(visit: Visit, says: Iterable[Say]) -> str:
    """Say texts one after the other until a key interrupts; that key, or ''."""
    for one in says:

        def play(prompt: Prompt, keys: str = one.keys) -> Awaitable[str]:
            return visit.session.play(prompt.path, keys, prompt.seconds)

        if key := await sound(visit, one, play):
            return key
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


async def sound(visit: Visit, said: Say, play: Play) -> str:
    """Play the sound of a text piece by piece, until `play` returns something; that, or ''.

    The checker refuses a text without a recording, and publishing records what is new; so a file
    that is not there has vanished since. Its words are then read as a value is: nobody is left in
    silence.
    """
    voice, language = visit.tools.voice, said.language
    making = {
        number: _aloud(visit, part.value, part.how, language)
        for number, part in enumerate(said.parts)
        if isinstance(part, Filled)
    }
    try:
        for number, part in enumerate(said.parts):
            if isinstance(part, Filled):
                value, how, prompts = part.value, part.how, await _made(visit, making[number])
            else:
                found = voice.find(part, language)
                value, how, prompts = part, AS_IT_IS, (found,) if found is not None else ()
            if not (played := await _in_a_row(visit, prompts, play)).whole:
                again = await _made(visit, _aloud(visit, value, how, language))
                played = await _in_a_row(visit, again, play)
            if played.key:
                return played.key
    finally:
        for one in making.values():
            one.cancel()
    return ""


class _Played(NamedTuple):
    key: str
    whole: bool  # there was something to be played, and all of it could be


async def _in_a_row(visit: Visit, prompts: Iterable[Prompt], play: Play) -> _Played:
    whole = False
    for prompt in prompts:
        try:
            if key := await play(prompt):
                return _Played(key, True)
        except PromptLost:
            visit.tools.voice.lost(prompt)
            return _Played("", False)
        whole = True
    return _Played("", whole)


def _aloud(visit: Visit, value: str, how: str, language: str) -> asyncio.Future[_Prompts]:
    return asyncio.ensure_future(visit.tools.voice.aloud(value, how, language, LIVE_BUDGET))


async def _made(visit: Visit, making: asyncio.Future[_Prompts]) -> _Prompts:
    if not making.done():
        # not to be broken off half-way: the session would be lost with it
        await asyncio.shield(visit.session.rearm())
    return await making


def says_of(visit: Visit, texts: Texts, more: Mapping[str, str] | None = None) -> tuple[Say, ...]:
    """Texts of the line itself, their gaps filled, in the language of the call; with `more` values
    than the call's own."""
    values, wanted = {**visit.known().values(visit.data), **(more or {})}, visit.language
    return tuple(Say.of(text, wanted, values) for text in texts)
