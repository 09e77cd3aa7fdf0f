"""One AGI connection after its header: a command, its reply, the next command.

Decides when the two sides are still in step, and ends the connection when they are not: a reply
too late, too long or unreadable, or a row that nobody asked for. `HANGUP` is a flag that may come
anywhere. Every ending looks the same from inside: `ask` raises StepOver.

It is a protocol, not panoramisk's pair of streams: no reader task, so nothing to leave behind and
no line that is lost when a waiter is cancelled; and one timer a connection, moved only when it
would fire too late, so that a command which is answered in time costs no timer of its own.
"""

from __future__ import annotations

import asyncio
import logging

from pbx.agi_wire import (
    COMMON_REPLIES,
    FAILURE,
    HANGUP,
    CommandFailed,
    Reply,
    ReplyRefused,
    read_reply,
)
from terms.limits import AGI_COMMAND_BUDGET, AGI_REPLY_BYTES
from terms.signals import StepOver

log = logging.getLogger(__name__)


class Exchange(asyncio.Protocol):
    """Asks one command at a time. `over` is set when no further command can be asked."""

    __slots__ = (
        "_asked",
        "_buffer",
        "_closing",
        "_due",
        "_loop",
        "_reply_bytes",
        "_rows",
        "_timer",
        "_transport",
        "_usage",
        "hung_up",
        "over",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._buffer = bytearray()
        self._asked: asyncio.Future[Reply] | None = None
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._reply_bytes = 0
        self._usage = False  # inside a 520 reply of several rows
        self._closing: tuple[bytes, bytes] | None = None  # see ask_verbatim
        self._rows: list[bytes] = []
        self.hung_up = False
        self.over = asyncio.Event()

    async def ask(self, command: bytes, seconds: float = 0.0) -> Reply:
        """Send a command that lasts up to `seconds` and wait for its reply (code 200).

        StepOver when the channel is gone or the reply does not come in its budget; CommandFailed
        when Asterisk does not understand. A command that is cancelled ends the connection: what
        its reply belongs to could not be told any more.
        """
        while self._asked is not None:
            await asyncio.wait((self._asked,))  # somebody else's command comes first
        if self.over.is_set() or self.hung_up:
            raise StepOver
        asked: asyncio.Future[Reply] = self._loop.create_future()
        self._asked = asked
        self._reply_bytes = 0
        self._expect(seconds + AGI_COMMAND_BUDGET)
        self._transport.write(command)
        try:
            reply = await asked
        except asyncio.CancelledError:
            self.leave(failed=True)
            raise
        if self.hung_up or reply.code == 511:
            raise StepOver
        if reply.code != 200:
            raise CommandFailed(f"Asterisk answered {reply.code}")
        return reply

    async def ask_verbatim(self, command: bytes, closing: bytes, reply: bytes) -> list[bytes]:
        """Ask a command whose reply holds text that others wrote; all rows of that reply.

        Such text may hold newlines, even whole replies. So a `closing` command, whose `reply`
        nobody can foresee, is asked right behind it: what came before that reply was the text.
        """
        while self._asked is not None:
            await asyncio.wait((self._asked,))
        rows = self._rows = []
        self._closing = (closing, reply)
        try:
            await self.ask(command)
        finally:
            self._closing, self._rows = None, []
        # The text's last row ends with a parenthesis, so such a row is the channel's own.
        while len(rows) > 1 and rows[-1] == HANGUP:
            rows.pop()
            self.hung_up = True
        if self.hung_up:
            self.over.set()
            raise StepOver
        return rows

    def data_received(self, data: bytes) -> None:
        """Bytes from Asterisk, cut anywhere."""
        if not self._buffer:
            reply = COMMON_REPLIES.get(data)
            plain = self._closing is None and not self._usage
            if reply is not None and plain and self._asked is not None:
                self._answer(reply)  # nearly always: one short reply, whole
                return
        start = len(self._buffer)
        self._buffer += data
        while not self.over.is_set() or self._asked is not None:
            end = self._buffer.find(b"\n", start)
            if end < 0:
                break
            row = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            start = 0
            self._take(row)
        if self._reply_bytes + len(self._buffer) > AGI_REPLY_BYTES:
            self.end("a reply too long")

    def connection_lost(self, exc: Exception | None) -> None:
        """End of file or a reset: the step is over, the call perhaps not."""
        self.end("")

    def end(self, why: str) -> None:
        """No more commands. `why` says what went wrong; '' when the other side left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        asked, self._asked = self._asked, None
        if asked is not None and not asked.done():
            asked.set_exception(StepOver())
        if why and not self._transport.is_closing():
            log.warning("an AGI session was ended", extra={"why": why})
            self.leave(failed=True)
        self.over.set()

    def leave(self, failed: bool) -> None:
        """Close the connection; `failed` lets the dialplan see it in AGISTATUS."""
        if not self._transport.is_closing():
            if failed:
                self._transport.write(FAILURE)
            self._transport.close()
        self.end("")

    def _take(self, row: bytes) -> None:
        self._reply_bytes += len(row) + 1
        if self._reply_bytes > AGI_REPLY_BYTES:
            self.end("a reply too long")
        elif row == HANGUP and not self._rows:
            self.hung_up = True
            self.over.set()
        elif self._asked is None:
            if not self.over.is_set():
                self.end("a row that nobody asked for")
        elif self._closing is not None:
            self._take_verbatim(row, *self._closing)
        else:
            self._take_reply(row)

    def _take_reply(self, row: bytes) -> None:
        if self._usage:
            if not row.startswith(b"520 "):
                return
            self._usage = False
        elif row.startswith(b"520-"):
            self._usage = True
            return
        try:
            reply = read_reply(row)
        except ReplyRefused as refused:
            self.end(str(refused))
            return
        if reply.code != 100:
            self._answer(reply)

    def _take_verbatim(self, row: bytes, closing: bytes, closing_reply: bytes) -> None:
        if row == closing_reply and self._rows:
            self._rows = []  # the asker keeps the list
            self._answer(Reply(200))
            return
        if not self._rows:
            if not row.startswith(b"200 "):
                self._take_reply(row)
                return
            self._transport.write(closing)
        self._rows.append(row)

    def _answer(self, reply: Reply) -> None:
        asked, self._asked = self._asked, None
        if asked is not None and not asked.done():
            asked.set_result(reply)

    def _expect(self, seconds: float) -> None:
        now = self._loop.time()
        self._due = now + seconds
        timer = self._timer
        if timer is not None and timer.when() <= self._due:
            return
        if timer is not None:
            timer.cancel()
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._asked is None:
            return
        left = self._due - self._loop.time()
        if left > 0.001:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self.end("no reply in time")
