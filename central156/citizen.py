"""A citizen's call, placed from outside with a real SIP phone, and what it was like.

`central156 call` and the proof of a starting centre use it. The phone knows nothing of the
centre: it dials, listens, presses keys when it has been spoken to, and hangs up. What the centre
stored of the same call is asked over the API while the call is still up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from phones.ears import Heard, Silence, prompts_heard, silences, sound_in, sound_of
from phones.phone import Line, Phones

ANSWER_SECONDS = 10.0
CALL_SECONDS = 900.0
LISTENS_BEFORE_A_KEY = 1.0  # seconds of speech heard before the next key is pressed
BETWEEN_KEYS = 0.3
SILENCE_WORTH_TELLING = 2.0
LOOK_EVERY = 0.25

FindCall = Callable[[str, float], Any]
"""Asks for the open call of this caller that arrived since then; its id, or None."""


@dataclass(slots=True)
class Visit:
    """What the citizen lived through."""

    dialled: str
    answered: bool = False
    why: str = ""  # why not, or how it ended
    seconds: float = 0.0  # from the answer to the end
    answer_seconds: float = 0.0  # from dialling to the answer
    pressed: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    call: str | None = None  # the centre's own id of the call
    sound: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the citizen is to do."""

    number: str
    caller: str
    trunk: str  # host:port
    keys: Sequence[str] = ()
    hang_up_after: float | None = None
    headers: dict[str, str] = field(default_factory=dict)


async def visit(
    phones: Phones, wish: Wish, find_call: FindCall, told: Visit, leave: asyncio.Event
) -> None:
    """Place the call and live it to its end, or until `leave` is set; `told` grows meanwhile."""
    began = time.monotonic()
    since = time.time() - 1.0
    line = await phones.call(wish.number, wish.trunk, wish.caller, wish.headers or None)
    try:
        await _unless(leave, line.answered(ANSWER_SECONDS))
    except TimeoutError:
        await line.hang_up()
        told.why = "desistiu" if leave.is_set() else f"ninguém atendeu em {ANSWER_SECONDS:.0f} s"
        return
    except ConnectionError as refused:
        told.why = str(refused)
        return
    told.answered, told.answer_seconds = True, time.monotonic() - began
    asking = asyncio.create_task(_ask_for(told, line, lambda: find_call(wish.caller, since)))
    pressing = asyncio.create_task(_press(told, line, wish.keys))
    try:
        limit = CALL_SECONDS if wish.hang_up_after is None else wish.hang_up_after
        await _unless(leave, line.over(limit))
        told.why = line.why_closed
    except TimeoutError:
        await line.hang_up()
        await line.over(ANSWER_SECONDS)
        told.why = "o cidadão desligou"
    finally:
        asking.cancel()
        pressing.cancel()
    assert line.answered_at is not None
    assert line.closed_at is not None
    told.seconds, told.sound = line.closed_at - line.answered_at, bytes(line.heard)
    told.silences = silences(sound_of(told.sound), SILENCE_WORTH_TELLING)


async def _unless(leave: asyncio.Event, waiting: Coroutine[Any, Any, None]) -> None:
    """Wait for this. TimeoutError when it takes too long, or as soon as we are to leave."""
    coming = asyncio.ensure_future(waiting)
    leaving = asyncio.ensure_future(leave.wait())
    try:
        await asyncio.wait({coming, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            raise TimeoutError
        await coming
    finally:
        leaving.cancel()
        coming.cancel()


def recognise(told: Visit, prompts: Sequence[tuple[str, Path]]) -> None:
    """Find out which of these prompts were heard. Slow: half a second and more."""
    sounds = [(text, sound_in(file)) for text, file in prompts]
    told.heard = prompts_heard(sound_of(told.sound), sounds)


async def _press(told: Visit, line: Line, keys: Sequence[str]) -> None:
    """Each key, or keys typed in a row, after having been spoken to for a while, as people do."""
    listened = 0.0
    for key in keys:
        while line.loud_seconds - listened < LISTENS_BEFORE_A_KEY:
            await asyncio.sleep(0.05)
        await line.press(key)
        told.pressed.append(key)
        await asyncio.sleep(BETWEEN_KEYS)
        listened = line.loud_seconds


async def _ask_for(told: Visit, line: Line, find: Callable[[], Any]) -> None:
    while told.call is None and not line.is_over:
        told.call = await asyncio.to_thread(find)
        await asyncio.sleep(LOOK_EVERY)
