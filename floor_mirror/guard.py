"""asyncio-redis behind a guard. In trials its `create()` waited for ever for a server that was not
there, a wrong password still gave a connection, and no call had a time-out. So here:

* what Redis says of a script is looked for behind the library's «script was killed»;
* its own reconnecting is off: a connection that failed once is thrown away, by whoever holds it;
* the password is sent by us, and then a PING has to be answered, before anybody gets a connection;
* every call has MIRROR_BUDGET; whatever is late or wrong closes the connection and is a
  MirrorTrouble, and nothing else is ever raised.

There is no TLS in it: Redis belongs on this machine or on a private network.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import asyncio_redis
from asyncio_redis.exceptions import Error, ErrorReply

from terms.limits import MIRROR_BUDGET
from terms.names import Seconds

logging.getLogger("asyncio_redis").setLevel(logging.WARNING)  # it tells of every try to connect


class Trouble(StrEnum):
    """What is wrong with Redis, as far as can be told from here."""

    ABSENT = "absent"  # nobody there, or the connection was cut
    SILENT = "silent"  # no answer in time: frozen, or far too slow
    REFUSED = "refused"  # the password
    FULL = "full"  # its memory limit is reached
    BROKEN = "broken"  # anything else that it says


BEGINS: Mapping[str, Trouble] = {
    "OOM": Trouble.FULL,
    "NOAUTH": Trouble.REFUSED,
    "WRONGPASS": Trouble.REFUSED,
    "NOPERM": Trouble.REFUSED,
    "ERR AUTH": Trouble.REFUSED,
    "ERR invalid password": Trouble.REFUSED,
}
"""How Redis begins what it says of a trouble."""


class MirrorTrouble(Exception):
    """A call to Redis failed. `said`: Redis's own word, without what it was asked."""

    def __init__(self, trouble: Trouble, said: str = "") -> None:
        super().__init__(f"{trouble}: {said}" if said else str(trouble))
        self.trouble = trouble
        self.said = said


@dataclass(frozen=True, slots=True)
class Address:
    """Where Redis is. `password` '' = it asks for none."""

    host: str
    port: int
    password: str = field(default="", repr=False)


class GuardedRedis:
    """A connection that has answered. Made by `connected`; every method may raise MirrorTrouble."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._subscription: Any = None

    async def load(self, script: str) -> str:
        """Make a Lua script known; what it is run by."""
        async with _guarded():
            return str((await self._connection.register_script(script)).sha)

    async def run(self, script: str, keys: Sequence[str], values: Sequence[str]) -> str:
        """Run a loaded script; it answers with one word."""
        async with _guarded():
            reply = await self._connection.evalsha(script, list(keys), list(values))
            return str(await reply.return_value())

    async def hash(self, key: str) -> dict[str, str]:
        """All fields of a hash; empty when there is none."""
        async with _guarded():
            reply = await self._connection.hgetall(key)
            return {name: value async for name, value in _pairs(reply)}

    async def subscribe(self, channel: str) -> None:
        """From now on this connection only hears."""
        async with _guarded():
            self._subscription = await self._connection.start_subscribe()
            await self._subscription.subscribe([channel])

    async def heard(self, seconds: Seconds) -> str | None:
        """The next message of the channel; None when none comes in time. A connection that is cut
        is as quiet as a channel on which nothing is said: ask elsewhere whether Redis lives."""
        try:
            async with asyncio.timeout(seconds):
                return str((await self._subscription.next_published()).value)
        except TimeoutError:
            return None

    def drop(self) -> None:
        """End it at once: what is still to be sent to a frozen server is thrown away."""
        transport = self._connection.transport
        if transport is not None:
            transport.abort()


@asynccontextmanager
async def connected(address: Address) -> AsyncIterator[GuardedRedis]:
    """A connection that has taken the password and answered a PING; dropped at the end."""
    connection: Any = None
    try:
        async with _guarded():
            # The password is not given here: the library would not wait for what comes of it.
            connection = await asyncio_redis.Connection.create(
                address.host, address.port, auto_reconnect=False
            )
            if address.password:
                await connection.auth(address.password)
            await connection.ping()
        yield GuardedRedis(connection)
    finally:
        if connection is not None:
            GuardedRedis(connection).drop()


async def _pairs(reply: Any) -> AsyncIterator[tuple[str, str]]:
    for pair in reply:
        name, value = await pair
        yield name, value


@asynccontextmanager
async def _guarded() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(MIRROR_BUDGET):
            yield
    except TimeoutError:
        raise MirrorTrouble(Trouble.SILENT) from None
    except ErrorReply as said:
        raise _told(str(said)) from None
    except (OSError, Error, asyncio.IncompleteReadError) as wrong:
        # Whatever a script answers is told as «killed»: what Redis said is what that came from.
        if isinstance(wrong.__context__, ErrorReply):
            raise _told(str(wrong.__context__)) from None
        raise MirrorTrouble(Trouble.ABSENT, type(wrong).__name__) from None


def _told(said: str) -> MirrorTrouble:
    word = said.partition(" ")[0]
    for begin, trouble in BEGINS.items():
        if said.startswith(begin):
            return MirrorTrouble(trouble, word)
    return MirrorTrouble(Trouble.BROKEN, word)
