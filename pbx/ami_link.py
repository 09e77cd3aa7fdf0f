"""The link to the switch: what happens there, in order, and orders that are not a call's own step.

    events user  ─ frames ─► Backlog ─ one consumer ─► hear(signal)
    actions user ◄─ orders, looks ─┘

After every connection the switch is looked at as a whole, then events are applied in their order;
another look every RECONCILE_EVERY mends what was missed. A look runs in the consumer, so no event
that is newer than the look is heard before it. What is too much, or tampered with, is dropped and
replaced by a look. panoramisk reads and writes the frames; see ami_wire.py for what of it is used.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from typing import Any

from pbx import ami_look
from pbx.ami_contingency import ContingencyOrders
from pbx.ami_originate import CallsOut
from pbx.ami_session import AmiSession, booted, open_session, watch
from pbx.ami_signals import WANTED, signal_of
from pbx.ami_talk import TalkOrders
from pbx.ami_trunks import TrunkCounts
from pbx.ami_wire import (
    ActionRefused,
    AmiFault,
    Backlog,
    LinkDown,
    PasswordRefused,
    Tampered,
    ValueRefused,
    event_name,
)
from terms.limits import (
    AMI_LOOK_RETRY,
    AMI_RECONNECT_FIRST,
    AMI_RECONNECT_LAST,
    AMI_RECONNECT_STEADY,
    AMI_RECONNECT_USUAL,
    AMI_TURN_EVENTS,
    RECONCILE_EVERY,
    SWITCH_START_SECONDS,
)
from terms.names import Instant
from terms.signals import PhoneChanged, Signal, SwitchLost, SwitchSeen

log = logging.getLogger(__name__)

Hear = Callable[[Signal], None]
_GLOBAL = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_NO_CHANNEL = "No such channel"


class AmiLink(TalkOrders, CallsOut, ContingencyOrders, TrunkCounts):
    """Satisfies callflow.ports.Switch. `events` and `actions` are users: (name, secret)."""

    def __init__(
        self,
        host: str,
        port: int,
        events: tuple[str, str],
        actions: tuple[str, str],
        clock: Callable[[], Instant],
    ) -> None:
        super().__init__()
        self.up = False
        self.reconnects = 0
        self._address = (host, port)
        self._users = (events, actions)
        self._clock = clock
        self._backlog = Backlog()
        self._orders: AmiSession | None = None
        self._seen_before = False
        self._alarmed: set[str] = set()

    @property
    def backlog(self) -> int:
        """How many events wait to be heard."""
        return len(self._backlog)

    @property
    def dropped(self) -> int:
        """How many events were dropped for a look, since the start."""
        return self._backlog.dropped

    # --- orders: each raises AmiFault when it is not known to be done ---
    async def set_global(self, name: str, value: str) -> None:
        """Set a global variable of the dialplan."""
        if not _GLOBAL.fullmatch(name):
            raise ValueRefused("this is no name of a global variable")
        await self._session().ask("Setvar", {"Variable": name, "Value": value})

    async def hang_up(self, channel: str) -> None:
        """End one channel; one that is gone already is as good."""
        if channel.startswith("/"):
            raise ValueRefused("a channel's name, not a pattern")  # it would end many
        await self._ask("Hangup", {"Channel": channel}, _NO_CHANNEL)

    async def stop_playback(self, channel: str) -> None:
        """Cut off what `Session.play_stoppable` plays there."""
        headers = {"Channel": channel, "Control": "stop"}
        await self._ask("ControlPlayback", headers, _NO_CHANNEL)

    async def look(self) -> SwitchSeen:
        """A whole look at the switch, beside those that `run` takes."""
        return await ami_look.look(self._session(), self._clock)

    # --- the link itself ---
    async def run(self, hear: Hear) -> None:
        """For ever: connect, look, hear; on loss tell SwitchLost and connect anew."""
        loop = asyncio.get_running_loop()
        wait = AMI_RECONNECT_FIRST
        while True:
            began = loop.time()
            why = await self._hold(hear)
            if self.up:
                self.up = False
                _say(hear, SwitchLost(self._clock(), str(why)))
                log.warning("the link to the switch is lost", extra={"why": str(why)})
                if loop.time() - began > AMI_RECONNECT_STEADY:
                    wait = AMI_RECONNECT_FIRST
            if isinstance(why, PasswordRefused):
                # Asked again and again, a switch may shut us out altogether.
                log.critical("the switch refuses our password", extra={"why": str(why)})
                await asyncio.sleep(AMI_RECONNECT_LAST)
                continue
            if wait < AMI_RECONNECT_USUAL <= wait * 2:  # once an outage
                log.error("no link to the switch", extra={"why": str(why)})
            await asyncio.sleep(wait)
            wait = min(wait * 2, AMI_RECONNECT_USUAL)

    async def _hold(self, hear: Hear) -> Exception:
        """One connection of both users, from its first byte to its loss; returns why it ended."""
        self._backlog.clear()
        self._alarmed.clear()
        sessions: list[AmiSession] = []
        tasks: set[asyncio.Task[None]] = set()
        try:
            ears = await self._open(0, self._on_event)
            sessions.append(ears)
            await booted(ears, SWITCH_START_SECONDS)
            sessions.append(await self._open(1, None))
            self._orders = sessions[1]
            self._backlog.ask_look()
            works: list[Coroutine[Any, Any, None]] = [*(watch(each) for each in sessions)]
            works += [self._consume(hear), self._reconcile()]
            tasks = {asyncio.create_task(work) for work in works}
            ends: set[asyncio.Future[Any]] = {*tasks, *(each.lost for each in sessions)}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            lost = next((each.lost.result() for each in sessions if each.lost.done()), "")
            return _failure(tasks) or LinkDown(lost)
        except (AmiFault, OSError) as fault:
            return fault
        finally:
            self._orders = None
            for session in sessions:
                session.abort("the link is being closed")
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self.up:
                self._hear_the_rest(hear)

    async def _open(self, which: int, on_event: Callable[[bytes], None] | None) -> AmiSession:
        return await open_session(*self._address, self._users[which], on_event, self._alarm)

    def _on_event(self, raw: bytes) -> None:
        """Called for each event as it comes: keep it or not, nothing else."""
        if event_name(raw) in WANTED:
            self._backlog.put_nowait(raw)

    async def _consume(self, hear: Hear) -> None:
        """The one who hears: events and looks, in the order of the backlog."""
        turn = 0
        while True:
            raw, old = await self._backlog.get()
            if raw == Backlog.LOOK:
                await self._look_around(hear)
                continue
            self._hear_one(raw, old, hear)
            turn += 1
            if turn % AMI_TURN_EVENTS == 0:
                await asyncio.sleep(0)

    async def _look_around(self, hear: Hear) -> None:
        """Look at all and tell it. One that fails on a living link is tried again."""
        self._backlog.look_begins()
        try:
            seen = await self.look()
        except LinkDown:
            return  # `run` will see it, too
        except AmiFault as fault:
            if not self.up:
                raise
            log.warning("a look at the switch failed", extra={"why": str(fault)})
            asyncio.get_running_loop().call_later(AMI_LOOK_RETRY, self._backlog.ask_look)
            return
        if not self.up:
            self.up = True
            self.reconnects += self._seen_before
            self._seen_before = True
            log.info("the link to the switch is up", extra={"boot": seen.boot})
        _say(hear, seen)

    def _hear_one(self, raw: bytes, old: bool, hear: Hear) -> None:
        try:
            signal = signal_of(raw, self._clock)
        except Tampered as tampered:
            self._alarm(str(tampered))
            return
        if signal is None or (old and isinstance(signal, PhoneChanged)):
            return  # the look that was just told knew this, and perhaps what came after
        _say(hear, signal)

    def _hear_the_rest(self, hear: Hear) -> None:
        """What had come before the link broke has happened all the same."""
        while self._backlog:
            raw, old = self._backlog.take()
            if raw != Backlog.LOOK:
                self._hear_one(raw, old, hear)

    async def _reconcile(self) -> None:
        while True:
            await asyncio.sleep(RECONCILE_EVERY)
            self._alarmed.clear()
            self._backlog.ask_look()

    def _alarm(self, why: str) -> None:
        """Somebody else's text is in the stream: believe the lists instead. Logged once a while."""
        if why not in self._alarmed:
            self._alarmed.add(why)
            log.critical("the switch's events were tampered with", extra={"why": why})
        self._backlog.ask_look()

    # --- how orders go ---
    def _session(self) -> AmiSession:
        if self._orders is None:
            raise LinkDown("there is no link to the switch")
        return self._orders

    async def _ask(self, action: str, headers: dict[str, str], done_already: str) -> None:
        """Ask; the refusal that says that there is nothing to do is as good as done."""
        try:
            await self._session().ask(action, headers)
        except ActionRefused as refused:
            if str(refused) != done_already:
                raise


def _say(hear: Hear, signal: Signal) -> None:
    """One signal that cannot be acted on must not take the others with it."""
    try:
        hear(signal)
    except Exception:
        log.exception("a signal could not be acted on", extra={"signal": type(signal).__name__})


def _failure(tasks: set[asyncio.Task[None]]) -> Exception | None:
    """Why one of our own tasks ended, if one did."""
    for task in tasks:
        fault = task.exception() if task.done() and not task.cancelled() else None
        if isinstance(fault, Exception):
            if not isinstance(fault, AmiFault):
                log.error("the link's own work failed", exc_info=fault)
            return fault
    return None
