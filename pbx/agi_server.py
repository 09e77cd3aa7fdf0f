"""The door through which Asterisk brings each step of a call (FastAGI).

    connection ─► header, whole and untouched, in 2 s and 16 KiB ─► a session ─► the handler
                     └ else: `failure`, closed, counted

panoramisk's `Application` is not used: it reads a header from a closed connection for ever, and
with it the whole process stands still; it also keeps a header without end, swallows cancellation,
and tells the dialplan that a step went well which raised. Nobody who connects here can do more
than hold one of AGI_SESSIONS places for two seconds. A handler that fails takes only its own
session with it, and Asterisk reads `failure`, so AGISTATUS shows that the step broke off.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import cast

from pbx.agi_exchange import Exchange
from pbx.agi_session import AgiSession
from pbx.agi_wire import (
    FAILURE,
    HANGUP,
    HEADER_END,
    HEADER_START,
    HeaderRefused,
    read_header,
)
from terms.limits import AGI_HEADER_BYTES, AGI_HEADER_TIMEOUT, AGI_SESSIONS
from terms.signals import StepOver

log = logging.getLogger(__name__)

Handler = Callable[[AgiSession], Awaitable[None]]

BACKLOG = 1024  # connections that the system holds while we are busy
CLOSE_WAIT = 1.0  # for cancelled handlers to tidy up
REFUSALS_LOGGED_EVERY = 1.0  # so that nobody can fill the log by knocking
TRACE_DEPTH = 6


class AgiServer:
    """Runs `handler` once a session. The counters only grow, `open_sessions` aside."""

    def __init__(self, host: str, port: int, handler: Handler, limit: int = AGI_SESSIONS) -> None:
        self.host, self.port = host, port
        self.total = 0  # sessions that began
        self.failed = 0  # sessions whose handler raised
        self.refused = 0  # connections that never became a session
        self._handler = handler
        self._limit = limit
        self._server: asyncio.Server | None = None
        self._doors: set[Door] = set()  # connections without a whole header
        self._tasks: set[asyncio.Task[None]] = set()  # a handler's run each
        self._refusal_logged = 0.0

    @property
    def open_sessions(self) -> int:
        """Sessions whose handler runs now."""
        return len(self._tasks)

    async def start(self) -> None:
        """Open the port (0: any; then read `port`). OSError when it cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Door(self, loop), self.host, self.port, backlog=BACKLOG
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self, grace: float) -> None:
        """Let nobody in any more; give running steps `grace` seconds, then cancel them."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for door in tuple(self._doors):
            door.refuse("closing")
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=grace)
        late = tuple(self._tasks)
        for task in late:
            task.cancel()
        if late:
            _, stuck = await asyncio.wait(late, timeout=CLOSE_WAIT)
            if stuck:
                log.error("steps that do not end", extra={"steps": len(stuck)})
        await server.wait_closed()

    # --- what a door tells ---
    def has_room(self) -> bool:
        """Whether one more connection may come in."""
        return self._server is not None and len(self._doors) + len(self._tasks) < self._limit

    def refuse(self, why: str) -> None:
        """Count a connection that was turned away."""
        self.refused += 1
        now = asyncio.get_running_loop().time()
        if now - self._refusal_logged >= REFUSALS_LOGGED_EVERY:
            self._refusal_logged = now
            log.warning("AGI connections refused", extra={"why": why, "so_far": self.refused})

    def run(self, session: AgiSession, exchange: Exchange) -> None:
        """Begin a session."""
        self.total += 1
        task = asyncio.get_running_loop().create_task(self._run(session, exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, session: AgiSession, exchange: Exchange) -> None:
        failed = True
        try:
            await self._handler(session)
            failed = False
        except StepOver:
            failed = False
        except Exception as error:
            self.failed += 1
            log.error("an AGI step failed", extra=_account(error, session))
        finally:
            exchange.leave(failed)


class Door(asyncio.Protocol):
    """A connection until its header is whole; then the session's Exchange takes its place."""

    __slots__ = ("_buffer", "_loop", "_server", "_timer", "_transport")

    def __init__(self, server: AgiServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody knocks."""
        # uvloop's transports are no subclass of it.
        self._transport = cast("asyncio.Transport", transport)
        if self._server.has_room():
            self._server._doors.add(self)
            self._timer = self._loop.call_later(AGI_HEADER_TIMEOUT, self.refuse, "too slow")
        else:
            self.refuse("no room")

    def data_received(self, data: bytes) -> None:
        """A part of the header."""
        if self._transport is None:
            return
        self._buffer += data
        seen = self._buffer
        if seen[: len(HEADER_START)] != HEADER_START[: len(seen)]:
            self.refuse("not AGI")
        elif (end := seen.find(HEADER_END)) >= 0 and end <= AGI_HEADER_BYTES:
            self._enter(seen[:end], seen[end + len(HEADER_END) :])
        elif len(seen) > AGI_HEADER_BYTES:
            self.refuse("header too long")

    def connection_lost(self, exc: Exception | None) -> None:
        """They left before the header was whole."""
        if self._transport is not None:
            self.refuse("left at the door")

    def refuse(self, why: str) -> None:
        """Turn the connection away, once."""
        transport = self._leave()
        self._server.refuse(why)
        if not transport.is_closing():
            transport.write(FAILURE)
            transport.close()

    def _enter(self, header: bytes, rest: bytes) -> None:
        # Asterisk says nothing more before our first command, but for a hang-up, or two.
        if rest.replace(HANGUP + b"\n", b""):
            self.refuse("more than a header")
            return
        try:
            read = read_header(header)
        except HeaderRefused as refused:
            self.refuse(str(refused))
            return
        transport = self._leave()
        exchange = Exchange(self._loop, transport)
        transport.set_protocol(exchange)
        if rest:
            exchange.data_received(rest)
        self._server.run(AgiSession(read, exchange, self._loop.time), exchange)

    def _leave(self) -> asyncio.Transport:
        transport, self._transport = self._transport, None
        assert transport is not None
        if self._timer is not None:
            self._timer.cancel()
        self._buffer = b""
        self._server._doors.discard(self)
        return transport


def _account(error: Exception, session: AgiSession) -> dict[str, object]:
    """What went wrong and where, without the message, which may quote what a caller typed."""
    frames = traceback.extract_tb(error.__traceback__)[-TRACE_DEPTH:]
    return {
        "error": type(error).__name__,
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        "call": session.request.get("call", ""),
    }
