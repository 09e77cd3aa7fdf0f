"""What a caller does while waiting, until an agent has been found: hears, and may press keys.

The floor decides when; this step only listens: for the offer, for the hang-up, for a key, and for
its own next announcement. The offer wins over everything that comes at the same instant.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from callflow.announce import (
    PROTOCOL,
    Announcement,
    Told,
    in_turn,
    keys_of,
    protocol_says,
    to_be_told,
)
from callflow.floor_keeper import Waiter
from callflow.join import BEFORE, PREFACE
from callflow.offer import put_through
from callflow.visit import Do, Visit
from callflow.walk import walk
from ivr import interpreter
from ivr.turn import Position, Turn
from terms.limits import STEP_REARM_EVERY
from terms.signals import StepOver
from terms.stages import Stage


async def wait(visit: Visit) -> Stage | Do:
    """Wait for an offer and put the call through to it. The place is taken or taken again.

    A key that leads on to another queue is followed at once: the caller is away from the line
    only until the new place stands on the channel. What it leads to otherwise is said outside the
    queue, and the place is kept for coming back.
    """
    place, keeper = visit.place, visit.tools.keeper
    # What the last dial left behind is told; the static path would take it for a talk just ended.
    talked = {"DIALSTATUS": "", "C156_JOINED": ""} if visit.stage is Stage.AFTER else {}
    await visit.mark(Stage.WAITING, place, C156_PROTOCOL=place.protocol, **talked)
    waiter = keeper.join(visit.call, place.queue, place.priority, place.joined, visit.line)
    visit.tools.book.know(visit.call, visit.data)
    try:
        turn = await _Listening(visit, waiter).until_offer_or_key()
        if turn is None:
            return await put_through(visit, waiter)
    finally:
        keeper.leave(waiter)
    visit.place = visit.place.hearing(PREFACE).hearing(BEFORE)
    return await walk(visit, turn, Stage.MENU)


@dataclass(slots=True)
class _Listening:
    """One stay in one queue, heard from the citizen's side."""

    visit: Visit
    waiter: Waiter
    todo: deque[Told] = field(default_factory=deque)
    options: str = ""
    key: str = ""  # pressed, and not acted on yet
    music: bool = False

    async def until_offer_or_key(self) -> Turn | None:
        """None when the offer has come; the turn that a key leads to. StepOver when the session
        is over before."""
        visit, offer = self.visit, self.waiter.offer
        self.todo.extend(to_be_told(visit))
        self.options = keys_of(visit)
        over = asyncio.ensure_future(visit.session.wait_over())
        clock, every = visit.tools.clock, visit.plan.waiting.every_seconds
        turn, due = 0, clock() + every
        try:
            while not offer.done():
                if over.done():
                    raise StepOver
                if (led := self._followed()) is not None:
                    return led
                if self.todo:
                    await self._tell(self.todo.popleft())
                    due = clock() + every
                    continue
                await self._play_music()
                await self._stirred(over, seconds=min(STEP_REARM_EVERY, due - clock()))
                if not (offer.done() or over.done()):
                    # after every key too: whoever presses one each second is still waited with
                    await visit.session.rearm()
                if clock() >= due:
                    self.todo.extend(in_turn(visit, turn))
                    turn, due = turn + 1, clock() + every
            return None
        finally:
            over.cancel()

    def _followed(self) -> Turn | None:
        """Act on the key that was pressed: it leads on, or asks for the protocol."""
        if not self._pressed():
            return None
        key, self.key, visit = self.key, "", self.visit
        if key in self.options:
            position = Position.from_text(visit.place.node)
            return interpreter.heard(visit.plan, visit.known(), position, key)
        self.todo.appendleft(Told(protocol_says(visit), PROTOCOL, asked=True))
        return None

    def _pressed(self) -> bool:
        """Whether a key was pressed that means something here."""
        protocol_key = self.visit.plan.defaults.protocol_key
        self.key = self.key or self.waiter.next_key(self.options + protocol_key)
        return bool(self.key)

    async def _tell(self, told: Told) -> None:
        """Tell it, until it is over, a key is pressed that means something, or an offer comes."""
        visit, offer = self.visit, self.waiter.offer
        if told.once and visit.place.has_heard(told.once) and not told.asked:
            return
        announcement = Announcement(visit, told)
        self.music = False
        try:
            while await self._stirred(announcement.work):
                if announcement.work.done():
                    break
                if offer.done() or self._pressed():
                    await announcement.cut()
                    break
        finally:
            announcement.work.cancel()
        if announcement.whole:
            await announcement.work
            if told.once and not visit.place.has_heard(told.once):
                visit.place = visit.place.hearing(told.once)
                if not offer.done():
                    await visit.mark(Stage.WAITING, visit.place)
        elif told.once != PROTOCOL:
            self.todo.appendleft(told)  # the protocol was asked for: then this once more

    async def _play_music(self) -> None:
        if not self.music:
            await self.visit.session.music(True)
            self.music = True

    async def _stirred(self, *more: asyncio.Future[Any], seconds: float | None = None) -> bool:
        """Whether an offer, a key, or one of these came within so long."""
        pressed = asyncio.ensure_future(self.waiter.pressed.wait())
        either: set[asyncio.Future[Any]] = {*more, self.waiter.offer, pressed}
        timeout = None if seconds is None else max(0.0, seconds)
        try:
            done, _ = await asyncio.wait(
                either, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            pressed.cancel()
        return bool(done)
