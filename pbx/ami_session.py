"""One connection to the AMI of one user: logged in, asked, watched, and lost exactly once.

Every order has a deadline and fails at once when the connection breaks; nothing is ever sent a
second time. Events go, unread, to one callback that only queues them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, cast

from pbx.ami_wire import (
    ActionLate,
    ActionRefused,
    AmiFault,
    Frame,
    Frames,
    LinkDown,
    Order,
    PasswordRefused,
    Tampered,
    event_name,
    read_frame,
)
from terms.limits import (
    AMI_ACTION_TIMEOUT,
    AMI_CONNECT_TIMEOUT,
    AMI_ORDERS,
    AMI_PING_EVERY,
    AMI_PING_GRACE,
    AMI_PINGS_MISSED,
    AMI_WRITE_BYTES,
)

log = logging.getLogger(__name__)

_TICK = 0.25
_PONGS_DUE_MAX = 2 * AMI_PINGS_MISSED + 1
"""Pings unanswered while events still come: the switch is slow, or it no longer answers."""


class AmiSession(asyncio.Protocol):
    """A connection. `on_event` takes the raw frame of each event; None: events answer orders.

    `on_tamper` is told of a frame that Asterisk does not write by itself.
    """

    def __init__(
        self, on_event: Callable[[bytes], None] | None, on_tamper: Callable[[str], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[str] = loop.create_future()  # set once, to why
        self.booted = asyncio.Event()  # the switch has read all its configuration
        self.greeted = asyncio.Event()
        self.heard = loop.time()  # when the last whole frame came
        self.pongs_due = 0
        self._on_event = on_event
        self._on_tamper = on_tamper
        self._transport: asyncio.Transport | None = None
        self._frames = Frames()
        self._orders: dict[str, Order] = {}

    # --- what others do with it ---
    async def ask(self, action: str, headers: Mapping[str, str | list[str]] | None = None) -> Frame:
        """The answer to one action; a list stands for a header so often. Raises ActionRefused,
        ActionLate, LinkDown, ValueRefused."""
        return (await self._do(Order(action, headers)))[0]

    async def ask_list(
        self, action: str, ends: str, headers: Mapping[str, str] | None = None
    ) -> tuple[list[Frame], bool]:
        """The items of a list that the event `ends` closes, and whether all have come."""
        *items, last = await self._do(Order(action, headers, ends))
        return items, last.one("ListItems") == str(len(items))

    async def log_in(self, user: str, secret: str, events: bool) -> None:
        """Raises PasswordRefused, or what `ask` raises."""
        headers = {"Username": user, "Secret": secret, "Events": "on" if events else "off"}
        try:
            await self.ask("Login", headers)
        except ActionRefused as refused:
            raise PasswordRefused(f"{user}: {refused}") from None

    def ping(self) -> None:
        """Ask for a sign of life; the answer only counts in `pongs_due` and `heard`."""
        self.pongs_due += 1
        self._write(b"Action: Ping\r\n\r\n")

    def abort(self, why: str) -> None:
        """Break the connection now; orders that wait fail with LinkDown."""
        if self._transport is not None:
            self._transport.abort()
        self._lose(why)

    # --- what the event loop calls ---
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected, not yet greeted."""
        # Not asserted: uvloop's transports are of no class that asyncio knows.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Bytes have come; whatever is wrong with them ends the connection, not the process."""
        if self.lost.done():
            return
        try:
            frames = self._frames.feed(data)
        except AmiFault as fault:
            self.abort(str(fault))
            return
        if self._frames.greeted:
            self.greeted.set()
        if frames:
            self.heard = asyncio.get_running_loop().time()
        for raw in frames:
            self._take(raw)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side is gone."""
        self._lose(str(exc) if exc is not None else "the switch closed the connection")

    # --- how it works ---
    def _take(self, raw: bytes) -> None:
        name = event_name(raw)
        if name == b"FullyBooted":
            self.booted.set()
        elif name == b"Shutdown":
            self.abort("the switch is shutting down")
        elif name and self._on_event is not None:
            self._on_event(raw)
        else:
            self._answer(raw)

    def _answer(self, raw: bytes) -> None:
        try:
            frame = read_frame(raw)
            if "Ping" in frame:
                self.pongs_due = 0
            order = self._orders.get(frame.one("ActionID"))
            if order is not None and order.add_message(frame):
                del self._orders[order.id]
        except Tampered as tampered:
            self._on_tamper(str(tampered))

    async def _do(self, order: Order) -> list[Frame]:
        if self.lost.done() or self._transport is None:
            raise LinkDown("there is no link to the switch")
        if len(self._orders) >= AMI_ORDERS:
            raise LinkDown("too many orders wait for the switch")
        self._orders[order.id] = order
        try:
            self._write(order.to_bytes())
            async with asyncio.timeout(AMI_ACTION_TIMEOUT):
                found: list[Frame] = await order.future
                return found
        except TimeoutError:
            raise ActionLate(f"the switch did not answer {order['Action']} in time") from None
        finally:
            self._orders.pop(order.id, None)
            order.future.cancel()

    def _write(self, data: bytes) -> None:
        if self._transport is None or self.lost.done():
            return
        if self._transport.get_write_buffer_size() > AMI_WRITE_BYTES:
            self.abort("the switch does not read what we write")
            return
        self._transport.write(data)

    def _lose(self, why: str) -> None:
        if self.lost.done():
            return
        self.lost.set_result(why)
        orders, self._orders = self._orders, {}
        for order in orders.values():
            order.fail(LinkDown(why))


async def open_session(
    host: str,
    port: int,
    user: tuple[str, str],
    on_event: Callable[[bytes], None] | None,
    on_tamper: Callable[[str], None],
) -> AmiSession:
    """Connect and log in as `user` (name, secret). Raises AmiFault or OSError."""
    loop = asyncio.get_running_loop()
    session = AmiSession(on_event, on_tamper)
    try:
        async with asyncio.timeout(AMI_CONNECT_TIMEOUT):
            await loop.create_connection(lambda: session, host, port)
            await _either(session, session.greeted)
            await session.log_in(*user, events=on_event is not None)
    except TimeoutError:
        session.abort("late")
        raise LinkDown("the switch did not let us in in time") from None
    except BaseException:
        session.abort("refused")
        raise
    return session


async def booted(session: AmiSession, seconds: float) -> None:
    """Return when the switch has read its configuration. Raises LinkDown."""
    try:
        async with asyncio.timeout(seconds):
            await _either(session, session.booted)
    except TimeoutError:
        raise LinkDown("the switch does not finish its start") from None


async def watch(session: AmiSession) -> None:
    """Ping for as long as the connection lives; abort it when nothing comes back."""
    loop = asyncio.get_running_loop()
    patience = AMI_PING_EVERY * AMI_PINGS_MISSED + AMI_PING_GRACE
    turned = asked = loop.time()
    while not session.lost.done():
        await asyncio.sleep(_TICK)
        now = loop.time()
        if now - turned > 4 * _TICK:
            # It was we who slept: what came meanwhile has not been read yet.
            session.heard = now
        turned = now
        if now - session.heard > patience or session.pongs_due >= _PONGS_DUE_MAX:
            session.abort("the switch is silent")
        elif now - asked >= AMI_PING_EVERY:
            asked = now
            session.ping()


async def _either(session: AmiSession, event: asyncio.Event) -> None:
    """Wait for the event; LinkDown if the connection is lost before."""
    waiting = asyncio.ensure_future(event.wait())
    try:
        ends: set[asyncio.Future[Any]] = {waiting, session.lost}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if not event.is_set():
        raise LinkDown(session.lost.result())
