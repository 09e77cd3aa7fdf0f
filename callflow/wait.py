"""What a caller does while waiting, until an agent has been found: hears, and may press keys.

The floor decides when; this step only listens: for the offer, for the hang-up, for a key, for the
queue's own limit, and for its own next announcement. The offer wins over everything that comes at
the same instant.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from callflow.announce import (
    CALL_BACK,
    CONFIRM,
    FORECAST,
    PROTOCOL,
    Announcement,
    Told,
    in_turn,
    keys_of,
    protocol_says,
    to_be_told,
)
from callflow.campaign_ports import is_campaign
from callflow.floor_keeper import Waiter
from callflow.forecast import (
    CONFIRM_KEYS,
    call_back_is_due,
    confirm_says,
    forecast_due,
    foretells,
    offer_says,
    offers_call_back,
    outlook,
    was_told,
)
from callflow.foretold import Foretold
from callflow.join import BEFORE, PREFACE
from callflow.leave_queue import go_home, send_away
from callflow.offer import put_through
from callflow.visit import Do, Visit
from callflow.walk import walk
from ivr import interpreter
from ivr.menu import YES_KEY
from ivr.turn import Position, Turn
from terms.limits import STEP_REARM_EVERY, WAITING_TEXT_EVERY_MIN
from terms.names import AgentName
from terms.needs import Needs
from terms.signals import StepOver
from terms.stages import Stage


class Led(StrEnum):
    """Where a caller goes from the queue, if not where a key leads."""

    AGENT = "agent"
    HOME = "home"
    AWAY = "away"


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
    keeper.promises.note(visit.call, Foretold.from_text(place.told))
    preferred = AgentName(place.preferred)
    waiter = keeper.join(
        visit.call,
        place.queue,
        place.priority,
        place.joined,
        visit.line,
        preferred,
        Needs.from_text(place.needs),
        place.waits_from,
        is_campaign(visit.entry),
    )
    visit.tools.book.know(visit.call, visit.data)
    try:
        led = await _Listening(visit, waiter).until_led_on()
        if led is Led.AGENT:
            # what was promised is judged now; a wait after this talk is another one
            visit.place = visit.place.but(told="")
            return await put_through(visit, waiter)
    finally:
        keeper.leave(waiter)
    if led is Led.HOME:
        return await go_home(visit)
    visit.place = visit.place.hearing(PREFACE).hearing(BEFORE)
    turn = send_away(visit, waiter) if isinstance(led, Led) else led
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
    offered: bool = False  # to be called back: its key means something
    confirming: bool = False  # which number: only yes and no mean something …
    patience: float = math.inf  # … until then
    forecast_at: float = math.inf

    async def until_led_on(self) -> Turn | Led:
        """Where the caller goes from here; the turn that a key leads to. StepOver when the session
        is over before."""
        visit, waiter = self.visit, self.waiter
        self.todo.extend(to_be_told(visit))
        self.options = keys_of(visit)
        self.offered = bool(visit.place.offered_at) and offers_call_back(visit)
        over = asyncio.ensure_future(visit.session.wait_over())
        clock, every = visit.tools.clock, visit.plan.waiting.every_seconds
        if foretells(visit):
            self.forecast_at = max(clock(), forecast_due(visit))
        turn, due = 0, clock() + every
        try:
            while not waiter.offer.done():
                if over.done():
                    raise StepOver
                if waiter.sent is not None:
                    return Led.AWAY
                if (led := self._followed()) is not None:
                    return led
                if self.todo:
                    due = await self._tell_next(due, every)
                    continue
                await self._play_music()
                until = self.patience if self.confirming else min(due, self.forecast_at)
                await self._stirred(over, seconds=min(STEP_REARM_EVERY, until - clock()))
                if not (waiter.offer.done() or over.done()):
                    # after every key too: whoever presses one each second is still waited with
                    await visit.session.rearm()
                if self.confirming:
                    self.confirming = clock() < self.patience
                elif clock() >= self.forecast_at:
                    self.todo.append(Told((), FORECAST))
                elif clock() >= due:
                    self.todo.extend(in_turn(visit, turn))
                    turn, due = turn + 1, clock() + every
            return Led.AGENT
        finally:
            over.cancel()

    # --- keys ---
    def _followed(self) -> Turn | Led | None:
        """Act on the key that was pressed: it leads on, or asks for something to be told."""
        if not self._pressed():
            return None
        key, self.key, visit = self.key, "", self.visit
        if self.confirming:
            self.confirming = False
            return Led.HOME if key == YES_KEY else None
        if key in self.options:
            position = Position.from_text(visit.place.node)
            return interpreter.heard(visit.plan, visit.known(), position, key)
        if key == visit.plan.defaults.protocol_key:
            self.todo.appendleft(Told(protocol_says(visit), PROTOCOL, asked=True))
        else:
            self.confirming, self.patience = True, math.inf
            self.todo.appendleft(Told(confirm_says(visit), CONFIRM, asked=True))
        return None

    def _pressed(self) -> bool:
        """Whether a key was pressed that means something here."""
        self.key = self.key or self.waiter.next_key(self._keys())
        return bool(self.key)

    def _keys(self) -> str:
        if self.confirming:
            return CONFIRM_KEYS
        plan = self.visit.plan
        home = plan.waiting.call_back.call_back_key if self.offered else ""
        return self.options + plan.defaults.protocol_key + home

    # --- what is told ---
    async def _tell_next(self, due: float, every: float) -> float:
        """Tell what is next; when the line's own texts are due then."""
        told, clock = self.todo.popleft(), self.visit.tools.clock
        if told.once == FORECAST and not await self._foretell():
            return due
        if told.once != FORECAST:
            await self._tell(told)
        if told.once in (FORECAST, CALL_BACK):  # which come between the others, not instead
            return max(due, clock() + WAITING_TEXT_EVERY_MIN)
        return clock() + every

    async def _foretell(self) -> bool:
        """How long it will be, if that is known and news; and the offer to be called back. Whether
        anything was said."""
        visit = self.visit
        self.forecast_at = visit.tools.clock() + visit.plan.waiting.forecast.forecast_seconds
        found = outlook(visit)
        if found is None:
            return False
        waits = any(told.once == CALL_BACK for told in self.todo)
        if not waits and call_back_is_due(visit, found.high):
            self.todo.appendleft(Told(offer_says(visit), CALL_BACK))
        if found.news is None:
            return False
        if await self._tell(Told(found.news.says, FORECAST)):
            was_told(visit, found.news)
            if not self.waiter.offer.done():
                await visit.mark(Stage.WAITING, visit.place)
        return True

    async def _tell(self, told: Told) -> bool:
        """Tell it, until it is over, a key is pressed that means something, or an offer comes.
        Whether it was told to its end."""
        visit, waiter = self.visit, self.waiter
        if told.once and visit.place.has_heard(told.once) and not told.asked:
            return False
        if told.once == CALL_BACK:
            self.offered = True
            visit.place = visit.place.but(offered_at=visit.tools.clock())
        announcement = Announcement(visit, told)
        self.music = False
        try:
            while await self._stirred(announcement.work):
                if announcement.work.done():
                    break
                if waiter.offer.done() or waiter.sent is not None or self._pressed():
                    await announcement.cut()
                    break
        finally:
            announcement.work.cancel()
        if announcement.whole:
            await announcement.work
            await self._was_told(told)
        elif told.once not in (PROTOCOL, CALL_BACK, CONFIRM):
            self.todo.appendleft(told)  # something else was asked for: then this once more
        return announcement.whole

    async def _was_told(self, told: Told) -> None:
        """Keep on the channel what is told only once."""
        visit = self.visit
        if told.once == CONFIRM:
            self.patience = visit.tools.clock() + visit.plan.defaults.key_seconds
        if told.once in ("", FORECAST, CONFIRM) or visit.place.has_heard(told.once):
            return
        if told.once != CALL_BACK:
            visit.place = visit.place.hearing(told.once)
        if not self.waiter.offer.done():
            await visit.mark(Stage.WAITING, visit.place)

    async def _play_music(self) -> None:
        if not self.music:
            await self.visit.session.music(True)
            self.music = True

    async def _stirred(self, *more: asyncio.Future[Any], seconds: float | None = None) -> bool:
        """Whether an offer, a key, the queue's limit, or one of these came within so long."""
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
